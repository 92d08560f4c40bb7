package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.toThread;
import static asyncio.conformance.sync.Turns.assertBlocks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Repository;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** BIND: to which loop an object belongs, and what happens elsewhere. */
class BindingTest {
  private static final String ELSEWHERE = "is bound to a different event loop";

  /** Fresh objects, each with an operation that has to wait for ever. */
  private static Map<Object, Action> contended() {
    Map<Object, Action> operations = new LinkedHashMap<>();
    var lock = new Lock();
    lock.acquire();
    operations.put(lock, lock::acquire);
    var event = new Event();
    operations.put(event, event::await);
    var semaphore = new Semaphore(0);
    operations.put(semaphore, semaphore::acquire);
    var bounded = new BoundedSemaphore(1);
    bounded.acquire();
    operations.put(bounded, bounded::acquire);
    var condition = new Condition();
    condition.acquire();
    operations.put(condition, condition::await);
    var barrier = new Barrier(2);
    operations.put(barrier, barrier::await);
    var empty = new Queue<Integer>();
    operations.put(empty, empty::get);
    var full = new Queue<Integer>(1);
    full.putNowait(1);
    operations.put(full, () -> full.put(2));
    var unfinished = new Queue<Integer>();
    unfinished.putNowait(1);
    operations.put(unfinished, unfinished::join);
    return operations;
  }

