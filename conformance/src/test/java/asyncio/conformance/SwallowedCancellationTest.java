package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.TimeoutException;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;

/** Debug mode tells of tasks that swallow their cancellation and go on waiting, and where. */
class SwallowedCancellationTest {
  private final LogCapture log = new LogCapture();

  @AfterEach
  void endCapture() {
    log.close();
  }

  /** What was logged of swallowed cancellations; on a busy machine there is more. */
  private List<String> warnings() {
    return log.texts(Level.WARNING).stream()
        .filter(text -> text.contains("was cancelled, caught"))
        .toList();
  }

  /** Runs {@code body} as a task that is cancelled in its first wait; says what was logged. */
  private List<String> cancelled(EventLoop loop, Action body) {
    loop.setDebug(true);
    Task<?> task = createTask(body, TaskOptions.named("victim"));
    sleep(seconds(0));
    task.cancel();
    try {
      await(task);
    } catch (CancelledError e) {
      assertThat(task.isCancelled()).isTrue();
    }
    return warnings();
  }

  private static int line() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst())
        .orElseThrow()
        .getLineNumber();
  }

  @LoopTest
  void taskThatCatchesItsCancellationAndWaitsAgainIsReportedWithThePlace(EventLoop loop) {
    int[] lines = new int[2];
    List<String> told = new ArrayList<>();
    loop.addInstrument(
        new Instrument() {
          @Override
          public void cancellationSwallowed(Task<?> task, StackTraceElement place) {
            told.add(task.name() + " " + place.getLineNumber());
          }
        });
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try {
                sleep(seconds(10));
                lines[0] = line() + 1;
              } catch (CancelledError e) {
                lines[0] = line() - 1;
              }
              lines[1] = line() + 1;
              sleep(seconds(1));
            });
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("Task 'victim' was cancelled, caught its CancelledError at ")
        .contains("SwallowedCancellationTest.java:" + lines[0] + "), and goes on waiting at:\n")
        .contains("SwallowedCancellationTest.java:" + lines[1] + ")\n")
        .contains("uncancel()");
    assertThat(told).containsExactly("victim " + lines[0]);
  }

  @LoopTest
  void loopThatWaitsAtTheSamePlaceAgainIsReported(EventLoop loop) {
    List<String> logged =
        cancelled(
            loop,
            () -> {
              for (int i = 0; i < 2; i++) {
                try {
                  sleep(seconds(10));
                } catch (Throwable t) {
                  continue;
                }
              }
            });
    assertThat(logged).singleElement().asString().contains("SwallowedCancellationTest.java:");
  }

  @LoopTest
  void calledMethodThatSwallowedItIsNamed(EventLoop loop) {
    List<String> logged =
        cancelled(
            loop,
            () -> {
              waitQuietly();
              sleep(seconds(1));
            });
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("SwallowedCancellationTest.waitQuietly(SwallowedCancellationTest.java:");
  }

  private static void waitQuietly() {
    try {
      sleep(seconds(10));
    } catch (CancelledError e) {
      // on purpose
    }
  }

  @LoopTest
  void cleaningUpIsNoSwallowing(EventLoop loop) {
    List<String> trail = new ArrayList<>();
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try (AutoCloseable _ = () -> cleanUp("resource", trail)) {
                try {
                  try {
                    sleep(seconds(10));
                  } finally {
                    cleanUp("finally", trail);
                  }
                } catch (CancelledError e) {
                  cleanUp("catch", trail);
                  throw e;
                }
              }
            });
    assertThat(trail).containsExactly("finally", "catch", "resource");
    assertThat(logged).isEmpty();
  }

  private static void cleanUp(String what, List<String> trail) {
    sleep(seconds(1));
    trail.add(what);
  }

  @LoopTest
  void whatIsSwallowedAfterCleaningUpIsReportedThen(EventLoop loop) {
    List<String> trail = new ArrayList<>();
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try {
                waitAndCleanUp(trail);
              } catch (Throwable t) {
                trail.add("swallowed, with " + warnings().size() + " records");
              }
              sleep(seconds(1));
            });
    assertThat(trail).containsExactly("callee", "swallowed, with 0 records");
    assertThat(logged)
        .singleElement()
        .asString()
        .doesNotContain("CancelledError at asyncio.conformance.SwallowedCancellationTest.waitAnd")
        .contains("SwallowedCancellationTest.lambda$whatIsSwallowedAfterCleaningUp");
  }

  private static void waitAndCleanUp(List<String> trail) {
    try {
      sleep(seconds(10));
    } finally {
      cleanUp("callee", trail);
    }
  }

  @LoopTest
  void whoCallsUncancelOwnsTheRequest(EventLoop loop) {
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try {
                sleep(seconds(10));
              } catch (CancelledError e) {
                currentTask().uncancel();
              }
              sleep(seconds(1));
            });
    assertThat(logged).isEmpty();
  }

  @LoopTest
  void scopesOwnTheirCancellation(EventLoop loop) {
    loop.setDebug(true);
    List<String> trail = new ArrayList<>();
    try {
      timeout(seconds(1), () -> sleep(seconds(10)));
    } catch (TimeoutException e) {
      trail.add("timeout");
    }
    sleep(seconds(1));
    try {
      taskGroup(group -> {
        group.createTask(() -> {
          throw new IllegalStateException("ends the group");
        });
        sleep(seconds(10));
      });
    } catch (asyncio.ExceptionGroup e) {
      trail.add("group");
    }
    sleep(seconds(1));
    assertThat(trail).containsExactly("timeout", "group");
    assertThat(warnings()).isEmpty();
  }

  @LoopTest
  void groupThatIsCancelledWaitsForItsChildren(EventLoop loop) {
    List<String> trail = new ArrayList<>();
    List<String> logged =
        cancelled(
            loop,
            () ->
                taskGroup(group -> {
                  group.createTask(() -> {
                    try {
                      sleep(seconds(10));
                    } finally {
                      cleanUp("child", trail);
                    }
                  });
                  sleep(seconds(10));
                }));
    assertThat(trail).containsExactly("child");
    assertThat(logged).isEmpty();
  }

  @LoopTest
  void bodyThatSwallowsTheEndOfItsTimeoutIsReported(EventLoop loop) {
    loop.setDebug(true);
    Task<?> task =
        createTask(
            () -> {
              timeout(
                  seconds(1),
                  () -> {
                    waitQuietly();
                    sleep(seconds(1));
                  });
            },
            TaskOptions.named("limited"));
    await(task);
    assertThat(warnings())
        .singleElement()
        .asString()
        .contains("Task 'limited' was cancelled", "waitQuietly");
  }

  @LoopTest(engines = Engine.DIRECT)
  void caughtInterruptOfABlockingCallIsReported(EventLoop loop) {
    List<String> logged =
        cancelled(
            loop,
            () -> {
              sleepInTheJdk();
              sleep(seconds(1));
            });
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("Task 'victim' was cancelled, caught the interrupt of its call at ")
        .contains("SwallowedCancellationTest.sleepInTheJdk(SwallowedCancellationTest.java:");
  }

  private static void sleepInTheJdk() {
    try {
      Thread.sleep(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // as the books say; here the cancellation ends
    }
  }

  @LoopTest(engines = Engine.DIRECT)
  void interruptThatIsThrownOnIsNoSwallowing(EventLoop loop) {
    List<String> trail = new ArrayList<>();
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try {
                sleepInTheJdkOrFail();
              } finally {
                cleanUp("finally", trail);
              }
            });
    assertThat(trail).containsExactly("finally");
    assertThat(logged).isEmpty();
  }

  private static void sleepInTheJdkOrFail() {
    try {
      Thread.sleep(20_000);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @LoopTest(engines = Engine.DIRECT)
  void interruptThatLeavesAScopeAndIsCaughtThenIsReported(EventLoop loop) {
    List<String> logged =
        cancelled(
            loop,
            () -> {
              try {
                timeout(seconds(100), () -> sleepInTheJdkOrFail());
              } catch (CancelledError e) {
                trailOff();
              }
              sleep(seconds(1));
            });
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("caught its CancelledError at ")
        .contains("interruptThatLeavesAScopeAndIsCaughtThenIsReported");
  }

  private static void trailOff() {}

  @LoopTest
  void nothingIsReportedOutsideDebugModeWhichCanBeSwitchedMeanwhile(EventLoop loop) {
    loop.setDebug(false);
    List<String> trail = new ArrayList<>();
    Task<?> task =
        createTask(() -> {
          for (String each : List.of("debug mode is off", "it is on", "it is off again")) {
            waitQuietly();
            trail.add(each + ": " + warnings().size());
          }
          sleep(seconds(1));
        });
    sleep(seconds(0));
    task.cancel();
    sleep(seconds(1));
    loop.setDebug(true);
    task.cancel();
    sleep(seconds(1));
    loop.setDebug(false);
    assertThat(warnings()).hasSize(1);
    task.cancel();
    await(task);
    assertThat(trail).containsExactly("debug mode is off: 0", "it is on: 0", "it is off again: 1");
    assertThat(warnings()).hasSize(1);
  }
}
