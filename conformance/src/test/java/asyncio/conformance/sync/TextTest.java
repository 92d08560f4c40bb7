package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.LifoQueue;
import asyncio.sync.Lock;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import org.junit.jupiter.api.Test;

/** STR: text forms. */
class TextTest {

  private static void assertText(Object object, String state) {
    assertThat(object.toString()).matches("\\w+@[0-9a-f]+ \\[.*\\]").endsWith(" [" + state + "]");
    assertThat(object.toString()).startsWith(object.getClass().getSimpleName() + "@");
  }

  private static void cancelAll(List<Task<?>> tasks) {
    tasks.forEach(Task::cancel);
    turn();
  }

  @LoopTest
  @Spec({"STR-1", "LOCK-1"})
  void lock() {
    var lock = new Lock();
    assertText(lock, "unlocked");
    lock.acquire();
    assertText(lock, "locked");
    List<Task<?>> waiters = new ArrayList<>(List.of(createTask(lock::acquire)));
    turn();
    assertText(lock, "locked, waiters:1");
    waiters.add(createTask(lock::acquire));
    turn();
    assertText(lock, "locked, waiters:2");
    lock.release();
    assertText(lock, "unlocked, waiters:2");
    cancelAll(waiters);
    assertText(lock, "unlocked");
  }

  @LoopTest
  @Spec("STR-2")
  void event() {
    var event = new Event();
    assertText(event, "unset");
    createTask(event::await);
    turn();
    assertText(event, "unset, waiters:1");
    event.set();
    assertText(event, "set, waiters:1");
    turn();
    assertText(event, "set");
    event.clear();
    assertText(event, "unset");
  }

  @LoopTest
  @Spec("STR-3")
  void condition() {
    var condition = new Condition();
    assertText(condition, "unlocked");
    List<Task<?>> waiters = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      waiters.add(
          createTask(() -> {
            try (var _ = condition.acquire()) {
              condition.await();
            }
          }));
      turn();
      assertText(condition, "unlocked, waiters:" + i);
    }
    condition.acquire();
    assertText(condition, "locked, waiters:2");
    condition.release();
    cancelAll(waiters);
    assertText(condition, "unlocked");
  }

  @LoopTest
  @Spec("STR-4")
  void semaphores() {
    for (Semaphore semaphore : List.of(new Semaphore(2), new BoundedSemaphore(2))) {
      assertText(semaphore, "unlocked, value:2");
      semaphore.acquire();
      assertText(semaphore, "unlocked, value:1");
      semaphore.acquire();
      assertText(semaphore, "locked");
      List<Task<?>> waiters =
          List.of(createTask(semaphore::acquire), createTask(semaphore::acquire));
      turn();
      assertText(semaphore, "locked, waiters:2");
      cancelAll(waiters);
      assertText(semaphore, "locked");
    }
  }

  @LoopTest
  @Spec("STR-5")
  void barrier() throws Exception {
    var barrier = new Barrier(5);
    assertText(barrier, "filling, waiters:0/5");
    List<Task<?>> parties = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      parties.add(
          createTask(() -> {
            try {
              barrier.await();
            } catch (BrokenBarrierException e) {
              // expected
            }
          }));
    }
    turn();
    assertText(barrier, "filling, waiters:2/5");
    barrier.reset();
    assertText(barrier, "resetting, waiters:0/5");
    turn();
    assertText(barrier, "filling, waiters:0/5");
    barrier.abort();
    assertText(barrier, "broken");
  }

  @LoopTest
  @Spec("STR-6")
  void queues() {
    for (Queue<Integer> queue :
        List.of(new Queue<Integer>(), new LifoQueue<Integer>(), new PriorityQueue<Integer>())) {
      assertText(queue, "maxsize=0");
      queue.put(1);
      queue.put(2);
      assertThat(queue.toString()).matches(".*\\[maxsize=0 items=\\[\\d, \\d\\] tasks=2\\]");
      queue.get();
      queue.get();
      assertText(queue, "maxsize=0 tasks=2");
      queue.taskDone();
      assertText(queue, "maxsize=0 tasks=1");
      queue.taskDone();
      List<Task<?>> getters = List.of(createTask(queue::get), createTask(queue::get));
      turn();
      assertText(queue, "maxsize=0 getters=2");
      cancelAll(new ArrayList<>(getters));
      queue.shutdown();
      assertText(queue, "maxsize=0 shutdown");
    }
    var full = new Queue<Integer>(1);
    full.put(7);
    List<Task<?>> putters = List.of(createTask(() -> full.put(8)));
    turn();
    assertText(full, "maxsize=1 items=[7] putters=1 tasks=1");
    cancelAll(putters);
  }

  @Test
  @Spec("STR-7")
  void textOfAQueueHasAnIdentity() {
    assertThat(new Queue<>().toString()).isNotEqualTo(new Queue<>().toString());
    assertThat(new Queue<>().toString()).matches("Queue@[0-9a-f]+ \\[maxsize=0\\]");
  }

  @EachEngine
  @Spec("STR-8")
  void makingATextChangesNothing(Engine engine) {
    var event = new Event();
    var trail = new ArrayList<String>();
    OnLoop.run(
        engine,
        () -> {
          createTask(() -> trail.add("another task"));
          for (Object object :
              List.of(
                  event,
                  new Lock(),
                  new Condition(),
                  new Semaphore(),
                  new Barrier(2),
                  new Queue<Integer>(2))) {
            assertThat(object.toString()).isEqualTo(object.toString());
          }
          assertThat(trail).isEmpty();
          turn();
        });
    OnLoop.run(engine, () -> Turns.assertBlocks(event::await)); // it was not bound
  }
}
