package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests to cancel: who gets them, and what becomes of the task. */
class TaskCancelTest {

  private static CancelledError cancelled(Future<?> future) {
    return (CancelledError) catchThrowable(future::result);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-32")
  void cancellingATaskThatIsDoneDoesNothing(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> task = createTask(() -> "value");
          await(task);
          assertThat(task.cancel()).isFalse();
          assertThat(task.cancelling()).isZero();
          assertThat(task.isCancelled()).isFalse();
          assertThat(task.result()).isEqualTo("value");
          Task<?> ended = createTask(() -> sleep(seconds(1)));
          ended.cancel();
          sleep(seconds(0));
          assertThat(ended.cancel()).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-33", "TASK-34", "TASK-39"})
  void cancelIsARequestAndManyOfThemAreOneError(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                for (int i = 0; i < 2; i++) {
                  try {
                    sleep(seconds(10));
                    trail.add("slept");
                  } catch (CancelledError e) {
                    trail.add("cancelled " + currentTask().cancelling());
                  }
                }
              });
          sleep(seconds(0));
          assertThat(task.cancel()).isTrue();
          assertThat(task.isDone()).isFalse();
          assertThat(task.isCancelled()).isFalse();
          assertThat(task.cancel()).isTrue();
          assertThat(task.isDone()).isFalse();
          assertThat(task.cancelling()).isEqualTo(2);
          await(task);
          assertThat(trail).containsExactly("cancelled 2", "slept");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-39")
  void twoRequestsBeforeTheFirstStepAndWhileQueuedAreOneErrorEach(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                for (int i = 0; i < 3; i++) {
                  try {
                    sleep(seconds(0));
                    trail.add("went on");
                  } catch (CancelledError e) {
                    trail.add("cancelled " + e.reason());
                  }
                }
              });
          sleep(seconds(0));
          task.cancel("one");
          task.cancel("two");
          await(task);
          assertThat(trail).containsExactly("cancelled two", "went on", "went on");
          assertThat(task.cancelling()).isEqualTo(2);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-35")
  void awaitedFutureIsCancelledAtOnceAndTheCoroutineOneIterationLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          List<Integer> when = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                try {
                  await(future);
                } finally {
                  when.add(loop.iterations);
                }
              });
          sleep(seconds(0));
          int before = loop.iterations;
          task.cancel();
          assertThat(future.isCancelled()).isTrue();
          assertThat(when).isEmpty();
          sleep(seconds(0));
          assertThat(when).containsExactly(before + 1);
          assertThat(task.isCancelled()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-36")
  void taskIsCancelledWhenItsCoroutineEndsThatWay(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> task =
              createTask(() -> {
                throw new CancelledError("by itself");
              });
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
          assertThat(task.cancelling()).isZero();
          assertThat(cancelled(task).reason()).isEqualTo("by itself");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-37")
  void taskCancelledBeforeItsFirstStepRunsNoCode(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Task<?> task = createTask(() -> trail.add("ran"));
          loop.callSoon(() -> trail.add("done in the step: " + task.isCancelled()));
          task.cancel("early");
          assertThat(task.isDone()).isFalse();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
          assertThat(trail).containsExactly("done in the step: true");
          assertThat(cancelled(task).reason()).isEqualTo("early");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-38")
  void cancellationBeatsAnOutcomeThatIsThereAlready(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> good = loop.createFuture();
          Future<String> bad = loop.createFuture();
          List<String> trail = new ArrayList<>();
          List<Task<?>> tasks = new ArrayList<>();
          for (Future<String> future : List.of(good, bad)) {
            tasks.add(
                createTask(() -> {
                  try {
                    trail.add("got " + await(future));
                  } catch (CancelledError e) {
                    trail.add("cancelled " + e.reason());
                    throw e;
                  }
                }));
          }
          sleep(seconds(0));
          good.setResult("value");
          bad.setException(new IllegalArgumentException("failure"));
          tasks.forEach(task -> assertThat(task.cancel("late")).isTrue());
          sleep(seconds(0));
          assertThat(trail).containsExactly("cancelled late", "cancelled late");
          assertThat(tasks).allMatch(Task::isCancelled);
          assertThat(good.result()).isEqualTo("value");
          assertThat(bad.exception()).hasMessage("failure");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-40")
  void cancellingFutureAndTaskIsOneError(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (boolean taskFirst : new boolean[] {true, false}) {
            Future<String> future = loop.createFuture();
            List<String> trail = new ArrayList<>();
            Task<?> task =
                createTask(() -> {
                  try {
                    await(future);
                  } catch (CancelledError e) {
                    trail.add("cancelled " + e.reason());
                  }
                  sleep(seconds(0));
                  trail.add("undisturbed");
                });
            sleep(seconds(0));
            if (taskFirst) {
              task.cancel("task");
              assertThat(future.cancel("future")).isFalse();
            } else {
              future.cancel("future");
              assertThat(task.cancel("task")).isTrue();
            }
            await(task);
            assertThat(trail)
                .containsExactly("cancelled " + (taskFirst ? "task" : "future"), "undisturbed");
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-41")
  void cancellingTheAwaitedFutureAloneCancelsTheTask(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> task = createTask(() -> await(future));
          sleep(seconds(0));
          future.cancel("inner");
          assertThatThrownBy(() -> await(task))
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("inner"));
          assertThat(task.isCancelled()).isTrue();
          assertThat(task.cancelling()).isZero();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-42")
  void coroutineMayCatchTheErrorAndReturn(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> task =
              createTask(() -> {
                try {
                  sleep(seconds(10));
                  return "slept";
                } catch (CancelledError e) {
                  return "caught";
                }
              });
          sleep(seconds(0));
          task.cancel();
          assertThat(await(task)).isEqualTo("caught");
          assertThat(task.isCancelled()).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-43")
  void coroutineThatGoesOnIsUndisturbedUntilTheNextRequest(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                try {
                  sleep(seconds(10));
                } catch (CancelledError e) {
                  trail.add("ignored");
                }
                sleep(seconds(1));
                trail.add("slept on");
                sleep(seconds(10));
                trail.add("never");
              });
          sleep(seconds(0));
          task.cancel();
          sleep(seconds(2));
          assertThat(trail).containsExactly("ignored", "slept on");
          task.cancel();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
          assertThat(trail).containsExactly("ignored", "slept on");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-44")
  void otherExceptionInAnswerToTheErrorIsTheOutcome(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> task =
              createTask(() -> {
                try {
                  sleep(seconds(10));
                } catch (CancelledError e) {
                  throw new IllegalArgumentException("instead", e);
                }
              });
          sleep(seconds(0));
          task.cancel();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isFalse();
          assertThat(task.exception())
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage("instead");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-45")
  void taskThatCancelsItselfGetsTheErrorWhereItWaitsNext(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                assertThat(currentTask().cancel("self")).isTrue();
                trail.add("still running");
                loop.callSoon(() -> trail.add("future cancelled: " + future.isCancelled()));
                try {
                  await(future);
                } catch (CancelledError e) {
                  trail.add("cancelled " + e.reason());
                  throw e;
                }
              });
          sleep(seconds(0));
          sleep(seconds(0));
          assertThat(trail)
              .containsExactly("still running", "future cancelled: true", "cancelled self");
          assertThat(task.isCancelled()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-46")
  void innerTaskAwaitedAfterCancellingOneselfIsCancelledWithAllItWaitsFor(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> deepest = loop.createFuture();
          Task<String> inner = createTask(() -> await(deepest));
          Task<String> middle = createTask(() -> await(inner));
          sleep(seconds(0));
          Task<String> outer =
              createTask(() -> {
                currentTask().cancel();
                return await(middle);
              });
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(deepest.isCancelled()).isTrue();
          assertThat(List.of(inner, middle, outer)).allMatch(Task::isCancelled);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-47", "TASK-48"})
  void endAfterCancellingOneself(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> returns =
              createTask(() -> {
                currentTask().cancel("lost");
                return "value";
              });
          Task<String> fails =
              createTask(() -> {
                currentTask().cancel();
                throw new IllegalArgumentException("wins");
              });
          sleep(seconds(0));
          assertThat(returns.isCancelled()).isTrue();
          assertThat(cancelled(returns).reason()).isEqualTo("lost");
          assertThat(fails.isCancelled()).isFalse();
          assertThat(fails.exception()).hasMessage("wins");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-49")
  void requestGoesToTheInnerTaskOnly(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<String> inner =
              createTask(() -> {
                try {
                  sleep(seconds(10));
                } catch (CancelledError e) {
                  trail.add("inner ignores");
                }
                return "inner result";
              });
          Task<String> outer =
              createTask(() -> {
                String got = await(inner);
                trail.add("outer got " + got);
                sleep(seconds(1));
                return "outer result";
              });
          sleep(seconds(0));
          outer.cancel();
          assertThat(await(outer)).isEqualTo("outer result");
          assertThat(outer.cancelling()).isEqualTo(1);
          assertThat(inner.cancelling()).isEqualTo(1);
          assertThat(trail).containsExactly("inner ignores", "outer got inner result");
        });
  }
}