  @EachEngine
  @Spec({"BIND-2", "BIND-4", "BIND-7", "COND-9"})
  void firstOperationThatWaitsBinds(Engine engine) {
    for (var operation : contended().entrySet()) {
      Object object = operation.getKey();
      OnLoop.run(engine, () -> assertBlocks(operation.getValue()));
      // That loop is closed now, and the object still belongs to it.
      String text = object.toString();
      for (int i = 0; i < 2; i++) {
        OnLoop.run(
            engine,
            () ->
                assertThatThrownBy(operation.getValue()::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(
                        text.replaceAll("\\[.*", "")) // a barrier counts the caller for a moment
                    .hasMessageContaining("] " + ELSEWHERE));
        assertThat(object.toString()).isEqualTo(text);
      }
      if (object instanceof Condition condition) {
        assertThat(condition.isLocked()).isTrue(); // COND-9
      }
    }
  }

  @EachEngine
  @Spec({"BIND-2", "BIND-3"})
  void operationsThatNeedNotWaitNeverBind(Engine engine) {
    var lock = new Lock();
    var queue = new Queue<Integer>(2);
    var semaphore = new Semaphore(1);
    var event = new Event();
    Action uncontended =
        () -> {
          lock.acquire().close();
          queue.put(1);
          queue.get();
          queue.taskDone();
          queue.join();
          semaphore.acquire().close();
          event.set();
          event.await();
          event.clear();
        };
    OnLoop.run(engine, uncontended);
    OnLoop.run(engine, uncontended);
    // Now they get bound, and still may be used elsewhere as long as nobody has to wait.
    OnLoop.run(
        engine,
        () -> {
          lock.acquire();
          assertBlocks(lock::acquire);
          lock.release();
          assertBlocks(queue::get);
          assertBlocks(event::await);
        });
    OnLoop.run(engine, uncontended);
  }

  @EachEngine
  @Spec("BIND-5")
  void conditionAndItsLockBindSeparately(Engine engine) {
    var lock = new Lock();
    var condition = new Condition(lock);
    OnLoop.run(
        engine,
        () -> {
          lock.acquire();
          assertBlocks(lock::acquire);
        });
    // The lock is bound and held; the condition is not bound, and gets bound to another loop.
    OnLoop.run(
        engine,
        () -> {
          assertThatThrownBy(condition::acquire).hasMessageStartingWith(lock + " " + ELSEWHERE);
          assertBlocks(condition::await);
          assertThat(lock.isLocked()).isTrue();
        });
    OnLoop.run(
        engine,
        () ->
            assertThatThrownBy(condition::await)
                .hasMessageStartingWith(condition + " " + ELSEWHERE));
  }

  @EachEngine
  @Spec("BIND-6")
  void twoThreadsRaceForTheFirstBinding(Engine engine) throws Exception {
    for (int round = 0; round < 30; round++) {
      var event = new Event();
      var start = new CyclicBarrier(2);
      var winners = new AtomicInteger();
      var losers = new AtomicInteger();
      Action racer =
          () -> {
            var loop = LoopKind.preferred().newLoop(engine);
            try {
              loop.runUntilComplete(() -> {
                start.await(20, TimeUnit.SECONDS);
                try {
                  timeout(millis(5), () -> event.await());
                } catch (TimeoutException e) {
                  winners.incrementAndGet();
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessageContaining(ELSEWHERE);
                  losers.incrementAndGet();
                }
                return null;
              });
            } finally {
              loop.close();
            }
          };
      // On the direct engine start.await may let the loop go on; each loop has this one task only.
      Thread other = Thread.ofPlatform().start(() -> unchecked(racer));
      racer.run();
      other.join(20_000);
      assertThat(List.of(winners.get(), losers.get())).containsExactly(1, 1);
    }
  }

  private static void unchecked(Action action) {
    try {
      action.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @EachEngine
  @Spec("BIND-8")
  void otherThreadsGoThroughTheLoop(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          var queue = new Queue<String>();
          List<String> got = new ArrayList<>();
          Task<?> consumer = loop.createTask(() -> got.add(queue.get()));
          Thread producer =
              Thread.ofPlatform()
                  .start(() -> loop.callSoonThreadsafe(() -> queue.putNowait("from outside")));
          loop.runUntilComplete(consumer);
          producer.join(20_000);
          assertThat(got).containsExactly("from outside");
        });
  }

  /** Every method that changes state, on objects bound by a waiter. */
  private static Map<String, Action> changes(Map<Object, Action> contended) {
    Map<String, Action> changes = new LinkedHashMap<>();
    for (Object object : contended.keySet()) {
      switch (object) {
        case Lock lock -> {
          changes.put("Lock.acquire", lock::acquire);
          changes.put("Lock.release", lock::release);
        }
        case Event event -> {
          changes.put("Event.set", event::set);
          changes.put("Event.clear", event::clear);
          changes.put("Event.await", event::await);
        }
        case Condition condition -> {
          changes.put("Condition.acquire", condition::acquire);
          changes.put("Condition.await", condition::await);
          changes.put("Condition.signal", condition::signal);
          changes.put("Condition.signalAll", condition::signalAll);
        }
        case Semaphore semaphore -> {
          changes.put(semaphore + ".acquire", semaphore::acquire);
          changes.put(semaphore + ".release", semaphore::release);
        }
        case Barrier barrier -> {
          changes.put("Barrier.await", barrier::await);
          changes.put("Barrier.reset", barrier::reset);
          changes.put("Barrier.abort", barrier::abort);
        }
        case Queue<?> anyQueue -> {
          @SuppressWarnings("unchecked")
          Queue<Integer> queue = (Queue<Integer>) anyQueue;
          changes.put(queue + ".put", () -> queue.put(1));
          changes.put(queue + ".putNowait", () -> queue.putNowait(1));
          changes.put(queue + ".get", queue::get);
          changes.put(queue + ".getNowait", queue::getNowait);
          changes.put(queue + ".taskDone", queue::taskDone);
          changes.put(queue + ".join", queue::join);
          changes.put(queue + ".shutdown", queue::shutdown);
        }
        default -> throw new AssertionError(object);
      }
    }
    return changes;
  }

  @EachEngine
  @Spec({"BIND-8", "BIND-9"})
  void changesFromAnotherThreadAreRefusedAtTheCall(Engine engine) throws Exception {
    Map<Object, Action> contended = contended();
    Loops.with(
        engine,
        loop -> {
          List<Task<?>> waiters = new ArrayList<>();
          contended.values().forEach(operation -> waiters.add(loop.createTask(operation)));
          loop.runUntilComplete(() -> sleep(millis(0)));
          List<String> before = contended.keySet().stream().map(Object::toString).toList();
          try (var _ = new Loops.Background(loop)) {
            changes(contended)
                .forEach((name, change) ->
                    assertThatThrownBy(change::run)
                        .as(name)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(ELSEWHERE)
                        .hasMessageContaining("callSoonThreadsafe")
                        .hasMessageContaining(name.replaceAll("[.@].*", "@")));
          }
          assertThat(contended.keySet().stream().map(Object::toString).toList()).isEqualTo(before);
          waiters.forEach(Task::cancel);
          loop.runUntilComplete(() -> sleep(millis(0)));
        });
  }

  @EachEngine
  @Spec("BIND-10")
  void waitingInABlockingJobFailsAtOnce(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              for (Action operation : contended().values()) {
                assertThatThrownBy(() -> toThread(() -> operation.run()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("must be done in a task");
                assertThatThrownBy(() -> await(getRunningLoop().runInExecutor(null, operation)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("must be done in a task");
              }
              return null;
            }));
  }

  @LoopTest
  @Spec("BIND-11")
  void waitingInACallbackFailsAtOnce() {
    contended()
        .forEach((object, operation) -> {
          String before = object.toString();
          assertThatThrownBy(() -> Turns.inCallback(operation))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("must be done in a task");
          assertThat(object.toString()).isEqualTo(before);
        });
  }

  @Test
  @Spec("BIND-11")
  void waitingWithoutALoopFailsAtOnce() {
    contended()
        .values()
        .forEach(operation ->
            assertThatThrownBy(operation::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must be done in a task"));
  }

  @EachEngine
  @Spec("BIND-12")
  void loopNeverWaitsForAMonitorOrLock(Engine engine) throws Exception {
    var lock = new Lock();
    var queue = new Queue<Integer>(1);
    var done = new CountDownLatch(1);
    // Somebody else holds the objects' monitors; the loop does not notice.
    synchronized (lock) {
      synchronized (queue) {
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              OnLoop.run(
                  engine,
                  () -> {
                    lock.acquire();
                    Task<?> waiter = createTask(lock::acquire);
                    Task<?> putter =
                        createTask(() -> {
                          queue.put(1);
                          queue.put(2);
                        });
                    Turns.turn();
                    queue.get();
                    lock.release();
                    await(waiter);
                    await(putter);
                  });
              done.countDown();
            });
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  @Spec("BIND-12")
  void sourcesUseNeitherMonitorsNorLocks() throws Exception {
    try (Stream<Path> sources =
        Files.list(Repository.ROOT.resolve("core/src/main/java/asyncio/sync"))) {
      List<Path> files = sources.toList();
      assertThat(files).hasSizeGreaterThan(10);
      for (Path source : files) {
        if (!source.getFileName().toString().startsWith("Threadsafe")) {
          assertThat(Repository.read(source))
              .as(source.toString())
              .doesNotContain("synchronized", "java.util.concurrent.locks");
        }
      }
    }
  }
}
