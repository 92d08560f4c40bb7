import static asyncio.Asyncio.*;

import asyncio.*;
import java.math.BigDecimal;

/** Callbacks at a time of the loop's own clock, which counts nanoseconds and is not wall time. */
class AsyncioCallAt {

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
    long now = loop.time();
    System.out.println("clock time : " + asSeconds(System.currentTimeMillis() * 1_000_000));
    System.out.println("loop time  : " + asSeconds(now));
    System.out.println("registering callbacks");
    loop.callAt(now + millis(200).toNanos(), () -> callback(1, loop));
    loop.callAt(now + millis(100).toNanos(), () -> callback(2, loop));
    loop.callSoon(() -> callback(3, loop));
    sleep(seconds(1));
  }

  void callback(int number, EventLoop loop) {
    System.out.println("callback " + number + " invoked at " + asSeconds(loop.time()));
  }

  String asSeconds(long nanos) {
    return BigDecimal.valueOf(nanos, 9).toString();
  }
}
