package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.WaitOptions;
import asyncio.WaitResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Waiting for futures without touching them. */
class WaitTest {

  @EachEngine
  @Spec({"WAIT-1", "WAIT-7"})
  void returnsTheVeryFuturesOnceAllAreDone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          Task<Integer> one = createTask(() -> sleep(seconds(1), 1));
          Task<Integer> two = createTask(() -> sleep(seconds(2), 2));
          WaitResult<Task<Integer>> result = Asyncio.wait(List.of(two, one));
          assertThat(result.done()).containsExactly(two, one);
          assertThat(result.pending()).isEmpty();
          assertThat(loop.time() - start).isEqualTo(seconds(2).toNanos());
        });
  }

  @Test
  @Spec({"WAIT-2", "WAIT-4"})
  void takesFuturesInACollectionOnly() {
    Snippet.accepts("Asyncio.wait(List.of(createTask(() -> 1)));");
    Snippet.rejects("Asyncio.wait(createTask(() -> 1));");
    Snippet.rejects("Coroutine<Integer> c = () -> 1; Asyncio.wait(c);");
    Snippet.rejects("Coroutine<Integer> c = () -> 1; Asyncio.wait(List.of(c));");
    Snippet.rejects("Awaitable<Integer> a = createTask(() -> 1); Asyncio.wait(List.of(a));");
  }

  @EachEngine
  @Spec("WAIT-3")
  void refusesNothingAndTheUnknown(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(() -> Asyncio.wait(List.<Future<?>>of()))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("empty");
          Future<Integer> future = loop.createFuture();
          assertThatThrownBy(() -> Asyncio.wait(List.of(future), (ReturnWhen) null))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("returnWhen");
        });
    Snippet.rejects("Asyncio.wait(List.of(createTask(() -> 1)), \"SOMETIMES\");");
  }

  @EachEngine
  @Spec("WAIT-5")
  void takesAnyIterableAndCountsDuplicatesOnce(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          int[] registrations = {0};
          var one =
              new Task<Integer>(() -> 1, Asyncio.getRunningLoop()) {
                @Override
                public void addDoneCallback(Consumer<? super Future<Integer>> callback) {
                  registrations[0]++;
                  super.addDoneCallback(callback);
                }
              };
          Task<Integer> two = createTask(() -> 2);
          Stream<Task<Integer>> once = Stream.of(one, two, one);
          WaitResult<Task<Integer>> result = Asyncio.wait(once::iterator);
          assertThat(registrations[0]).as("the one that is given twice").isEqualTo(1);
          assertThat(result.done()).containsExactly(one, two);
          assertThat(result.pending()).isEmpty();
        });
  }

  @EachEngine
  @Spec("WAIT-6")
  void neverThrowsWhatAMemberFailedWith(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> failing = createTask(() -> failAfter(1));
          Task<Integer> cancelled = createTask(() -> sleep(seconds(9), 1));
          cancelled.cancel();
          WaitResult<Task<Integer>> result = Asyncio.wait(List.of(failing, cancelled));
          assertThat(result.done()).containsExactly(failing, cancelled);
          assertThat(failing.exception()).hasMessage("failed");
        });
  }

  private static int failAfter(int seconds) {
    sleep(seconds(seconds));
    throw new IllegalStateException("failed");
  }

  @EachEngine
  @Spec("WAIT-8")
  void firstCompletedReturnsAfterAnyCompletion(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          for (String way : List.of("result", "exception", "cancelled")) {
            Future<String> ends = loop.createFuture();
            Future<String> other = loop.createFuture();
            loop.callLater(
                seconds(1),
                () -> {
                  switch (way) {
                    case "result" -> ends.setResult("result");
                    case "exception" -> ends.setException(new IllegalStateException("expected"));
                    default -> ends.cancel();
                  }
                });
            var result = Asyncio.wait(List.of(other, ends), ReturnWhen.FIRST_COMPLETED);
            assertThat(result.done()).containsExactly(ends);
            assertThat(result.pending()).containsExactly(other);
            trail.add(way);
            if (way.equals("exception")) {
              assertThat(ends.exception()).isNotNull();
            }
          }
          assertThat(trail).hasSize(3);
        });
  }

  @EachEngine
  @Spec("WAIT-9")
  void firstExceptionReturnsAfterAFailureAndACancellationIsNone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<Integer> cancelled = createTask(() -> sleep(seconds(9), 1));
          cancelled.cancel();
          Task<Integer> succeeding = createTask(() -> sleep(seconds(1), 1));
          Task<Integer> failing = createTask(() -> failAfter(2));
          Task<Integer> late = createTask(() -> sleep(seconds(3), 1));
          var result =
              Asyncio.wait(
                  List.of(cancelled, succeeding, failing, late), ReturnWhen.FIRST_EXCEPTION);
          assertThat(result.done()).containsExactly(cancelled, succeeding, failing);
          assertThat(result.pending()).containsExactly(late);
          assertThat(failing.exception()).hasMessage("failed");
          var all = Asyncio.wait(List.of(cancelled, succeeding, late), ReturnWhen.FIRST_EXCEPTION);
          assertThat(all.pending()).as("without a failure it waits for all").isEmpty();
          assertThat(late.isDone()).isTrue();
        });
  }

  @EachEngine
  @Spec("WAIT-10")
  void setsAreFormedAtTheResumption(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> first = loop.createFuture();
          Future<Integer> second = loop.createFuture();
          loop.callLater(
              seconds(1),
              () -> {
                first.setResult(1);
                loop.callSoon(
                    () -> second.setResult(2)); // after the trigger, before the resumption
              });
          var result = Asyncio.wait(List.of(first, second), ReturnWhen.FIRST_COMPLETED);
          assertThat(result.done()).containsExactly(first, second);
        });
  }

  @EachEngine
  @Spec("WAIT-11")
  void timeOutCancelsNothing(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          Task<Integer> quick = createTask(() -> sleep(seconds(1), 1));
          Task<Integer> slow = createTask(() -> sleep(seconds(9), 2));
          var result = Asyncio.wait(List.of(quick, slow), seconds(3));
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());
          assertThat(result.done()).containsExactly(quick);
          assertThat(result.pending()).containsExactly(slow);
          assertThat(slow.cancelling()).isZero();
          assertThat(await(slow)).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec("WAIT-12")
  void membersThatAreDoneTakeTwoIterationsAndNoTime(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> done = loop.createFuture();
          done.setResult(1);
          long time = loop.time();
          int before = loop.iterations;
          var result = Asyncio.wait(List.of(done));
          assertThat(loop.iterations - before).isEqualTo(2);
          assertThat(loop.time()).isEqualTo(time);
          assertThat(result.done()).containsExactly(done);
          Asyncio.wait(List.of(done));
          assertThat(loop.time()).isEqualTo(time);
        });
  }

  @EachEngine
  @Spec("WAIT-13")
  void noTimeReturnsWithinTwoIterations(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (Duration none : List.of(Duration.ZERO, seconds(-1))) {
            Future<Integer> done = loop.createFuture();
            done.setResult(1);
            Future<Integer> pending = loop.createFuture();
            int before = loop.iterations;
            var result = Asyncio.wait(List.of(done, pending), none);
            assertThat(loop.iterations - before).isEqualTo(2);
            assertThat(result.done()).containsExactly(done);
            assertThat(result.pending()).containsExactly(pending);
            assertThat(Asyncio.wait(List.of(done), none).pending()).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("WAIT-14")
  void cancellingItLeavesTheMembersRunning(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> member = createTask(() -> sleep(seconds(2), 1));
          Task<?> waiting = createTask(() -> Asyncio.wait(List.of(member)));
          turn();
          waiting.cancel();
          assertThatThrownBy(() -> await(waiting)).isInstanceOf(CancelledError.class);
          assertThat(member.cancelling()).isZero();
          assertThat(await(member)).isEqualTo(1);
        });
  }

  @EachEngine
  @Spec("WAIT-15")
  void removesItsCallbacksAndItsTimerOnEveryWayOut(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> left = loop.createFuture();
          String untouched = left.toString();
          Future<Integer> done = loop.createFuture();
          done.setResult(1);
          Asyncio.wait(
              List.of(left, done),
              WaitOptions.until(ReturnWhen.FIRST_COMPLETED).withTimeout(seconds(50)));
          assertThat(left.toString()).as("after the first completion").isEqualTo(untouched);
          Asyncio.wait(List.of(left), seconds(1));
          assertThat(left.toString()).as("after the time is up").isEqualTo(untouched);
          Task<?> waiting = createTask(() -> Asyncio.wait(List.of(left), seconds(60)));
          turn();
          assertThat(left.toString()).as("while it waits").isNotEqualTo(untouched);
          waiting.cancel();
          turns(2);
          assertThat(left.toString()).as("after a cancellation").isEqualTo(untouched);
          Turns.assertNoTimerIsLeft(loop);
        });
  }

  @EachEngine
  @Spec("WAIT-16")
  void completionTakesEffectTwoIterationsLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> member = loop.createFuture();
          int[] returned = {0};
          Task<?> waiting =
              createTask(() -> {
                Asyncio.wait(List.of(member));
                returned[0] = loop.iterations;
              });
          turn();
          int cause = loop.iterations;
          member.setResult(1);
          await(waiting);
          assertThat(returned[0] - cause).isEqualTo(2);
        });
  }
}
