package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.assertBlocks;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.inCallback;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Lock;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** LOCK: who gets the lock, and when. */
class LockTest {
  private final Lock lock = new Lock();
  private final List<Object> trail = new ArrayList<>();

  /** A task that acquires, says so, and keeps the lock. */
  private Task<?> acquirer(Object name) {
    return createTask(() -> {
      lock.acquire();
      trail.add(name);
    });
  }

  /** As {@link #acquirer}, but lets the lock go at once. */
  private Task<?> passer(Object name) {
    return createTask(() -> {
      try (var _ = lock.acquire()) {
        trail.add(name);
      }
    });
  }

  @LoopTest
  @Spec("LOCK-1")
  void newLockIsUnlocked() {
    assertThat(lock.isLocked()).isFalse();
    assertThat(lock.toString()).endsWith("[unlocked]");
  }

  @LoopTest
  @Spec({"LOCK-2", "LOCK-4"})
  void freeLockIsAcquiredAtOnce() {
    createTask(() -> trail.add("another task"));
    assertThat(lock.acquire()).isInstanceOf(Lock.Guard.class);
    assertThat(lock.isLocked()).isTrue();
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec({"LOCK-3", "LOCK-4"})
  void lockedLockIsHandedOn() {
    lock.acquire();
    Task<Lock.Guard> waiting = createTask(lock::acquire);
    turns(5);
    assertThat(waiting.isDone()).isFalse();
    lock.release();
    assertThat(await(waiting)).isNotNull();
    assertThat(lock.isLocked()).isTrue();
  }

  @LoopTest
  @Spec("LOCK-5")
  void releaseUnlocksAndWakesTheFirst() {
    lock.acquire();
    lock.release();
    assertThat(lock.isLocked()).isFalse();

    lock.acquire();
    Task<?> first = acquirer(1);
    Task<?> second = acquirer(2);
    turn();
    lock.release();
    turns(3);
    assertThat(first.isDone()).isTrue();
    assertThat(second.isDone()).isFalse();
    lock.release();
    turn();
    assertThat(trail).containsExactly(1, 2);
  }

  @LoopTest
  @Spec("LOCK-6")
  void releasingAFreeLockIsRefused() {
    assertThatThrownBy(lock::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Lock is not acquired.");
    assertThat(lock.isLocked()).isFalse();
    assertThat(lock.toString()).endsWith("[unlocked]");
    lock.acquire(); // works as before
  }

  @LoopTest
  @Spec("LOCK-7")
  void anybodyMayRelease() throws Exception {
    lock.acquire();
    await(createTask(lock::release));
    assertThat(lock.isLocked()).isFalse();
    lock.acquire();
    inCallback(lock::release);
    assertThat(lock.isLocked()).isFalse();
  }

  @LoopTest
  @Spec("LOCK-8")
  void lockIsNotReEntrant() {
    lock.acquire();
    assertBlocks(lock::acquire);
    assertThat(lock.isLocked()).isTrue();
    lock.release();
    assertThat(lock.isLocked()).isFalse();
  }

  @LoopTest
  @Spec("LOCK-8")
  void waitingForOneselfEndsWithAReleaseFromElsewhere() throws Exception {
    lock.acquire();
    createTask(lock::release);
    lock.acquire();
    assertThat(lock.isLocked()).isTrue();
  }

  @LoopTest
  @Spec("LOCK-9")
  void waitersAcquireInOrderOneTurnAfterEachRelease() {
    lock.acquire();
    acquirer(1);
    acquirer(2);
    turn();
    assertThat(trail).isEmpty();
    lock.release();
    turn();
    assertThat(trail).containsExactly(1);
    turn();
    assertThat(trail).containsExactly(1);
    acquirer(3);
    lock.release();
    turn();
    assertThat(trail).containsExactly(1, 2);
    lock.release();
    turn();
    assertThat(trail).containsExactly(1, 2, 3);
  }

  @LoopTest
  @Spec("LOCK-10")
  void nobodyOvertakesTheWokenWaiter() {
    lock.acquire();
    acquirer("waiter");
    turn();
    lock.release();
    assertThat(lock.isLocked()).isFalse();
    createTask(lock::release); // runs after the waiter
    lock.acquire();
    trail.add("the one who released");
    assertThat(trail).containsExactly("waiter", "the one who released");
  }

  @LoopTest
  @Spec("LOCK-11")
  void lineOfCancelledWaitersHoldsNobodyUp() {
    lock.acquire();
    Task<?> first = acquirer(1);
    Task<?> second = acquirer(2);
    turn();
    first.cancel();
    second.cancel();
    lock.release();
    createTask(() -> trail.add("later"));
    lock.acquire(); // at once
    assertThat(trail).isEmpty();
    assertThat(lock.toString()).endsWith("[locked, waiters:2]");
    turn();
    assertThat(trail).containsExactly("later");
    assertThat(lock.toString()).endsWith("[locked]");
    assertCancelled(first);
    assertCancelled(second);
  }

  @LoopTest
  @Spec({"LOCK-12", "REG-1"})
  void wokenAndThenCancelledWaiterWakesTheNext() {
    lock.acquire();
    Task<?> b = acquirer("B");
    Task<?> c = acquirer("C");
    turn();
    lock.release();
    b.cancel();
    await(c);
    assertCancelled(b);
    assertThat(trail).containsExactly("C");
    assertThat(lock.isLocked()).isTrue();
  }

  @LoopTest
  @Spec({"LOCK-12", "REG-1"})
  void waiterCancelledBeforeTheReleaseWakesTheNext() {
    lock.acquire();
    Task<?> b = acquirer("B");
    Task<?> c = acquirer("C");
    turn();
    b.cancel();
    lock.release();
    await(c);
    assertCancelled(b);
    assertThat(trail).containsExactly("C");
    assertThat(lock.isLocked()).isTrue();
  }

  @LoopTest
  @Spec({"LOCK-13", "REG-18"})
  void oneReleaseIsEnoughWithACancelledWaiterAtTheHead() {
    lock.acquire();
    Task<?> b = acquirer("B");
    acquirer("C");
    turn();
    b.cancel();
    lock.release();
    turns(2); // B goes, and wakes C
    assertThat(trail).containsExactly("C");
    assertThat(lock.toString()).endsWith("[locked]");
  }

  @LoopTest
  @Spec("LOCK-14")
  void severalCancelledAtOnceLeaveTheOthersInOrder() {
    lock.acquire();
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tasks.add(acquirer(i));
    }
    turn();
    tasks.get(0).cancel();
    tasks.get(2).cancel();
    tasks.get(5).cancel();
    lock.release();
    turns(5);
    assertThat(trail).containsExactly(1);
    lock.release();
    turns(5);
    assertThat(trail).containsExactly(1, 3);
    lock.release();
    turns(5);
    assertThat(trail).containsExactly(1, 3, 4);
    assertThat(lock.toString()).endsWith("[locked]");
  }

  @LoopTest
  @Spec("LOCK-15")
  void twoCancelledAfterTheWakeUp() {
    lock.acquire();
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(passer(i));
    }
    turn();
    lock.release();
    tasks.get(0).cancel();
    tasks.get(1).cancel();
    turns(10);
    assertThat(trail).containsExactly(2, 3);
    assertThat(lock.toString()).endsWith("[unlocked]");
    assertCancelled(tasks.get(0));
    assertCancelled(tasks.get(1));
  }

