package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.assertBlocks;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.inCallback;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** SEM: permits, and who gets them. */
class SemaphoreTest {
  private final List<Object> trail = new ArrayList<>();

  private Task<?> acquirer(Semaphore semaphore, Object name) {
    return createTask(() -> {
      semaphore.acquire();
      trail.add(name);
    });
  }

  private static void assertValue(Semaphore semaphore, int value) {
    assertThat(semaphore.toString())
        .endsWith(value == 0 ? "[locked]" : "[unlocked, value:" + value + "]");
    assertThat(semaphore.isLocked()).isEqualTo(value == 0);
  }

  @LoopTest
  @Spec("SEM-1")
  void startValue() {
    assertValue(new Semaphore(), 1);
    assertValue(new BoundedSemaphore(), 1);
    assertValue(new Semaphore(0), 0);
    assertValue(new Semaphore(7), 7);
    assertBlocks(new Semaphore(0)::acquire);
    assertThatThrownBy(() -> new Semaphore(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Semaphore initial value must be >= 0");
    assertThatThrownBy(() -> new BoundedSemaphore(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Semaphore initial value must be >= 0");
  }

  @LoopTest
  @Spec("SEM-2")
  void freePermitIsTakenAtOnce() {
    var semaphore = new Semaphore(2);
    createTask(() -> trail.add("another task"));
    assertThat(semaphore.acquire()).isInstanceOf(Semaphore.Permit.class);
    assertValue(semaphore, 1);
    semaphore.acquire();
    assertValue(semaphore, 0);
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("SEM-2")
  void cancelledWaitersDoNotHoldANewcomerUp() {
    var semaphore = new Semaphore(0);
    Task<?> waiter = acquirer(semaphore, "never");
    turn();
    waiter.cancel();
    semaphore.release(); // to nobody
    createTask(() -> trail.add("another task"));
    semaphore.acquire();
    assertThat(trail).isEmpty();
    assertCancelled(waiter);
    assertValue(semaphore, 0);
  }

  @LoopTest
  @Spec("SEM-3")
  void acquireWaitsForAPermit() {
    var semaphore = new Semaphore(0);
    Task<Semaphore.Permit> waiter = createTask(semaphore::acquire);
    turns(10);
    assertThat(waiter.isDone()).isFalse();
    semaphore.release();
    Semaphore.Permit permit = await(waiter);
    assertValue(semaphore, 0);
    permit.close();
    permit.close();
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec("SEM-4")
  void isLockedTellsWhetherAcquireWouldSuspend() {
    var semaphore = new Semaphore(0);
    assertThat(semaphore.isLocked()).isTrue();
    Task<?> waiter = acquirer(semaphore, "waiter");
    turn();
    semaphore.release();
    semaphore.release(); // one is free, but the waiter has not run
    assertThat(semaphore.toString()).endsWith("[locked, waiters:1]");
    assertThat(semaphore.isLocked()).isTrue();
    await(waiter);
    assertThat(semaphore.isLocked()).isFalse();
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec({"SEM-4", "SEM-14"})
  void cancelledWaiterDoesNotCountAsOneInLine() {
    var semaphore = new Semaphore(0);
    Task<?> waiter = acquirer(semaphore, "never");
    turn();
    waiter.cancel();
    semaphore.release();
    assertThat(semaphore.isLocked()).isFalse();
    assertThat(semaphore.toString()).endsWith("[unlocked, value:1, waiters:1]");
    assertCancelled(waiter);
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec({"SEM-5", "SEM-19", "REG-11"})
  void releasedPermitIsHandedOverAtOnce() {
    var semaphore = new Semaphore(0);
    acquirer(semaphore, 1);
    acquirer(semaphore, 2);
    Task<?> third = acquirer(semaphore, 3);
    turn();
    semaphore.release();
    semaphore.release();
    assertThat(semaphore.toString()).endsWith("[locked, waiters:3]");
    third.cancel();
    turn();
    // Had a permit been free besides, it would show now.
    assertValue(semaphore, 0);
    assertThat(trail).containsExactly(1, 2);
    assertCancelled(third);
  }

  @LoopTest
  @Spec({"SEM-6", "REG-9"})
  void nobodySnatchesThePermitOfAWokenWaiter() {
    var semaphore = new Semaphore(1);
    semaphore.acquire();
    createTask(() -> {
      try (var _ = semaphore.acquire()) {
        trail.add("waiter");
      }
    });
    turn();
    semaphore.release();
    semaphore.acquire();
    trail.add("the one who released");
    assertThat(trail).containsExactly("waiter", "the one who released");
  }

  @LoopTest
  @Spec("SEM-7")
  void plainSemaphoreGrows() {
    var semaphore = new Semaphore(1);
    semaphore.release();
    semaphore.release();
    assertValue(semaphore, 3);
  }

  @LoopTest
  @Spec("SEM-8")
  void boundedSemaphoreRefusesAReleaseTooMany() {
    var semaphore = new BoundedSemaphore(2);
    assertThatThrownBy(semaphore::release)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BoundedSemaphore released too many times");
    assertValue(semaphore, 2);
    semaphore.acquire();
    semaphore.release();
    assertThatThrownBy(semaphore::release).isInstanceOf(IllegalArgumentException.class);
    assertValue(semaphore, 2);
  }

  @LoopTest
  @Spec("SEM-9")
  void boundedSemaphoreRefusesASecondReleaseBeforeTheNewHolderRuns() {
    var semaphore = new BoundedSemaphore(1);
    semaphore.acquire();
    Task<Semaphore.Permit> waiter = createTask(semaphore::acquire);
    turn();
    semaphore.release(); // handed over
    assertThatThrownBy(semaphore::release)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BoundedSemaphore released too many times");
    await(waiter).close(); // the new holder's own is accepted
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec("SEM-9")
  void boundedSemaphoreCountsAPermitThatComesBackFromACancelledWaiter() {
    var semaphore = new BoundedSemaphore(1);
    semaphore.acquire();
    Task<?> waiter = acquirer(semaphore, "never");
    turn();
    semaphore.release();
    waiter.cancel();
    assertCancelled(waiter);
    assertValue(semaphore, 1);
    assertThatThrownBy(semaphore::release).isInstanceOf(IllegalArgumentException.class);
    semaphore.acquire();
    semaphore.release();
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec("SEM-10")
  void anybodyMayRelease() {
    var semaphore = new BoundedSemaphore(1);
    semaphore.acquire();
    await(createTask(semaphore::release));
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec({"SEM-11", "REG-9"})
  void secondRoundsComeAfterFirstRounds() {
    var semaphore = new Semaphore(1);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      int number = i;
      tasks.add(
          createTask(() -> {
            for (int round = 1; round <= 2; round++) {
              try (var _ = semaphore.acquire()) {
                turn(); // works
                trail.add(number + "/" + round);
              }
            }
          }));
    }
    tasks.forEach(task -> await(task));
    assertThat(trail).containsExactly("1/1", "2/1", "3/1", "1/2", "2/2", "3/2");
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec("SEM-12")
  void reAcquiringTaskQueuesBehindTheOthers() {
    var semaphore = new Semaphore(1);
    semaphore.acquire();
    Task<?> c1 = acquirer(semaphore, "c1");
    Task<?> c2 =
        createTask(() -> {
          semaphore.acquire();
          trail.add("c2");
          semaphore.release();
          semaphore.acquire();
          trail.add("c2 again");
        });
    Task<?> c3 = acquirer(semaphore, "c3");
    turn();
    semaphore.release();
    await(c1);
    semaphore.release();
    await(c3);
    semaphore.release();
    await(c2);
    assertThat(trail).containsExactly("c1", "c2", "c3", "c2 again");
  }

  @LoopTest
  @Spec({"SEM-13", "REG-8"})
  void permitHandedToACancelledWaiterComesBack() {
    var semaphore = new Semaphore(0);
    Task<?> waiter = acquirer(semaphore, "never");
    turn();
    semaphore.release();
    assertThat(semaphore.isLocked()).isTrue();
    waiter.cancel();
    assertCancelled(waiter);
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec({"SEM-13", "REG-8"})
  void permitHandedToACancelledWaiterGoesToTheNext() {
    var semaphore = new Semaphore(0);
    Task<?> first = acquirer(semaphore, 1);
    Task<?> second = acquirer(semaphore, 2);
    acquirer(semaphore, 3);
    turn();
    semaphore.release();
    first.cancel();
    await(second);
    assertCancelled(first);
    turns(5);
    assertThat(trail).containsExactly(2);
    assertThat(semaphore.toString()).endsWith("[locked, waiters:1]");
    semaphore.release();
    turn();
    assertThat(trail).containsExactly(2, 3);
  }

  @LoopTest
  @Spec({"SEM-14", "REG-18"})
  void waiterCancelledBeforeTheHandOverJustLeaves() throws Exception {
    var semaphore = new Semaphore(0);
    Task<?> first = acquirer(semaphore, 1);
    Task<?> second = acquirer(semaphore, 2);
    acquirer(semaphore, 3);
    Task<?> fourth = acquirer(semaphore, 4);
    turn();
    inCallback(() -> {
      first.cancel();
      semaphore.release();
    });
    await(second);
    assertThat(trail).containsExactly(2);
    fourth.cancel();
    turns(3);
    semaphore.release();
    turns(3);
    assertThat(trail).containsExactly(2, 3);
    assertValue(semaphore, 0);
    assertCancelled(first);
    assertCancelled(fourth);
  }

  @LoopTest
  @Spec({"SEM-15", "REG-11", "REG-18"})
  void releaseSkipsCancelledWaiters() {
    var semaphore = new Semaphore(0);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(acquirer(semaphore, i));
    }
    turn();
    tasks.get(0).cancel();
    tasks.get(1).cancel();
    semaphore.release();
    turns(10);
    assertThat(trail).containsExactly(2);
    assertThat(tasks.get(3).isDone()).isFalse();
    assertThat(semaphore.toString()).endsWith("[locked, waiters:1]");
    assertCancelled(tasks.get(0));
    assertCancelled(tasks.get(1));
    semaphore.release();
    await(tasks.get(3));
  }

  @LoopTest
  @Spec({"SEM-16", "REG-11"})
  void threePermitsAndOneCancelledOfFive() {
    var semaphore = new Semaphore(0);
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tasks.add(acquirer(semaphore, i));
    }
    turn();
    semaphore.release();
    semaphore.release();
    tasks.get(0).cancel();
    semaphore.release();
    turns(10);
    assertThat(trail).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(semaphore.toString()).endsWith("[locked, waiters:1]");
    assertCancelled(tasks.get(0));
    tasks.get(4).cancel();
    assertCancelled(tasks.get(4));
    assertValue(semaphore, 0);
  }

  @LoopTest
  @Spec({"SEM-17", "SEM-4", "REG-12"})
  void leavingTaskWakesAsManyAsThereArePermits() {
    var semaphore = new Semaphore(0);
    List<Task<?>> created = new ArrayList<>();
    Task<?> c1 =
        createTask(() -> {
          semaphore.acquire();
          trail.add(1);
          assertThat(semaphore.toString()).endsWith("[locked, waiters:2]"); // both are woken
          created.add(
              createTask(() -> {
                semaphore.acquire();
                trail.add(4);
              }));
        });
    Task<?> c2 =
        createTask(() -> {
          semaphore.release();
          semaphore.release();
          semaphore.release();
          assertThat(semaphore.isLocked()).isTrue();
          semaphore.acquire();
          trail.add(2);
        });
    Task<?> c3 = acquirer(semaphore, 3);
    for (Task<?> task : List.of(c1, c2, c3)) {
      await(task);
    }
    assertThat(trail).containsExactly(1, 2, 3);
    semaphore.release();
    await(created.getFirst());
    assertThat(trail).containsExactly(1, 2, 3, 4);
    assertValue(semaphore, 0);
  }

  @LoopTest
  @Spec({"SEM-17", "REG-12"})
  void leavingByCancellationWakesAsManyAsThereArePermits() {
    var semaphore = new Semaphore(0);
    Task<?> first = acquirer(semaphore, 1);
    turn();
    semaphore.release();
    semaphore.release(); // free, since the line was empty behind the first
    acquirer(semaphore, 2);
    acquirer(semaphore, 3);
    first.cancel();
    turns(5);
    assertCancelled(first);
    assertThat(trail).containsExactly(2, 3);
    assertValue(semaphore, 0);
  }

  @LoopTest
  @Spec({"SEM-18", "REG-10"})
  void semaphoreIsNotDeadAfterACancel() {
    var semaphore = new Semaphore(1);
    List<Task<?>> second = new ArrayList<>();
    Task<?> holder =
        createTask(() -> {
          try (var _ = semaphore.acquire()) {
            turn();
          }
          second.getFirst().cancel();
        });
    second.add(acquirer(semaphore, "never"));
    await(holder);
    assertCancelled(second.getFirst());
    timeout(seconds(1), () -> semaphore.acquire().close());
    assertThat(trail).isEmpty();
    assertValue(semaphore, 1);
  }

  @LoopTest
  @Spec("SEM-20")
  void releaseWorksInACallback() throws Exception {
    var semaphore = new Semaphore(0);
    Task<?> waiter = acquirer(semaphore, "waiter");
    turn();
    inCallback(semaphore::release);
    await(waiter);
    inCallback(semaphore::release); // nobody waits
    assertValue(semaphore, 1);
    createTask(() -> trail.add("another task"));
    semaphore.release();
    assertThat(trail).containsExactly("waiter");
    turn();
  }
}
