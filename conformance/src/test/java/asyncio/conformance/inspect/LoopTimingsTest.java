package asyncio.conformance.inspect;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.TaskOptions;
import asyncio.conformance.ClockLoop;
import asyncio.conformance.EachEngine;
import asyncio.inspect.CodeTime;
import asyncio.inspect.Histogram;
import asyncio.inspect.LoopMetrics;
import asyncio.inspect.LoopTimings;
import asyncio.inspect.Recording;
import asyncio.inspect.SlowCallback;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How late and how long callbacks run, while that is recorded. */
class LoopTimingsTest {
  private static final String HERE = LoopTimingsTest.class.getName() + ".lambda";

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  private static LoopTimings timings(ClockLoop loop) {
    return Objects.requireNonNull(loop.metrics().timings());
  }

  /** The durations of a histogram in milliseconds, each to the bucket's bound and rounded down. */
  private static List<Long> millis(Histogram histogram) {
    List<Long> all = new ArrayList<>();
    for (Histogram.Bucket bucket : histogram.buckets()) {
      for (int i = 0; i < bucket.count(); i++) {
        all.add(bucket.upTo().toMillis());
      }
    }
    return all;
  }

  @EachEngine
  void nothingIsRecordedUnlessSomebodyAsks(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.runUntilComplete(() -> sleep(ms(1)));

    assertThat(loop.metrics().timings()).isNull();
    loop.close();
  }

  @EachEngine
  void aReadyCallbackIsDueWhenItIsQueued(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(() -> {
      loop.callSoon(loop::stop); // behind the next one, which takes 64 ms
      loop.advance(ms(32));
    });
    loop.callSoon(() -> loop.advance(ms(64)));
    loop.runForever();

    // The two were queued before the run: when they were found, at its beginning, they were due.
    assertThat(timings(loop).lag().total()).isEqualTo(ms(0 + 32 + 32 + 64));
    assertThat(timings(loop).lag().max()).isEqualTo(ms(96));
    assertThat(timings(loop).callbackTime().total()).isEqualTo(ms(96));
    loop.close();
  }

  @EachEngine
  void aTimerIsDueAtItsDeadline(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callLater(ms(10), () -> loop.advance(ms(100)));
    loop.callLater(ms(20), () -> {});
    loop.callLater(ms(200), loop::stop);
    loop.runForever();

    assertThat(timings(loop).lag().count()).isEqualTo(3);
    assertThat(timings(loop).lag().total()).isEqualTo(ms(90));
    loop.close();
  }

  @EachEngine
  void aTimerSetForThePastIsDueSinceTheLastLook(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(() -> {
      loop.advance(ms(7));
      loop.callAt(0, loop::stop);
      loop.advance(ms(5));
    });
    loop.runForever();

    assertThat(timings(loop).lag().max()).isEqualTo(ms(12));
    loop.close();
  }

