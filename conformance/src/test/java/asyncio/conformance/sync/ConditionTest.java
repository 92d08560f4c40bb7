package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Condition;
import asyncio.sync.Lock;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/**
 * COND: waiting for a signal and getting the lock back. What cancellation does to that: {@link
 * ConditionCancelTest}.
 */
class ConditionTest {
  private final Condition condition = new Condition();
  private final List<Object> trail = new ArrayList<>();

  /** A task that waits for a signal, says so, and keeps the lock. */
  private Task<?> keeper(Object name) {
    return createTask(() -> {
      condition.acquire();
      condition.await();
      trail.add(name);
    });
  }

  /** As {@link #keeper}, but releases the lock in the end. */
  private Task<?> waiter(Condition on, Object name) {
    return createTask(() -> {
      try (var _ = on.acquire()) {
        on.await();
        trail.add(name);
      }
    });
  }

  @LoopTest
  @Spec({"COND-1", "COND-2"})
  void conditionUsesTheLockItIsGiven() {
    Lock lock = new Lock();
    Condition one = new Condition(lock);
    Condition other = new Condition(lock);
    Condition own = new Condition();
    lock.acquire();
    assertThat(one.isLocked()).isTrue();
    assertThat(other.isLocked()).isTrue();
    assertThat(own.isLocked()).isFalse();
    one.release();
    assertThat(lock.isLocked()).isFalse();
    Lock.Guard guard = other.acquire();
    assertThat(lock.isLocked()).isTrue();
    assertThat(one.isLocked()).isTrue();
    guard.close();
    assertThat(lock.isLocked()).isFalse();
    own.acquire();
    assertThat(own.isLocked()).isTrue();
    assertThat(lock.isLocked()).isFalse();
    own.release();
    assertThatThrownBy(own::release).hasMessageContaining("Lock is not acquired.");
  }

  @LoopTest
  @Spec("COND-3")
  void conditionsOnOneLockWakeOnlyTheirOwnWaiters() {
    Lock lock = new Lock();
    Condition notEmpty = new Condition(lock);
    Condition notFull = new Condition(lock);
    waiter(notEmpty, "not empty");
    Task<?> other = waiter(notFull, "not full");
    turn();
    try (var _ = lock.acquire()) {
      notEmpty.signalAll();
    }
    turns(5);
    assertThat(trail).containsExactly("not empty");
    try (var _ = lock.acquire()) {
      notFull.signal();
    }
    await(other);
    assertThat(trail).containsExactly("not empty", "not full");
  }

  @LoopTest
  @Spec("COND-4")
  void waitingNeedsTheLock() {
    assertThatThrownBy(condition::await)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot wait on un-acquired lock");
    assertThat(condition.toString()).endsWith("[unlocked]");
  }

  @LoopTest
  @Spec("COND-5")
  void signallingNeedsTheLock() {
    assertThatThrownBy(condition::signal)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot notify on un-acquired lock");
    assertThatThrownBy(() -> condition.signal(2))
        .hasMessageContaining("cannot notify on un-acquired lock");
    assertThatThrownBy(condition::signalAll)
        .hasMessageContaining("cannot notify on un-acquired lock");
  }

  @LoopTest
  @Spec("COND-6")
  void anybodyMaySignalWhileSomebodyHoldsTheLock() throws Exception {
    waiter(condition, "waiter");
    turn();
    Task<?> holder = createTask(() -> condition.acquire());
    await(holder);
    Turns.inCallback(condition::signal);
    turns(2);
    assertThat(trail).isEmpty();
    condition.release();
    turns(2);
    assertThat(trail).containsExactly("waiter");
  }

  @LoopTest
  @Spec({"COND-7", "COND-14"})
  void waitingFreesTheLockAndGetsItBack() {
    createTask(() -> {
      condition.acquire();
      condition.await();
      trail.add("returned, locked: " + condition.isLocked());
    });
    turn();
    assertThat(condition.isLocked()).isFalse();
    condition.acquire();
    condition.signal();
    turns(10);
    assertThat(trail).isEmpty();
    assertThat(condition.isLocked()).isTrue();
    condition.release();
    turn();
    assertThat(trail).containsExactly("returned, locked: true");
    assertThat(condition.isLocked()).isTrue();
  }

