import static asyncio.Asyncio.*;

import asyncio.*;

/** Callbacks after a delay. */
class AsyncioCallLater {

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
    loop.callLater(seconds(0.2), () -> callback(1));
    loop.callLater(seconds(0.1), () -> callback(2));
    loop.callSoon(() -> callback(3));
    sleep(seconds(0.4));
  }

  void callback(int number) {
    System.out.println("callback " + number + " invoked");
  }
}
