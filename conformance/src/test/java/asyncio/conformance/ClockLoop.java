package asyncio.conformance;

import asyncio.AbstractEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Instrument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop whose clock jumps to the next deadline instead of waiting, for tests that count iterations
 * and compare orders.
 *
 * <p>It counts its iterations, collects what is reported to its exception handler, and fails where
 * it would wait for ever.
 */
public final class ClockLoop extends AbstractEventLoop {
  /** What was reported, in order. */
  public final List<ErrorContext> reports = new ArrayList<>();

  /** The iterations begun so far. */
  public int iterations;

  private long now = 1_000_000_000L;

  public ClockLoop(Engine engine) {
    super(engine);
    setExceptionHandler((_, context) -> reports.add(context));
    addInstrument(
        new Instrument() {
          @Override
          public void iterationBegun(EventLoop loop) {
            iterations++;
          }
        });
  }

  /** The messages of the reports. */
  List<String> reportMessages() {
    return reports.stream().map(ErrorContext::message).toList();
  }

  /** When the next timer is due, or NEVER. */
  long nextTimer() {
    return nextDeadline();
  }

  /** Lets time pass as if the code that runs took so long. */
  public void advance(Duration duration) {
    now += duration.toNanos();
  }

  @Override
  public long time() {
    return now;
  }

  @Override
  protected void poll(long timeoutNanos) {
    if (timeoutNanos > 0) {
      if (nextDeadline() == NEVER) {
        throw new AssertionError(
            "nothing is ready and no timer is set: the loop would wait for ever");
      }
      now += timeoutNanos;
    }
  }

  @Override
  protected void wakeUp() {}
}
