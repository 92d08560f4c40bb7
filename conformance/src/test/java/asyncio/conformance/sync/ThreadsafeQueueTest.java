package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.assertFails;
import static asyncio.conformance.sync.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.sync.QueueEmptyException;
import asyncio.sync.QueueFullException;
import asyncio.sync.QueueShutDownException;
import asyncio.sync.ThreadsafeQueue;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue between threads and tasks. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadsafeQueueTest {
  private final List<Object> trail = Collections.synchronizedList(new ArrayList<>());

  private Thread thread(Action body) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            body.run();
          } catch (Throwable t) {
            trail.add(t);
          }
        });
  }

  private static void awaitText(ThreadsafeQueue<?> queue, String part) {
    while (!queue.toString().contains(part)) {
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void threadsAloneUseItWithoutALoop() throws Exception {
    var queue = new ThreadsafeQueue<Integer>(1);
    queue.put(1);
    assertThat(queue.isFull()).isTrue();
    assertThatThrownBy(() -> queue.putNowait(2)).isInstanceOf(QueueFullException.class);
    Thread putter = thread(() -> queue.put(2));
    awaitText(queue, "putters=1");
    assertThat(queue.get()).isEqualTo(1);
    putter.join();
    assertThat(queue.getNowait()).isEqualTo(2);
    assertThatThrownBy(queue::getNowait).isInstanceOf(QueueEmptyException.class);
    Thread getter = thread(() -> trail.add(queue.get()));
    awaitText(queue, "getters=1");
    queue.putNowait(3);
    getter.join();
    assertThat(trail).containsExactly(3);
    assertThat(queue.toString()).endsWith("[maxsize=1]");
  }

  @EachEngine
  void itIsFilledBeforeALoopExistsAndOutlivesIt(Engine engine) throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    queue.put(1);
    queue.put(2);
    for (int i = 1; i <= 2; i++) {
      int expected = i;
      Loops.with(
          engine,
          loop ->
              loop.runUntilComplete(() -> {
                assertThat(queue.get()).isEqualTo(expected);
                queue.put(expected + 2);
                return null;
              }));
    }
    assertThat(List.of(queue.get(), queue.get())).containsExactly(3, 4);
  }

  @EachEngine
  void threadProducesAndTaskConsumesWithBackPressure(Engine engine) throws Exception {
    var queue = new ThreadsafeQueue<Integer>(2);
    Thread producer =
        thread(() -> {
          for (int i = 0; i < 200; i++) {
            queue.put(i);
            assertThat(queue.qsize()).isLessThanOrEqualTo(2);
          }
          queue.shutdown();
        });
    Loops.with(engine, loop -> loop.runUntilComplete(() -> drain(queue)));
    producer.join();
    assertThat(trail).isEqualTo(IntStream.range(0, 200).boxed().toList());
  }

  @EachEngine
  void taskProducesAndThreadConsumes(Engine engine) throws Exception {
    var queue = new ThreadsafeQueue<Integer>(2);
    Thread consumer = thread(() -> drain(queue));
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              for (int i = 0; i < 200; i++) {
                queue.put(i);
              }
              queue.shutdown();
              return null;
            }));
    consumer.join();
    assertThat(trail).isEqualTo(IntStream.range(0, 200).boxed().toList());
  }

  private Void drain(ThreadsafeQueue<Integer> queue) throws InterruptedException {
    try {
      while (true) {
        trail.add(queue.get());
      }
    } catch (QueueShutDownException end) {
      return null;
    }
  }

  @EachEngine
  void betweenTwoLoopsAndSomeThreadsNothingIsLostOrDoubled(Engine engine) throws Exception {
    var queue = new ThreadsafeQueue<Integer>(3);
    var producers = new ArrayList<Thread>();
    var consumers = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      int from = 500 * i;
      Action produce =
          () -> {
            for (int k = 0; k < 500; k++) {
              queue.put(from + k);
            }
          };
      boolean inLoop = i < 2;
      producers.add(thread(() -> onLoopIf(inLoop, engine, produce)));
      consumers.add(thread(() -> onLoopIf(inLoop, engine, () -> drain(queue))));
    }
    for (Thread producer : producers) {
      producer.join();
    }
    queue.shutdown();
    for (Thread consumer : consumers) {
      consumer.join();
    }
    assertThat(trail)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 2000).boxed().toList());
  }

  private static void onLoopIf(boolean inLoop, Engine engine, Action body) throws Exception {
    if (!inLoop) {
      body.run();
      return;
    }
    var loop = LoopKind.preferred().newLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        body.run();
        return null;
      });
    } finally {
      loop.close();
    }
  }

  @LoopTest
  void waitersAreServedInOrderAndNobodyOvertakes() throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      createTask(() -> trail.add(number + ":" + queue.get()));
    }
    turn();
    queue.putNowait(7);
    assertThatThrownBy(queue::getNowait)
        .isInstanceOf(QueueEmptyException.class); // it is the first task's
    queue.putNowait(8);
    queue.putNowait(9);
    turn();
    assertThat(trail).containsExactly("0:7", "1:8", "2:9");
  }

  @LoopTest
  void itemOfATaskCancelledBeforeItRunsGoesToTheNextOrBack() throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    Task<?> first = createTask(queue::get);
    Task<Integer> second = createTask(queue::get);
    turn();
    queue.putNowait(1);
    first.cancel();
    turn();
    turn();
    assertCancelled(first);
    assertThat(second.result()).isEqualTo(1);

    Task<?> alone = createTask(queue::get);
    turn();
    queue.putNowait(2);
    queue.putNowait(3);
    alone.cancel();
    assertCancelled(alone);
    assertThat(List.of(queue.get(), queue.get())).containsExactly(2, 3);
  }

  @LoopTest
  void slotOfATaskCancelledBeforeItRunsGoesToTheNext() throws Exception {
    var queue = new ThreadsafeQueue<Integer>(1);
    queue.put(0);
    Task<?> first = createTask(() -> queue.put(1));
    Task<?> second = createTask(() -> queue.put(2));
    turn();
    assertThat(queue.get()).isZero();
    assertThatThrownBy(() -> queue.putNowait(9))
        .isInstanceOf(QueueFullException.class); // the slot is promised
    first.cancel();
    turn();
    turn();
    assertCancelled(first);
    assertThat(second.isDone()).isTrue();
    assertThat(queue.get()).isEqualTo(2);
    assertThat(queue.isEmpty()).isTrue();
    queue.putNowait(4);
    assertThat(queue.isFull()).isTrue();
  }

  @LoopTest
  void cancelledWaitersLeaveTheLine() throws Exception {
    var queue = new ThreadsafeQueue<Integer>(1);
    for (int i = 0; i < 20; i++) {
      Turns.assertBlocks(queue::get);
    }
    queue.put(1);
    for (int i = 0; i < 20; i++) {
      Turns.assertBlocks(() -> queue.put(2));
    }
    assertThat(queue.toString()).endsWith("[maxsize=1 items=1]");
  }

  @Test
  void interruptedThreadLeavesTheLine() throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    Thread getter = thread(queue::get);
    awaitText(queue, "getters=1");
    getter.interrupt();
    getter.join();
    assertThat(trail).hasSize(1).first().isInstanceOf(InterruptedException.class);
    queue.put(1);
    assertThat(queue.getNowait()).isEqualTo(1);
  }

  @LoopTest
  void shutdownTurnsEverybodyAway() throws Exception {
    var empty = new ThreadsafeQueue<Integer>();
    Task<?> getter = createTask(empty::get);
    var full = new ThreadsafeQueue<Integer>(1);
    full.put(1);
    Task<?> putter = createTask(() -> full.put(2));
    Task<?> promised = createTask(() -> full.put(3));
    turn();
    empty.shutdown();
    full.getNowait(); // promises a slot to the first putter
    full.shutdown(true);
    for (Task<?> task : List.of(getter, putter, promised)) {
      assertFails(task).isInstanceOf(QueueShutDownException.class);
    }
    assertThat(full.isShutDown()).isTrue();
    assertThat(full.isEmpty()).isTrue();
    assertThatThrownBy(() -> full.put(4)).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(() -> full.putNowait(4)).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(full::get).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(full::getNowait).isInstanceOf(QueueShutDownException.class);
  }

  @LoopTest
  void callbackThatWouldHaveToWaitIsRefused() throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    assertThatThrownBy(() -> Turns.inCallback(queue::get))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in a callback would block the loop");
    assertThat(queue.toString()).endsWith("[maxsize=0]");
    Turns.inCallback(() -> queue.put(1)); // need not wait
    assertThat(queue.get()).isEqualTo(1);
  }

  @EachEngine
  void itemForATaskOfAClosedLoopGoesToTheNext(Engine engine) throws Exception {
    var queue = new ThreadsafeQueue<Integer>();
    var loop = LoopKind.preferred().newLoop(engine);
    loop.setExceptionHandler((_, _) -> {}); // the loop complains of the task that is left
    loop.createTask(queue::get);
    loop.runUntilComplete(() -> sleep(millis(0)));
    assertThat(queue).asString().contains("getters=1");
    loop.close(); // the task is in line still, or has left it already, on the thread for orphans
    queue.put(5);
    assertThat(queue.getNowait()).isEqualTo(5);
  }
}
