import static asyncio.Asyncio.*;

import asyncio.*;

/** A coroutine waits for a future. */
class AsyncioFutureAwait {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      loop.runUntilComplete(() -> waitForIt(loop));
    } finally {
      loop.close();
    }
  }

  void waitForIt(EventLoop loop) {
    Future<String> allDone = loop.createFuture();
    System.out.println("scheduling mark_done");
    loop.callSoon(() -> markDone(allDone, "the result"));
    String result = await(allDone);
    System.out.println("returned result '" + result + "'");
  }

  void markDone(Future<String> future, String result) {
    System.out.println("setting future result to '" + result + "'");
    future.setResult(result);
  }
}
