package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.enterTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.leaveTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Instrument;
import asyncio.KeyboardInterrupt;
import asyncio.Task;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tasks whose first step runs inside {@code createTask}. */
class EagerTest {

  private static final TaskOptions EAGER = TaskOptions.DEFAULT.withEagerStart(true);

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"EAGER-1", "EAGER-2"})
  void firstStepRunsInsideTheConstructor(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Handle> callbacks = new ArrayList<>();
          loop.addInstrument(
              new Instrument() {
                @Override
                public void callbackBegun(Handle handle) {
                  callbacks.add(handle);
                }
              });
          List<String> trail = new ArrayList<>();
          trail.add("before");
          Task<String> task = new Task<>(() -> "result " + trail.add("step"), loop, EAGER);
          trail.add("after, done: " + task.isDone());
          assertThat(trail).containsExactly("before", "step", "after, done: true");
          assertThat(task.result()).isEqualTo("result true");
          sleep(seconds(0));
          assertThat(callbacks).as("only our own continuation").hasSize(1);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"EAGER-1", "EAGER-2"})
  void firstStepRunsInsideACallbackToo(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.callSoon(() -> {
            Task<?> done =
                createTask(
                    () -> trail.add("step of " + currentTask().name()), EAGER.withName("one"));
            trail.add("callback again, done: " + done.isDone() + ", current: " + currentTask());
            Task<?> waits =
                createTask(
                    () -> {
                      trail.add("step of " + currentTask().name());
                      sleep(seconds(0));
                      trail.add("went on");
                    },
                    EAGER.withName("two"));
            trail.add("callback again, done: " + waits.isDone() + ", current: " + currentTask());
          });
          sleep(seconds(0));
          trail.add("next iteration");
          sleep(seconds(0));
          assertThat(trail)
              .containsExactly(
                  "step of one",
                  "callback again, done: true, current: null",
                  "step of two",
                  "callback again, done: false, current: null",
                  "next iteration",
                  "went on");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-2")
  void awaitingSomethingDoneDoesNotEndTheEagerStep(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          future.setResult("there");
          Task<String> task = createTask(() -> await(future), EAGER);
          assertThat(task.isDone()).isTrue();
          assertThat(task.result()).isEqualTo("there");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-3")
  void taskThatSuspendsGoesOnLikeAnyOther(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          int start = loop.iterations;
          Task<String> task =
              createTask(
                  () -> {
                    trail.add("first step in " + (loop.iterations - start));
                    sleep(seconds(0));
                    trail.add("second step in " + (loop.iterations - start));
                    sleep(seconds(1));
                    return "end";
                  },
                  EAGER);
          trail.add("creator in " + (loop.iterations - start));
          assertThat(await(task)).isEqualTo("end");
          assertThat(trail).containsExactly("first step in 0", "creator in 0", "second step in 1");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-4")
  void eagerStartMeansNothingWhileTheLoopDoesNotRun(Engine engine) {
    var loop = new ClockLoop(engine);
    loop.setTaskFactory(eagerTaskFactory());
    List<String> trail = new ArrayList<>();
    Task<?> task = new Task<>(() -> trail.add("constructed"), loop, EAGER);
    Task<?> made = loop.createTask(() -> trail.add("made by the factory"));
    assertThat(trail).isEmpty();
    loop.callSoon(() -> trail.add("callback"));
    loop.runUntilComplete(() -> trail.add("main"));
    assertThat(trail).containsExactly("constructed", "made by the factory", "callback", "main");
    assertThat(task.isDone() && made.isDone()).isTrue();
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-5")
  void currentTaskIsTheNewOneAndThenTheCreator(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<?> creator = currentTask();
          List<Task<?>> seen = new ArrayList<>();
          Task<?> task =
              createTask(
                  () -> {
                    seen.add(currentTask());
                    seen.add(currentTask(loop));
                    sleep(seconds(0));
                    seen.add(currentTask());
                  },
                  EAGER);
          assertThat(currentTask()).isSameAs(creator);
          assertThat(currentTask(loop)).isSameAs(creator);
          await(task);
          assertThat(seen).allMatch(each -> each == task).hasSize(3);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-6")
  void newTaskIsAmongTheTasksWhileUnfinished(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Boolean> during = new ArrayList<>();
          Task<?> ends = createTask(() -> during.add(allTasks().contains(currentTask())), EAGER);
          Future<String> future = loop.createFuture();
          Task<?> waits =
              createTask(
                  () -> {
                    during.add(allTasks(loop).contains(currentTask()));
                    await(future);
                  },
                  EAGER);
          assertThat(during).containsExactly(true, true);
          assertThat(allTasks())
              .containsExactlyInAnyOrder(currentTask(), waits)
              .doesNotContain(ends);
          future.setResult("");
          await(waits);
          assertThat(allTasks()).containsExactly(currentTask());
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-7")
  void eagerStepRunsInAContextOfItsOwn(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var variable = new ContextVar<String>("variable");
          variable.set("creator");
          List<String> seen = new ArrayList<>();
          Task<?> task =
              createTask(
                  () -> {
                    seen.add(variable.get());
                    variable.set("task");
                    sleep(seconds(0));
                    seen.add(variable.get());
                  },
                  EAGER);
          assertThat(variable.get()).isEqualTo("creator");
          variable.set("later");
          await(task);
          assertThat(seen).containsExactly("creator", "task");
          assertThat(variable.get()).isEqualTo("later");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-8")
  void exceptionIsStoredAndAnExitThrowableIsRaisedAsWell(Engine engine) {
    var loop = new ClockLoop(engine);
    var failure = new IllegalArgumentException("stored");
    var exit = new KeyboardInterrupt();
    List<String> trail = new ArrayList<>();
    List<Task<?>> inner = new ArrayList<>();
    Task<?> main =
        loop.createTask(() -> {
          Task<?> failed =
              createTask(
                  () -> {
                    throw failure;
                  },
                  EAGER);
          trail.add("stored: " + (failed.exception() == failure));
          try {
            createTask(
                () -> {
                  inner.add(currentTask());
                  throw exit;
                },
                EAGER);
            trail.add("not reached");
          } catch (KeyboardInterrupt e) {
            trail.add("raised: " + (e == exit));
          }
          trail.add("current again: " + (currentTask() != inner.getFirst()));
        });
    loop.runUntilComplete(main);
    assertThat(trail).containsExactly("stored: true", "raised: true", "current again: true");
    assertThat(inner.getFirst().exception()).isSameAs(exit);

    Task<?> uncaught =
        loop.createTask(() -> {
          createTask(
              () -> {
                throw exit;
              },
              EAGER);
        });
    assertThatThrownBy(loop::runForever).isSameAs(exit);
    assertThat(uncaught.exception()).isSameAs(exit);

    loop.callSoon(() ->
        createTask(
            () -> {
              throw exit;
            },
            EAGER));
    assertThatThrownBy(loop::runForever).as("out of a callback").isSameAs(exit);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-9")
  void cancellingATaskThatEndedInItsEagerStepDoesNothing(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> task = createTask(() -> "ended", EAGER);
          assertThat(task.cancel()).isFalse();
          assertThat(await(task)).isEqualTo("ended");
          assertThat(task.isCancelled()).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-10")
  void cancellingATaskThatIsSuspendedWorksAsAlways(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<String> task = createTask(() -> await(future), EAGER);
          assertThat(task.cancel("message")).isTrue();
          assertThat(future.isCancelled()).isTrue();
          assertThat(task.isDone()).isFalse();
          assertThatThrownBy(() -> await(task))
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("message"));
          assertThat(task.isCancelled()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-14")
  void nameAndContextAreInForceDuringTheEagerStep(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var variable = new ContextVar<String>("variable", "none");
          var context = new Context();
          context.run(() -> variable.set("given"));
          List<String> seen = new ArrayList<>();
          createTask(
              () -> {
                seen.add(currentTask().name());
                seen.add(variable.get());
                variable.set("changed");
              },
              EAGER.withName("named").withContext(context));
          assertThat(seen).containsExactly("named", "given");
          assertThat(context.get(variable)).isEqualTo("changed");
          assertThat(variable.get()).isEqualTo("none");
        });
  }

  /** A task of another make; see IntroTest. */
  private static final class Foreign extends Task<Object> {
    Foreign(EventLoop loop) {
      super(loop, TaskOptions.named("foreign"));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-15")
  void loopNeverHasTwoCurrentTasks(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var foreign = new Foreign(loop);
          Task<?> self = currentTask();
          assertThatThrownBy(() -> enterTask(loop, foreign))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("Cannot enter into task")
              .hasMessageContaining("while another task");
          assertThatThrownBy(() -> leaveTask(loop, foreign))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("does not match the current task");
          assertThat(currentTask()).isSameAs(self);
          loop.callSoon(() -> {
            assertThatThrownBy(() -> leaveTask(loop, foreign))
                .hasMessageContaining("does not match the current task null");
            enterTask(loop, foreign);
            List<Task<?>> seen = new ArrayList<>();
            Task<?> eager = createTask(() -> seen.add(currentTask()), EAGER);
            assertThat(seen).containsExactly(eager);
            assertThat(currentTask()).isSameAs(foreign);
            leaveTask(loop, foreign);
            assertThat(currentTask()).isNull();
          });
          sleep(seconds(0));
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-15")
  void unbalancedStepIsAnError(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<?> self = currentTask();
          List<Task<?>> made = new ArrayList<>();
          assertThatThrownBy(() ->
                  createTask(
                      () -> {
                        made.add(currentTask());
                        leaveTask(getRunningLoop(), currentTask());
                      },
                      EAGER))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("does not match the current task");
          assertThat(currentTask(loop)).isSameAs(self);
          assertThat(made.getFirst().isDone()).isTrue();
        });
  }
}
