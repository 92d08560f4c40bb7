package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertFails;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Suspends;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;

/** BAR: reset and abort. */
class BarrierBreakTest {
  private final List<Object> trail = new ArrayList<>();

  private Task<?> party(Barrier barrier, String name) {
    return createTask(() -> {
      try {
        trail.add(name + ":" + barrier.await());
      } catch (BrokenBarrierException e) {
        trail.add(name + " " + e.getMessage());
      }
    });
  }

  private List<Task<?>> parties(Barrier barrier, int n) {
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      tasks.add(party(barrier, "p" + i));
    }
    return tasks;
  }

  private static void assertUsable(Barrier barrier) {
    assertThat(barrier.toString()).endsWith("[filling, waiters:0/" + barrier.parties() + "]");
    assertThat(barrier.isBroken()).isFalse();
    List<Task<Integer>> round = new ArrayList<>();
    for (int i = 0; i < barrier.parties(); i++) {
      round.add(createTask(barrier::await));
    }
    List<Integer> indexes = new ArrayList<>();
    round.forEach(task -> indexes.add(await(task)));
    assertThat(indexes).doesNotHaveDuplicates().hasSize(barrier.parties());
  }

  @LoopTest
  @Spec("BAR-17")
  void resetWithNobodyInside() throws Exception {
    var barrier = new Barrier(2);
    barrier.reset();
    assertUsable(barrier);
    barrier.abort();
    barrier.reset();
    assertUsable(barrier);
  }

  @LoopTest
  @Spec({"BAR-18", "BAR-23"})
  void resetFailsThoseWhoWait() throws Exception {
    var barrier = new Barrier(3);
    parties(barrier, 2);
    turn();
    barrier.reset();
    assertThat(barrier.toString()).endsWith("[resetting, waiters:0/3]");
    Task<?> late = party(barrier, "late"); // held until those have left
    untilAllBlocked();
    assertThat(trail)
        .containsExactly("p0 Abort or reset of barrier", "p1 Abort or reset of barrier");
    assertThat(barrier.toString()).endsWith("[filling, waiters:1/3]");
    parties(barrier, 2);
    await(late);
    untilAllBlocked();
    assertThat(trail)
        .containsExactlyInAnyOrder(
            "p0 Abort or reset of barrier",
            "p1 Abort or reset of barrier",
            "late:0",
            "p0:1",
            "p1:2");
    assertUsable(barrier);
  }

  @LoopTest
  @Spec("BAR-19")
  void resetWhileDrainingFailsThoseWhoAreNotOut() {
    var barrier = new Barrier(5);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tasks.add(
          createTask(() -> {
            try {
              barrier.await();
              trail.add("out");
              if (trail.size() == 3) {
                barrier.reset();
              }
            } catch (BrokenBarrierException e) {
              trail.add("broken");
            }
          }));
    }
    tasks.forEach(task -> await(task));
    assertThat(trail).containsExactly("out", "out", "out", "broken", "broken");
    assertUsable(barrier);
  }

  /**
   * Fills a barrier; the one who comes out as number {@code when} resets or aborts it. Three more
   * wait at the entrance.
   */
  private List<Task<?>> roundWithThreeAtTheEntrance(Barrier barrier, int when, boolean abort) {
    List<Task<?>> tasks = new ArrayList<>();
    int[] out = {0};
    for (int i = 0; i < barrier.parties(); i++) {
      tasks.add(
          createTask(() -> {
            try {
              barrier.await();
              trail.add("out");
              if (++out[0] == when) {
                if (abort) {
                  barrier.abort();
                } else {
                  barrier.reset();
                }
              }
            } catch (BrokenBarrierException e) {
              trail.add("inside " + e.getMessage());
            }
          }));
    }
    for (int i = 0; i < 3; i++) {
      tasks.add(party(barrier, "held"));
    }
    return tasks;
  }

  @LoopTest
  @Spec({"BAR-20", "BAR-19"})
  void resetWhileDrainingDoesNotFailThoseAtTheEntrance() {
    var barrier = new Barrier(4);
    List<Task<?>> tasks = roundWithThreeAtTheEntrance(barrier, 2, false);
    untilAllBlocked();
    assertThat(trail)
        .containsExactly(
            "out", "out", "inside Abort or reset of barrier", "inside Abort or reset of barrier");
    assertThat(barrier.toString()).endsWith("[filling, waiters:3/4]");
    party(barrier, "last");
    tasks.forEach(task -> await(task));
    assertThat(trail).endsWith("last:3", "held:0", "held:1", "held:2");
    assertUsable(barrier);
  }

  @LoopTest
  @Spec("BAR-21")
  void resetByTheLastOneOutDisturbsNobody() {
    var barrier = new Barrier(3);
    List<Task<?>> tasks = roundWithThreeAtTheEntrance(barrier, 3, false);
    tasks.forEach(task -> await(task));
    assertThat(trail).containsExactly("out", "out", "out", "held:2", "held:0", "held:1");
    assertUsable(barrier);
  }

  @LoopTest
  @Spec({"BAR-22", "BAR-23", "BAR-3"})
  void abortFailsEverybodyUntilReset() throws Exception {
    var barrier = new Barrier(4);
    parties(barrier, 2);
    turn();
    assertThat(barrier.nWaiting()).isEqualTo(2);
    barrier.abort();
    assertThat(barrier.isBroken()).isTrue();
    assertThat(barrier.nWaiting()).isZero();
    assertThat(barrier.toString()).endsWith("[broken]");
    untilAllBlocked();
    assertThat(trail)
        .containsExactly("p0 Abort or reset of barrier", "p1 Abort or reset of barrier");
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(barrier::await)
          .isInstanceOf(BrokenBarrierException.class)
          .hasMessageContaining("Barrier aborted");
    }
    assertThat(barrier.isBroken()).isTrue();
    barrier.reset();
    assertUsable(barrier);
  }

  @LoopTest
  @Spec({"BAR-22", "BAR-23"})
  void abortWhileDrainingFailsThoseInsideAndThoseAtTheEntrance() {
    var barrier = new Barrier(3);
    List<Task<?>> tasks = roundWithThreeAtTheEntrance(barrier, 2, true);
    tasks.forEach(task -> await(task));
    assertThat(trail)
        .containsExactlyInAnyOrder(
            "out",
            "out",
            "inside Abort or reset of barrier",
            "held Barrier aborted",
            "held Barrier aborted",
            "held Barrier aborted");
    assertThat(barrier.isBroken()).isTrue();
  }

  @LoopTest
  @Spec({"BAR-24", "BAR-25"})
  void afterAnAbortASecondBarrierLetsOneReset() throws Exception {
    var barrier = new Barrier(3);
    var other = new Barrier(3);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      tasks.add(
          createTask(() -> {
            try {
              if (number == 1) {
                throw new ArithmeticException("own code of a party");
              }
              barrier.await();
              trail.add("not reached");
            } catch (ArithmeticException e) {
              turn();
              assertThat(barrier.isBroken()).isFalse(); // BAR-25: not by itself
              barrier.abort();
            } catch (BrokenBarrierException e) {
              trail.add(number + " broken");
            }
            if (other.await() == 0) {
              assertThat(barrier.isBroken()).isTrue();
              barrier.reset();
            }
            other.await();
            barrier.await();
            trail.add(number + " through");
          }));
    }
    for (Task<?> task : tasks) {
      await(task);
    }
    assertThat(trail)
        .containsExactlyInAnyOrder("0 broken", "2 broken", "0 through", "1 through", "2 through")
        .startsWith("0 broken", "2 broken");
    assertThat(barrier.isBroken()).isFalse();
  }

  @LoopTest
  @Spec("BAR-25")
  void exceptionOfAPartyDoesNotBreakTheBarrier() {
    var barrier = new Barrier(3);
    parties(barrier, 2);
    Task<?> failing =
        createTask(() -> {
          throw new ArithmeticException("own code of a party");
        });
    assertFails(failing).isInstanceOf(ArithmeticException.class);
    turns(5);
    assertThat(barrier.isBroken()).isFalse();
    assertThat(trail).isEmpty();
    Task<?> aborting = createTask(barrier::abort);
    await(aborting);
    untilAllBlocked();
    assertThat(trail)
        .containsExactly("p0 Abort or reset of barrier", "p1 Abort or reset of barrier");
  }

  @LoopTest
  @Spec("BAR-26")
  void errorIsTheOneOfTheJdk() {
    assertThat(Exception.class).isAssignableFrom(BrokenBarrierException.class);
    assertThat(BrokenBarrierException.class.getModule()).isEqualTo(Object.class.getModule());
  }

  @LoopTest
  @Spec("BAR-27")
  void resetAndAbortAreCalledLikeAwait() throws Exception {
    for (String name : List.of("await", "reset", "abort")) {
      assertThat(Barrier.class.getMethod(name).isAnnotationPresent(Suspends.class))
          .as(name)
          .isTrue();
    }
    // With the lock free they do not suspend.
    createTask(() -> trail.add("another task"));
    var barrier = new Barrier(2);
    barrier.abort();
    barrier.reset();
    assertThat(trail).isEmpty();
  }
}
