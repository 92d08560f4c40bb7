package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * A callback that waits for a deadline, as {@link EventLoop#callLater} and {@link EventLoop#callAt}
 * return it.
 *
 * <p>Timer handles order by deadline; among equal deadlines the one scheduled first runs first.
 */
public class TimerHandle extends Handle implements Comparable<TimerHandle> {
  final long when;

  /** Counts the timers of the loop; decides between equal deadlines. */
  long sequence;

  /** Whether the timer queue holds it. */
  boolean scheduled;

  TimerHandle(
      AbstractEventLoop loop, @Nullable Object context, @Nullable Runnable callback, long when) {
    super(loop, context, callback);
    this.when = when;
  }

  /** The deadline, in nanoseconds of {@link EventLoop#time}; it stays after cancellation. */
  public long when() {
    return when;
  }

  @Override
  public void cancel() {
    if (!wasCancelled()) {
      super.cancel();
      if (scheduled) {
        loop.timers.noteCancelled();
      }
    }
  }

  @Override
  public int compareTo(TimerHandle other) {
    return Long.compare(when, other.when);
  }

  /** Equal are two timers of one deadline, callback and state (spec CB-16). */
  @Override
  public boolean equals(@Nullable Object o) {
    return o == this
        || (o instanceof TimerHandle other
            && when == other.when
            && java.util.Objects.equals(callback, other.callback)
            && getClass() == other.getClass());
  }

  @Override
  public int hashCode() {
    return Long.hashCode(when);
  }

  @Override
  void describeTo(StringBuilder text) {
    text.append(" when=").append(when);
    super.describeTo(text);
  }
}
