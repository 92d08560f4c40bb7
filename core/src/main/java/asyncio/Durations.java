package asyncio;

import java.time.Duration;

/** Time spans and the clock of real-time loops. */
final class Durations {
  /**
   * One origin for all loops, so that their times can be compared; never negative, so that sums
   * saturate simply.
   */
  private static final long ORIGIN = System.nanoTime();

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Durations() {}

  /** Nanoseconds since the library was loaded. */
  static long realTime() {
    return System.nanoTime() - ORIGIN;
  }

  /**
   * The span in nanoseconds, saturated: what is longer than 292 years is {@link EventLoop#NEVER}.
   */
  static long nanos(Duration span) {
    if (span.compareTo(LONGEST) >= 0) {
      return EventLoop.NEVER;
    }
    return span.isNegative() && span.compareTo(LONGEST.negated()) <= 0
        ? -EventLoop.NEVER
        : span.toNanos();
  }

  /** {@code now + delay}, saturated. */
  static long deadline(long now, Duration delay) {
    long nanos = nanos(delay);
    long sum = now + nanos;
    return nanos > 0 && sum < 0 ? EventLoop.NEVER : sum;
  }

  /**
   * The span of so many seconds; infinity is longer than any loop lives.
   *
   * @throws IllegalArgumentException if {@code seconds} is not a number
   */
  static Duration ofSeconds(double seconds) {
    if (Double.isNaN(seconds)) {
      throw new IllegalArgumentException(
          "seconds: NaN is no time span; pass a number, or infinity for 'for ever'");
    }
    double nanos = seconds * 1e9;
    if (nanos >= Long.MAX_VALUE) {
      return LONGEST;
    }
    return nanos <= Long.MIN_VALUE ? LONGEST.negated() : Duration.ofNanos(Math.round(nanos));
  }
}
