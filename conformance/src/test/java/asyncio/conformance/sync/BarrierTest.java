package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.assertFails;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** BAR: rounds, indexes and cancellation. Reset and abort: {@link BarrierBreakTest}. */
class BarrierTest {
  private final List<Object> trail = new ArrayList<>();

  private Task<Integer> party(Barrier barrier, String name) {
    return createTask(() -> {
      int index = barrier.await();
      trail.add(name + ":" + index);
      return index;
    });
  }

  @LoopTest
  @Spec("BAR-1")
  void partiesArePositive() {
    for (int wrong : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> new Barrier(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("parties must be > 0");
    }
    assertThat(new Barrier(1).parties()).isEqualTo(1);
  }

  @LoopTest
  @Spec({"BAR-2", "BAR-3", "BAR-4"})
  void barrierFillsTaskByTask() {
    var barrier = new Barrier(3);
    assertThat(barrier.parties()).isEqualTo(3);
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/3]");
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      assertThat(barrier.nWaiting()).isEqualTo(i);
      tasks.add(party(barrier, "party"));
      turns(5);
    }
    assertThat(barrier.nWaiting()).isEqualTo(2);
    assertThat(barrier.toString()).endsWith("[filling, waiters:2/3]");
    assertThat(barrier.isBroken()).isFalse();
    assertThat(trail).isEmpty();
    tasks.add(party(barrier, "party"));
    turn();
    assertThat(barrier.nWaiting()).isZero(); // draining
    untilAllBlocked();
    assertThat(trail).hasSize(3);
    assertThat(barrier.parties()).isEqualTo(3);
    assertThat(barrier.nWaiting()).isZero();
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/3]");
  }

  @LoopTest
  @Spec("BAR-2")
  void textShowsEachState() throws Exception {
    var barrier = new Barrier(2);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      tasks.add(
          createTask(() -> {
            barrier.await();
            trail.add(barrier.toString().replaceAll(".*\\[", ""));
          }));
    }
    for (Task<?> task : tasks) {
      await(task);
    }
    assertThat(trail).containsExactly("draining, waiters:0/2]", "filling, waiters:0/2]");
    Task<?> failed = party(barrier, "never");
    turn();
    barrier.reset();
    assertThat(barrier.toString()).endsWith("[resetting, waiters:0/2]");
    assertThat(barrier.nWaiting()).isZero();
    assertFails(failed);
    barrier.abort();
    assertThat(barrier.toString()).endsWith("[broken]");
  }

  @LoopTest
  @Spec("BAR-5")
  void indexesOfARoundAreAllDifferent() {
    var barrier = new Barrier(5);
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      tasks.add(party(barrier, "party"));
    }
    List<Integer> indexes = new ArrayList<>();
    tasks.forEach(task -> indexes.add(await(task)));
    for (int round = 0; round < 3; round++) {
      assertThat(indexes.subList(5 * round, 5 * round + 5))
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }
  }

  @LoopTest
  @Spec({"BAR-6", "REG-16"})
  void indexesAreDifferentAfterACancelToo() {
    var barrier = new Barrier(3);
    Task<Integer> a = party(barrier, "A");
    Task<Integer> b = party(barrier, "B");
    turn();
    a.cancel();
    assertCancelled(a);
    Task<Integer> c = party(barrier, "C");
    Task<Integer> d = party(barrier, "D");
    assertThat(List.of(await(b), await(c), await(d))).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(trail).first().isEqualTo("D:2");
  }

  @LoopTest
  @Spec("BAR-7")
  void lastArrivalGoesOnFirstTheOthersInOrder() {
    var barrier = new Barrier(3);
    party(barrier, "a");
    party(barrier, "b");
    party(barrier, "c");
    createTask(() -> trail.add("created after c"));
    turn();
    assertThat(trail).containsExactly("c:2", "created after c");
    turns(5);
    assertThat(trail).containsExactly("c:2", "created after c", "a:0", "b:1");
  }

  @LoopTest
  @Spec("BAR-8")
  void onePartyNeverWaits() throws Exception {
    var barrier = new Barrier(1);
    createTask(() -> trail.add("another task"));
    assertThat(barrier.await()).isZero();
    assertThat(barrier.await()).isZero();
    try (var arrival = barrier.enter()) {
      assertThat(arrival.index()).isZero();
    }
    assertThat(trail).isEmpty();
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/1]");
  }

  @LoopTest
  @Spec("BAR-9")
  void barrierIsReusable() {
    var barrier = new Barrier(2);
    List<Task<?>> tasks = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      tasks.add(
          createTask(() -> {
            for (int round = 1; round <= 3; round++) {
              barrier.await();
              trail.add(round);
            }
          }));
    }
    tasks.forEach(task -> await(task));
    assertThat(trail).containsExactly(1, 1, 2, 2, 3, 3);
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/2]");
  }

  @LoopTest
  @Spec("BAR-10")
  void taskOfTheNextRoundIsHeldAtTheEntrance() {
    var barrier = new Barrier(2);
    party(barrier, "a");
    party(barrier, "b");
    party(barrier, "next");
    turn(); // b is out, a is released, and the third one has come too early
    assertThat(trail).containsExactly("b:1");
    assertThat(barrier.toString()).endsWith("[draining, waiters:0/2]");
    untilAllBlocked();
    assertThat(trail).containsExactly("b:1", "a:0");
    assertThat(barrier.toString()).endsWith("[filling, waiters:1/2]");
    party(barrier, "last");
    untilAllBlocked();
    assertThat(trail).containsExactly("b:1", "a:0", "last:1", "next:0");
  }

  @LoopTest
  @Spec("BAR-14")
  void cancellingATaskHeldAtTheEntranceChangesNoCount() {
    var barrier = new Barrier(2);
    party(barrier, "a");
    party(barrier, "b");
    Task<Integer> held = party(barrier, "held");
    turn();
    assertThat(barrier.toString()).endsWith("[draining, waiters:0/2]");
    held.cancel();
    untilAllBlocked();
    assertCancelled(held);
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/2]");
    party(barrier, "c");
    party(barrier, "d");
    untilAllBlocked();
    assertThat(trail).containsExactly("b:1", "a:0", "d:1", "c:0");
  }

  @LoopTest
  @Spec("BAR-11")
  void bodySeesDrainingButTheLastOneFilling() {
    var barrier = new Barrier(4);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(
          createTask(() -> {
            try (var _ = barrier.enter()) {
              trail.add(barrier.toString().replaceAll(".*\\[|,.*", ""));
            }
          }));
    }
    tasks.forEach(task -> await(task));
    assertThat(trail).containsExactly("draining", "draining", "draining", "filling");
  }

  @LoopTest
  @Spec("BAR-12")
  void cancellingAWaitingTaskMakesRoomForAnother() {
    var barrier = new Barrier(3);
    Task<Integer> a = party(barrier, "a");
    party(barrier, "b");
    turn();
    assertThat(barrier.nWaiting()).isEqualTo(2);
    a.cancel();
    assertCancelled(a);
    assertThat(barrier.nWaiting()).isEqualTo(1);
    assertThat(barrier.isBroken()).isFalse();
    party(barrier, "c");
    turns(5);
    assertThat(trail).isEmpty();
    party(barrier, "d");
    untilAllBlocked();
    assertThat(trail).hasSize(3);
  }

  @LoopTest
  @Spec("BAR-13")
  void releasedAndThenCancelledTaskHasLeft() {
    var barrier = new Barrier(3);
    Task<Integer> a = party(barrier, "a");
    Task<Integer> b = party(barrier, "b");
    turn();
    party(barrier, "c");
    turn();
    assertThat(trail).containsExactly("c:2");
    a.cancel(); // released, but has not run
    assertThat(barrier.toString()).endsWith("[draining, waiters:0/3]");
    assertCancelled(a);
    await(b);
    assertThat(trail).containsExactly("c:2", "b:1");
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/3]");
    List.of(party(barrier, "d"), party(barrier, "e"), party(barrier, "f"))
        .forEach(task -> await(task));
    assertThat(trail).hasSize(5);
  }

  @LoopTest
  @Spec("BAR-15")
  void timeoutAroundAWaitDoesNotBreakTheBarrier() {
    var barrier = new Barrier(2);
    assertThatThrownBy(() -> timeout(seconds(1), () -> barrier.await()))
        .isInstanceOf(TimeoutException.class);
    assertThat(barrier.isBroken()).isFalse();
    assertThat(barrier.nWaiting()).isZero();
    party(barrier, "a");
    party(barrier, "b");
    turns(5);
    assertThat(trail).containsExactly("b:1", "a:0");
    assertThat(Barrier.class.getConstructors()).hasSize(1);
    assertThat(Barrier.class.getConstructors()[0].getParameterTypes())
        .containsExactly(int.class); // no action
  }

  @LoopTest
  @Spec("BAR-16")
  void scopeGivesTheIndexAndItsEndDoesNothing() {
    var barrier = new Barrier(2);
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      tasks.add(
          createTask(() -> {
            try (Barrier.Arrival arrival = barrier.enter()) {
              turns(3);
              if (arrival.index() == 0) {
                throw new ArithmeticException("in the body");
              }
              return arrival.index();
            }
          }));
    }
    assertFails(tasks.get(0)).isInstanceOf(ArithmeticException.class);
    assertThat(await(tasks.get(1))).isEqualTo(1);
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/2]");
  }
}