  @LoopTest
  @Spec({"LOCK-16", "REG-2"})
  void cancelAndReleaseInOneCallbackLetExactlyOneIn() throws Exception {
    for (boolean cancelFirst : new boolean[] {true, false}) {
      Lock shared = new Lock();
      List<String> in = new ArrayList<>();
      shared.acquire();
      Task<?> a = createTask(shared::acquire);
      Task<?> b = createTask(() -> in.add("B " + shared.acquire().getClass().getSimpleName()));
      Task<?> c = createTask(() -> in.add("C " + shared.acquire().getClass().getSimpleName()));
      turn();
      inCallback(() -> {
        if (cancelFirst) {
          a.cancel();
          shared.release();
        } else {
          shared.release();
          a.cancel();
        }
      });
      turns(10);
      assertThat(in).containsExactly("B Guard");
      assertThat(c.isDone()).isFalse();
      shared.release();
      await(c);
      await(b);
      assertCancelled(a);
    }
  }

  @LoopTest
  @Spec("LOCK-17")
  void cancellingAWaiterKeepsLockAndOrder() {
    lock.acquire();
    acquirer(1);
    Task<?> cancelled = acquirer(2);
    acquirer(3);
    turn();
    cancelled.cancel();
    turns(5);
    assertThat(lock.toString()).endsWith("[locked, waiters:2]");
    assertThat(trail).isEmpty();
    lock.release();
    turns(5);
    lock.release();
    turns(5);
    assertThat(trail).containsExactly(1, 3);
    assertCancelled(cancelled);
  }

  @LoopTest
  @Spec("LOCK-18")
  void cancelledEntryDoesNotRelease() {
    lock.acquire();
    Task<?> cancelled = passer("never");
    turn();
    cancelled.cancel();
    assertCancelled(cancelled);
    assertThat(lock.isLocked()).isTrue(); // still ours
    assertThat(trail).isEmpty();
    lock.release();

    assertThatThrownBy(() ->
            timeout(
                seconds(1),
                () -> {
                  try (var _ = lock.acquire()) {
                    sleep(seconds(2));
                  }
                }))
        .isInstanceOf(TimeoutException.class);
    assertThat(lock.isLocked()).isFalse(); // it had entered, so it did release
  }

  @LoopTest
  @Spec("LOCK-19")
  void isLockedFromTheAcquireToTheRelease() {
    Task<?> waiter = createTask(() -> trail.add(lock.isLocked()));
    Lock.Guard guard = lock.acquire();
    assertThat(lock.isLocked()).isTrue();
    turn();
    assertThat(trail).containsExactly(true);
    guard.close();
    assertThat(lock.isLocked()).isFalse();
    guard.close(); // harmless
    assertThat(lock.isLocked()).isFalse();
    await(waiter);
  }
}
