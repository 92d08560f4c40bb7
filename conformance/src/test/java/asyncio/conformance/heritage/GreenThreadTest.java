package asyncio.conformance.heritage;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.joinAll;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.TimeoutException;
import asyncio.WaitResult;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** HER: tasks as green threads, which is how gevent's users know them. */
class GreenThreadTest {
  private final List<Object> trail = new ArrayList<>();

  /** A plain method, as any program has them; it calls another that waits. */
  private int plain(String name, int pause) {
    trail.add("start " + name);
    pause(pause);
    return pause;
  }

  private static void pause(int millis) {
    sleep(millis(millis));
  }

  @EachEngine
  @Spec("HER-53")
  void aPlainMethodBecomesAGreenThread(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> handle = createTask(() -> plain("it", 7));
          assertThat(await(handle)).isEqualTo(7);
        });
  }

  @EachEngine
  @Spec("HER-54")
  void theyBeginInTheOrderOfSpawningWhenTheSpawnerWaits(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          for (int i = 0; i < 3; i++) {
            String name = Integer.toString(i);
            createTask(() -> plain(name, 1));
          }
          trail.add("marker");
          sleep(Duration.ZERO);
          assertThat(trail).containsExactly("marker", "start 0", "start 1", "start 2");
          joinAll();
        });
  }

  @EachEngine
  @Spec("HER-55")
  void waitingGivesTheFinishedOnesAndRaisesNothing(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> failing =
              createTask(() -> {
                sleep(millis(1));
                throw new IllegalStateException("failed");
              });
          Task<?> fast = createTask(() -> plain("fast", 10));
          Task<?> slow = createTask(() -> plain("slow", 1_000));
          List<Task<?>> all = List.of(failing, fast, slow);

          WaitResult<Task<?>> first = Asyncio.wait(all, ReturnWhen.FIRST_COMPLETED);
          assertThat(first.done()).containsExactly(failing);
          WaitResult<Task<?>> inTime = Asyncio.wait(all, millis(100));
          assertThat(inTime.done()).containsExactlyInAnyOrder(failing, fast);
          assertThat(inTime.pending()).containsExactly(slow);
          assertThat(Asyncio.wait(all).done()).hasSize(3);
          assertThat(failing.exception()).hasMessage("failed");
        });
  }

  @EachEngine
  @Spec("HER-56")
  void joinAllReturnsWhenNothingIsLeftToDo(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          createTask(() -> {
            sleep(seconds(1));
            createTask(() -> {
              sleep(seconds(1));
              trail.add("late");
            });
            trail.add("early");
          });
          Task<?> failing =
              createTask(() -> {
                throw new IllegalStateException("failed");
              });
          joinAll();
          assertThat(trail).containsExactly("early", "late");
          assertThat(failing.exception()).hasMessage("failed");
          joinAll();
        });
  }

  @EachEngine
  @Spec("HER-56")
  void thoseWhoJoinDoNotWaitForOneAnother(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> other =
              createTask(() -> {
                joinAll();
                trail.add("other");
              });
          createTask(() -> {
            sleep(seconds(1));
            trail.add("work");
          });
          joinAll();
          trail.add("main");
          await(other);
          assertThat(trail).startsWith("work").hasSize(3);
        });
  }

  @EachEngine
  @Spec("HER-57")
  void aHandleTellsHowItWent(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> good = createTask(() -> "value");
          Task<String> bad =
              createTask(() -> {
                throw new IllegalStateException("failed");
              });
          assertThat(good.isDone()).isFalse();
          Asyncio.wait(List.of(good, bad));

          assertThat(good.isDone() && bad.isDone()).isTrue();
          assertThat(good.exception()).isNull();
          assertThat(good.result()).isEqualTo("value");
          assertThat(good.await()).isEqualTo("value");
          assertThat(bad.exception()).hasMessage("failed");
          assertThatThrownBy(bad::result).hasMessage("failed");
          assertThatThrownBy(() -> await(gather(good, bad))).hasMessage("failed");
        });
  }

  @EachEngine
  @Spec("HER-58")
  void anExceptionEndsOneOnlyAndIsReportedWithItsName(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          spawnOneThatFails();
          createTask(() -> plain("another", 1));
          joinAll();
          assertThat(trail).containsExactly("start another");
          while (loop.reports.isEmpty()) {
            System.gc();
            sleep(millis(1));
          }
          ErrorContext report = loop.reports.removeFirst();
          assertThat(report.exception()).hasMessage("failed");
          assertThat(report.exception().getStackTrace()[0].getMethodName()).isEqualTo("failIt");
          assertThat(report.get(ErrorContext.FUTURE).toString()).contains("the failing one");
        });
  }

  private static void spawnOneThatFails() {
    createTask(GreenThreadTest::failIt, TaskOptions.named("the failing one"));
  }

  private static void failIt() {
    throw new IllegalStateException("failed");
  }

  @EachEngine
  @Spec("HER-59")
  void killingRunsTheFinallyBlocksAndIsNoFailure(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> victim =
              createTask(() -> {
                try {
                  sleep(seconds(100));
                } finally {
                  sleep(seconds(1));
                  trail.add("cleaned up");
                }
              });
          sleep(Duration.ZERO);

          victim.cancel("killed");
          Asyncio.wait(List.of(victim));

          assertThat(trail).containsExactly("cleaned up");
          assertThat(victim.isDone()).isTrue();
          assertThat(victim.isCancelled()).as("ended by the exit, not failed").isTrue();
        });
  }

  @EachEngine
  @Spec("HER-60")
  void codeThatCatchesEverythingOrdinaryCatchesNoTimeout(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          assertThatExceptionOfType(TimeoutException.class)
              .isThrownBy(() ->
                  timeout(
                      seconds(1),
                      () -> {
                        try {
                          sleep(seconds(100));
                        } catch (Exception e) {
                          trail.add("swallowed " + e);
                        } finally {
                          trail.add("finally");
                        }
                      }));
          assertThat(trail).containsExactly("finally");
          assertThat(CancelledError.class).isAssignableTo(Error.class);
        });
  }

  @Test
  @Spec("HER-64")
  void afterAJdkCallATaskRunsOnItsLoopAlone() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
              int[] inside = {0};
              List<String> carriers = new ArrayList<>();
              List<Task<?>> tasks = new ArrayList<>();
              for (int i = 0; i < 10; i++) {
                tasks.add(
                    createTask(() -> {
                      for (int round = 0; round < 20; round++) {
                        queue.take(); // given by another thread
                        assertThat(inside[0]++).isZero();
                        String thread = Thread.currentThread().toString();
                        carriers.add(thread.substring(thread.indexOf('@')));
                        assertThat(getRunningLoop()).isSameAs(loop);
                        assertThat(loop.isCurrent()).isTrue();
                        inside[0]--;
                      }
                    }));
              }
              Thread giver =
                  Thread.ofPlatform()
                      .start(() -> {
                        for (int i = 0; i < 200; i++) {
                          queue.add(i);
                          LockSupport.parkNanos(10_000);
                        }
                      });
              await(gather(tasks));
              giver.join();
              assertThat(carriers).hasSize(200);
              assertThat(carriers.stream().distinct()).as("carriers").hasSize(1);
            }));
  }

  @EachEngine
  @Spec("HER-65")
  void bothStylesMix(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> coroutine = createTask(() -> plain("coroutine", 5));
          Task<Integer> green = createTask(() -> await(coroutine) + 1);
          assertThat(await(createTask(() -> green.await() + 1))).isEqualTo(7);
        });
  }

  @Test
  @Spec("HER-65")
  void aGreenThreadThatBlocksInTheJdkWaitsForATask() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              CountDownLatch latch = new CountDownLatch(1);
              Future<String> future = loop.createFuture();
              Task<String> green =
                  createTask(() -> {
                    latch.await();
                    return future.await();
                  });
              createTask(() -> {
                latch.countDown();
                sleep(millis(1));
                future.setResult("both");
              });
              assertThat(await(green)).isEqualTo("both");
            }));
  }

  // ---- what holds up the loop

  private static void spin(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static void theCulprit() {
    spin(millis(150));
  }

  @EachEngine
  @Spec({"HER-63", "HER-117"})
  void debugModeNamesTheTaskThatHoldsUpTheLoopWithItsStack(Engine engine) throws Exception {
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop -> {
            loop.setDebug(true);
            loop.setSlowCallbackDuration(millis(50));
            loop.runUntilComplete(() -> {
              createTask(GreenThreadTest::theCulprit, TaskOptions.named("busy")).await();
            });
          });
      assertThat(log.records(Level.WARNING))
          .anySatisfy(each -> {
            assertThat(each.getMessage()).contains("Executing <Task", "name='busy'", "took 0.");
            assertThat(each.getThrown().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("theCulprit");
          });
    }
  }

  @EachEngine
  @Spec({"HER-63", "HER-117"})
  void soItDoesWithACallback(Engine engine) throws Exception {
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop -> {
            loop.setDebug(true);
            loop.setSlowCallbackDuration(millis(50));
            loop.callSoon(GreenThreadTest::theCulprit);
            Loops.runOnce(loop);
          });
      assertThat(log.records(Level.WARNING))
          .singleElement()
          .satisfies(each ->
              assertThat(each.getThrown().getStackTrace())
                  .extracting(StackTraceElement::getMethodName)
                  .contains("theCulprit"));
    }
  }
}
