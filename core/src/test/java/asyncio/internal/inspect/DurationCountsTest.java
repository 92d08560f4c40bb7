package asyncio.internal.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.inspect.Histogram;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DurationCountsTest {
  @Test
  void eachNumberFallsIntoTheBucketWhoseBoundsEncloseIt() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      long nanos = random.nextLong() >>> (1 + random.nextInt(62));
      int bucket = DurationCounts.bucketOf(nanos);
      assertThat(nanos).isLessThanOrEqualTo(DurationCounts.upperBound(bucket));
      if (bucket > 0) {
        assertThat(nanos).isGreaterThan(DurationCounts.upperBound(bucket - 1));
      }
    }
  }

  @Test
  void aBoundIsAtMostAnEighthAboveWhatFallsBelowIt() {
    for (long nanos = 1; nanos < Duration.ofMinutes(30).toNanos(); nanos += 1 + nanos / 100) {
      long bound = DurationCounts.upperBound(DurationCounts.bucketOf(nanos));
      assertThat((double) bound / nanos).isLessThan(1.125);
    }
  }

  @Test
  void aNegativeDurationCountsAsZeroAndALongOneFallsIntoTheLastBucket() {
    DurationCounts counts = new DurationCounts();
    counts.add(-5);
    counts.add(Long.MAX_VALUE / 2);

    Histogram histogram = counts.snapshot();
    assertThat(histogram.buckets())
        .containsExactly(
            new Histogram.Bucket(Duration.ZERO, 1),
            new Histogram.Bucket(Duration.ofNanos(Long.MAX_VALUE), 1));
    assertThat(histogram.max()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE / 2));
  }
}
