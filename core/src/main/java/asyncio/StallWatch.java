package asyncio;

import java.io.Serial;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Catches the callbacks of one loop that take too long, in debug mode: where they are after half of
 * the time that counts as slow.
 *
 * <p><b>Threading:</b> {@link #begin} and {@link #end} on the loop's thread; the {@link Watchdog}
 * looks.
 */
final class StallWatch extends Watchdog.Watched {
  private static final long MIN_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Where a callback was found; a stack trace in the log. */
  static final class Stall extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private Stall(List<StackTraceElement> stack) {
      super("it was here for a while");
      setStackTrace(stack.toArray(StackTraceElement[]::new));
    }
  }

  private record Sample(long startNanos, List<StackTraceElement> stack) {}

  private final AbstractEventLoop loop;

  /** When the callback began that runs now; 0 if none runs. */
  private volatile long startNanos;

  private volatile @Nullable Sample sample;

  StallWatch(AbstractEventLoop loop) {
    this.loop = loop;
  }

  void begin(long nanos) {
    startNanos = nanos;
    Watchdog.add(this, true);
  }

  /** Where the callback that ends was caught; null if it was not. */
  @Nullable Stall end() {
    Sample caught = sample;
    long start = startNanos;
    startNanos = 0;
    return caught != null && caught.startNanos == start ? new Stall(caught.stack) : null;
  }

  /** Nothing runs any more, or debug mode is off. */
  void stop() {
    Watchdog.remove(this);
  }

  @Override
  long look(long nanos) {
    long slow = loop.slowCallbackDuration().toNanos();
    long start = startNanos;
    Sample caught = sample;
    if (start != 0
        && (caught == null || caught.startNanos != start)
        && System.nanoTime() - start >= slow / 2) {
      Thread thread = loop.activeThread;
      if (thread != null) {
        List<StackTraceElement> stack = Origins.userFrames(thread.getStackTrace());
        if (!stack.isEmpty() && startNanos == start) {
          sample = new Sample(start, stack);
        }
      }
    }
    return Math.max(slow / 4, MIN_PERIOD_NANOS);
  }
}