  @EachEngine
  void aThreadsafeCallIsDueWhenItIsMade(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(() -> {
      Thread other = new Thread(() -> loop.callSoonThreadsafe(loop::stop));
      other.start();
      try {
        other.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      loop.advance(ms(40));
    });
    loop.runForever();

    assertThat(timings(loop).lag().max()).isEqualTo(ms(40));
    loop.close();
  }

  @EachEngine
  void theStepsOfATaskAreNamedByItsCodeAndItsName(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.runUntilComplete(() -> {
      createTask(() -> loop.advance(ms(30)), TaskOptions.named("worker"));
      loop.callSoon(new Call(loop));
      sleep(ms(1));
    });

    assertThat(timings(loop).slowest().stream().map(LoopTimingsTest::withoutStack))
        .startsWith(
            new SlowCallback(Call.class.getName(), null, 1_030_000_000L, ms(50), List.of()),
            new SlowCallback(HERE, "worker", 1_000_000_000L, ms(30), List.of()));
    assertThat(timings(loop).byCode().subList(0, 2))
        .containsExactly(
            new CodeTime(Call.class.getName(), 1, ms(50), ms(50)),
            new CodeTime(HERE, 3, ms(30), ms(30)));
    loop.close();
  }

  /**
   * The time of these loops is the test's, but whether a callback is caught depends on the real
   * one.
   */
  private static SlowCallback withoutStack(SlowCallback slow) {
    return new SlowCallback(slow.code(), slow.task(), slow.begun(), slow.took(), List.of());
  }

  private record Call(ClockLoop loop) implements Runnable {
    @Override
    public void run() {
      loop.advance(ms(50));
    }
  }

  @EachEngine
  void theSlowestTenAreKept(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    for (int i = 1; i <= 30; i++) {
      int millis = i * 7 % 31; // 1 to 30, mixed
      loop.callSoon(() -> loop.advance(ms(millis)));
    }
    loop.callSoon(loop::stop);
    loop.runForever();

    assertThat(timings(loop).slowest().stream().map(each -> each.took().toMillis()))
        .containsExactly(30L, 29L, 28L, 27L, 26L, 25L, 24L, 23L, 22L, 21L);
    loop.close();
  }

  @EachEngine
  void slowCallbacksAreForgottenAfterTwoMinutes(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    List<List<Long>> seen = new ArrayList<>();
    loop.runUntilComplete(() -> {
      for (long millis : new long[] {500, 400, 300}) {
        loop.callSoon(() -> loop.advance(ms(millis)));
        sleep(Duration.ofSeconds(50));
        seen.add(
            timings(loop).slowest().stream()
                .map(each -> each.took().toMillis())
                .filter(each -> each > 0)
                .toList());
      }
    });

    assertThat(seen).containsExactly(List.of(500L), List.of(500L, 400L), List.of(400L, 300L));
    loop.close();
  }

  @EachEngine
  void aFailedCallbackIsRecordedToo(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(() -> {
      loop.advance(ms(9));
      throw new IllegalStateException("on purpose");
    });
    loop.callSoon(loop::stop);
    loop.runForever();

    assertThat(timings(loop).callbackTime().count()).isEqualTo(2);
    assertThat(timings(loop).callbackTime().max()).isEqualTo(ms(9));
    assertThat(loop.reports).hasSize(1);
    loop.close();
  }

  @EachEngine
  void recordingGoesOnUntilTheLastRecordingIsClosed(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    Recording first = loop.recordTimings();
    Recording second = loop.recordTimings();
    first.close();
    first.close();
    loop.runUntilComplete(() -> {});
    assertThat(timings(loop).callbackTime().count()).isPositive();

    second.close();
    assertThat(loop.metrics().timings()).isNull();
    loop.runUntilComplete(() -> {});

    loop.recordTimings();
    assertThat(timings(loop).begun()).isEqualTo(loop.time());
    assertThat(timings(loop).callbackTime()).isEqualTo(Histogram.EMPTY);
    loop.close();
  }

  @EachEngine
  void aRecordingMayBeginAndEndInTheMiddleOfAnIteration(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    Recording[] open = new Recording[1];
    List<Long> counts = new ArrayList<>();
    loop.callSoon(() -> open[0] = loop.recordTimings());
    loop.callSoon(() ->
        loop.callSoon(() ->
            loop.callSoon(() -> {
              counts.add(timings(loop).callbackTime().count());
              open[0].close();
              loop.callSoon(() -> loop.callSoon(loop::stop));
            })));
    loop.runForever();

    assertThat(counts).containsExactly(1L);
    assertThat(loop.metrics().timings()).isNull();
    loop.close();
  }

  @EachEngine
  void sinceIsWhatWasRecordedBetween(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(() -> loop.advance(ms(100)));
    loop.runUntilComplete(() -> {});
    LoopMetrics before = loop.metrics();
    loop.callSoon(() -> loop.advance(ms(50)));
    loop.runUntilComplete(() -> {});
    LoopTimings between = Objects.requireNonNull(loop.metrics().since(before).timings());

    assertThat(between.callbackTime().total()).isEqualTo(ms(50));
    assertThat(millis(between.callbackTime())).containsExactly(0L, 0L, 50L);
    assertThat(between.slowest().getFirst().took()).isEqualTo(ms(50));
    assertThat(between.byCode().getFirst().total()).isEqualTo(ms(50));
    loop.close();
  }

  @Test
  void quantilesAreBoundsOfBuckets() {
    Histogram histogram =
        new Histogram(
            List.of(
                new Histogram.Bucket(ms(1), 50),
                new Histogram.Bucket(ms(2), 49),
                new Histogram.Bucket(ms(4), 1)),
            ms(150),
            ms(3));

    assertThat(histogram.count()).isEqualTo(100);
    assertThat(histogram.mean()).isEqualTo(Duration.ofNanos(1_500_000));
    assertThat(histogram.quantile(0)).isEqualTo(ms(1));
    assertThat(histogram.quantile(0.5)).isEqualTo(ms(1));
    assertThat(histogram.quantile(0.51)).isEqualTo(ms(2));
    assertThat(histogram.quantile(0.99)).isEqualTo(ms(2));
    assertThat(histogram.quantile(1)).isEqualTo(ms(3));
    assertThat(Histogram.EMPTY.quantile(0.5)).isZero();
    assertThat(Histogram.EMPTY.mean()).isZero();
    assertThatThrownBy(() -> histogram.quantile(50))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("share: must be between 0 and 1, not 50.0");
  }

  @EachEngine
  void theJsonTextHasTheTimings(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.recordTimings();
    loop.callSoon(new Call(loop));
    loop.callSoon(loop::stop);
    loop.runForever();

    assertThat(loop.metrics().toJson())
        .contains("\"timings\":{\"begunNanos\":1000000000,\"lag\":{\"count\":2,\"totalNanos\":")
        .contains("\"buckets\":[{\"upToNanos\":0,\"count\":1},{\"upToNanos\":")
        .contains("\"slowest\":[{\"code\":\"" + Call.class.getName() + "\",\"task\":null,")
        .endsWith("\"count\":1,\"totalNanos\":0,\"maxNanos\":0}]}}");
    loop.close();
  }
}
