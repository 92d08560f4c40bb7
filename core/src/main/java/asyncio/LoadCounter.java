package asyncio;

import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the calls that a loop has sent to its default executor, or to its threads for look-ups
 * (HER-78).
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LoadCounter {
  private final boolean warns;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();

  /**
   * @param warns whether the program can do something about calls that wait too long
   */
  LoadCounter(boolean warns) {
    this.warns = warns;
  }

  void submitted() {
    waiting.incrementAndGet();
  }

  void refused() {
    waiting.decrementAndGet();
  }

  void begun() {
    running.incrementAndGet();
    waiting.decrementAndGet();
  }

  void ended() {
    running.decrementAndGet();
  }

  ExecutorLoad now() {
    return new ExecutorLoad(running.get(), waiting.get());
  }

  /** For debug mode: a call that is about to begin has waited for a thread too long. */
  void warnIfLate(AbstractEventLoop loop, long waitedNanos, Object call) {
    if (warns && waitedNanos >= loop.slowCallbackDuration().toNanos()) {
      ExecutorLoad load = now();
      AbstractEventLoop.LOGGER.log(
          Level.WARNING,
          String.format(
              Locale.ROOT,
              "%s waited %.3f seconds for a thread of the default executor (%d calls running, %d"
                  + " waiting); give it more threads with setDefaultExecutor, or pass an executor of"
                  + " your own",
              Origins.describeCallable(call),
              waitedNanos / 1e9,
              load.running(),
              load.waiting()));
    }
  }
}
