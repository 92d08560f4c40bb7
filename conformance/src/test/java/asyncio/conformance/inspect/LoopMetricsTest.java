package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.ExecutorLoad;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.conformance.ClockLoop;
import asyncio.conformance.EachEngine;
import asyncio.inspect.LoopMetrics;
import asyncio.inspect.Snapshot;
import asyncio.inspect.TaskCounts;
import asyncio.inspect.TransportCounts;
import java.time.Duration;

/** What a loop always counts. */
class LoopMetricsTest {

  @EachEngine
  void aNewLoopHasDoneNothing(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);

    assertThat(loop.metrics())
        .isEqualTo(
            new LoopMetrics(
                idOf(loop),
                loop.time(),
                Duration.ZERO,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                new TaskCounts(0, 0, 0, 0, 0),
                new TransportCounts(0, 0, 0, 0, 0),
                new ExecutorLoad(0, 0),
                new ExecutorLoad(0, 0),
                null));
    assertThat(loop.metrics().utilisation()).isZero();
    loop.close();
  }

  @EachEngine
  void waitingForATimerIsIdleAndRunningACallbackIsBusy(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.callLater(Duration.ofSeconds(3), () -> loop.advance(Duration.ofSeconds(1)));
    loop.callLater(Duration.ofSeconds(4), loop::stop);
    loop.runForever();

    LoopMetrics metrics = loop.metrics();
    assertThat(metrics.running()).isEqualTo(Duration.ofSeconds(4));
    assertThat(metrics.idle()).isEqualTo(Duration.ofSeconds(3));
    assertThat(metrics.busy()).isEqualTo(Duration.ofSeconds(1));
    assertThat(metrics.utilisation()).isEqualTo(0.25);
    loop.close();
  }

  @EachEngine
  void timeBetweenTwoRunsCountsAsNeither(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    for (int i = 0; i < 2; i++) {
      loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1)));
      loop.advance(Duration.ofHours(1));
    }

    assertThat(loop.metrics().running()).isEqualTo(Duration.ofSeconds(2));
    assertThat(loop.metrics().idle()).isEqualTo(Duration.ofSeconds(2));
    loop.close();
  }

  @EachEngine
  void theTimeOfTheRunThatGoesOnIsIncluded(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    Duration[] seen = new Duration[1];
    loop.callSoon(() -> {
      loop.advance(Duration.ofSeconds(5));
      seen[0] = loop.metrics().running();
      loop.stop();
    });
    loop.runForever();

    assertThat(seen[0]).isEqualTo(Duration.ofSeconds(5));
    loop.close();
  }

  @EachEngine
  void tasksAreCountedByHowTheyEnd(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    LoopMetrics[] during = new LoopMetrics[1];
    loop.runUntilComplete(() -> {
      Task<?> cancelled = createTask(() -> sleep(Duration.ofHours(1)));
      Task<?> failed =
          createTask(() -> {
            throw new IllegalStateException("on purpose");
          });
      Task<?> early = createTask(() -> {});
      early.cancel();
      sleep(Duration.ofSeconds(1));
      cancelled.cancel();
      await(gather(createTask(() -> {}), createTask(() -> {})));
      during[0] = loop.metrics();
      assertThat(failed.exception()).isNotNull();
    });

    assertThat(during[0].tasks()).isEqualTo(new TaskCounts(1, 6, 2, 1, 2));
    assertThat(loop.metrics().tasks()).isEqualTo(new TaskCounts(0, 6, 3, 1, 2));
    assertThat(loop.metrics().tasks().ended()).isEqualTo(6);
    loop.close();
  }

  @EachEngine
  void readyAndTimersAreWhatWaitsNow(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.callSoon(() -> {});
    loop.callSoon(() -> {});
    loop.callLater(Duration.ofSeconds(1), () -> {});
    loop.callLater(Duration.ofSeconds(1), () -> {}).cancel();

    assertThat(loop.metrics().ready()).isEqualTo(2);
    assertThat(loop.metrics().timers()).isEqualTo(1);
    loop.close();
    assertThat(loop.metrics().ready()).isZero();
    assertThat(loop.metrics().timers()).isZero();
  }

  @EachEngine
  void iterationsAndCallbacksAreCounted(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.callSoon(() -> loop.callSoon(loop::stop));
    loop.callSoon(() -> {});
    loop.runForever();

    assertThat(loop.metrics().iterations()).isEqualTo(2);
    assertThat(loop.metrics().callbacks()).isEqualTo(3);
    loop.close();
  }

  @EachEngine
  void sinceMakesTotalsDifferencesAndLeavesLevels(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1)));
    LoopMetrics before = loop.metrics();
    loop.callLater(Duration.ofHours(1), () -> {});
    loop.runUntilComplete(() -> {
      createTask(() -> sleep(Duration.ofHours(2)));
      sleep(Duration.ofSeconds(3));
      loop.advance(Duration.ofSeconds(1));
    });
    LoopMetrics between = loop.metrics().since(before);

    assertThat(between.running()).isEqualTo(Duration.ofSeconds(4));
    assertThat(between.idle()).isEqualTo(Duration.ofSeconds(3));
    assertThat(between.utilisation()).isEqualTo(0.25);
    assertThat(between.tasks()).isEqualTo(new TaskCounts(1, 2, 1, 0, 0));
    assertThat(between.iterations()).isEqualTo(loop.iterations - before.iterations());
    assertThat(between.timers()).isEqualTo(2);
    assertThatThrownBy(() -> before.since(loop.metrics()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("earlier: was taken at 6000000000, after this");
    loop.close();
  }

  @EachEngine
  void anyThreadMayAskARunningLoop(Engine engine) throws Exception {
    try (var loop = new Closing(LoopKind.preferred().newLoop(engine))) {
      LoopMetrics[] seen = new LoopMetrics[1];
      loop.loop.runUntilComplete(() -> {
        Future<?> answer =
            loop.loop.runInExecutor(
                null,
                () -> {
                  seen[0] = loop.loop.metrics();
                });
        await(answer);
      });

      assertThat(seen[0].tasks()).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
      assertThat(seen[0].executor()).isEqualTo(new ExecutorLoad(1, 0));
      assertThat(seen[0].running()).isPositive();
    }
  }

  @EachEngine
  void theJsonTextHasEveryNumber(Engine engine) {
    ClockLoop loop = new ClockLoop(engine);
    loop.runUntilComplete(() -> {
      sleep(Duration.ofSeconds(1));
      loop.advance(Duration.ofSeconds(3));
    });

    assertThat(loop.metrics().toJson())
        .isEqualTo(
            "{\"loop\":\""
                + idOf(loop)
                + "\",\"timeNanos\":5000000000,\"runningNanos\":4000000000,"
                + "\"idleNanos\":1000000000,\"utilisation\":0.75,\"iterations\":"
                + loop.iterations
                + ",\"callbacks\":"
                + loop.metrics().callbacks()
                + ",\"ready\":0,\"timers\":0,\"tasks\":{\"alive\":0,\"created\":1,\"succeeded\":1,"
                + "\"failed\":0,\"cancelled\":0},\"transports\":{\"open\":0,\"paused\":0,"
                + "\"buffered\":0,\"received\":0,\"sent\":0},\"executor\":{\"running\":0,"
                + "\"waiting\":0},\"lookups\":{\"running\":0,\"waiting\":0},\"timings\":null}");
    loop.close();
  }

  /** The identity that the snapshot of the same JVM has for the loop. */
  private static String idOf(EventLoop loop) {
    return Snapshot.of(loop).loops().getFirst().id();
  }

  private record Closing(ChannelEventLoop loop) implements AutoCloseable {
    @Override
    public void close() {
      loop.close();
    }
  }
}
