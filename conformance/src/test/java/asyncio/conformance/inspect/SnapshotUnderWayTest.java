package asyncio.conformance.inspect;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.SelectorEventLoop;
import asyncio.TaskOptions;
import asyncio.conformance.EachEngine;
import asyncio.inspect.Snapshot;
import asyncio.inspect.SnapshotOptions;
import asyncio.inspect.TaskInfo;
import asyncio.inspect.TaskState;
import asyncio.inspect.TaskSummary;
import asyncio.inspect.WaitInfo;
import asyncio.inspect.WaitKind;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Timeout;

/** Snapshots taken by another thread while the loop does something: works hard, or is blocked. */
class SnapshotUnderWayTest {
  private static final int ROUNDS = 2_000;

  /** Runs the code as the main task of a loop on another thread, while the caller looks at it. */
  private static final class Busy implements AutoCloseable {
    final EventLoop loop;
    final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread;

    Busy(Engine engine, Code code) {
      loop = new SelectorEventLoop(engine);
      thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  loop.runUntilComplete(() -> code.run(stop));
                } catch (Throwable t) {
                  failure.set(t);
                } finally {
                  loop.close();
                }
              });
    }

    interface Code {
      void run(AtomicBoolean stop) throws Exception;
    }

    /** Takes snapshots until the task called {@code name} is in the given state. */
    Snapshot whenTaskIs(String name, TaskState state) {
      for (; ; ) {
        Snapshot snapshot = Snapshot.of(loop);
        for (TaskInfo task : snapshot.tasks()) {
          if (task.name().equals(name) && task.state() == state) {
            return snapshot;
          }
        }
        Thread.yield();
      }
    }

    @Override
    public void close() {
      stop.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted, since the loop did not end", e);
      }
      assertThat(failure.get()).isNull();
    }
  }

  private static TaskInfo task(Snapshot snapshot, String name) {
    return snapshot.tasks().stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @EachEngine
  void loopThatSpawnsHardIsSeenWithoutAnError(Engine engine) throws Exception {
    try (var busy = new Busy(engine, SnapshotUnderWayTest::churn)) {
      Set<String> states = new HashSet<>();
      for (int i = 0; i < ROUNDS; i++) {
        SnapshotOptions options = SnapshotOptions.DEFAULT.withMaxStacks(i % 10 == 0 ? 20 : 0);
        Snapshot snapshot = Snapshot.of(busy.loop, options);
        assertThat(snapshot.tasks().size()).isEqualTo(snapshot.taskCount());
        snapshot.tasks().forEach(task -> states.add(task.state().toString()));
        if (i % 100 == 0) {
          assertThat(snapshot.render()).isNotEmpty();
          assertThat(snapshot.toJson()).startsWith("{").endsWith("}");
        }
        assertThat(snapshot.deadlocks()).isEmpty();
      }
      assertThat(states).contains("waiting");
    }
  }

  /** Has tasks come and go, in groups that change, with all that one can wait for. */
  private static void churn(AtomicBoolean stop) {
    Lock lock = new Lock();
    Semaphore semaphore = new Semaphore(3);
    Queue<Integer> queue = new Queue<>(2);
    var consumer =
        createTask(() -> {
          while (queue.get() >= 0) {}
        });
    taskGroup(tg -> {
      AtomicInteger unfinished = new AtomicInteger();
      for (int n = 0; !stop.get(); n++) {
        int delay = n % 5;
        unfinished.incrementAndGet();
        tg.createTask(() -> {
          try (var _ = lock.acquire()) {
            sleep(seconds(0));
          }
          try (var _ = semaphore.acquire()) {
            sleep(Duration.ofNanos(delay * 1_000L));
          }
          queue.put(delay);
          unfinished.decrementAndGet();
        });
        do {
          sleep(seconds(0));
        } while (unfinished.get() > 200);
      }
    });
    queue.put(-1);
    consumer.await();
  }

  @EachEngine
  void taskInACallOfTheJdkIsSeenBlocked(Engine engine) throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    try (var busy =
        new Busy(
            engine,
            stop ->
                createTask(() -> latch.await(1, TimeUnit.MINUTES), TaskOptions.named("blocked"))
                    .await())) {
      Snapshot snapshot = busy.whenTaskIs("blocked", TaskState.BLOCKED);
      WaitInfo wait = task(snapshot, "blocked").waitsFor().getFirst();
      assertThat(wait.kind()).isEqualTo(WaitKind.JDK_CALL);
      assertThat(wait.text())
          .startsWith("CountDownLatch.await on java.util.concurrent.CountDownLatch$Sync@");
      assertThat(snapshot.render()).contains("'blocked' (").contains("blocked in CountDownLatch");
      latch.countDown();
    }
  }

  @EachEngine
  void lockOfTheJdkNamesTheThreadThatHasIt(Engine engine) throws Exception {
    ReentrantLock lock = new ReentrantLock();
    lock.lock();
    try (var busy =
        new Busy(
            engine,
            stop ->
                createTask(
                        () -> {
                          lock.lockInterruptibly();
                          lock.unlock();
                        },
                        TaskOptions.named("blocked"))
                    .await())) {
      Snapshot snapshot = busy.whenTaskIs("blocked", TaskState.BLOCKED);
      WaitInfo wait = task(snapshot, "blocked").waitsFor().getFirst();
      lock.unlock();
      assertThat(wait.holders())
          .extracting(holder -> holder.name())
          .containsExactly(Thread.currentThread().getName());
      assertThat(wait.complete()).isTrue();
    }
  }

  @EachEngine
  void taskAtASynchronizedSectionIsSeenBlocked(Engine engine) throws Exception {
    Object monitor = new Object();
    Runnable section =
        () -> {
          synchronized (monitor) {
            monitor.notifyAll();
          }
        };
    Busy busy;
    synchronized (monitor) {
      busy =
          new Busy(engine, stop -> createTask(section::run, TaskOptions.named("blocked")).await());
      Snapshot snapshot = busy.whenTaskIs("blocked", TaskState.BLOCKED);
      assertThat(task(snapshot, "blocked").waitsFor().getFirst().text())
          .isEqualTo("entry of a synchronized section");
    }
    busy.close();
  }

  @EachEngine
  @Timeout(value = 3, unit = TimeUnit.MINUTES) // so many tasks take their time in debug mode
  void hundredThousandTasksAreSummedUp(Engine engine) throws Exception {
    int count = 100_000;
    CountDownLatch ready = new CountDownLatch(1);
    Event end = new Event();
    try (var busy =
        new Busy(
            engine,
            stop -> {
              for (int i = 0; i < count; i++) {
                createTask(end::await);
              }
              sleep(seconds(0));
              ready.countDown();
              while (!stop.get()) {
                sleep(Duration.ofMillis(10));
              }
              end.set();
              asyncio.Asyncio.joinAll();
            })) {
      ready.await();
      SnapshotOptions few = SnapshotOptions.DEFAULT.withMaxTasks(100).withMaxStacks(100);
      Snapshot snapshot = Snapshot.of(busy.loop, few);
      assertThat(snapshot.taskCount()).isEqualTo(count + 1);
      assertThat(snapshot.tasks()).hasSize(100);
      TaskSummary most = snapshot.summaries().getFirst();
      assertThat(most.count()).isEqualTo(count);
      assertThat(most.waitsFor()).isEqualTo(WaitKind.EVENT);
      assertThat(snapshot.toJson()).hasSizeLessThan(1_000_000);

      // Each one makes and drops some tens of megabytes; were they kept, the heap would not do.
      for (int i = 0; i < 5; i++) {
        assertThat(Snapshot.of(busy.loop, few).taskCount()).isEqualTo(count + 1);
      }
    }
  }
}
