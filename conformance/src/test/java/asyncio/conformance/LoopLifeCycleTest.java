package asyncio.conformance;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.onOtherThread;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** LOOP: making, running and stopping a loop. */
class LoopLifeCycleTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("LOOP-1")
  void newLoopIsIdleAndEmpty(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    assertThat(loop.isRunning()).isFalse();
    assertThat(loop.isClosed()).isFalse();
    assertThat(loop.taskFactory()).isNull();
    assertThat(loop.exceptionHandler()).isNull();

    loop.runForever();
    assertThat(loop.polls)
        .as("no callback is ready and no timer set")
        .containsExactly(EventLoop.NEVER);
    loop.runUntilComplete(() -> {
      int before = loop.polls.size();
      loop.shutdownDefaultExecutor();
      assertThat(loop.polls).as("no default executor whose end takes time").hasSize(before);
    });
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-2")
  void closedLoopRunsNothing(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.close();

    assertRefused("closed", loop::runForever);
    assertRefused("closed", () -> loop.runUntilComplete(() -> trail.add("ran")));
    assertThat(trail).isEmpty();
  }

  @EachEngine
  @Spec("LOOP-3")
  void runningLoopRefusesSecondRunAndGoesOn(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(() -> {
            assertRefused("already running", loop::runForever);
            assertRefused("already running", () -> loop.runUntilComplete(loop.createFuture()));
            assertThat(loop.isRunning()).isTrue();
            assertThat(getRunningLoop()).isSameAs(loop);
          });
          loop.callSoon(() -> {
            try {
              onOtherThread(() -> assertRefused("already running", loop::runForever));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            trail.add("refused");
          });
          loop.callLater(Duration.ofMillis(1), loop::stop);
          loop.runForever();

          assertThat(trail).containsExactly("refused");
          assertThat(loop.isRunning()).isFalse();
        });
  }

  @EachEngine
  @Spec({"LOOP-4", "LOOP-5"})
  void loopInsideLoopIsRefusedAndTheOuterOneStays(Engine engine) throws Exception {
    with(
        engine,
        outer ->
            with(
                engine,
                inner -> {
                  outer.runUntilComplete(() -> {
                    assertRefused("while another loop is running", inner::runForever);
                    assertThat(getRunningLoop()).isSameAs(outer);
                  });
                  outer.callSoon(() -> {
                    assertRefused("while another loop is running", inner::runForever);
                    assertThat(getRunningLoop()).isSameAs(outer);
                    trail.add("callback");
                  });
                  runOnce(outer);
                  assertThat(trail).containsExactly("callback");
                  assertThat(inner.isRunning()).isFalse();
                }));
  }

  @EachEngine
  @Spec("LOOP-6")
  void closedIsCheckedBeforeRunningBeforeAnother(Engine engine) throws Exception {
    with(
        engine,
        outer -> {
          var closed = LoopKind.preferred().newLoop(engine);
          closed.close();
          outer.callSoon(() -> {
            assertRefused("closed", closed::runForever); // although another loop runs here
            assertRefused(
                "already running", outer::runForever); // although a loop, this one, runs here
            trail.add("checked");
          });
          runOnce(outer);
          with(
              engine,
              busy -> {
                try (var _ = new Loops.Background(busy)) {
                  outer.callSoon(() -> assertRefused("already running", busy::runForever));
                  runOnce(outer);
                }
              });
          assertThat(trail).containsExactly("checked");
        });
  }

  @EachEngine
  @Spec("LOOP-7")
  void isRunningHoldsInEveryThreadTheRunningLoopInOne(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          assertThat(loop.isRunning()).isFalse();
          assertRefused("no running event loop", () -> getRunningLoop());
          try (var _ = new Loops.Background(loop)) {
            assertThat(loop.isRunning()).isTrue();
            assertRefused("no running event loop", () -> getRunningLoop());
            var seen = new AtomicReference<EventLoop>();
            var done = new CountDownLatch(1);
            loop.callSoonThreadsafe(() -> {
              seen.set(getRunningLoop());
              done.countDown();
            });
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(seen.get()).isSameAs(loop);
          }
        });
  }

  @EachEngine
  @Spec("LOOP-8")
  void endOfRunLeavesNoRunningLoop(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          runOnce(loop);
          assertThat(loop.isRunning()).isFalse();
          assertRefused("no running event loop", () -> getRunningLoop());

          loop.callSoon(() -> {
            throw new asyncio.KeyboardInterrupt();
          });
          org.assertj.core.api.Assertions.assertThatThrownBy(loop::runForever)
              .isInstanceOf(asyncio.KeyboardInterrupt.class);
          assertThat(loop.isRunning()).isFalse();
          assertRefused("no running event loop", () -> getRunningLoop());
        });
  }

  @EachEngine
  @Spec("LOOP-9")
  void threadsRunLoopsOfTheirOwn(Engine engine) throws Exception {
    with(
        engine,
        first ->
            with(
                engine,
                second -> {
                  try (var _ = new Loops.Background(first);
                      var _ = new Loops.Background(second)) {
                    // Each lets the other one pass: neither could if they took turns.
                    var met = new java.util.concurrent.CyclicBarrier(2);
                    var done = new CountDownLatch(2);
                    for (EventLoop loop : List.of(first, second)) {
                      loop.callSoonThreadsafe(() -> {
                        try {
                          met.await(20, TimeUnit.SECONDS);
                        } catch (Exception e) {
                          throw new AssertionError(e);
                        }
                        assertThat(getRunningLoop()).isSameAs(loop);
                        done.countDown();
                      });
                    }
                    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
                  }
                }));
  }

  @EachEngine
  @Spec("LOOP-10")
  void whatIsLeftOverRunsInTheNextRunInOrder(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    loop.callLater(Duration.ofNanos(20), () -> trail.add("timer 20"));
    loop.callLater(Duration.ofNanos(10), () -> trail.add("timer 10"));
    loop.callSoon(() -> {
      trail.add("first");
      loop.callSoon(() -> trail.add("second"));
      loop.callSoon(() -> trail.add("third"));
      loop.stop();
    });
    loop.runForever();
    assertThat(trail).containsExactly("first");

    loop.now += 100;
    runOnce(loop);
    assertThat(trail).containsExactly("first", "second", "third", "timer 10", "timer 20");
    loop.close();
    assertRefused("closed", loop::runForever);
  }

  @EachEngine
  @Spec("LOOP-19")
  void callbacksAndTasksRunOneAtATimeInTheThreadOfTheRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Thread> threads = new ArrayList<>();
          int[] inside = new int[1];
          Runnable callback =
              () -> {
                assertThat(++inside[0]).isEqualTo(1);
                threads.add(Thread.currentThread());
                inside[0]--;
              };
          loop.callSoon(callback);
          loop.callLater(Duration.ofMillis(1), callback);
          onOtherThread(() -> loop.callSoonThreadsafe(callback));
          loop.callLater(Duration.ofMillis(2), loop::stop);
          loop.runForever();
          assertThat(threads).hasSize(3).containsOnly(Thread.currentThread());

          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            tasks.add(
                loop.createTask(() -> {
                  for (int step = 0; step < 100; step++) {
                    assertThat(++inside[0]).isEqualTo(1);
                    Thread.onSpinWait();
                    inside[0]--;
                    loop.callSoon(callback);
                    sleep(Duration.ZERO);
                  }
                }));
          }
          threads.clear();
          for (Task<?> task : tasks) {
            loop.runUntilComplete(task);
          }
          runOnce(loop);
          assertThat(threads).hasSize(400).containsOnly(Thread.currentThread());
        });
  }

  @EachEngine
  @Spec("LOOP-20")
  void stopFinishesTheIteration(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(() -> {
            trail.add("stop");
            loop.stop();
            loop.callSoon(() -> trail.add("queued meanwhile"));
          });
          loop.callSoon(() -> trail.add("behind it"));
          loop.runForever();
          assertThat(trail).containsExactly("stop", "behind it");

          runOnce(loop);
          assertThat(trail).containsExactly("stop", "behind it", "queued meanwhile");
        });
  }

  @EachEngine
  @Spec("LOOP-21")
  void stoppingTwiceIsStoppingOnce(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.stop();
          loop.stop();
          loop.callSoon(loop::stop);
          loop.runForever();

          loop.callSoon(() -> loop.callSoon(() -> trail.add("second iteration")));
          Loops.stopAfter(loop, 3);
          loop.runForever();
          assertThat(trail).containsExactly("second iteration");
        });
  }

  @EachEngine
  @Spec("LOOP-22")
  void stopBeforeARunGivesOneIterationThatDoesNotWait(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callLater(Duration.ofSeconds(1), () -> trail.add("timer"));
    loop.callSoon(() -> {
      trail.add("queued");
      loop.callSoon(() -> trail.add("next iteration"));
    });
    loop.stop();
    loop.runForever();
    assertThat(trail).containsExactly("queued");

    runOnce(loop);
    runOnce(loop);
    assertThat(loop.polls).containsExactly(0L, 0L, 0L);
    assertThat(trail).containsExactly("queued", "next iteration");
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-23")
  void requestToStopIsForgottenWhenTheRunEnds(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(() -> {
            loop.stop();
            throw new asyncio.KeyboardInterrupt();
          });
          org.assertj.core.api.Assertions.assertThatThrownBy(loop::runForever)
              .isInstanceOf(asyncio.KeyboardInterrupt.class);

          loop.callSoon(
              () -> loop.callSoon(() -> loop.callSoon(() -> trail.add("third iteration"))));
          Loops.stopAfter(loop, 3);
          loop.runForever();
          assertThat(trail).as("after an exit").containsExactly("third iteration");

          trail.clear();
          runOnce(loop); // ended by stop() itself
          loop.callSoon(() -> loop.callSoon(() -> trail.add("second iteration")));
          Loops.stopAfter(loop, 2);
          loop.runForever();
          assertThat(trail).as("after a stop").containsExactly("second iteration");
          assertThat(loop.runUntilComplete(() -> sleep(Duration.ZERO, "not cut short")))
              .isEqualTo("not cut short");
        });
  }

  @EachEngine
  @Spec("LOOP-24")
  void queuedStopRunsOneIteration(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callSoon(() -> trail.add("before"));
    loop.callSoon(() -> loop.callSoon(() -> trail.add("second iteration")));
    loop.callSoon(loop::stop);
    loop.runForever();

    assertThat(loop.polls).containsExactly(0L);
    assertThat(trail).containsExactly("before");
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-26")
  void stopFromAnotherThreadDoesNotWakeThePoll(Engine engine) throws Exception {
    var wakeUps = new AtomicInteger();
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          protected void wakeUp() {
            wakeUps.incrementAndGet();
            super.wakeUp();
          }
        };
    var background = new Loops.Background(loop);
    awaitBlockedPoll(background);
    onOtherThread(loop::stop);
    assertThat(wakeUps).hasValue(0);
    awaitBlockedPoll(background);
    assertThat(loop.isRunning()).isTrue();

    loop.callSoonThreadsafe(() -> {});
    background.join(); // the other wake-up made the request count
    assertThat(wakeUps).hasValue(1);

    var again = new Loops.Background(loop);
    awaitBlockedPoll(again);
    again.close(); // callSoonThreadsafe(loop::stop)
    loop.close();
  }

  private static void awaitBlockedPoll(Loops.Background background) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!background.isInNativePoll()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @EachEngine
  @Spec("LOOP-45")
  void textFormShowsTypeAndFlags(Engine engine) throws Exception {
    var loop = LoopKind.preferred().newLoop(engine);
    String name = loop.getClass().getSimpleName();
    loop.setDebug(false);
    assertThat(loop).hasToString("<" + name + " running=false closed=false debug=false>");
    loop.setDebug(true);
    loop.callSoon(() -> trail.add(loop.toString()));
    runOnce(loop);
    loop.close();
    assertThat(trail).containsExactly("<" + name + " running=true closed=false debug=true>");
    assertThat(loop).hasToString("<" + name + " running=false closed=true debug=true>");
  }

  @EachEngine
  @Spec("LOOP-46")
  void timeIsMonotonicNanosecondsAndNotTheTimeOfDay(Engine engine) throws Exception {
    with(
        engine,
        loop ->
            with(
                engine,
                other -> {
                  long before = System.nanoTime();
                  long first = loop.time();
                  long second = other.time();
                  long third = loop.time();
                  long spent = System.nanoTime() - before;

                  assertThat(first).isNotNegative();
                  assertThat(List.of(first, second, third))
                      .as("one origin for all loops")
                      .isSorted();
                  assertThat(third - first).isLessThanOrEqualTo(spent);
                  assertThat(third)
                      .as("counted from the start of the library")
                      .isLessThan(Duration.ofHours(2).toNanos());
                }));
  }
}
