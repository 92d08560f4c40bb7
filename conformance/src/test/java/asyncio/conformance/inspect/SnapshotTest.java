package asyncio.conformance.inspect;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.map;
import static asyncio.Asyncio.race;
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
import asyncio.Generator;
import asyncio.ReturnWhen;
import asyncio.SelectorEventLoop;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.WaitOptions;
import asyncio.inspect.LoopInfo;
import asyncio.inspect.Loops;
import asyncio.inspect.Snapshot;
import asyncio.inspect.SnapshotOptions;
import asyncio.inspect.TaskInfo;
import asyncio.inspect.TaskRef;
import asyncio.inspect.TaskState;
import asyncio.inspect.TaskSummary;
import asyncio.inspect.WaitInfo;
import asyncio.inspect.WaitKind;
import asyncio.sync.Barrier;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.sync.ThreadsafeQueue;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a snapshot says of each task: what it does, what it waits for, and who could end that. */
class SnapshotTest {
  private final List<Task<?>> tasks = new ArrayList<>();

  private Task<?> start(String name, Action code) {
    Task<?> task = createTask(code, TaskOptions.named(name));
    tasks.add(task);
    return task;
  }

  private Snapshot whenIdle(LoopProbe probe) {
    probe.runUntilAllBlocked();
    return Snapshot.of(probe.loop());
  }

  /** The one wait of the task called {@code waiter}, when nothing moves any more. */
  private WaitInfo waitOf(LoopProbe probe) {
    WaitInfo wait = task(whenIdle(probe), "waiter").waitsFor().getFirst();
    end();
    return wait;
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

  private static TaskInfo task(Snapshot snapshot, String name) {
    return snapshot.tasks().stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException(name + " in " + snapshot.tasks()));
  }

  private static List<String> names(List<TaskRef> refs) {
    return refs.stream().map(TaskRef::name).toList();
  }

  private static void forEver() {
    new Event().await();
  }

  // ---- states

  @LoopTest
  void everyTaskHasAState(LoopProbe probe) {
    Event event = new Event();
    start("waiting", event::await);
    start("ready", event::await);
    probe.runUntilAllBlocked();
    start(
        "running",
        () -> {
          start("new", () -> {});
          event.set();
          Snapshot snapshot = Snapshot.of(probe.loop());
          assertThat(task(snapshot, "new").state()).isEqualTo(TaskState.NEW);
          assertThat(task(snapshot, "ready").state()).isEqualTo(TaskState.READY);
          assertThat(task(snapshot, "running").state()).isEqualTo(TaskState.RUNNING);
          assertThat(snapshot.states())
              .containsEntry(TaskState.NEW, 1)
              .containsEntry(TaskState.READY, 2)
              .containsEntry(TaskState.RUNNING, 1)
              .containsEntry(TaskState.WAITING, 1); // the test itself
          assertThat(snapshot.taskCount()).isEqualTo(5);
        });
    tasks.get(2).await();
    end();
  }

  @LoopTest
  void taskThatWasAskedToEndIsMarked(LoopProbe probe) {
    Task<?> stubborn =
        start(
            "stubborn",
            () -> {
              try {
                forEver();
              } catch (CancelledError e) {
                forEver();
              }
            });
    probe.runUntilAllBlocked();
    stubborn.cancel();

    assertThat(task(whenIdle(probe), "stubborn").cancelling()).isTrue();
    end();
  }

  // ---- waits of the library

  @LoopTest
  void waitForATask(LoopProbe probe) {
    Task<?> other = start("other", SnapshotTest::forEver);
    start("waiter", () -> await(other));

    Snapshot snapshot = whenIdle(probe);
    WaitInfo wait = task(snapshot, "waiter").waitsFor().getFirst();
    assertThat(wait.kind()).isEqualTo(WaitKind.TASK);
    assertThat(wait.text()).isEqualTo("task 'other'");
    assertThat(wait.id()).isEqualTo(task(snapshot, "other").id());
    assertThat(wait.holders()).containsExactly(task(snapshot, "other").ref());
    assertThat(names(task(snapshot, "other").awaitedBy())).containsExactly("waiter");
    end();
  }

