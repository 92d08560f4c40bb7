import static asyncio.Asyncio.*;

import asyncio.*;

/**
 * A future is made before its loop runs, completed by a callback, and read after the loop's end.
 */
class AsyncioFutureEventLoop {

  void main() {
    EventLoop loop = newEventLoop();
    Future<String> allDone = loop.createFuture();
    try {
      System.out.println("scheduling mark_done");
      loop.callSoon(() -> markDone(allDone, "the result"));
      System.out.println("entering event loop");
      String result = loop.runUntilComplete(allDone);
      System.out.println("returned result '" + result + "'");
    } finally {
      System.out.println("closing event loop");
      loop.close();
    }
    System.out.println("future result : '" + allDone.result() + "'");
  }

  void markDone(Future<String> future, String result) {
    System.out.println("setting future result to '" + result + "'");
    future.setResult(result);
  }
}
