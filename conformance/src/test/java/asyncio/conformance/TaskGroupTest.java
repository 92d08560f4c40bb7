package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.TaskOptions;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of a task group in which nothing fails, and what it refuses. */
class TaskGroupTest {

  private static int value(int seconds) {
    return sleep(seconds(seconds), seconds);
  }

  @EachEngine
  @Spec("TG-1")
  void leavingTheScopeWaitsForAllTasks(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Task<Integer>> tasks = new ArrayList<>();
          long start = loop.time();
          String value =
              taskGroup(tg -> {
                tasks.add(tg.createTask(() -> value(2)));
                tasks.add(tg.createTask(() -> value(3)));
                return "of the body";
              });
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());
          assertThat(value).isEqualTo("of the body");
          assertThat(tasks).extracting(Task::result).containsExactly(2, 3);
          taskGroup(tg -> {});
          assertThat(loop.time() - start)
              .as("an empty group takes no time")
              .isEqualTo(seconds(3).toNanos());
        });
  }

  @EachEngine
  @Spec("TG-2")
  void cancelledChildIsNoError(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<Integer>> tasks = new ArrayList<>();
          taskGroup(tg -> {
            tasks.add(tg.createTask(() -> value(5)));
            tasks.add(tg.createTask(() -> value(2)));
            turn();
            tasks.getFirst().cancel();
          });
          assertThat(tasks.get(0).isCancelled()).isTrue();
          assertThat(tasks.get(1).result()).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec("TG-23")
  void childrenMayCreateTasksWhileTheParentWaits(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          taskGroup(tg -> {
            tg.createTask(() -> {
              sleep(seconds(1));
              tg.createTask(() -> {
                sleep(seconds(1));
                tg.createTask(() -> {
                  trail.add("grandchild");
                });
                trail.add("child's child");
              });
              trail.add("child");
            });
            trail.add("body");
          });
          assertThat(trail).containsExactly("body", "child", "child's child", "grandchild");
        });
  }

  @EachEngine
  @Spec({"TG-24", "TG-25"})
  void createTaskIsRefusedBeforeEntryAfterTheEndAndDuringTheAbort(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          var group = new TaskGroup();
          assertThatThrownBy(() -> group.createTask(() -> trail.add("ran")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("has not been entered");
          group.run(tg -> {});
          assertThatThrownBy(() -> group.createTask(() -> trail.add("ran")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("is finished");
          assertThatThrownBy(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      throw new IllegalStateException("starts the abort");
                    });
                    try {
                      sleep(seconds(9));
                    } catch (CancelledError e) {
                      assertThatThrownBy(() -> tg.createTask(() -> trail.add("ran")))
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("is shutting down");
                      trail.add("refused");
                      throw e;
                    }
                  }))
              .isInstanceOf(ExceptionGroup.class);
          turns(3);
          assertThat(trail).containsExactly("refused");
        });
  }

  @EachEngine
  @Spec("TG-26")
  void createTaskPassesItsOptionsToTheLoop(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<TaskOptions> passed = new ArrayList<>();
          loop.setTaskFactory((owner, coroutine, options) -> {
            passed.add(options);
            return new Task<>(coroutine, owner, options);
          });
          var variable = new ContextVar<String>("variable");
          var context = new Context();
          TaskOptions options =
              TaskOptions.named("the name").withContext(context).withEagerStart(true);
          taskGroup(tg -> {
            Task<?> task =
                tg.createTask(
                    () -> {
                      variable.set("set by the child");
                    },
                    options);
            assertThat(task.name()).isEqualTo("the name");
            assertThat(task.isDone()).as("it started eagerly").isTrue();
          });
          assertThat(passed).containsExactly(options);
          assertThat(context.get(variable)).isEqualTo("set by the child");
        });
  }

  @EachEngine
  @Spec("TG-27")
  void canBeEnteredOnce(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var group = new TaskGroup();
          group.run(tg -> {
            assertThatThrownBy(() -> group.run(again -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already been entered");
          });
          assertThatThrownBy(() -> group.run(again -> {}))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("already been entered");
        });
  }

  @EachEngine
  @Spec("TG-28")
  void entryNeedsATask(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Throwable> refusals = new ArrayList<>();
          var group = new TaskGroup();
          loop.callSoon(() -> {
            try {
              group.run(tg -> {});
            } catch (IllegalStateException e) {
              refusals.add(e);
            }
          });
          turn();
          assertThat(refusals)
              .singleElement()
              .satisfies(e -> assertThat(e).hasMessageContaining("parent task"));
          String value = group.run(tg -> "entered after all");
          assertThat(value).isEqualTo("entered after all");
        });
    assertThatThrownBy(() -> new TaskGroup().run(tg -> {})).hasMessageContaining("parent task");
  }

  @EachEngine
  @Spec({"TG-29", "TG-34"})
  void finishedTasksAreDroppedAsTheyEnd(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          var group = new TaskGroup();
          trail.add(group.toString());
          group.run(tg -> {
            trail.add(tg.toString());
            tg.createTask(() -> {});
            tg.createTask(() -> sleep(seconds(1)));
            trail.add(tg.toString());
            turns(2);
            trail.add(tg.toString());
            sleep(seconds(2));
            trail.add(tg.toString());
          });
          assertThatThrownBy(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> Turns.turns(5));
                    tg.createTask(() -> {
                      try {
                        sleep(seconds(9));
                      } finally {
                        trail.add(tg.toString());
                      }
                    });
                    turn();
                    tg.createTask(() -> {
                      throw new IllegalStateException("one");
                    });
                  }))
              .isInstanceOf(ExceptionGroup.class);
          assertThat(trail)
              .containsExactly(
                  "<TaskGroup>",
                  "<TaskGroup entered>",
                  "<TaskGroup tasks=2 entered>",
                  "<TaskGroup tasks=1 entered>",
                  "<TaskGroup entered>",
                  "<TaskGroup tasks=2 errors=1 cancelling>");
        });
  }

  @EachEngine
  @Spec("TG-31")
  void keepsNoReferencesAfterTheEnd(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var group = new TaskGroup();
          List<WeakReference<?>> references = new ArrayList<>();
          runAndForget(group, references);
          assertThat(references).hasSize(3);
          Turns.collectUntil(
              () -> references.stream().allMatch(reference -> reference.refersTo(null)));
          assertThat(group.toString()).isEqualTo("<TaskGroup cancelling>");
        });
  }

  private static void runAndForget(TaskGroup group, List<WeakReference<?>> references) {
    Task<?> parent =
        createTask(() -> {
          try {
            group.run(tg -> {
              Task<?> child =
                  tg.createTask(() -> {
                    var error = new IllegalStateException("error");
                    references.add(new WeakReference<>(error));
                    throw error;
                  });
              references.add(new WeakReference<>(child));
            });
          } catch (ExceptionGroup e) {
            assertThat(e.exceptions()).hasSize(1);
          }
        });
    references.add(new WeakReference<>(parent));
    await(parent);
    turn();
  }

  @EachEngine
  @Spec("TG-32")
  void endOfTheLastChildResumesTheParentTwoIterationsLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int[] ended = {0};
          taskGroup(tg -> {
            tg.createTask(() -> {
              sleep(seconds(1));
              ended[0] = loop.iterations;
            });
          });
          assertThat(loop.iterations - ended[0]).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec("TG-35")
  void cancelEndsTheGroupEarly(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          List<Task<?>> tasks = new ArrayList<>();
          var group = new TaskGroup();
          String value =
              group.run(tg -> {
                tasks.add(tg.createTask(() -> value(50)));
                tasks.add(
                    tg.createTask(() -> {
                      sleep(seconds(1));
                      tg.cancel();
                      tg.cancel();
                    }));
                try {
                  sleep(seconds(100));
                } catch (CancelledError e) {
                  trail.add("body cancelled");
                  throw e;
                }
                return "not reached";
              });
          assertThat(value).isNull();
          assertThat(trail).containsExactly("body cancelled");
          assertThat(tasks)
              .as("the child that cancels its group is cancelled with it")
              .allMatch(Task::isCancelled);
          assertThat(currentTask().cancelling()).isZero();
          group.cancel();
          turn();
          assertThat(currentTask().cancelling()).as("no effect after the end").isZero();

          var before = new TaskGroup();
          before.cancel();
          before.run(tg -> {
            trail.add("entered");
            turn();
            trail.add("not reached");
          });
          assertThat(trail).containsExactly("body cancelled", "entered");

          // Also while the parent waits at the end of the scope.
          long start = loop.time();
          String ended =
              taskGroup(tg -> {
                tg.createTask(() -> value(50));
                loop.callLater(seconds(1), tg::cancel);
                return "body had ended";
              });
          assertThat(ended).isEqualTo("body had ended");
          assertThat(loop.time() - start).isEqualTo(seconds(1).toNanos());
          assertThat(currentTask().cancelling()).isZero();
          turn();
        });
  }

  @EachEngine
  @Spec("TG-35")
  void cancelDoesNotHideFailuresOrACancellationFromOutside(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          assertThatThrownBy(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      try {
                        sleep(seconds(50));
                      } catch (CancelledError e) {
                        throw new IllegalStateException("during the clean-up");
                      }
                    });
                    turn();
                    tg.cancel();
                  }))
              .isInstanceOf(ExceptionGroup.class);
          assertThat(currentTask().cancelling()).isZero();

          Task<?> outer =
              createTask(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      try {
                        sleep(seconds(50));
                      } finally {
                        sleep(seconds(2));
                      }
                    });
                    turn();
                    tg.cancel();
                  }));
          sleep(seconds(1));
          outer.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(outer.cancelling()).isEqualTo(1);
        });
  }

  @Test
  void lambdasAndMethodReferencesOfEveryShapeAreTaken() {
    Snippet.accepts(
        """
        class Methods {
          static int value() throws java.io.IOException { return 1; }
          static void action() throws java.io.IOException {}
          static int of(TaskGroup tg) throws java.io.IOException { return 1; }
          static void with(TaskGroup tg) throws java.io.IOException {}
          static String each(int i) throws InterruptedException { return "" + i; }
        }
        int a = taskGroup(tg -> { return await(tg.createTask(Methods::value)); });
        int b = taskGroup(tg -> Methods.of(tg));
        int c = taskGroup(Methods::of);
        taskGroup(Methods::with);
        taskGroup(tg -> { tg.createTask(Methods::action); });
        int d = new TaskGroup().run(Methods::of);
        int e = timeout(seconds(1), () -> Methods.value());
        int f = timeout(seconds(1), Methods::value);
        timeout(seconds(1), Methods::action);
        timeout(seconds(1), () -> Methods.action());
        timeout(seconds(1), t -> { t.reschedule(EventLoop.NEVER); });
        long g = timeoutAt(5, t -> t.when());
        List<Integer> h = await(gather(Methods::value, () -> Methods.value(), createTask(Methods::value)));
        await(gather(Methods::action, () -> Methods.action(), () -> {}));
        List<Object> i = await(gatherReturnExceptions(Methods::value, () -> "text"));
        int j = race(Methods::value, () -> 2);
        race(Methods::action, () -> Methods.action());
        int k = any(Methods::value, () -> 2);
        List<Integer> l = firstN(1, Methods::value, () -> 2);
        List<String> m = map(List.of(1, 2), 5, Methods::each);
        List<String> n = map(List.of(1, 2), 5, x -> Methods.each(x));
        int o = waitFor(Methods::value, seconds(1));
        waitFor(Methods::action, null);
        Future<Integer> p = shield(Methods::value);
        Future<Void> q = shield(Methods::action);
        List<Future<?>> wild = List.of(p, q);
        for (Future<?> r : Asyncio.wait(wild).done()) {}
        for (Future<Integer> s : asCompleted(List.of(p, p)).futures()) {}
        """);
    Snippet.rejects(
        """
        class Methods { static int value() throws java.io.IOException { return 1; } }
        Runnable r = () -> timeout(seconds(1), Methods::value);
        """);
  }
}
