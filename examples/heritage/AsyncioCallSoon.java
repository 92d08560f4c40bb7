import static asyncio.Asyncio.*;

import asyncio.*;

/** Callbacks with arguments: a lambda binds them, positional or named. */
class AsyncioCallSoon {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      System.out.println("entering event loop");
      loop.runUntilComplete(() -> registerCallbacks(loop));
    } finally {
      System.out.println("closing event loop");
      loop.close();
    }
  }

  void registerCallbacks(EventLoop loop) {
    System.out.println("registering callbacks");
    loop.callSoon(() -> callback(1, "default"));
    Runnable wrapped = () -> callback(2, "not default");
    loop.callSoon(wrapped);
    sleep(millis(100));
  }

  void callback(int argument, String keyword) {
    System.out.println("callback invoked with " + argument + " and " + keyword);
  }
}
