package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sleeping tasks. */
class SleepTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("SLEEP-1")
  void sleepLastsItsTimeAndReturnsTheGivenResult(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          assertThat(sleep(millis(250), "result")).isEqualTo("result");
          assertThat(loop.time() - start).isEqualTo(250_000_000L);
          assertThat(Duration.ofNanos(loop.time() - start)).isEqualTo(millis(250));
          Task<?> withoutResult = createTask(() -> sleep(millis(1)));
          await(withoutResult);
          assertThat(withoutResult.result()).isNull();
        });
    var real = LoopKind.preferred().newLoop(engine);
    real.runUntilComplete(() -> {
      long start = real.time();
      sleep(millis(5));
      assertThat(real.time() - start).isGreaterThanOrEqualTo(5_000_000L);
    });
    real.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("SLEEP-2")
  void sleepOfNoTimeLastsOneIteration(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (Duration delay :
              List.of(Duration.ZERO, seconds(-1), seconds(Double.NEGATIVE_INFINITY))) {
            List<String> trail = new ArrayList<>();
            loop.callSoon(() -> {
              trail.add("queued before");
              loop.callSoon(() -> trail.add("queued by that"));
            });
            createTask(() -> trail.add("task queued before"));
            int before = loop.iterations;
            long start = loop.time();
            assertThat(sleep(delay, "result")).isEqualTo("result");
            assertThat(loop.iterations).isEqualTo(before + 1);
            assertThat(loop.time()).isEqualTo(start);
            assertThat(trail).containsExactly("queued before", "task queued before");
            sleep(seconds(0));
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("SLEEP-3")
  void nanIsNoTimeSpan(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int before = loop.iterations;
          assertThatThrownBy(() -> sleep(seconds(Double.NaN)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("NaN");
          assertThat(loop.iterations).isEqualTo(before);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("SLEEP-4")
  void infiniteSleepCanBeCancelled(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          for (Duration forEver :
              List.of(seconds(Double.POSITIVE_INFINITY), Duration.ofSeconds(Long.MAX_VALUE))) {
            Task<?> task = createTask(() -> sleep(forEver));
            sleep(Duration.ofDays(1000));
            assertThat(task.isDone()).isFalse();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("SLEEP-5")
  void cancellingASleepCancelsItsTimer(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<?> task = createTask(() -> sleep(seconds(10)));
          sleep(seconds(0));
          assertThat(loop.nextTimer()).isEqualTo(loop.time() + 10_000_000_000L);
          task.cancel();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
          assertThat(loop.nextTimer()).isEqualTo(EventLoop.NEVER);
        });
  }
}
