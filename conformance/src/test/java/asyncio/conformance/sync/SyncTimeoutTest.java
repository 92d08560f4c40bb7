package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitFor;
import static asyncio.conformance.sync.Turns.assertBlocks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AbstractEventLoop;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** TMO: timeouts around the calls. */
class SyncTimeoutTest {
  private final List<Object> trail = new ArrayList<>();

  @LoopTest
  @Spec("TMO-1")
  void timeoutIsACancellationInside() {
    var event = new Event();
    assertThatThrownBy(() ->
            timeout(
                seconds(1),
                () -> {
                  try {
                    event.await();
                  } catch (CancelledError e) {
                    trail.add("cancelled");
                    throw e;
                  }
                }))
        .isInstanceOf(TimeoutException.class);
    assertThat(trail).containsExactly("cancelled");
    assertThat(event.toString()).endsWith("[unset]");
  }

  @LoopTest
  @Spec({"TMO-2", "REG-17"})
  void afterATimeoutNothingIsHeld() {
    var lock = new Lock();
    lock.acquire();
    assertBlocks(lock::acquire);
    lock.release();
    assertThat(lock.toString()).endsWith("[unlocked]");

    var semaphore = new Semaphore(0);
    assertBlocks(semaphore::acquire);
    semaphore.release();
    assertThat(semaphore.toString()).endsWith("[unlocked, value:1]");

    var queue = new Queue<Integer>(1);
    assertBlocks(queue::get);
    queue.put(1);
    assertBlocks(() -> queue.put(2));
    assertThat(queue.toString()).endsWith("[maxsize=1 items=[1] tasks=1]");

    var barrier = new Barrier(2);
    assertBlocks(barrier::await);
    assertThat(barrier.nWaiting()).isZero();

    var condition = new Condition();
    condition.acquire();
    assertBlocks(condition::await);
    assertThat(condition.isLocked()).isTrue(); // the one that holds its lock
  }

  @LoopTest
  @Spec({"TMO-3", "REG-17"})
  void deadlineInTheTurnOfTheWakeUpWinsAndTheWakeUpIsPassedOn() {
    var lock = new Lock();
    lock.acquire();
    // The timer of the release comes first; both are due in the same turn.
    getRunningLoop().callLater(seconds(1), lock::release);
    assertThatThrownBy(() -> timeout(seconds(1), () -> lock.acquire()))
        .isInstanceOf(TimeoutException.class);
    assertThat(lock.toString()).endsWith("[unlocked]");

    lock.acquire();
    Task<?> patient =
        createTask(() -> {
          sleep(seconds(0.5));
          lock.acquire();
          trail.add("passed on");
        });
    getRunningLoop().callLater(seconds(1), lock::release);
    assertThatThrownBy(() -> timeout(seconds(1), () -> lock.acquire()))
        .isInstanceOf(TimeoutException.class);
    await(patient);
    assertThat(trail).containsExactly("passed on");
  }

  /** A loop whose clock stands still unless a test moves it. */
  private static final class HandClock extends AbstractEventLoop {
    private long now = 1_000;

    HandClock(Engine engine) {
      super(engine);
    }

    @Override
    public long time() {
      return now;
    }

    @Override
    protected void poll(long timeoutNanos) {}

    @Override
    protected void wakeUp() {}
  }

  @EachEngine
  @Spec({"TMO-3", "REG-17"})
  void taskWokenByRunningCodeWinsOverAnOverdueDeadline(Engine engine) {
    var loop = new HandClock(engine);
    var lock = new Lock();
    try {
      loop.runUntilComplete(() -> {
        lock.acquire();
        Task<?> waiter =
            createTask(() -> {
              timeout(seconds(1), () -> lock.acquire());
              trail.add("acquired");
            });
        Turns.turns(3);
        loop.now += 2_000_000_000L; // the deadline is overdue, but its timer has not run
        lock.release();
        await(waiter);
        return null;
      });
    } finally {
      loop.close();
    }
    assertThat(trail).containsExactly("acquired");
    assertThat(lock.isLocked()).isTrue();
  }

  @EachEngine
  @Spec("TMO-3")
  void releaseByATimerThatIsOverdueTogetherWithTheDeadlineLoses(Engine engine) {
    var loop = new HandClock(engine);
    var lock = new Lock();
    try {
      loop.runUntilComplete(() -> {
        lock.acquire();
        loop.callLater(seconds(0.9), lock::release);
        Task<?> waiter = createTask(() -> timeout(seconds(1), () -> lock.acquire()));
        Turns.turns(3);
        loop.now += 2_000_000_000L; // both
        assertThatThrownBy(() -> await(waiter)).isInstanceOf(TimeoutException.class);
        return null;
      });
    } finally {
      loop.close();
    }
    assertThat(lock.toString()).endsWith("[unlocked]");
  }

  @LoopTest
  @Spec("TMO-4")
  void timeoutOfZeroOrLessFailsWhatWouldSuspend() {
    var lock = new Lock();
    lock.acquire();
    var queue = new Queue<Integer>();
    for (double limit : new double[] {0, -1}) {
      assertThatThrownBy(() -> waitFor(() -> lock.acquire(), seconds(limit)))
          .isInstanceOf(TimeoutException.class);
      assertThatThrownBy(() -> timeout(seconds(limit), () -> lock.acquire()))
          .isInstanceOf(TimeoutException.class);
      assertThatThrownBy(() -> timeout(seconds(limit), () -> queue.get()))
          .isInstanceOf(TimeoutException.class);
    }
    assertThat(lock.toString()).endsWith("[locked]");
    assertThat(queue.toString()).endsWith("[maxsize=0]");
  }
}
