package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitFor;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Waiting for one thing with a limit. */
class WaitForTest {
  private static final List<Duration> NO_TIME = List.of(Duration.ZERO, seconds(-1));

  @EachEngine
  @Spec("WF-1")
  void givesWhatComesInTime(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          assertThat(waitFor(() -> sleep(seconds(1), "value"), seconds(2))).isEqualTo("value");
          assertThatThrownBy(() ->
                  waitFor(
                      () -> {
                        throw new IOException("own");
                      },
                      seconds(2)))
              .isInstanceOf(UncheckedIOException.class)
              .hasRootCauseMessage("own");
          Future<String> future = loop.createFuture();
          loop.callLater(seconds(1), () -> future.setResult("future"));
          assertThat(waitFor(future, seconds(2))).isEqualTo("future");
          Turns.assertNoTimerIsLeft(loop);
        });
  }

  @EachEngine
  @Spec("WF-2")
  void withoutLimitSimplyWaits(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          assertThat(waitFor(() -> sleep(seconds(1e9), "value"), null)).isEqualTo("value");
          assertThat(loop.time() - start).isEqualTo(seconds(1e9).toNanos());
        });
  }

  @EachEngine
  @Spec({"WF-3", "WF-4"})
  void timeOutWaitsForTheEndOfWhatItCancels(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          Task<Integer> slow = createTask(() -> endsAfter(seconds(3)));
          assertThatThrownBy(() -> waitFor(slow, seconds(1)))
              .isInstanceOf(TimeoutException.class)
              .hasCauseInstanceOf(CancelledError.class);
          assertThat(loop.time() - start)
              .as("1 until the limit, 3 to clean up")
              .isEqualTo(seconds(4).toNanos());
          assertThat(slow.isCancelled()).isTrue();
        });
  }

  private static int endsAfter(Duration cleanUp) {
    try {
      return sleep(seconds(100), 1);
    } catch (CancelledError e) {
      sleep(cleanUp);
      throw e;
    }
  }

  @EachEngine
  @Spec("WF-5")
  void valueInAnswerToTheCancellationIsReturned(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> stubborn =
              createTask(() -> {
                try {
                  sleep(seconds(100));
                  return "never";
                } catch (CancelledError e) {
                  return "late";
                }
              });
          assertThat(waitFor(stubborn, seconds(1))).isEqualTo("late");
          assertThat(currentTask().cancelling()).isZero();
          turn();
        });
  }

  @EachEngine
  @Spec("WF-6")
  void exceptionInAnswerToTheCancellationIsThrown(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var answer = new IllegalStateException("answer");
          Task<Integer> task =
              createTask(() -> {
                try {
                  return sleep(seconds(100), 1);
                } catch (CancelledError e) {
                  throw answer;
                }
              });
          assertThatThrownBy(() -> waitFor(task, seconds(1))).isSameAs(answer);
        });
  }

  @EachEngine
  @Spec("WF-7")
  void withoutTimeAFutureThatIsDoneGivesItsResultAtOnce(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> done = loop.createFuture();
          done.setResult("done");
          int before = loop.iterations;
          for (Duration none : NO_TIME) {
            assertThat(waitFor(done, none)).isEqualTo("done");
          }
          assertThat(loop.iterations).isEqualTo(before);
        });
  }

  @EachEngine
  @Spec("WF-8")
  void withoutTimeNoCodeOfACoroutineRuns(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          for (Duration none : NO_TIME) {
            assertThatThrownBy(() ->
                    waitFor(
                        () -> {
                          trail.add("ran");
                        },
                        none))
                .isInstanceOf(TimeoutException.class);
          }
          assertThat(trail).isEmpty();
        });
  }

  @EachEngine
  @Spec({"WF-4", "WF-9"})
  void withoutTimeAPendingTaskIsCancelledAndAwaited(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (Duration none : NO_TIME) {
            Task<Integer> task = createTask(() -> endsAfter(seconds(2)));
            turn();
            long start = loop.time();
            assertThatThrownBy(() -> waitFor(task, none))
                .isInstanceOf(TimeoutException.class)
                .hasCauseInstanceOf(CancelledError.class);
            assertThat(task.isCancelled()).isTrue();
            assertThat(loop.time() - start).isEqualTo(seconds(2).toNanos());
          }
        });
  }

  @EachEngine
  @Spec("WF-10")
  void cancellingItCancelsWhatItWaitsFor(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (@Nullable Duration limit : new Duration[] {null, seconds(50)}) {
            Future<Integer> future = loop.createFuture();
            Task<Integer> outer = createTask(() -> waitFor(future, limit));
            turn();
            outer.cancel("why");
            assertThat(future.isCancelled()).isTrue();
            assertThatThrownBy(() -> await(outer))
                .isInstanceOf(CancelledError.class)
                .hasMessage("why");
          }
          Turns.assertNoTimerIsLeft(loop);
        });
  }

  @EachEngine
  @Spec("WF-11")
  void cancellingItWaitsForASlowEnd(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<Integer> slow = createTask(() -> endsAfter(seconds(3)));
          Task<Integer> outer = createTask(() -> waitFor(slow, seconds(50)));
          turn();
          long start = loop.time();
          outer.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());
          assertThat(slow.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("WF-12")
  void cancellationThatMeetsTheCompletionIsNotLost(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<String> outer = createTask(() -> waitFor(future, seconds(1)));
          turn();
          future.setResult("kept");
          outer.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(outer.isCancelled()).isTrue();
          assertThat(future.result()).isEqualTo("kept");
        });
  }

  @EachEngine
  @Spec("WF-13")
  void coroutineRunsInTheCallingTask(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var variable = new ContextVar<String>("variable");
          int tasks = Asyncio.allTasks().size();
          for (@Nullable Duration limit : new Duration[] {null, seconds(1)}) {
            Task<?> inside =
                waitFor(
                    () -> {
                      variable.set("set inside, limit " + limit);
                      assertThat(Asyncio.allTasks()).hasSize(tasks);
                      return currentTask();
                    },
                    limit);
            assertThat(inside).isSameAs(currentTask());
            assertThat(variable.get()).isEqualTo("set inside, limit " + limit);
          }
        });
  }

  @EachEngine
  @Spec("WF-14")
  void aroundAShieldTheProtectedTaskGoesOn(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          for (Duration limit : List.of(seconds(1), Duration.ZERO)) {
            Task<String> task = createTask(() -> sleep(seconds(3), "result"));
            Future<String> shielded = shield(task);
            assertThatThrownBy(() -> waitFor(shielded, limit)).isInstanceOf(TimeoutException.class);
            assertThat(shielded.isCancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
            assertThat(waitFor(shield(task), null)).isEqualTo("result");
          }
        });
  }

  @EachEngine
  @Spec("WF-15")
  void outerCancellationIsNeverTurnedIntoAnInnerTimeOut(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          // Both limits are over in the same iteration: the outer one throws.
          assertThatThrownBy(() ->
                  timeout(
                      seconds(1),
                      () -> {
                        try {
                          waitFor(() -> sleep(seconds(9)), seconds(1));
                        } catch (CancelledError e) {
                          trail.add("inner: cancelled");
                          throw e;
                        }
                      }))
              .isInstanceOf(TimeoutException.class);
          // A cancellation from outside at the moment of the limit.
          Task<?> task =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    waitFor(() -> sleep(seconds(9)), seconds(1));
                  });
                } catch (CancelledError e) {
                  trail.add("group: cancelled, count " + currentTask().cancelling());
                  throw e;
                }
              });
          turn();
          loop.callLater(seconds(1), task::cancel);
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          // Only the inner limit is over: the outer one stays in force.
          assertThatThrownBy(() ->
                  timeout(
                      seconds(5),
                      () -> {
                        try {
                          waitFor(() -> sleep(seconds(9)), seconds(1));
                        } catch (TimeoutException e) {
                          trail.add("inner: time is up");
                        }
                        sleep(seconds(9));
                      }))
              .isInstanceOf(TimeoutException.class);
          assertThat(trail)
              .containsExactly(
                  "inner: cancelled", "group: cancelled, count 1", "inner: time is up");
          assertThat(currentTask().cancelling()).isZero();
        });
  }
}