  @LoopTest
  @Spec({"COND-8", "COND-9"})
  void waitThatCannotEvenStartKeepsTheLock() {
    if (getRunningLoop().engine() != Engine.DIRECT) {
      return; // can suspend anywhere
    }
    condition.acquire();
    Task<?> rival = createTask(() -> trail.add(condition.acquire()));
    turn();
    // Nothing can suspend in a static initializer. The rival is woken for nothing, and stays where
    // it is.
    Pinned.run(
        () -> assertThatThrownBy(condition::await).isInstanceOf(IllegalStateException.class));
    assertThat(condition.isLocked()).isTrue();
    turns(3);
    assertThat(trail).isEmpty();
    assertThat(condition.toString()).endsWith("[locked]");
    Task<?> second =
        createTask(() -> trail.add("second " + condition.acquire().getClass().getSimpleName()));
    turn();
    condition.release();
    await(rival);
    assertThat(trail).hasSize(1);
    condition.release();
    await(second);
    assertThat(trail).last().isEqualTo("second Guard");
  }

  @LoopTest
  @Spec("COND-10")
  void signalWakesSoManyOfThoseWhoWait() {
    try (var _ = condition.acquire()) {
      condition.signal(5); // nobody there
    }
    Task<?> first = waiter(condition, 1);
    waiter(condition, 2);
    waiter(condition, 3);
    waiter(condition, 4);
    turn();
    first.cancel(); // counts as nobody
    try (var _ = condition.acquire()) {
      condition.signal(2);
    }
    turns(10);
    assertThat(trail).containsExactly(2, 3);
    try (var _ = condition.acquire()) {
      condition.signal(100);
    }
    turns(10);
    assertThat(trail).containsExactly(2, 3, 4);
    assertCancelled(first);
  }

  @LoopTest
  @Spec("COND-10")
  void signalWithoutNumberWakesOne() {
    waiter(condition, 1);
    waiter(condition, 2);
    turn();
    try (var _ = condition.acquire()) {
      condition.signal();
    }
    turns(10);
    assertThat(trail).containsExactly(1);
    assertThat(condition.toString()).endsWith("[unlocked, waiters:1]");
    try (var _ = condition.acquire()) {
      condition.signal();
    }
    turns(2);
  }

  @LoopTest
  @Spec("COND-11")
  void signallingNoneOrFewerWakesNobody() {
    Task<?> waiter = waiter(condition, 1);
    turn();
    try (var _ = condition.acquire()) {
      condition.signal(0);
      condition.signal(-1);
      condition.signal(Integer.MIN_VALUE);
    }
    turns(10);
    assertThat(waiter.isDone()).isFalse();
    waiter.cancel();
  }

  @LoopTest
  @Spec("COND-12")
  void signalsInARowWakeDifferentWaiters() {
    waiter(condition, 1);
    waiter(condition, 2);
    waiter(condition, 3);
    turn();
    try (var _ = condition.acquire()) {
      condition.signal();
      condition.signal();
    }
    turns(10);
    assertThat(trail).containsExactly(1, 2);
    waiter(condition, 4);
    waiter(condition, 5);
    turn();
    try (var _ = condition.acquire()) {
      condition.signal(1);
      condition.signal(2048);
    }
    turns(10);
    assertThat(trail).containsExactly(1, 2, 3, 4, 5);
  }

  @LoopTest
  @Spec("COND-13")
  void signalAllWakesAll() {
    for (int i = 0; i < 20; i++) {
      waiter(condition, i);
    }
    turn();
    try (var _ = condition.acquire()) {
      condition.signalAll();
    }
    turns(30);
    assertThat(trail).hasSize(20).isSorted();
  }

  @LoopTest
  @Spec("COND-15")
  void signalledWaitersReturnOneAReleaseToTheTurn() {
    keeper(1);
    keeper(2);
    keeper(3);
    turns(2);
    assertThat(trail).isEmpty();
    assertThat(condition.isLocked()).isFalse();

    condition.acquire();
    condition.signal();
    turn();
    assertThat(trail).isEmpty();
    assertThat(condition.isLocked()).isTrue();

    condition.release();
    turn();
    assertThat(trail).containsExactly(1);
    assertThat(condition.isLocked()).isTrue();

    condition.signal(2);
    turn();
    assertThat(trail).containsExactly(1);
    assertThat(condition.isLocked()).isTrue();

    condition.release();
    turn();
    assertThat(trail).containsExactly(1, 2);
    assertThat(condition.isLocked()).isTrue();

    condition.release();
    turn();
    assertThat(trail).containsExactly(1, 2, 3);
    assertThat(condition.isLocked()).isTrue();
  }

  @LoopTest
  @Spec("COND-16")
  void signalledWaiterStandsInTheLocksLineFromWhenItRuns() {
    keeper("signalled");
    turn();
    condition.acquire();
    createTask(() -> {
      try (var _ = condition.acquire()) {
        trail.add("waits for the lock");
      }
    });
    turn();
    condition.signal();
    condition.release();
    turns(5);
    assertThat(trail).containsExactly("waits for the lock", "signalled");
  }

