package asyncio;

import java.io.Serial;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Catches the callbacks of one loop that take too long, in debug mode: where they are after half of
 * the time that counts as slow.
 *
 * <p><b>Threading:</b> {@link #begin} and {@link #end} on the loop's thread; one daemon thread
 * looks after all loops.
 */
final class StallWatch {
  private static final long MIN_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final Set<StallWatch> WATCHED = ConcurrentHashMap.newKeySet();
  private static final Thread WATCHER =
      Thread.ofPlatform()
          .daemon()
          .name("asyncio-stalls")
          .inheritInheritableThreadLocals(false)
          .start(StallWatch::watch);

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
    if (WATCHED.add(this)) {
      LockSupport.unpark(WATCHER);
    }
  }

  /** Where the callback that ends was caught; null if it was not. */
  @Nullable Stall end() {
    Sample caught = sample;
    long start = startNanos;
    startNanos = 0;
    return caught != null && caught.startNanos == start ? new Stall(caught.stack) : null;
  }

  /** Nothing runs any more. */
  void stop() {
    WATCHED.remove(this);
  }

  private static void watch() {
    for (; ; ) {
      long pause = Long.MAX_VALUE;
      for (StallWatch each : WATCHED) {
        pause = Math.min(pause, each.look());
      }
      if (pause == Long.MAX_VALUE) {
        LockSupport.park(WATCHED);
      } else {
        LockSupport.parkNanos(WATCHED, Math.max(pause, MIN_PERIOD_NANOS));
      }
    }
  }

  /** Returns how soon to look again. */
  private long look() {
    Duration slow = loop.slowCallbackDuration();
    long start = startNanos;
    Sample caught = sample;
    if (start != 0
        && (caught == null || caught.startNanos != start)
        && System.nanoTime() - start >= slow.toNanos() / 2) {
      Thread thread = loop.activeThread;
      if (thread != null) {
        List<StackTraceElement> stack = Origins.userFrames(thread.getStackTrace());
        if (!stack.isEmpty() && startNanos == start) {
          sample = new Sample(start, stack);
        }
      }
    }
    return slow.toNanos() / 4;
  }
}
