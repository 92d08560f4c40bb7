package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Context;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How tasks end, wait and wake up. */
class TaskStepTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-19")
  void valueBecomesTheResultAndAnExceptionTheException(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var failure = new IllegalArgumentException("failed");
          Task<String> good = createTask(() -> "value");
          Task<String> bad =
              createTask(() -> {
                throw failure;
              });
          List<String> trail = new ArrayList<>();
          loop.callSoon(() -> trail.add("loop goes on"));
          sleep(seconds(0));
          assertThat(good.result()).isEqualTo("value");
          assertThat(good.exception()).isNull();
          assertThat(bad.exception()).isSameAs(failure);
          assertThat(bad.isCancelled()).isFalse();
          assertThatThrownBy(() -> await(bad)).isSameAs(failure);
          assertThat(trail).containsExactly("loop goes on");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-20")
  void returnedFutureIsAnOrdinaryValue(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> pending = loop.createFuture();
          Task<Future<String>> task = createTask(() -> pending);
          assertThat(await(task)).isSameAs(pending);
          assertThat(pending.isDone()).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-21")
  void awaitingACoroutineRunsItInTheSameStep(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int before = loop.iterations;
          Task<?> self = currentTask();
          Coroutine<Task<?>> inner = () -> currentTask();
          assertThat(await(inner)).isSameAs(self);
          assertThat(await(() -> await(inner))).isSameAs(self);
          assertThat(loop.iterations).isEqualTo(before);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-22")
  void endOfATaskResumesItsAwaiterOneIterationLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Task<Integer> task =
              createTask(() -> {
                loop.callSoon(() -> trail.add("queued before the end"));
                return loop.iterations;
              });
          loop.callSoon(() -> loop.callSoon(() -> trail.add("queued meanwhile")));
          int ended = await(task);
          assertThat(loop.iterations).isEqualTo(ended + 1);
          assertThat(trail).containsExactly("queued before the end");
          int now = loop.iterations;
          assertThat(await(task)).isEqualTo(ended);
          assertThat(loop.iterations).as("awaiting a task that is done").isEqualTo(now);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-23")
  void bareYieldGoesBehindEverythingQueued(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          for (String name : List.of("a", "b")) {
            createTask(() -> {
              for (int i = 0; i < 3; i++) {
                trail.add(name + i);
                sleep(seconds(0));
              }
            });
          }
          loop.callSoon(() -> trail.add("callback"));
          int before = loop.iterations;
          for (int i = 0; i < 3; i++) {
            sleep(seconds(0));
          }
          assertThat(loop.iterations).isEqualTo(before + 3);
          assertThat(trail).containsExactly("a0", "b0", "callback", "a1", "b1", "a2", "b2");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-24")
  void awaitingAFutureOfAnotherLoopThrowsOneIterationLater(Engine engine) {
    var other = new ClockLoop(engine);
    OnLoop.run(
        engine,
        loop -> {
          Future<String> foreign = other.createFuture();
          int before = loop.iterations;
          assertThatThrownBy(() -> await(foreign))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("attached to a different loop");
          assertThat(loop.iterations).isEqualTo(before + 1);
          assertThat(foreign.isDone()).isFalse();
        });
    other.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-25")
  void taskThatAwaitsItselfGetsAnErrorOneIterationLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int before = loop.iterations;
          assertThatThrownBy(() -> await(currentTask()))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("cannot await on itself");
          assertThat(loop.iterations).isEqualTo(before + 1);
          sleep(seconds(0)); // and goes on
        });
  }

  /** Overrides the registration with a context, the one that everything goes through. */
  private static class Watched<T> extends Future<T> {
    final List<String> seen = new ArrayList<>();

    Watched(EventLoop loop) {
      super(loop);
    }

    @Override
    public void addDoneCallback(Context context, Consumer<? super Future<T>> callback) {
      seen.add("with context");
      super.addDoneCallback(context, callback);
    }
  }

  /** Overrides the plain registration only. */
  private static final class PlainlyWatched<T> extends Future<T> {
    final List<String> seen = new ArrayList<>();

    PlainlyWatched(EventLoop loop) {
      super(loop);
    }

    @Override
    public void addDoneCallback(Consumer<? super Future<T>> callback) {
      seen.add("plain");
      super.addDoneCallback(callback);
    }
  }

  /** Overrides both. */
  private static final class WatchedTwice<T> extends Watched<T> {
    WatchedTwice(EventLoop loop) {
      super(loop);
    }

    @Override
    public void addDoneCallback(Consumer<? super Future<T>> callback) {
      seen.add("plain");
      super.addDoneCallback(callback);
    }
  }

  private static final class WatchedTask<T> extends Task<T> {
    final List<String> seen = new ArrayList<>();

    WatchedTask(Awaitable<? extends T> coroutine, EventLoop loop) {
      super(coroutine, loop);
    }

    @Override
    public void addDoneCallback(Context context, Consumer<? super Future<T>> callback) {
      seen.add("with context");
      super.addDoneCallback(context, callback);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-27")
  void overriddenRegistrationSeesEachAwaitOnce(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var watched = new Watched<String>(loop);
          var plain = new PlainlyWatched<String>(loop);
          var both = new WatchedTwice<String>(loop);
          var task = new WatchedTask<String>(() -> "task", loop);
          loop.callSoon(() -> {
            watched.setResult("1");
            plain.setResult("2");
            both.setResult("3");
          });
          Task<String> others = createTask(() -> await(plain) + await(both));
          assertThat(task.seen).isEmpty();
          assertThat(await(task)).isEqualTo("task");
          assertThat(task.seen).containsExactly("with context");
          assertThat(await(watched)).isEqualTo("1");
          assertThat(await(others)).isEqualTo("23");
        });
    OnLoop.run(
        engine,
        loop -> {
          var watched = new Watched<String>(loop);
          var plain = new PlainlyWatched<String>(loop);
          var both = new WatchedTwice<String>(loop);
          List<String> trail = new ArrayList<>();
          createTask(() -> trail.add(await(watched)));
          createTask(() -> trail.add(await(watched)));
          createTask(() -> trail.add(await(plain)));
          createTask(() -> trail.add(await(both)));
          sleep(seconds(0));
          assertThat(watched.seen).containsExactly("with context", "with context");
          assertThat(plain.seen).containsExactly("plain");
          assertThat(both.seen).containsExactly("with context");
          watched.addDoneCallback(_ -> trail.add("callback"));
          assertThat(watched.seen).hasSize(3);
          int before = loop.iterations;
          plain.setResult("plain");
          watched.setResult("watched");
          both.setResult("both");
          sleep(seconds(0));
          assertThat(loop.iterations).isEqualTo(before + 1);
          assertThat(trail).containsExactly("plain", "watched", "watched", "callback", "both");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-27")
  void cancellingReachesATaskThatWaitsInAnOverriddenRegistration(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var watched = new Watched<String>(loop);
          Task<String> task = createTask(() -> await(watched));
          sleep(seconds(0));
          task.cancel("why");
          assertThat(watched.isCancelled()).isTrue();
          assertThatThrownBy(() -> await(task))
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("why"));
        });
  }

  private static final class Odd extends Throwable {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-28")
  void throwableOfAnotherKindStaysInTheTask(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var error = new AssertionError("neither ordinary nor exit");
          Task<?> failed =
              createTask(() -> {
                throw error;
              });
          var odd = new Odd();
          Task<?> failedOddly = createTask(() -> sneak(odd));
          sleep(seconds(0));
          assertThat(failed.exception()).isSameAs(error);
          assertThat(failedOddly.exception()).isSameAs(odd);
          assertThatThrownBy(() -> await(failed)).isSameAs(error);
        });
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void sneak(Throwable t) throws X {
    throw (X) t;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-29")
  void exitThrowableIsStoredAndLeavesTheRunAtOnce(Engine engine) {
    for (Error exit : List.of(new KeyboardInterrupt(), new SystemExit(3))) {
      var loop = new ClockLoop(engine);
      List<String> trail = new ArrayList<>();
      Task<?> task =
          loop.createTask(() -> {
            trail.add("exits");
            throw exit;
          });
      loop.callSoon(() -> trail.add("next callback"));
      assertThatThrownBy(loop::runForever).isSameAs(exit);
      assertThat(trail).containsExactly("exits");
      assertThat(task.exception()).isSameAs(exit);
      assertThat(loop.isRunning()).isFalse();
      loop.callSoon(loop::stop);
      loop.runForever();
      assertThat(trail).as("the queue is intact").containsExactly("exits", "next callback");
      loop.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-29")
  void exitThrowableInAnswerToACancellationLeavesTheRunToo(Engine engine) {
    var loop = new ClockLoop(engine);
    Task<?> task =
        loop.createTask(() -> {
          try {
            sleep(seconds(10));
          } catch (CancelledError e) {
            throw new KeyboardInterrupt();
          }
        });
    loop.callSoon(() -> loop.callSoon(task::cancel));
    assertThatThrownBy(() -> loop.runUntilComplete(task)).isInstanceOf(KeyboardInterrupt.class);
    assertThat(task.isCancelled()).isFalse();
    assertThat(task.exception()).isInstanceOf(KeyboardInterrupt.class);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-30")
  void failureOfAnAwaitedTaskIsNotChainedToWhatTheAwaiterHandles(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var failure = new IllegalArgumentException("inner");
          Task<?> inner =
              createTask(() -> {
                throw failure;
              });
          var handled = new IllegalStateException("handled");
          AtomicReference<Throwable> seen = new AtomicReference<>();
          try {
            try {
              throw handled;
            } catch (IllegalStateException e) {
              await(inner);
            }
          } catch (Throwable t) {
            seen.set(t);
          }
          assertThat(seen.get()).isSameAs(failure);
          assertThat(failure.getCause()).isNull();
          assertThat(failure.getSuppressed()).doesNotContain(failure);
          assertThat(handled.getSuppressed()).isEmpty();
        });
  }
}
