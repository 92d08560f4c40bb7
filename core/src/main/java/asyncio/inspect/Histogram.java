package asyncio.inspect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How durations are spread: how many fell into each of a fixed set of buckets.
 *
 * <p>The bounds of the buckets are the same in every histogram of this library: each power of two
 * of nanoseconds is cut into eight equal parts, so a bound is at most an eighth above what fell
 * below it. The last bucket holds everything from 36 minutes up.
 *
 * @param buckets those that are not empty, in ascending order
 * @param total the sum of all durations
 * @param max the longest one; of a difference ({@link LoopTimings#since}) perhaps the bound of its
 *     bucket
 */
public record Histogram(List<Bucket> buckets, Duration total, Duration max) {

  /** One without entries. */
  public static final Histogram EMPTY = new Histogram(List.of(), Duration.ZERO, Duration.ZERO);

  /**
   * A range of durations.
   *
   * @param upTo the longest that falls into it; the shortest is what is longer than that of the
   *     bucket before
   * @param count how many fell into it
   */
  public record Bucket(Duration upTo, long count) {}

  public Histogram {
    buckets = List.copyOf(buckets);
  }

  /** How many durations there are. */
  public long count() {
    long count = 0;
    for (Bucket bucket : buckets) {
      count += bucket.count;
    }
    return count;
  }

  /** The arithmetic mean; zero if there are none. */
  public Duration mean() {
    long count = count();
    return count == 0 ? Duration.ZERO : total.dividedBy(count);
  }

  /**
   * A duration that the given share of all does not exceed, at most an eighth too long; zero if
   * there are none.
   *
   * @param share 0.5 for the median, 0.99 for the 99th percentile, 1 for {@link #max}
   * @throws IllegalArgumentException if it is not between 0 and 1
   */
  public Duration quantile(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share: must be between 0 and 1, not " + share);
    }
    long rank = Math.max((long) Math.ceil(share * count()), 1);
    for (Bucket bucket : buckets) {
      rank -= bucket.count;
      if (rank <= 0) {
        return bucket.upTo.compareTo(max) < 0 ? bucket.upTo : max;
      }
    }
    return max;
  }

  /** What was added since {@code earlier}, an older state of this. */
  Histogram since(Histogram earlier) {
    Map<Duration, Long> before = new HashMap<>();
    earlier.buckets.forEach(bucket -> before.put(bucket.upTo, bucket.count));
    List<Bucket> added = new ArrayList<>();
    for (Bucket bucket : buckets) {
      long count = bucket.count - before.getOrDefault(bucket.upTo, 0L);
      if (count > 0) {
        added.add(new Bucket(bucket.upTo, count));
      }
    }
    if (added.isEmpty()) {
      return EMPTY;
    }
    Duration bound = added.getLast().upTo;
    boolean isNew = max.compareTo(earlier.max) > 0 || bound.compareTo(max) > 0;
    return new Histogram(added, total.minus(earlier.total), isNew ? max : bound);
  }
}
