package asyncio.internal.inspect;

import asyncio.inspect.Histogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers behind a {@link Histogram}.
 *
 * <p><b>Threading:</b> one thread adds; any thread may take a {@link #snapshot}, in which the last
 * additions may be missing in part.
 */
public final class DurationCounts {
  /*
   * Below 8 each number of nanoseconds has its own bucket. From there on the three bits below the highest one choose among
   * the eight buckets of that power of two.
   */
  private static final int PART_BITS = 3;
  private static final int PARTS = 1 << PART_BITS;
  private static final int HIGHEST_POWER = 41;
  private static final int BUCKETS = (HIGHEST_POWER - PART_BITS + 1) * PARTS;

  private final long[] counts = new long[BUCKETS];
  private long total;
  private long max;

  /**
   * Counts one duration.
   *
   * @param nanos a negative one counts as 0
   */
  public void add(long nanos) {
    long counted = Math.max(nanos, 0);
    counts[bucketOf(counted)]++;
    total += counted;
    if (counted > max) {
      max = counted;
    }
  }

  public Histogram snapshot() {
    List<Histogram.Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      long count = counts[i];
      if (count > 0) {
        buckets.add(new Histogram.Bucket(Duration.ofNanos(upperBound(i)), count));
      }
    }
    return new Histogram(buckets, Duration.ofNanos(total), Duration.ofNanos(max));
  }

  static int bucketOf(long nanos) {
    if (nanos < PARTS) {
      return (int) nanos;
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    if (power >= HIGHEST_POWER) {
      return BUCKETS - 1;
    }
    int part = (int) (nanos >>> (power - PART_BITS)) & (PARTS - 1);
    return (power - PART_BITS + 1) * PARTS + part;
  }

  /** The greatest number that falls into a bucket. */
  static long upperBound(int bucket) {
    if (bucket < PARTS) {
      return bucket;
    }
    if (bucket == BUCKETS - 1) {
      return Long.MAX_VALUE;
    }
    int shift = bucket / PARTS - 1;
    return ((long) (PARTS + bucket % PARTS + 1) << shift) - 1;
  }
}
