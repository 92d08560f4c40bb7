package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.inspect.Cycle;
import asyncio.inspect.Snapshot;
import asyncio.inspect.WaitKind;
import asyncio.sync.Lock;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** Tasks that wait for one another in a circle, as a snapshot finds them. */
class DeadlockTest {
  private final List<Task<?>> tasks = new ArrayList<>();

  private Task<?> start(String name, Action code) {
    Task<?> task = createTask(code, TaskOptions.named(name));
    tasks.add(task);
    return task;
  }

  /** Takes the snapshot when nothing moves any more, and ends the tasks. */
  private Snapshot whenStuck(LoopProbe probe) {
    probe.runUntilAllBlocked();
    Snapshot snapshot = Snapshot.of(probe.loop());
    end();
    return snapshot;
  }

  private void end() {
    tasks.forEach(Task::cancel);
    for (Task<?> task : tasks) {
      try {
        await(task);
      } catch (CancelledError expected) {
        // we asked for it
      }
    }
  }

  private static List<WaitKind> kinds(Cycle cycle) {
    return cycle.steps().stream().map(Cycle.Step::kind).toList();
  }

  @LoopTest
  void twoLocksTakenInOppositeOrder(LoopProbe probe) {
    Lock a = new Lock();
    Lock b = new Lock();
    start("pay", () -> takeBoth(a, b));
    start("refund", () -> takeBoth(b, a));

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.deadlocks()).hasSize(1);
    Cycle cycle = snapshot.deadlocks().getFirst();
    assertThat(cycle.names()).containsExactly("pay", "refund", "pay");
    assertThat(kinds(cycle)).containsExactly(WaitKind.LOCK, WaitKind.LOCK);
    assertThat(cycle.toString())
        .matches("pay -\\[Lock@[0-9a-f]+]-> refund -\\[Lock@[0-9a-f]+]-> pay");
    assertThat(cycle.breaksIn()).isNull();
    assertThat(cycle.isOfTasksOnly()).isFalse();
  }

  private static void takeBoth(Lock first, Lock second) {
    try (var _ = first.acquire()) {
      sleep(seconds(0));
      try (var _ = second.acquire()) {
        sleep(seconds(0));
      }
    }
  }

  @LoopTest
  void tasksThatAwaitEachOther(LoopProbe probe) {
    Task<?>[] other = new Task<?>[3];
    for (int i = 0; i < 3; i++) {
      int next = (i + 1) % 3;
      other[i] = start("t" + i, () -> await(other[next]));
    }

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles()).hasSize(1);
    Cycle cycle = snapshot.cycles().getFirst();
    assertThat(cycle.deadlock()).isTrue();
    assertThat(cycle.isOfTasksOnly()).isTrue();
    assertThat(cycle.names()).containsExactly("t0", "t1", "t2", "t0");
    assertThat(cycle.ids().subList(0, 3)).doesNotHaveDuplicates();
  }

  @LoopTest
  void taskThatGathersItself(LoopProbe probe) {
    start("me", () -> await(gather(List.of(currentTask()))));

    Cycle cycle = whenStuck(probe).deadlocks().getFirst();
    assertThat(cycle.names()).containsExactly("me", "me");
    assertThat(kinds(cycle)).containsExactly(WaitKind.TASKS);
  }

  @LoopTest
  void lockTakenTwiceByOneTask(LoopProbe probe) {
    Lock lock = new Lock();
    start("me", () -> takeBoth(lock, lock));

    assertThat(whenStuck(probe).deadlocks().getFirst().names()).containsExactly("me", "me");
  }

  @LoopTest
  void taskAwaitedByTheHolderOfTheLockItWants(LoopProbe probe) {
    Lock lock = new Lock();
    Task<?> worker =
        start(
            "worker",
            () -> {
              sleep(seconds(0));
              takeBoth(lock, new Lock());
            });
    start(
        "boss",
        () -> {
          try (var _ = lock.acquire()) {
            await(worker);
          }
        });

    Cycle cycle = whenStuck(probe).deadlocks().getFirst();
    assertThat(cycle.names()).containsExactly("worker", "boss", "worker");
    assertThat(kinds(cycle)).containsExactly(WaitKind.LOCK, WaitKind.TASK);
  }

  @LoopTest
  void futureThatSomebodyMayStillCompleteIsNoDeadlock(LoopProbe probe) {
    Future<Object> never = probe.loop().createFuture();
    start("a", () -> await(never));
    Lock lock = new Lock();
    start(
        "holder",
        () -> {
          try (var _ = lock.acquire()) {
            await(never);
          }
        });
    start("b", () -> takeBoth(lock, lock));

    assertThat(whenStuck(probe).cycles()).isEmpty();
  }
}
