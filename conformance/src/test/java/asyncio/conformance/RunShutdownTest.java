package asyncio.conformance;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What the end of a run cleans up, and in which order. */
class RunShutdownTest {

  /** A loop that records the steps of the clean-up. */
  private static final class Recorded extends ChannelEventLoop {
    final List<String> trail;
    final CountDownLatch shuttingDown = new CountDownLatch(1);
    RuntimeException failure;

    Recorded(Engine engine, List<String> trail) {
      super(engine, LoopKind.preferred());
      this.trail = trail;
    }

    @Override
    public void shutdownAsyncgens() {
      trail.add("shutdownAsyncgens");
      if (failure != null) {
        throw failure;
      }
      super.shutdownAsyncgens();
    }

    @Override
    public void shutdownDefaultExecutor(Duration limit) {
      trail.add("shutdownDefaultExecutor " + limit.toMinutes() + " min");
      shuttingDown.countDown();
      super.shutdownDefaultExecutor(limit);
    }

    @Override
    public void close() {
      trail.add("close");
      super.close();
    }
  }

  private static void mainWithLeftOvers(List<String> trail) {
    createTask(() -> {
      try {
        sleep(seconds(100));
      } catch (CancelledError e) {
        trail.add("cancelled");
        sleep(millis(2));
        trail.add("cleaned up");
        throw e;
      }
    });
    createTask(
        () -> {
          try {
            sleep(seconds(100));
          } catch (CancelledError e) {
            throw new IllegalStateException("in clean-up");
          }
        },
        TaskOptions.named("failing"));
    sleep(seconds(0));
    trail.add("main ends");
  }

  @EachEngine
  @Spec("RUN-12")
  void theCleanUpHasAnOrder(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var loop = new Recorded(engine, trail);
    loop.setExceptionHandler(
        (_, context) -> trail.add("reported " + context.exception().getMessage()));
    Asyncio.run(() -> mainWithLeftOvers(trail), RunOptions.DEFAULT.withLoopFactory(() -> loop));
    assertThat(trail)
        .containsExactly(
            "main ends",
            "cancelled",
            "cleaned up",
            "reported in clean-up",
            "shutdownAsyncgens",
            "shutdownDefaultExecutor 5 min",
            "close");
  }

  @EachEngine
  @Spec("RUN-12")
  void theExecutorFinishesItsCallsBeforeTheLoopIsClosed(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var recorded = new Recorded(engine, trail);
    Asyncio.run(
        () -> {
          recorded.runInExecutor(
              null,
              () -> {
                recorded.shuttingDown.await();
                Thread.sleep(20); // long enough for a loop that does not wait to be closed first
                trail.add("call ends");
              });
          trail.add("main ends");
        },
        RunOptions.DEFAULT.withLoopFactory(() -> recorded));
    assertThat(trail)
        .containsExactly(
            "main ends",
            "shutdownAsyncgens",
            "shutdownDefaultExecutor 5 min",
            "call ends",
            "close");
  }

