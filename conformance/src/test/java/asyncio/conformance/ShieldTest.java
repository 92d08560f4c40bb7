package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;

/** Keeping cancellations away. */
class ShieldTest {

  @EachEngine
  @Spec("SHIELD-1")
  void takesOverResultAndException(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          Future<String> outer = shield(inner);
          inner.setResult("result");
          assertThat(await(outer)).isEqualTo("result");
          var failure = new IllegalStateException("failure");
          Future<String> failing = loop.createFuture();
          Future<String> shielded = shield(failing);
          failing.setException(failure);
          assertThatThrownBy(() -> await(shielded)).isSameAs(failure);
          List<String> trail = new ArrayList<>();
          Future<Void> ofCoroutine =
              shield(() -> {
                trail.add("ran");
              });
          assertThat(trail).isEmpty();
          await(ofCoroutine);
          assertThat(trail).containsExactly("ran");
        });
  }

  @EachEngine
  @Spec("SHIELD-2")
  void ofWhatIsDoneIsThatItself(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> done = loop.createFuture();
          done.setResult("done");
          assertThat(shield(done)).isSameAs(done);
          assertThat(shield(loop.createFuture())).isNotSameAs(done);
        });
  }

  @EachEngine
  @Spec("SHIELD-3")
  void cancellingTheShieldOrItsAwaiterLeavesTheInnerOneRunning(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> inner = createTask(() -> sleep(seconds(1), "result"));
          Future<String> outer = shield(inner);
          Task<String> awaiter = createTask(() -> await(shield(inner)));
          turn();
          assertThat(outer.cancel("why")).isTrue();
          awaiter.cancel();
          assertThatThrownBy(() -> await(outer))
              .isInstanceOf(CancelledError.class)
              .hasMessage("why");
          assertThatThrownBy(() -> await(awaiter)).isInstanceOf(CancelledError.class);
          assertThat(inner.cancelling()).isZero();
          assertThat(await(inner)).isEqualTo("result");
          turn();
          assertThat(outer.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("SHIELD-4")
  void cancellingTheInnerOneCancelsTheShield(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          Future<String> outer = shield(inner);
          inner.cancel();
          assertThat(outer.isDone()).isFalse();
          turn();
          assertThat(outer.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("SHIELD-5")
  void cancelledShieldLeavesNoTransferBehind(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          List<Future<String>> shields = new ArrayList<>();
          // No task is awaiting: the callbacks are those of the shields alone.
          loop.callSoon(() -> {
            for (int i = 0; i < 5; i++) {
              shields.add(shield(inner));
            }
          });
          turn();
          assertThat(inner.toString()).contains("<3 more>");
          shields.forEach(Future::cancel);
          turns(2);
          assertThat(inner.toString())
              .as("the one that reports failures is left")
              .contains("cb=[")
              .doesNotContain(",");
        });
  }

  @EachEngine
  @Spec("SHIELD-6")
  void failureBehindCancelledShieldsIsReportedOnce(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          List<Future<String>> shields = List.of(shield(inner), shield(inner), shield(inner));
          shields.forEach(Future::cancel);
          turn();
          Task<String> handles =
              createTask(() -> {
                try {
                  return await(inner);
                } catch (IllegalStateException e) {
                  return "handled";
                }
              });
          turn();
          var failure = new IllegalStateException("failure");
          inner.setException(failure);
          assertThat(await(handles)).isEqualTo("handled");
          assertThat(loop.reports).hasSize(1);
          ErrorContext report = loop.reports.removeFirst();
          assertThat(report.message()).contains("in shielded future");
          assertThat(report.exception()).isSameAs(failure);
          assertThat(report.get(ErrorContext.FUTURE)).isSameAs(inner);

          Future<String> fine = loop.createFuture();
          shield(fine).cancel();
          turn();
          fine.setResult("result");
          turns(2);
          assertThat(loop.reports).as("a result is not reported").isEmpty();
        });
  }

  @EachEngine
  @Spec("SHIELD-7")
  void ofGatherProtectsAllChildren(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> one = createTask(() -> sleep(seconds(1), 1));
          Task<Integer> two = createTask(() -> sleep(seconds(2), 2));
          Future<List<Integer>> all = gather(one, two);
          Future<List<Integer>> outer = shield(all);
          turn();
          outer.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(one.cancelling() + two.cancelling()).isZero();
          assertThat(await(all)).containsExactly(1, 2);
        });
  }

  @EachEngine
  @Spec("SHIELD-8")
  void ofACoroutineNeedsALoop(Engine engine) {
    List<String> trail = new ArrayList<>();
    assertThatThrownBy(() ->
            shield(() -> {
              trail.add("ran");
            }))
        .isInstanceOf(IllegalStateException.class);
    var loop = new ClockLoop(engine);
    Future<String> inner = loop.createFuture();
    Future<String> outer = shield(inner);
    assertThat(outer.loop()).as("of a future it does not").isSameAs(loop);
    inner.setResult("result");
    assertThat(loop.runUntilComplete(outer)).isEqualTo("result");
    assertThat(trail).isEmpty();
    Future<Boolean> onCurrent = Turns.withCurrentLoop(loop, () -> shield(() -> trail.add("ran")));
    assertThat(loop.runUntilComplete(onCurrent)).isTrue();
    loop.close();
  }

  @EachEngine
  @Spec("SHIELD-9")
  void completionReachesTheAwaiterAfterTwoIterations(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          int[] resumed = {0};
          Task<?> awaiter =
              createTask(() -> {
                await(shield(inner));
                resumed[0] = loop.iterations;
              });
          turn();
          int cause = loop.iterations;
          inner.setResult("result");
          await(awaiter);
          assertThat(resumed[0] - cause).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec("SHIELD-10")
  void cancellationWinsOverACompletionInTheSameIteration(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> inner = loop.createFuture();
          Future<String> outer = shield(inner);
          inner.setResult("result");
          assertThat(outer.cancel()).isTrue();
          turns(3);
          assertThat(outer.isCancelled()).isTrue();
          assertThat(inner.result()).isEqualTo("result");

          Future<String> another = loop.createFuture();
          Future<String> shielded = shield(another);
          assertThat(shielded.cancel()).isTrue();
          another.setResult("other order");
          turns(3);
          assertThat(shielded.isCancelled()).isTrue();
          assertThat(loop.reports).isEmpty();
        });
  }
}
