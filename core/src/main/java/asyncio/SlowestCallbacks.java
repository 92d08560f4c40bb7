package asyncio;

import asyncio.inspect.SlowCallback;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The callbacks that held a loop longest, of the current minute and of the one before.
 *
 * <p><b>Threading:</b> the loop's thread adds; any thread may take a {@link #snapshot}.
 */
final class SlowestCallbacks {
  private static final int MOST = 10;
  private static final long GENERATION_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Comparator<SlowCallback> LONGEST_FIRST =
      Comparator.comparing(SlowCallback::took).reversed();

  /** Longest first, at most {@link #MOST}; both replaced as a whole. */
  private volatile List<SlowCallback> current = List.of();

  private volatile List<SlowCallback> former = List.of();

  // loop thread only
  private long generationEnd;
  private long leastNanos;

  SlowestCallbacks(long now) {
    generationEnd = now + GENERATION_NANOS;
  }

  /** Whether a callback that took so long, and has ended now, belongs in. */
  boolean wants(long now, long tookNanos) {
    if (now >= generationEnd) {
      former = now - generationEnd < GENERATION_NANOS ? current : List.of();
      current = List.of();
      generationEnd = now + GENERATION_NANOS;
      leastNanos = 0;
    }
    return tookNanos > leastNanos;
  }

  void add(SlowCallback slow) {
    List<SlowCallback> longest = new ArrayList<>(current);
    longest.add(slow);
    longest.sort(LONGEST_FIRST); // stable: of equal ones the first stays before
    if (longest.size() > MOST) {
      longest.removeLast();
    }
    current = List.copyOf(longest);
    if (longest.size() == MOST) {
      leastNanos = longest.getLast().took().toNanos();
    }
  }

  List<SlowCallback> snapshot(long now) {
    List<SlowCallback> all = new ArrayList<>(current);
    all.addAll(former);
    all.removeIf(each -> now - each.begun() - each.took().toNanos() > 2 * GENERATION_NANOS);
    all.sort(LONGEST_FIRST);
    return all.subList(0, Math.min(all.size(), MOST));
  }
}