  @EachEngine
  @Spec("RUN-13")
  void aLeftOverTaskThatFailsIsReported(Engine engine) {
    List<ErrorContext> reports = new ArrayList<>();
    List<Task<?>> failing = new ArrayList<>();
    String result =
        Asyncio.<String>run(
            () -> {
              EventLoop loop = getRunningLoop();
              loop.setExceptionHandler((_, context) -> reports.add(context));
              failing.add(
                  createTask(() -> {
                    try {
                      sleep(seconds(100));
                    } catch (CancelledError e) {
                      throw new IllegalStateException("in clean-up");
                    }
                  }));
              createTask(() -> sleep(seconds(100)));
              sleep(seconds(0));
              return "result";
            },
            RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine)));
    assertThat(result).isEqualTo("result");
    assertThat(reports).hasSize(1);
    ErrorContext report = reports.getFirst();
    assertThat(report.message()).contains("run() shutdown");
    assertThat(report.exception()).hasMessage("in clean-up");
    assertThat(report.get(ErrorContext.TASK)).isSameAs(failing.getFirst());
    assertThat(report.asMap()).containsOnlyKeys("message", "exception", "task");
  }

  @EachEngine
  @Spec("RUN-14")
  void allOfItHappensAlsoIfMainFails(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var loop = new Recorded(engine, trail);
    loop.setExceptionHandler(
        (_, context) -> trail.add("reported " + context.exception().getMessage()));
    var error = new IllegalArgumentException("main failed");
    Throwable thrown =
        catchThrowable(() ->
            Asyncio.run(
                () -> {
                  mainWithLeftOvers(trail);
                  throw error;
                },
                RunOptions.DEFAULT.withLoopFactory(() -> loop)));
    assertThat(thrown).isSameAs(error);
    assertThat(trail)
        .containsExactly(
            "main ends",
            "cancelled",
            "cleaned up",
            "reported in clean-up",
            "shutdownAsyncgens",
            "shutdownDefaultExecutor 5 min",
            "close");
  }

  @EachEngine
  @Spec("RUN-14")
  void theLoopIsClosedAlsoIfTheCleanUpFails(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var loop = new Recorded(engine, trail);
    loop.failure = new IllegalStateException("clean-up failed");
    Runner runner = new Runner(RunOptions.DEFAULT.withLoopFactory(() -> loop));
    runner.run(() -> trail.add("main"));
    assertThatThrownBy(runner::close).isSameAs(loop.failure);
    assertThat(trail).containsExactly("main", "shutdownAsyncgens", "close");
    assertThat(loop.isClosed()).isTrue();
    assertThat(Asyncio.allTasks(loop)).isEmpty();
  }

  @EachEngine
  @Spec("RUN-14")
  void aFailureOfTheCleanUpDoesNotReplaceThatOfMain(Engine engine) {
    var loop = new Recorded(engine, new ArrayList<>());
    loop.failure = new IllegalStateException("clean-up failed");
    var error = new IllegalArgumentException("main failed");
    assertThatThrownBy(() ->
            Asyncio.run(
                () -> {
                  throw error;
                },
                RunOptions.DEFAULT.withLoopFactory(() -> loop)))
        .isSameAs(error)
        .hasSuppressedException(loop.failure);
  }

  @EachEngine
  @Spec("RUN-17")
  void aMainTaskCancelledByTheProgramEndsTheRunWithThatCancellation(Engine engine) {
    Throwable thrown =
        catchThrowable(() ->
            Asyncio.run(
                () -> {
                  Task<?> main = currentTask();
                  getRunningLoop().callSoon(() -> main.cancel("mine"));
                  sleep(seconds(100));
                },
                RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine))));
    assertThat(thrown).isInstanceOf(CancelledError.class);
    assertThat(((CancelledError) thrown).reason()).isEqualTo("mine");
  }

  @EachEngine
  void anExitThrowableLeavesTheRunAfterTheCleanUp(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var loop = new Recorded(engine, trail);
    loop.setExceptionHandler(
        (_, context) -> trail.add("reported " + context.exception().getMessage()));
    var exit = new SystemExit(3);
    Throwable thrown =
        catchThrowable(() ->
            Asyncio.run(
                () -> {
                  mainWithLeftOvers(trail);
                  throw exit;
                },
                RunOptions.DEFAULT.withLoopFactory(() -> loop)));
    assertThat(thrown).isSameAs(exit);
    assertThat(trail).contains("cleaned up", "reported in clean-up").endsWith("close");
  }

  @EachEngine
  void anExitThrowableThatATaskGroupPassesOnLeavesTheRunOnce(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var exit = new SystemExit(3);
    Throwable thrown =
        catchThrowable(() ->
            Asyncio.run(
                () ->
                    Asyncio.taskGroup(group -> {
                      group.createTask(() -> {
                        try {
                          sleep(seconds(100));
                        } catch (CancelledError e) {
                          trail.add("cleaned up");
                          throw e;
                        }
                      });
                      group.createTask(() -> {
                        throw exit;
                      });
                    }),
                RunOptions.DEFAULT.withLoopFactory(() -> new Recorded(engine, trail))));
    assertThat(thrown).isSameAs(exit);
    assertThat(trail)
        .containsExactly(
            "cleaned up", "shutdownAsyncgens", "shutdownDefaultExecutor 5 min", "close");
  }
}
