package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.Condition;
import asyncio.testkit.LoopTest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** COND: cancellation while waiting for the signal, and while waiting for the lock again. */
class ConditionCancelTest {
  private final Condition condition = new Condition();
  private final List<Object> trail = new ArrayList<>();

  /** Waits, and says with which reason it was cancelled and whether the lock was held then. */
  private Task<?> waiter() {
    return createTask(() -> {
      condition.acquire();
      try {
        condition.await();
        trail.add("signalled");
      } catch (CancelledError e) {
        trail.add("cancelled " + e.reason() + ", locked: " + condition.isLocked());
        throw e;
      } finally {
        condition.release();
      }
    });
  }

  @LoopTest
  @Spec({"COND-17", "COND-8"})
  void cancelledWhileWaitingForTheSignal() {
    Task<?> waiter = waiter();
    turn();
    waiter.cancel("why");
    assertCancelled(waiter);
    assertThat(trail).containsExactly("cancelled why, locked: true");
    assertThat(condition.toString()).endsWith("[unlocked]");
  }

  @LoopTest
  @Spec({"COND-17", "COND-8", "REG-4"})
  void cancelledWaiterWaitsForTheLock() {
    Task<?> waiter = waiter();
    turn();
    condition.acquire();
    waiter.cancel("why");
    turns(10);
    assertThat(trail).isEmpty();
    condition.release();
    assertCancelled(waiter);
    assertThat(trail).containsExactly("cancelled why, locked: true");
    assertThat(condition.isLocked()).isFalse();
  }

  @LoopTest
  @Spec({"COND-18", "COND-8", "REG-3", "REG-4"})
  void cancelWhileReAcquiringIsNotForgotten() {
    Task<?> waiter = waiter();
    turn();
    condition.acquire();
    condition.signal();
    turn(); // now it waits for the lock
    waiter.cancel("why");
    turns(10);
    assertThat(waiter.isDone()).isFalse();
    assertThat(trail).isEmpty();
    condition.release();
    assertCancelled(waiter);
    assertThat(trail).containsExactly("cancelled why, locked: true");
    assertThat(condition.isLocked()).isFalse();
  }

  /**
   * Two consumers wait for an item; {@code atSignal} runs in the callback that signals, {@code
   * later} a turn afterwards.
   */
  private void signalOneOfTwoConsumers(boolean cancelAtOnce) {
    Deque<String> items = new ArrayDeque<>();
    List<Task<?>> consumers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      consumers.add(
          createTask(() -> {
            try (var _ = condition.acquire()) {
              condition.awaitFor(() -> !items.isEmpty());
              trail.add(number + " takes " + items.remove());
            }
          }));
    }
    turn();
    condition.acquire();
    items.add("item");
    condition.signal(1);
    if (!cancelAtOnce) {
      turn(); // the first one waits for the lock now
    }
    consumers.get(0).cancel();
    condition.release();
    turns(10);
    assertCancelled(consumers.get(0));
    await(consumers.get(1));
    assertThat(trail).containsExactly("1 takes item");
    assertThat(condition.toString()).endsWith("[unlocked]");
  }

  @LoopTest
  @Spec({"COND-19", "REG-7"})
  void signalOfAWaiterCancelledBeforeItRunsGoesToAnother() {
    signalOneOfTwoConsumers(true);
  }

  @LoopTest
  @Spec({"COND-19", "REG-7"})
  void signalOfAWaiterCancelledWhileReAcquiringGoesToAnother() {
    signalOneOfTwoConsumers(false);
  }

  @LoopTest
  @Spec({"COND-20", "REG-6"})
  void errorIsTheOneDelivered() {
    CancelledError[] caught = new CancelledError[1];
    Task<?> waiter =
        createTask(() -> {
          condition.acquire();
          try {
            condition.await();
          } catch (CancelledError e) {
            caught[0] = e;
            throw e;
          }
        });
    turn();
    condition.acquire();
    waiter.cancel("the reason");
    turns(3);
    condition.release();
    assertCancelled(waiter);
    assertThat(caught[0].reason()).isEqualTo("the reason");
    assertThat(caught[0].getSuppressed()).isEmpty();
    assertThat(caught[0].getCause()).isNull();
    // Its stack leads to where it was delivered, so that it is no fresh one.
    assertThat(caught[0].getStackTrace())
        .anyMatch(frame -> frame.getClassName().contains("WaitQueue"));
  }

  @LoopTest
  @Spec({"COND-20", "REG-6"})
  void lastOfSeveralCancelsCountsAndAllAreCounted() {
    Task<?> waiter = waiter();
    turn();
    condition.acquire();
    condition.signal();
    turn();
    waiter.cancel("one");
    turn();
    waiter.cancel("two");
    turn();
    waiter.cancel("three");
    turn();
    assertThat(waiter.cancelling()).isEqualTo(3);
    assertThat(trail).isEmpty();
    condition.release();
    assertCancelled(waiter);
    assertThat(trail).containsExactly("cancelled three, locked: true");
  }

  @LoopTest
  @Spec("COND-21")
  void cancellingOneWhoWasNotSignalledWakesNobody() {
    Task<?> cancelled = waiter();
    Task<?> other = waiter();
    turn();
    cancelled.cancel("why");
    turns(10);
    assertThat(trail).containsExactly("cancelled why, locked: true");
    assertThat(other.isDone()).isFalse();
    condition.acquire();
    condition.signal();
    condition.release();
    await(other);
    assertThat(trail).last().isEqualTo("signalled");
  }
}
