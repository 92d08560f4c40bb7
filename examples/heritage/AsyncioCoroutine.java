import static asyncio.Asyncio.*;

import asyncio.*;

/** A loop runs a coroutine, which is made before and does nothing until then. */
class AsyncioCoroutine {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      System.out.println("Starting coroutine");
      var coroutine = coroutine(this::inCoroutine);
      System.out.println("entering event loop");
      loop.runUntilComplete(coroutine);
    } finally {
      System.out.println("closing event loop");
      loop.close();
    }
  }

  void inCoroutine() {
    System.out.println("in coroutine");
  }
}
