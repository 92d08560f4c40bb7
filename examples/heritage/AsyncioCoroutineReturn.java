import static asyncio.Asyncio.*;

import asyncio.*;

/** What a coroutine returns is what {@code runUntilComplete} returns. */
class AsyncioCoroutineReturn {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      String result = loop.runUntilComplete(this::coroutine);
      System.out.println("it returned : '" + result + "'");
    } finally {
      loop.close();
    }
  }

  String coroutine() {
    System.out.println("in coroutine");
    return "result";
  }
}
