package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.WaitOptions;
import asyncio.inspect.Cycle;
import asyncio.inspect.Snapshot;
import asyncio.inspect.SnapshotOptions;
import asyncio.inspect.WaitKind;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.DirectOnly;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

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
    tasks.forEach(DeadlockTest::awaitEnd);
  }

  private static void awaitEnd(Task<?> task) {
    try {
      await(task);
    } catch (CancelledError expected) {
      // we asked for it
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

  @LoopTest
  void semaphoresThatTasksTakeInOppositeOrder(LoopProbe probe) {
    Semaphore rows = new Semaphore(2);
    Semaphore files = new Semaphore(1);
    start(
        "a",
        () -> {
          try (var _ = rows.acquire();
              var _ = rows.acquire()) {
            sleep(seconds(0));
            files.acquire();
          }
        });
    start(
        "b",
        () -> {
          try (var _ = files.acquire()) {
            sleep(seconds(0));
            rows.acquire();
          }
        });

    Cycle cycle = whenStuck(probe).deadlocks().getFirst();
    assertThat(cycle.names()).containsExactly("a", "b", "a");
    assertThat(kinds(cycle)).containsOnly(WaitKind.SEMAPHORE);
  }

  @LoopTest
  void permitThatSomebodyElseGivesBackEndsTheWait(LoopProbe probe) {
    Semaphore rows = new Semaphore(2);
    Semaphore files = new Semaphore(1);
    start(
        "outsider",
        () -> {
          try (var _ = rows.acquire()) {
            sleep(seconds(100));
          }
        });
    start(
        "a",
        () -> {
          try (var _ = rows.acquire()) {
            sleep(seconds(0));
            files.acquire();
          }
        });
    start(
        "b",
        () -> {
          try (var _ = files.acquire()) {
            sleep(seconds(0));
            rows.acquire();
          }
        });

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles()).hasSize(1);
    assertThat(snapshot.deadlocks()).isEmpty();
  }

  @LoopTest
  void fullQueueWhoseConsumerWantsTheProducersLock(LoopProbe probe) {
    Lock lock = new Lock();
    Queue<Integer> queue = new Queue<>(1);
    start(
        "consumer",
        () -> {
          for (; ; ) {
            queue.get();
            sleep(seconds(0));
            try (var _ = lock.acquire()) {
              sleep(seconds(0));
            }
          }
        });
    start(
        "producer",
        () -> {
          try (var _ = lock.acquire()) {
            for (int i = 0; ; i++) {
              queue.put(i);
            }
          }
        });

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles()).hasSize(1);
    Cycle cycle = snapshot.cycles().getFirst();
    assertThat(cycle.names()).containsExactly("consumer", "producer", "consumer");
    assertThat(kinds(cycle)).containsExactly(WaitKind.LOCK, WaitKind.QUEUE_PUT);
    assertThat(cycle.deadlock()).as("another task might get from the queue").isFalse();
  }

  @LoopTest
  void idleWorkersOfAQueueThatTheyFeedThemselvesAreNoCycle(LoopProbe probe) {
    Queue<Integer> queue = new Queue<>();
    for (String name : List.of("a", "b")) {
      start(
          name,
          () -> {
            queue.put(1);
            for (; ; ) {
              queue.get();
            }
          });
    }
    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles()).isEmpty();
  }

  @LoopTest
  void raceThatAnotherTaskCanWinIsNoDeadlock(LoopProbe probe) {
    Task<?>[] racer = new Task<?>[1];
    Task<?> loser = start("loser", () -> await(racer[0]));
    Task<?> winner = start("winner", () -> sleep(seconds(100)));
    racer[0] =
        start(
            "racer",
            () ->
                Asyncio.wait(
                    List.of(loser, winner), WaitOptions.until(ReturnWhen.FIRST_COMPLETED)));

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles()).hasSize(1);
    assertThat(snapshot.cycles().getFirst().deadlock()).isFalse();
  }

  @LoopTest
  void raceThatNobodyCanWinIsADeadlock(LoopProbe probe) {
    Task<?>[] racer = new Task<?>[1];
    Task<?> a = start("a", () -> await(racer[0]));
    Task<?> b = start("b", () -> await(racer[0]));
    racer[0] =
        start(
            "racer",
            () -> Asyncio.wait(List.of(a, b), WaitOptions.until(ReturnWhen.FIRST_COMPLETED)));

    assertThat(whenStuck(probe).deadlocks()).extracting(Cycle::names).hasSize(2);
  }

  @LoopTest
  void timeoutThatEndsTheDeadlockIsNamed(LoopProbe probe) {
    Lock lock = new Lock();
    start("me", () -> timeout(seconds(30), () -> takeBoth(lock, lock)));

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.cycles().getFirst().breaksIn()).isEqualTo(seconds(30));
    assertThat(snapshot.render()).contains(", until a timeout in 30.000 s");
  }

  @LoopTest
  void childThatAwaitsTheParentOfItsGroupIsACycleBeforeTheParentWaits(LoopProbe probe) {
    start(
        "parent",
        () -> {
          Task<?> parent = currentTask();
          taskGroup(tg -> {
            tg.createTask(() -> await(shield(parent)), TaskOptions.named("child"));
            sleep(seconds(100));
          });
        });
    probe.runUntilAllBlocked();
    Cycle early = Snapshot.of(probe.loop()).cycles().getFirst();
    assertThat(early.names()).containsExactly("parent", "child", "parent");
    assertThat(early.isOfTasksOnly()).isTrue();
    assertThat(early.deadlock()).isFalse();
    sleep(seconds(101));

    assertThat(whenStuck(probe).deadlocks().getFirst().names())
        .containsExactly("parent", "child", "parent");
  }

  @LoopTest(timeout = 60)
  void manyTasksInOneCircleAreFoundWithoutRecursion(LoopProbe probe) {
    int count = 10_000;
    Task<?>[] all = new Task<?>[count];
    for (int i = 0; i < count; i++) {
      int next = (i + 1) % count;
      all[i] = createTask(() -> await(all[next]));
    }
    probe.runUntilAllBlocked();
    Snapshot snapshot = Snapshot.of(probe.loop(), SnapshotOptions.DEFAULT.withoutStacks());
    assertThat(snapshot.deadlocks()).hasSize(1);
    assertThat(snapshot.deadlocks().getFirst().steps()).hasSize(count);
    all[0].cancel(); // goes round, and ends them all
    for (Task<?> task : all) {
      awaitEnd(task);
    }
  }

  @DirectOnly
  @LoopTest
  void lockOfTheJdkIsPartOfTheCircle(LoopProbe probe) throws InterruptedException {
    ReentrantLock jdk = new ReentrantLock();
    Lock ours = new Lock();
    start(
        "one",
        () -> {
          jdk.lockInterruptibly();
          try {
            sleep(seconds(0));
            ours.acquire();
          } finally {
            jdk.unlock();
          }
        });
    start(
        "two",
        () -> {
          ours.acquire();
          sleep(seconds(0));
          jdk.lockInterruptibly();
        });

    Snapshot snapshot = whenStuck(probe);
    assertThat(snapshot.deadlocks()).hasSize(1);
    Cycle cycle = snapshot.deadlocks().getFirst();
    assertThat(cycle.names()).containsExactly("one", "two", "one");
    assertThat(kinds(cycle)).containsExactly(WaitKind.LOCK, WaitKind.JDK_CALL);
    assertThat(cycle.steps().getLast().text()).startsWith("ReentrantLock.lockInterruptibly on ");
  }
}
