package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.ensureFuture;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Awaitable;
import asyncio.ChannelEventLoop;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How tasks come into being, what they are called, and what they look like. */
class TaskCreationTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-1")
  void taskWrapsACoroutineAndNothingElse(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Object> future = loop.createFuture();
          assertThatThrownBy(() -> loop.createTask(future))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("a coroutine was expected");
          assertThatThrownBy(() -> new Task<>(future, loop))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("a coroutine was expected");
          assertThatThrownBy(() -> loop.createTask((Awaitable<Object>) null))
              .isInstanceOf(NullPointerException.class);
          assertThat(allTasks()).hasSize(1);
        });
    Snippet.rejects("createTask(\"text\");");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-2")
  void anythingThatCanBeAwaitedIsACoroutine(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var own =
              new Awaitable<String>() {
                @Override
                public String await() {
                  sleep(seconds(0));
                  return "own";
                }
              };
          Coroutine<String> declared = () -> "declared";
          assertThat(await(createTask(own))).isEqualTo("own");
          assertThat(await(createTask(declared))).isEqualTo("declared");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-3")
  void taskIsAFuture(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<String> task = createTask(() -> "value");
          task.addDoneCallback(done -> trail.add("callback " + done.result() + (done == task)));
          Future<String> future = task;
          trail.add(await(future));
          sleep(seconds(0));
          assertThat(trail).containsExactlyInAnyOrder("callback valuetrue", "value");
          assertThat(trail).startsWith("callback valuetrue"); // registered before the await
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-4", "TASK-5"})
  void firstStepsAreQueuedAmongTheOtherCallbacks(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.callSoon(() -> trail.add("callback 1 in " + loop.iterations));
          createTask(() -> trail.add("task 1 in " + loop.iterations));
          loop.callSoon(() -> trail.add("callback 2 in " + loop.iterations));
          createTask(() -> trail.add("task 2 in " + loop.iterations));
          createTask(() -> trail.add("task 3 in " + loop.iterations));
          int now = loop.iterations;
          trail.add("created");
          sleep(seconds(0));
          int next = now + 1;
          assertThat(trail)
              .containsExactly(
                  "created",
                  "callback 1 in " + next,
                  "task 1 in " + next,
                  "callback 2 in " + next,
                  "task 2 in " + next,
                  "task 3 in " + next);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-6")
  void functionNeedsARunningLoopAndTheMethodDoesNot(Engine engine) {
    assertThatThrownBy(() -> createTask(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop");
    var loop = new ClockLoop(engine);
    Task<Integer> task = loop.createTask(() -> 1);
    assertThat(loop.<Integer>runUntilComplete(task)).isEqualTo(1);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-7", "TASK-31"})
  void closedLoopTakesNoTask(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.close();
    List<String> trail = new ArrayList<>();
    Coroutine<Boolean> coroutine = () -> trail.add("ran");
    assertThatThrownBy(() -> loop.createTask(coroutine))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Event loop is closed");
    assertThatThrownBy(() -> ensureFuture(coroutine, loop))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new Task<>(coroutine, loop)).isInstanceOf(IllegalStateException.class);
    assertThat(trail).isEmpty();
    assertThat(allTasks(loop)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-31")
  void taskThatCannotBeQueuedIsNotAmongTheTasks(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var failing =
              new Instrument() {
                @Override
                public void taskSpawned(Task<?> task) {
                  throw new IllegalStateException("not this one");
                }
              };
          loop.addInstrument(failing);
          List<String> trail = new ArrayList<>();
          assertThatThrownBy(() -> createTask(() -> trail.add("ran"))).hasMessage("not this one");
          loop.removeInstrument(failing);
          assertThat(allTasks()).hasSize(1);
          sleep(seconds(0));
          assertThat(trail).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-8")
  void onlyTheCoroutineCompletesATask(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> task = createTask(() -> 1);
          assertThatThrownBy(() -> task.setResult(2)).isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(() -> task.setException(new RuntimeException()))
              .isInstanceOf(IllegalStateException.class);
          assertThat(task.isDone()).isFalse();
          assertThat(await(task)).isEqualTo(1);
        });
  }

  /** A task that can be completed from outside, which no program should do. */
  private static final class Forced<T> extends Task<T> {
    Forced(Awaitable<? extends T> coroutine, EventLoop loop) {
      super(coroutine, loop);
    }

    void force(T result, Throwable failure) {
      end(result, failure);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-9")
  void taskCompletedBehindItsBackKeepsThatOutcomeAndReportsTheNextStep(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var notStarted = new Forced<String>(() -> "own " + trail.add("ran"), loop);
          var waiting =
              new Forced<String>(
                  () -> {
                    sleep(seconds(0));
                    sleep(seconds(0));
                    trail.add("went on");
                    return "own";
                  },
                  loop);
          notStarted.force("forced", null);
          sleep(seconds(0));
          waiting.force(null, new IllegalArgumentException("forced too"));
          sleep(seconds(0));
          sleep(seconds(0));
          assertThat(notStarted.result()).isEqualTo("forced");
          assertThat(waiting.exception()).hasMessage("forced too");
          assertThat(trail).isEmpty();
          assertThat(loop.reports).hasSize(2);
          assertThat(loop.reports)
              .allSatisfy(report ->
                  assertThat(report.exception())
                      .isInstanceOf(asyncio.InvalidStateException.class)
                      .hasMessageContaining("already done"));
          loop.reports.clear();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-10")
  void namesCountUpUnlessGiven(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> first = createTask(() -> 1);
          Task<?> named = createTask(() -> 1, TaskOptions.named(1234));
          Task<?> second = createTask(() -> 1);
          assertThat(second.name())
              .as("numbered when it was created, not when it is asked")
              .matches("Task-\\d+");
          assertThat(first.name()).matches("Task-\\d+");
          int number = Integer.parseInt(first.name().substring(5));
          assertThat(named.name()).isEqualTo("1234");
          assertThat(Integer.parseInt(second.name().substring(5))).isGreaterThan(number);
          assertThat(first.name()).isEqualTo("Task-" + number);
          second.setName(new StringBuilder("builder"));
          assertThat(second.name()).isEqualTo("builder");
          assertThat(second.toString()).contains("name='builder'");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-11")
  void taskKnowsItsCoroutineButForAnEagerOneThatIsDone(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Coroutine<String> coroutine = () -> "done";
          Task<String> task = createTask(coroutine);
          assertThat(task.coroutine()).isSameAs(coroutine);
          await(task);
          assertThat(task.coroutine()).isSameAs(coroutine);
          var eager = TaskOptions.DEFAULT.withEagerStart(true);
          assertThat(createTask(coroutine, eager).coroutine()).isNull();
          Coroutine<String> waits =
              () -> {
                sleep(seconds(0));
                return "";
              };
          Task<String> suspended = createTask(waits, eager);
          assertThat(suspended.coroutine()).isSameAs(waits);
          await(suspended);
          assertThat(suspended.coroutine()).isSameAs(waits);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-12")
  void taskKnowsTheContextItRunsIn(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var variable = new ContextVar<String>("variable", "none");
          var context = new Context();
          Task<?> given =
              createTask(() -> variable.set("in given"), TaskOptions.DEFAULT.withContext(context));
          Task<?> copied = createTask(() -> variable.set("in copied"));
          assertThat(given.context()).isSameAs(context);
          Context ofCopied = copied.context();
          await(given);
          await(copied);
          assertThat(given.context()).isSameAs(context);
          assertThat(context.get(variable)).isEqualTo("in given");
          assertThat(copied.context()).isSameAs(ofCopied);
          assertThat(ofCopied.get(variable)).isEqualTo("in copied");
          assertThat(variable.get()).isEqualTo("none");
        });
  }

  private static void waitFor(Future<?> future) {
    await(future);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-13")
  void textFormShowsStateNameCodeAndWhatIsAwaited(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> task = createTask(() -> waitFor(future), TaskOptions.named("waiter"));
          assertThat(task.toString())
              .contains("<Task pending", "name='waiter'", "coro=", "TaskCreationTest")
              .doesNotContain("wait_for");
          sleep(seconds(0));
          assertThat(task.toString())
              .contains("pending", "TaskCreationTest.java:", "wait_for=<Future pending");
          task.cancel();
          assertThat(task.toString()).contains("<Task cancelling", "name='waiter'");
          sleep(seconds(0));
          assertThat(task.toString())
              .contains("<Task cancelled", "name='waiter'")
              .doesNotContain("wait_for");
          Task<String> finished = createTask(() -> "abc", TaskOptions.named("finisher"));
          await(finished);
          assertThat(finished.toString())
              .contains("<Task finished", "name='finisher'", "result=abc");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-14")
  void ensureFutureTakesFuturesAndCoroutines(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          assertThat(ensureFuture(future)).isSameAs(future);
          Task<String> task = createTask(() -> "task");
          assertThat(ensureFuture(task)).isSameAs(task);
          Coroutine<String> coroutine = () -> "coroutine";
          Future<String> made = ensureFuture(coroutine);
          assertThat(made)
              .isInstanceOfSatisfying(
                  Task.class, t -> assertThat(t.coroutine()).isSameAs(coroutine));
          Future<String> wrapped =
              ensureFuture(
                  new Awaitable<String>() {
                    @Override
                    public String await() {
                      sleep(seconds(0));
                      return "awaitable";
                    }
                  });
          assertThat(wrapped).isInstanceOf(Task.class);
          assertThat(await(made)).isEqualTo("coroutine");
          assertThat(await(wrapped)).isEqualTo("awaitable");
          assertThatThrownBy(() -> ensureFuture(null))
              .isInstanceOf(NullPointerException.class)
              .hasMessage("awaitable");
        });
    Snippet.rejects("ensureFuture(\"text\");");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-15")
  void ensureFutureRefusesAFutureOfAnotherLoop(Engine engine) {
    var other = new ClockLoop(engine);
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          assertThat(ensureFuture(future, loop)).isSameAs(future);
          assertThatThrownBy(() -> ensureFuture(future, other))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("different loop");
        });
    other.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-16")
  void ensureFutureWithoutLoopUsesTheRunningOne(Engine engine) {
    OnLoop.run(engine, loop -> assertThat(await(taskOf(loop, ensureFuture(() -> 1)))).isEqualTo(1));
    var current = new ClockLoop(engine);
    Future<Integer> ofCurrent = Turns.withCurrentLoop(current, () -> ensureFuture(() -> 2));
    assertThat(current.runUntilComplete(taskOf(current, ofCurrent))).isEqualTo(2);
    current.close();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    var thread =
        new Thread(() -> {
          try {
            ensureFuture(() -> 1);
            thrown.complete(null);
          } catch (Throwable t) {
            thrown.complete(t);
          }
        });
    thread.start();
    assertThat(thrown.join())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no current event loop");
  }

  private static <T> Future<T> taskOf(EventLoop loop, Future<T> future) {
    assertThat(future.loop()).isSameAs(loop);
    return future;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-17")
  void ensureFutureGoesThroughTheLoopsOwnMethod(Engine engine) {
    List<String> trail = new ArrayList<>();
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public <T> Task<T> createTask(Awaitable<? extends T> coroutine, TaskOptions options) {
            trail.add("createTask");
            return super.createTask(coroutine, options);
          }
        };
    loop.setTaskFactory((l, coroutine, options) -> {
      trail.add("factory");
      return new Task<Object>(coroutine, l, options);
    });
    Future<Integer> future = ensureFuture(() -> 7, loop);
    assertThat(trail).containsExactly("createTask", "factory");
    assertThat(loop.<Integer>runUntilComplete(future)).isEqualTo(7);
    loop.close();
  }

  private static final class OwnTask<T> extends Task<T> {
    OwnTask(Awaitable<? extends T> coroutine, EventLoop loop, TaskOptions options) {
      super(coroutine, loop, options);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-18")
  void taskFactoryGetsEverythingAndItsTaskIsTheCallers(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Object> got = new ArrayList<>();
          List<Task<?>> made = new ArrayList<>();
          TaskFactory factory =
              (l, coroutine, options) -> {
                got.addAll(List.of(l, coroutine, options));
                Task<?> task = new OwnTask<Object>(coroutine, l, options);
                made.add(task);
                return task;
              };
          loop.setTaskFactory(factory);
          assertThat(loop.taskFactory()).isSameAs(factory);
          var options = TaskOptions.named("n").withContext(new Context()).withEagerStart(false);
          Coroutine<Integer> coroutine = () -> 5;
          Task<Integer> task = createTask(coroutine, options);
          assertThat(got).containsExactly(loop, coroutine, options);
          assertThat(task).isSameAs(made.getFirst()).isInstanceOf(OwnTask.class);
          assertThat(task.name()).isEqualTo("n");
          assertThat(await(task)).isEqualTo(5);

          loop.setTaskFactory(null);
          assertThat(loop.taskFactory()).isNull();
          assertThat(createTask(coroutine).getClass()).isEqualTo(Task.class);
          assertThat(made).hasSize(1);
        });
    Snippet.rejects("getRunningLoop().setTaskFactory(1234);");
  }
}
