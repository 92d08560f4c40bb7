package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.Event;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** EVENT: a flag that tasks wait for. */
class EventTest {
  private final Event event = new Event();
  private final List<Object> trail = new ArrayList<>();

  private Task<?> waiter(Object name) {
    return createTask(() -> {
      event.await();
      trail.add(name);
    });
  }

  @LoopTest
  @Spec("EVENT-1")
  void newEventIsUnset() {
    assertThat(event.isSet()).isFalse();
    assertThat(event.toString()).endsWith("[unset]");
  }

  @LoopTest
  @Spec("EVENT-2")
  void waitingForASetEventReturnsAtOnce() {
    event.set();
    createTask(() -> trail.add("another task"));
    event.await();
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("EVENT-3")
  void waitingForAnUnsetEventLastsUntilSet() {
    Task<?> waiter = waiter("waiter");
    turns(10);
    assertThat(waiter.isDone()).isFalse();
    event.set();
    assertThat(trail).isEmpty();
    await(waiter);
    assertThat(trail).containsExactly("waiter");
  }

  @LoopTest
  @Spec({"EVENT-4", "EVENT-12"})
  void setWakesEveryWaiter() {
    for (int i = 0; i < 100; i++) {
      waiter(i);
    }
    turn();
    event.set();
    assertThat(event.isSet()).isTrue();
    event.set(); // does nothing
    assertThat(event.isSet()).isTrue();
    turn();
    assertThat(trail).hasSize(100).isSorted();
    assertThat(event.toString()).endsWith("[set]");
  }

  @LoopTest
  @Spec("EVENT-5")
  void clearMakesLaterCallsWait() {
    event.clear(); // nothing yet
    assertThat(event.isSet()).isFalse();
    event.set();
    event.await();
    event.clear();
    assertThat(event.isSet()).isFalse();
    Task<?> waiter = waiter("waiter");
    turns(10);
    assertThat(trail).isEmpty();
    event.set();
    turn();
    assertThat(waiter.isDone()).isTrue();
  }

  @LoopTest
  @Spec("EVENT-6")
  void wokenWaiterReturnsThoughTheEventIsClearedMeanwhile() {
    createTask(() -> {
      event.await();
      trail.add("woken, set: " + event.isSet());
    });
    turn();
    event.set();
    event.clear();
    Task<?> late = waiter("late");
    turns(10);
    assertThat(trail).containsExactly("woken, set: false");
    event.set();
    await(late);
    assertThat(trail).containsExactly("woken, set: false", "late");
  }

  @LoopTest
  @Spec("EVENT-7")
  void settingTwiceWakesOnce() {
    waiter("waiter");
    turn();
    event.set();
    event.clear();
    event.set();
    event.set();
    assertThat(event.toString()).endsWith("[set, waiters:1]");
    turns(5);
    assertThat(trail).containsExactly("waiter");
    assertThat(event.toString()).endsWith("[set]");
  }

  @LoopTest
  @Spec("EVENT-8")
  void waitersResumeInOrderAndACancelledOneChangesNothing() {
    waiter(0);
    Task<?> cancelled = waiter(1);
    waiter(2);
    waiter(3);
    turn();
    cancelled.cancel();
    event.set();
    turn();
    assertThat(trail).containsExactly(0, 2, 3);
    assertCancelled(cancelled);
  }

  @LoopTest
  @Spec("EVENT-9")
  void taskThatHasNotRunYetFindsTheEventSet() {
    waiter(1);
    waiter(2);
    turn();
    waiter(3);
    event.set();
    turn();
    assertThat(trail).containsExactly(3, 1, 2);
  }

  @LoopTest
  @Spec("EVENT-10")
  void wokenAndThenCancelledWaiterIsCancelled() {
    Task<?> waiter = waiter("never");
    turn();
    event.set();
    waiter.cancel();
    assertCancelled(waiter);
    assertThat(trail).isEmpty();
    assertThat(event.isSet()).isTrue();
  }

  @Test
  @Spec("EVENT-11")
  void settingClearingAndAskingNeedNoLoop() {
    Event outside = new Event();
    outside.set();
    assertThat(outside.isSet()).isTrue();
    outside.clear();
    assertThat(outside.isSet()).isFalse();
  }

  @LoopTest
  @Spec("EVENT-11")
  void settingClearingAndAskingNeverSuspend() {
    waiter("waiter");
    turn();
    createTask(() -> trail.add("another task"));
    event.set();
    event.clear();
    event.isSet();
    assertThat(trail).isEmpty();
    turns(3);
    assertThat(trail).containsExactlyInAnyOrder("waiter", "another task");
  }
}
