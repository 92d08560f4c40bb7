package asyncio.inspect;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds what blocks a loop: a callback, or a task's step, that keeps the loop's turn for too long.
 *
 * <p>Each loop has one, and it is on from the start, in and out of debug mode. A daemon thread
 * looks at all running loops a few times a second; the loops do nothing for it. What holds a loop
 * for longer than the {@linkplain #limit limit} is caught while it still does: the stack is taken
 * several times, and a {@link StallReport} says who it is and where.
 *
 * <p>A report goes to the log at level {@code WARNING}, to the {@linkplain #addListener listeners},
 * and into the list of {@linkplain #recent() recent} ones. The log gets stalls of one place once a
 * minute, and of all places together five at once and then one every ten seconds; how many were
 * left out is in the next record.
 *
 * <p>Time counts only as far as it passes for the loop and for the daemon thread alike: nothing is
 * reported in virtual time, or because the whole JVM stood still, as in a collection, under a
 * debugger, or when the process was stopped.
 *
 * <p>The limit of new loops is one second, or what the system property {@code asyncio.stall.limit}
 * says: seconds, as in {@code 0.25}, or {@code off}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface StallFinder {

  /** The system property with the limit of new loops. */
  String PROPERTY = "asyncio.stall.limit";

  /** The finder of {@code loop}. */
  static StallFinder of(EventLoop loop) {
    return loop.stallFinder();
  }

  /** The last stalls of {@code loop}, oldest first; see {@link #recent()}. */
  static List<StallReport> recent(EventLoop loop) {
    return loop.stallFinder().recent();
  }

  /** How long something may hold the loop; null if this is off. */
  @Nullable Duration limit();

  /**
   * Sets how long something may hold the loop; holds at once, for what runs now too.
   *
   * @param limit at least a millisecond; null turns this off
   * @throws IllegalArgumentException if {@code limit} is shorter
   */
  void setLimit(@Nullable Duration limit);

  /**
   * The last stalls, at most 32, oldest first. One that goes on is in the list as it was last seen.
   */
  List<StallReport> recent();

  /** How many stalls there were since the loop was made. */
  long count();

  /**
   * Has {@code listener} called with each report: when something has held the loop for longer than
   * the limit, and with the same {@linkplain StallReport#number number} when more is known of it,
   * or when it is over.
   *
   * <p>It is called on a daemon thread of its own, one report after the other. What it throws is
   * logged.
   */
  void addListener(Consumer<? super StallReport> listener);

  /** Takes {@code listener} out; harmless if it is not in. */
  void removeListener(Consumer<? super StallReport> listener);
}
