package asyncio.conformance;

import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.onOtherThread;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** LOOP: what closing a loop ends, refuses and leaves. */
class LoopCloseTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("LOOP-38")
  void runningLoopCannotBeClosed(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(() -> assertRefused("cannot close a running event loop", loop::close));
          loop.callSoon(() -> loop.callSoon(() -> trail.add("goes on")));
          Loops.stopAfter(loop, 3);
          loop.runForever();

          assertThat(loop.isClosed()).isFalse();
          assertThat(trail).containsExactly("goes on");
        });
  }

  @EachEngine
  @Spec("LOOP-39")
  void closingTwiceIsClosingOnce(Engine engine) {
    int[] closed = new int[1];
    var loop =
        new FakeLoop(engine) {
          @Override
          protected void closeIo() {
            closed[0]++;
          }
        };
    loop.close();
    loop.close();
    assertThat(closed[0]).isEqualTo(1);
    assertThat(loop.isClosed()).isTrue();
  }

  @EachEngine
  @Spec("LOOP-40")
  void closeDiscardsWhatIsScheduled(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    var soon = new Object[] {new Object()};
    var later = new Object[] {new Object()};
    var softSoon = new java.lang.ref.WeakReference<>(soon[0]);
    var softLater = new java.lang.ref.WeakReference<>(later[0]);
    scheduleWith(loop, soon[0], later[0]);
    soon[0] = null;
    later[0] = null;
    loop.close();

    Memory.awaitCleared(softSoon); // let go of, and so never called
    Memory.awaitCleared(softLater);
    assertThat(trail).isEmpty();
    java.lang.ref.Reference.reachabilityFence(loop);
  }

  private void scheduleWith(EventLoop loop, Object soon, Object later) throws InterruptedException {
    loop.callSoon(() -> trail.add("soon " + soon));
    loop.callLater(Duration.ZERO, () -> trail.add("later " + later));
    onOtherThread(() -> loop.callSoonThreadsafe(() -> trail.add("threadsafe " + soon)));
  }

  @EachEngine
  @Spec("LOOP-42")
  void closedLoopTakesNothing(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.close();

    assertRefused("closed", () -> loop.callSoon(() -> {}));
    assertRefused("closed", () -> loop.callSoonThreadsafe(() -> {}));
    assertRefused("closed", () -> loop.callLater(Duration.ZERO, () -> {}));
    assertRefused("closed", () -> loop.callAt(0, () -> {}));
    assertRefused("closed", () -> loop.createTask(() -> "x"));
    assertRefused("closed", () -> loop.runInExecutor(null, () -> "x"));
    assertRefused("closed", () -> loop.addSignalHandler(Signal.USR1, () -> {}));
    assertRefused("closed", loop::runForever);
    assertRefused("closed", () -> loop.runUntilComplete(() -> "x"));
  }

  @EachEngine
  @Spec("LOOP-41")
  void closeShutsTheDefaultExecutorDownWithoutWaiting(Engine engine) throws Exception {
    var finish = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    var worker = new AtomicReference<Thread>();
    var idle = new AtomicReference<Thread>();
    with(
        engine,
        loop -> {
          var begun = new CountDownLatch(1);
          loop.runInExecutor(
              null,
              () -> {
                worker.set(Thread.currentThread());
                begun.countDown();
                try {
                  return finish.await(20, TimeUnit.SECONDS);
                } finally {
                  ended.countDown();
                }
              });
          assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
          Future<Thread> second = loop.runInExecutor(null, Thread::currentThread);
          idle.set(loop.runUntilComplete(second));
        });
    assertThat(idle.get().join(Duration.ofSeconds(20))).as("the idle thread has ended").isTrue();
    assertThat(ended.getCount()).as("close() did not wait for the call").isEqualTo(1);
    finish.countDown();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.get().join(Duration.ofSeconds(20)))
        .as("the thread of the pool has ended")
        .isTrue();

    var pool = java.util.concurrent.Executors.newFixedThreadPool(1);
    with(engine, loop -> loop.setDefaultExecutor(pool));
    assertThat(pool.isShutdown()).isTrue();
  }

  @EachEngine
  @Spec("LOOP-43")
  void closedLoopStillAnswers(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.setDebug(true);
    loop.close();

    assertThat(loop.createFuture().isDone()).isFalse();
    assertThat(loop.time()).isNotNegative();
    assertThat(loop.isClosed()).isTrue();
    assertThat(loop.isRunning()).isFalse();
    assertThat(loop.isDebug()).isTrue();
  }
}