  @LoopTest
  @Spec("COND-22")
  void trueConditionIsReturnedAtOnceEvenWithoutTheLock() {
    createTask(() -> trail.add("another task"));
    Object value = new Object();
    assertThat(condition.<Object>awaitFor(() -> value)).isSameAs(value);
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("COND-23")
  void predicateIsAskedAfterEachSignalWithTheLockHeldAndItsValueIsReturned() {
    List<Object> answers = new ArrayList<>();
    Task<List<Object>> waiter =
        createTask(() -> {
          try (var _ = condition.acquire()) {
            return condition.awaitFor(() -> {
              trail.add(condition.isLocked());
              return answers.size() < 2 ? null : answers;
            });
          }
        });
    turn();
    assertThat(trail).containsExactly(true);
    for (int i = 1; i <= 2; i++) {
      try (var _ = condition.acquire()) {
        answers.add(i);
        condition.signal();
      }
      turns(3);
      assertThat(trail).hasSize(1 + i).containsOnly(true);
    }
    assertThat(await(waiter)).isSameAs(answers);
    assertThat(condition.isLocked()).isFalse();

    Task<Boolean> plain =
        createTask(() -> {
          try (var _ = condition.acquire()) {
            return condition.awaitFor(() -> answers.size() > 2);
          }
        });
    turn();
    try (var _ = condition.acquire()) {
      condition.signal(); // not true yet
    }
    turns(3);
    assertThat(plain.isDone()).isFalse();
    try (var _ = condition.acquire()) {
      answers.add(3);
      condition.signal();
    }
    assertThat(await(plain)).isTrue();
  }

  @LoopTest
  @Spec("COND-24")
  void waitingForAFalseConditionNeedsTheLock() {
    assertThatThrownBy(() -> condition.awaitFor(() -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot wait on un-acquired lock");
  }

  @LoopTest
  @Spec("COND-25")
  void exceptionOfThePredicateLeavesTheLockHeld() {
    List<String> states = new ArrayList<>();
    Task<?> waiter =
        createTask(() -> {
          condition.acquire();
          condition.awaitFor(() -> {
            states.add("asked");
            if (states.size() == 2) {
              throw new ArithmeticException("predicate");
            }
            return false;
          });
        });
    turn();
    try (var _ = condition.acquire()) {
      condition.signal();
    }
    Turns.assertFails(waiter).isInstanceOf(ArithmeticException.class);
    assertThat(condition.isLocked()).isTrue();
    condition.release();
  }

  @LoopTest
  @Spec({"COND-26", "REG-5"})
  void timeoutAroundAWaitComesWithTheLock() {
    try (var _ = condition.acquire()) {
      assertThatThrownBy(() -> timeout(seconds(0.5), condition::await))
          .isInstanceOf(TimeoutException.class);
      assertThat(condition.isLocked()).isTrue();
    }
    assertThat(condition.isLocked()).isFalse();
  }

  @LoopTest
  @Spec({"COND-26", "REG-5"})
  void timeoutAroundAWaitTakesAsLongAsTheLockDoes() {
    Task<?> waiter =
        createTask(() -> {
          try (var _ = condition.acquire()) {
            try {
              timeout(seconds(1), condition::await);
            } catch (TimeoutException e) {
              trail.add("timeout, locked: " + condition.isLocked());
            }
          }
        });
    turn();
    condition.acquire();
    sleep(seconds(5));
    assertThat(trail).isEmpty();
    condition.release();
    await(waiter);
    assertThat(trail).containsExactly("timeout, locked: true");
    assertThat(condition.isLocked()).isFalse();
  }

  @LoopTest
  @Spec("COND-27")
  void waitersOfConditionAndLockAreCountedApart() {
    Lock lock = new Lock();
    Condition shared = new Condition(lock);
    Task<?> forSignal = waiter(shared, "signal");
    turn();
    shared.acquire();
    Task<?> forLock = createTask(() -> lock.acquire());
    Task<?> forLockToo = createTask(() -> lock.acquire());
    turn();
    assertThat(shared.toString()).endsWith("[locked, waiters:1]");
    assertThat(lock.toString()).endsWith("[locked, waiters:2]");
    for (Task<?> task : List.of(forSignal, forLock, forLockToo)) {
      task.cancel();
    }
    shared.release();
    turns(3);
    assertThat(shared.toString()).endsWith("[unlocked]");
    assertThat(lock.toString()).endsWith("[unlocked]");
  }
}
