package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Future;
import asyncio.TaskOptions;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.inspect.StallReport;
import asyncio.inspect.StallReport.LockWait;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;

/** The stall finder names the lock that a loop's thread waits for, and who holds it. */
class StallLockTest {
  private final LogCapture log = LogCapture.withStalls();

  @AfterEach
  void endCapture() {
    log.close();
  }

  @EachEngine
  void lockThatASuspendedTaskOfThisLoopHoldsIsADeadlock(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          StallProbe stalls = StallProbe.of(loop);
          ReentrantLock lock = new ReentrantLock();
          Future<String> never = loop.createFuture();
          loop.createTask(
              () -> {
                lock.lock();
                try {
                  await(never);
                } finally {
                  lock.unlock();
                }
              },
              TaskOptions.named("holder"));
          CountDownLatch waiting = new CountDownLatch(1);
          Thread[] loopThread = new Thread[1];
          loop.callSoon(() -> {
            loopThread[0] = Thread.currentThread();
            waiting.countDown();
            try {
              lock.lockInterruptibly();
            } catch (InterruptedException e) {
              never.setResult("the test has seen it");
            }
          });
          StallReport report;
          try (var _ = new HeldLoop(loop)) {
            report = stalls.next(each -> each.lock() != null);
            HeldLoop.untilReleased(waiting);
            loopThread[0].interrupt();
            stalls.next(StallReport::over);
          }
          LockWait wait = report.lock();
          assertThat(wait).as(report.toString()).isNotNull();
          assertThat(wait.lock()).startsWith("java.util.concurrent.locks.ReentrantLock$");
          assertThat(wait.owner().name()).isEqualTo("holder");
          assertThat(wait.deadlock()).isTrue();
          assertThat(wait.ownerStack().getFirst().getFileName()).isEqualTo("StallLockTest.java");
          assertThat(report.toString())
              .contains("held by task 'holder'", "needs a turn of this loop to release it");
        });
  }

  @EachEngine
  void monitorIsNamedWithTheTaskOfAnotherLoopThatIsInside(Engine engine) throws Exception {
    with(
        engine,
        loop ->
            with(
                engine,
                other -> {
                  StallProbe stalls = StallProbe.of(loop);
                  Object monitor = new Object();
                  CountDownLatch inside = new CountDownLatch(1);
                  Future<String> leave = other.createFuture();
                  other.createTask(
                      () -> {
                        synchronized (monitor) {
                          inside.countDown();
                          await(leave);
                        }
                      },
                      TaskOptions.named("insider"));
                  StallReport report;
                  try (var _ = new HeldLoop(other)) {
                    HeldLoop.untilReleased(inside);
                    loop.callSoon(() -> {
                      synchronized (monitor) {
                        leave.isDone();
                      }
                    });
                    try (var _ = new HeldLoop(loop)) {
                      report = stalls.next(each -> each.lock() != null);
                      other.callSoonThreadsafe(() -> leave.setResult("go"));
                    }
                  }
                  LockWait wait = report.lock();
                  assertThat(wait).as(report.toString()).isNotNull();
                  assertThat(wait.lock()).startsWith("java.lang.Object@");
                  assertThat(wait.owner().name()).isEqualTo("insider");
                  assertThat(wait.deadlock()).isFalse();
                }));
  }

  @EachEngine
  void ownerThatIsNoTaskIsNamedByItsThread(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          StallProbe stalls = StallProbe.of(loop);
          ReentrantLock lock = new ReentrantLock();
          CountDownLatch held = new CountDownLatch(1);
          CountDownLatch release = new CountDownLatch(1);
          Thread owner =
              Thread.ofPlatform()
                  .name("a plain thread")
                  .start(() -> {
                    lock.lock();
                    held.countDown();
                    HeldLoop.untilReleased(release);
                    lock.unlock();
                  });
          HeldLoop.untilReleased(held);
          loop.callSoon(() -> {
            lock.lock();
            lock.unlock();
          });
          StallReport report;
          try (var _ = new HeldLoop(loop)) {
            report = stalls.next(each -> each.lock() != null);
            release.countDown();
          }
          assertThat(report.lock().owner()).isNull();
          assertThat(report.lock().ownerThread()).isEqualTo("a plain thread");
          assertThat(report.lock().ownerThreadId()).isEqualTo(owner.threadId());
        });
  }
}