  @LoopTest
  void waitForAFutureNamesNobody(LoopProbe probe) {
    Future<Object> future = probe.loop().createFuture();
    start("waiter", () -> await(future));

    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.FUTURE);
    assertThat(wait.text()).startsWith("future");
    assertThat(wait.holders()).isEmpty();
    assertThat(wait.complete()).isFalse();
  }

  @LoopTest
  void waitForALockNamesItsHolder(LoopProbe probe) {
    Lock lock = new Lock();
    start(
        "holder",
        () -> {
          try (var _ = lock.acquire()) {
            forEver();
          }
        });
    start("waiter", lock::acquire);

    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.LOCK);
    assertThat(wait.text()).isEqualTo("Lock@" + Integer.toHexString(System.identityHashCode(lock)));
    assertThat(wait.id()).isEqualTo("0x" + Integer.toHexString(System.identityHashCode(lock)));
    assertThat(names(wait.holders())).containsExactly("holder");
    assertThat(wait.complete()).isTrue();
    assertThat(wait.toString()).contains(", held by 'holder' (0x");
  }

  @LoopTest
  void lockTakenInAGeneratorBelongsToTheTaskThatIsInside(LoopProbe probe) {
    Lock lock = new Lock();
    Generator<Integer, Object, Void> generator =
        Generator.of(y -> {
          try (var _ = lock.acquire()) {
            forEver();
          }
        });
    start("holder", generator::next);
    start("waiter", lock::acquire);

    assertThat(names(waitOf(probe).holders())).containsExactly("holder");
  }

  @LoopTest
  void lockWhoseHolderHasEndedSaysSo(LoopProbe probe) {
    Lock lock = new Lock();
    await(start("forgetful", lock::acquire));
    start("waiter", lock::acquire);

    WaitInfo wait = waitOf(probe);
    assertThat(names(wait.holders())).containsExactly("forgetful, ended");
    lock.release();
  }

  @LoopTest
  void semaphoreWhosePermitsWereForgottenSaysSo(LoopProbe probe) {
    Semaphore semaphore = new Semaphore(1);
    await(start("forgetful", semaphore::acquire));
    start("waiter", semaphore::acquire);

    assertThat(names(waitOf(probe).holders())).containsExactly("ended");
  }

  @LoopTest
  void waitForASemaphoreNamesThoseThatHaveThePermits(LoopProbe probe) {
    Semaphore semaphore = new Semaphore(2);
    for (String name : List.of("one", "two")) {
      start(
          name,
          () -> {
            try (var _ = semaphore.acquire()) {
              forEver();
            }
          });
    }
    start("waiter", semaphore::acquire);

    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.SEMAPHORE);
    assertThat(names(wait.holders())).containsExactly("one", "two");
    assertThat(wait.complete()).isTrue();
    assertThat(wait.allNeeded()).isFalse();
  }

  @LoopTest
  void semaphoreReleasedByOneWhoHasNothingNamesNobody(LoopProbe probe) {
    Semaphore signals = new Semaphore(1);
    start("taker", signals::acquire);
    probe.runUntilAllBlocked();
    signals.release();
    start("taker too", signals::acquire);
    start("waiter", signals::acquire);

    WaitInfo wait = waitOf(probe);
    assertThat(wait.holders()).isEmpty();
    assertThat(wait.complete()).isFalse();
  }

  @LoopTest
  void waitForAnEvent(LoopProbe probe) {
    Event event = new Event();
    start("waiter", event::await);
    assertThat(waitOf(probe).toString())
        .isEqualTo("Event@" + Integer.toHexString(System.identityHashCode(event)));
  }

  @LoopTest
  void waitForACondition(LoopProbe probe) {
    Condition condition = new Condition();
    start(
        "waiter",
        () -> {
          try (var _ = condition.acquire()) {
            condition.await();
          }
        });
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.CONDITION);
    assertThat(wait.text()).startsWith("Condition@");
  }

  @LoopTest
  void waitForABarrier(LoopProbe probe) {
    Barrier barrier = new Barrier(2);
    start("waiter", barrier::await);
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.BARRIER);
    assertThat(wait.text()).startsWith("Barrier@");
  }

  @LoopTest
  void waitForAnItemNamesTheLastOneThatPut(LoopProbe probe) {
    Queue<String> queue = new Queue<>();
    start(
        "putter",
        () -> {
          queue.put("x");
          forEver();
        });
    start(
        "waiter",
        () -> {
          queue.get();
          queue.get();
        });
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.QUEUE_GET);
    assertThat(wait.text()).startsWith("get from Queue@");
    assertThat(names(wait.holders())).containsExactly("putter");
    assertThat(wait.complete()).as("others may put too").isFalse();
  }

  @LoopTest
  void waitForAnItemThatNobodyEverPutNamesNobody(LoopProbe probe) {
    Queue<String> queue = new Queue<>();
    start("waiter", queue::get);
    WaitInfo wait = waitOf(probe);
    assertThat(wait.holders()).isEmpty();
    assertThat(wait.toString()).startsWith("get from Queue@").endsWith(", nobody known to put");
  }

  @LoopTest
  void waitForRoomInAQueue(LoopProbe probe) {
    Queue<String> queue = new Queue<>(1);
    start(
        "waiter",
        () -> {
          queue.put("x");
          queue.put("y");
        });
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.QUEUE_PUT);
    assertThat(wait.text()).startsWith("put into Queue@");
  }

  @LoopTest
  void waitForTheWorkOnAQueue(LoopProbe probe) {
    Queue<String> queue = new Queue<>();
    queue.putNowait("x");
    start(
        "worker",
        () -> {
          queue.get();
          forEver();
        });
    start("waiter", queue::join);
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.QUEUE_JOIN);
    assertThat(names(wait.holders())).containsExactly("worker");
  }

  @LoopTest
  void waitForAThreadsafeQueue(LoopProbe probe) {
    ThreadsafeQueue<String> queue = new ThreadsafeQueue<>(1);
    start("waiter", () -> queue.get());
    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.QUEUE_GET);
    assertThat(wait.text()).startsWith("get from ThreadsafeQueue@");
  }

  @LoopTest
  void waitForATimerSaysHowLongItLasts(LoopProbe probe) {
    start("waiter", () -> sleep(seconds(10)));
    probe.runUntilAllBlocked();
    sleep(seconds(4));

    WaitInfo wait = waitOf(probe);
    assertThat(wait.kind()).isEqualTo(WaitKind.TIMER);
    assertThat(wait.remaining()).isEqualTo(seconds(6));
    assertThat(wait.toString()).isEqualTo("sleep, 6.000 s left");
  }

  @LoopTest
  void deadlineAroundATaskIsShown(LoopProbe probe) {
    start("waiter", () -> timeout(seconds(10), () -> timeout(seconds(60), SnapshotTest::forEver)));
    probe.runUntilAllBlocked();
    sleep(seconds(4));

    assertThat(task(whenIdle(probe), "waiter").timesOutIn()).isEqualTo(seconds(6));
    end();
  }

  // ---- waits for several

  private WaitInfo waitForTwo(LoopProbe probe, asyncio.Scope.With<List<Task<?>>, ?, ?> code) {
    List<Task<?>> two =
        List.of(start("a", SnapshotTest::forEver), start("b", SnapshotTest::forEver));
    start(
        "waiter",
        () -> {
          try {
            code.call(two);
          } catch (Exception | Error e) {
            throw e;
          } catch (Throwable t) {
            throw new AssertionError(t);
          }
        });
    Snapshot snapshot = whenIdle(probe);
    WaitInfo wait = task(snapshot, "waiter").waitsFor().getFirst();
    assertThat(wait.kind()).isEqualTo(WaitKind.TASKS);
    for (TaskRef member : wait.holders()) {
      assertThat(names(task(snapshot, member.name()).awaitedBy())).containsExactly("waiter");
    }
    end();
    return wait;
  }

  @LoopTest
  void gatherNeedsAll(LoopProbe probe) {
    WaitInfo wait = waitForTwo(probe, two -> await(gather(two)));
    assertThat(names(wait.holders())).containsExactly("a", "b");
    assertThat(wait.allNeeded()).isTrue();
    assertThat(wait.text()).isEqualTo("gather of 2");
  }

  @LoopTest
  void gatherOfGathersNamesTheTasks(LoopProbe probe) {
    WaitInfo wait = waitForTwo(probe, two -> await(gather(gather(two), gather(two.getFirst()))));
    assertThat(names(wait.holders())).containsExactly("a", "b", "a");
    assertThat(wait.complete()).isTrue();
  }

  @LoopTest
  void gatherWithAFutureMayBeEndedByAnybody(LoopProbe probe) {
    Future<Object> future = probe.loop().createFuture();
    WaitInfo wait = waitForTwo(probe, two -> await(gather(future, two.getFirst())));
    assertThat(names(wait.holders())).containsExactly("a");
    assertThat(wait.complete()).isFalse();
  }

  @LoopTest
  void waitForTheFirstNeedsOne(LoopProbe probe) {
    WaitInfo wait =
        waitForTwo(probe, two -> Asyncio.wait(two, WaitOptions.until(ReturnWhen.FIRST_COMPLETED)));
    assertThat(names(wait.holders())).containsExactly("a", "b");
    assertThat(wait.allNeeded()).isFalse();
    assertThat(wait.complete()).isTrue();
  }

  @LoopTest
  void waitWithALimitEndsByItself(LoopProbe probe) {
    WaitInfo wait = waitForTwo(probe, two -> Asyncio.wait(two, WaitOptions.atMost(seconds(5))));
    assertThat(names(wait.holders())).containsExactly("a", "b");
    assertThat(wait.complete()).isFalse();
    assertThat(wait.remaining()).isEqualTo(seconds(5));
  }

  @LoopTest
  void shieldLeadsToWhatItShields(LoopProbe probe) {
    WaitInfo wait = waitForTwo(probe, two -> await(shield(two.getFirst())));
    assertThat(names(wait.holders())).containsExactly("a");
    assertThat(wait.toString()).startsWith("shielded task: 'a' (0x");
  }

  @LoopTest
  void asCompletedNeedsOne(LoopProbe probe) {
    WaitInfo wait = waitForTwo(probe, two -> asCompleted(two).futures().iterator().next());
    assertThat(names(wait.holders())).containsExactlyInAnyOrder("a", "b");
  }

  @LoopTest
  void endOfATaskGroupNeedsItsTasks(LoopProbe probe) {
    start(
        "waiter",
        () ->
            taskGroup(tg -> {
              tg.createTask(SnapshotTest::forEver, TaskOptions.named("child"));
            }));
    Snapshot snapshot = whenIdle(probe);
    WaitInfo wait = task(snapshot, "waiter").waitsFor().getFirst();
    assertThat(names(wait.holders())).containsExactly("child");
    assertThat(wait.text()).isEqualTo("task group of 1");
    assertThat(names(task(snapshot, "child").awaitedBy())).containsExactly("waiter");
    end();
  }

  @LoopTest
  void raceAndMapNameTheirTasks(LoopProbe probe) {
    start("racer", () -> race(List.of(() -> sleep(seconds(1), 1), () -> sleep(seconds(2), 2))));
    start("mapper", () -> map(List.of(1, 2, 3), 2, n -> sleep(seconds(n), n)));
    Snapshot snapshot = whenIdle(probe);
    assertThat(task(snapshot, "racer").waitsFor().getFirst().holders()).hasSize(2);
    assertThat(task(snapshot, "mapper").waitsFor().getFirst().holders()).hasSize(2);
    end();
  }

  // ---- waits for other threads

  @LoopTest(realTime = true)
  void waitForAnExecutor(LoopProbe probe) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    start(
        "waiter",
        () ->
            Asyncio.toThread(() -> {
              begun.countDown();
              return end.await(1, TimeUnit.MINUTES);
            }));
    sleep(seconds(0));
    await(probe.loop().runInExecutor(null, () -> begun.await(1, TimeUnit.MINUTES)));

    WaitInfo wait = task(Snapshot.of(probe.loop()), "waiter").waitsFor().getFirst();
    assertThat(wait.kind()).isEqualTo(WaitKind.THREAD);
    assertThat(wait.text()).contains("SnapshotTest").endsWith(", which runs");
    end.countDown();
    await(tasks.getFirst());
  }

  // ---- the rest

  @LoopTest
  void taskShowsWhereItIsAndWhatItRuns(LoopProbe probe) {
    start("waiter", SnapshotTest::forEver);
    TaskInfo task = task(whenIdle(probe), "waiter");
    assertThat(task.frames().getFirst().getMethodName()).isEqualTo("forEver");
    assertThat(task.coroutine()).startsWith(SnapshotTest.class.getName());
    end();
  }

  @LoopTest
  void idsAreThoseOfThreadsAndFindTheirTasks(LoopProbe probe) {
    Task<?> task =
        start(
            "waiter",
            () -> {
              assertThat(task(Snapshot.of(probe.loop()), "waiter").id())
                  .isEqualTo("0x" + Long.toHexString(Thread.currentThread().threadId()));
              forEver();
            });
    Snapshot snapshot = whenIdle(probe);
    String id = task(snapshot, "waiter").id();
    assertThat(task(Snapshot.take(), "waiter").id()).isEqualTo(id);
    assertThat((Object) Loops.findTask(id)).isSameAs(task);
    assertThat((Object) Loops.findTask("0xfffffffffff")).isNull();
    end();
    assertThat((Object) Loops.findTask(id)).isNull();
  }

  @LoopTest
  void limitsLeaveOutTasksAndStacksAndCountThem(LoopProbe probe) {
    for (int i = 0; i < 10; i++) {
      start("waiter-" + i, SnapshotTest::forEver);
    }
    start("sleeper", () -> sleep(seconds(1)));
    probe.runUntilAllBlocked();
    Snapshot snapshot =
        Snapshot.of(probe.loop(), SnapshotOptions.DEFAULT.withMaxTasks(3).withMaxStacks(2));
    assertThat(snapshot.taskCount()).isEqualTo(12);
    assertThat(snapshot.tasks()).hasSize(3);
    assertThat(snapshot.tasks().get(1).frames()).isNotEmpty();
    assertThat(snapshot.tasks().get(2).frames()).isEmpty();
    TaskSummary most = snapshot.summaries().getFirst();
    assertThat(most.count()).isEqualTo(10);
    assertThat(most.waitsFor()).isEqualTo(WaitKind.EVENT);
    assertThat(names(most.samples())).containsExactly("waiter-0", "waiter-1", "waiter-2");
    assertThat(snapshot.render()).contains("not all of the 12 tasks are shown").contains("10 × ");
    assertThat(Snapshot.of(probe.loop(), SnapshotOptions.DEFAULT.withoutStacks()).tasks())
        .allMatch(task -> task.frames().isEmpty());
    end();
  }

  @LoopTest
  void textIsATreeOfWhoAwaitsWhom(LoopProbe probe) {
    Task<?> leaf = start("leaf", () -> sleep(seconds(9)));
    Task<?> middle = start("middle", () -> await(leaf));
    start("root", () -> await(middle));
    String text = whenIdle(probe).render();
    String root = text.substring(text.indexOf("  'root'"));
    assertThat(root.lines().map(line -> line.replaceAll("\\(0x[0-9a-f]+\\)", "(id)")))
        .filteredOn(line -> !line.contains("at "))
        .containsExactly(
            "  'root' (id) waiting for task 'middle'",
            "    'middle' (id) waiting for task 'leaf'",
            "      'leaf' (id) waiting for sleep, 9.000 s left");
    end();
  }

  @LoopTest
  void jsonHasTheMembersThatTheDocumentationNames(LoopProbe probe) {
    Lock lock = new Lock();
    start(
        "a \"b\"",
        () -> {
          lock.acquire();
          lock.acquire();
        });
    Snapshot snapshot = whenIdle(probe);
    TaskInfo task = task(snapshot, "a \"b\"");
    String id = task.id();
    String lockId = "0x" + Integer.toHexString(System.identityHashCode(lock));
    String json = snapshot.toJson();
    assertThat(json).startsWith("{\"taken\":\"" + snapshot.taken() + "\",\"process\":{\"pid\":");
    assertThat(json)
        .contains(
            "\"counts\":{\"tasks\":2,\"new\":0,\"ready\":0,\"running\":1,\"waiting\":1,\"blocked\":0}")
        .contains("\"loops\":[{\"id\":\"" + snapshot.loops().getFirst().id() + "\",\"type\":")
        .contains("{\"id\":\"" + id + "\",\"name\":\"a \\\"b\\\"\",\"loop\":")
        .contains(
            "\"waitsFor\":[{\"kind\":\"lock\",\"id\":\""
                + lockId
                + "\",\"text\":\"Lock@"
                + lockId.substring(2)
                + "\",\"holders\":[{\"id\":\""
                + id
                + "\",\"name\":\"a \\\"b\\\"\"}],\"holderCount\":1,\"allNeeded\":false,\"complete\":true,"
                + "\"remainingSeconds\":null}]")
        .contains("\"cycles\":[{\"deadlock\":true,\"breaksInSeconds\":null,\"names\":[")
        .contains("\"file\":\"SnapshotTest.java\",\"line\":")
        .endsWith("]}");
    end();
  }

  @LoopTest
  void snapshotOfAClosedLoopHasWhatItLeft(LoopProbe probe) {
    var loop = new SelectorEventLoop(probe.engine());
    loop.close();
    Snapshot snapshot = Snapshot.of(loop);
    assertThat(snapshot.loops().getFirst().closed()).isTrue();
    assertThat(snapshot.tasks()).isEmpty();
    assertThat(snapshot.render()).contains(" SelectorEventLoop (").endsWith(", closed");
    assertThat(Snapshot.take().loops())
        .extracting(LoopInfo::id)
        .doesNotContain(snapshot.loops().getFirst().id());
  }
}
