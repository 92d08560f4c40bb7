import static asyncio.Asyncio.*;

import asyncio.*;

/** Callbacks: soon, later, and at a time of the loop's clock. */
class Callbacks {

  void main() {
    EventLoop loop = newEventLoop();
    long now = loop.time();
    loop.callAt(now + millis(300).toNanos(), () -> last(loop));
    loop.callLater(millis(200), () -> say("later"));
    TimerHandle never = loop.callLater(millis(100), () -> say("never"));
    loop.callSoon(() -> say("soon"));
    loop.callSoon(never::cancel);
    loop.runForever();
    loop.close();
    say("closed");
  }

  void last(EventLoop loop) {
    say("at a time");
    loop.stop();
  }

  void say(String text) {
    System.out.println(text);
  }
}
