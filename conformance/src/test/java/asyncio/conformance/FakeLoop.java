package asyncio.conformance;

import asyncio.AbstractEventLoop;
import asyncio.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop without I/O whose clock stands still but for its waits, which it records instead of
 * waiting.
 */
class FakeLoop extends AbstractEventLoop {
  final List<Long> polls = new ArrayList<>();
  long now = 1_000;

  /** What happens at the beginning of the next poll: the callbacks of I/O. */
  Runnable atPoll = () -> {};

  FakeLoop(Engine engine) {
    super(engine);
  }

  @Override
  protected void poll(long timeoutNanos) {
    polls.add(timeoutNanos);
    Runnable events = atPoll;
    atPoll = () -> {};
    events.run();
    if (timeoutNanos == NEVER) {
      stop(); // nothing would ever happen
    } else {
      now += timeoutNanos;
    }
  }

  @Override
  protected void wakeUp() {}

  @Override
  public long time() {
    return now;
  }
}
