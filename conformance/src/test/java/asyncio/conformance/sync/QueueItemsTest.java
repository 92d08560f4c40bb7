package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.sync.Queue;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The items of a queue in a loop and in a stream. */
class QueueItemsTest {

  private static Task<?> producer(Queue<Integer> queue, int count) {
    return createTask(() -> {
      for (int i = 0; i < count; i++) {
        queue.put(i);
        turn();
      }
      queue.shutdown();
    });
  }

  @LoopTest
  void loopTakesItemsUntilTheShutdown() {
    var queue = new Queue<Integer>(1);
    producer(queue, 5);
    List<Integer> got = new ArrayList<>();
    for (int item : queue.items()) {
      got.add(item);
      queue.taskDone();
    }
    assertThat(got).containsExactly(0, 1, 2, 3, 4);
    assertThat(queue.items()).isEmpty();
    queue.join();
  }

  @LoopTest
  void streamTakesItemsUntilTheShutdownAndNoMoreThanItNeeds() {
    var queue = new Queue<Integer>(1);
    producer(queue, 6);
    assertThat(queue.stream().limit(2).toList()).containsExactly(0, 1);
    assertThat(queue.stream().map(item -> item * item).toList()).containsExactly(4, 9, 16, 25);
  }

  @LoopTest
  void severalTasksShareTheItems() {
    var queue = new Queue<Integer>();
    List<Task<List<Integer>>> consumers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      consumers.add(createTask(() -> queue.stream().toList()));
    }
    producer(queue, 9);
    List<Integer> all = new ArrayList<>();
    for (Task<List<Integer>> consumer : consumers) {
      assertThat(await(consumer)).hasSize(3);
      all.addAll(consumer.result());
    }
    assertThat(all).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @LoopTest
  void askingTwiceTakesOneItemAndACancelledOneNone() {
    var queue = new Queue<Integer>();
    queue.putNowait(1);
    queue.putNowait(2);
    Iterator<Integer> items = queue.items().iterator();
    assertThat(queue.qsize()).isEqualTo(2);
    assertThat(items.hasNext()).isTrue();
    assertThat(items.hasNext()).isTrue();
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(items.next()).isEqualTo(1);
    assertThat(items.next()).isEqualTo(2);
    Task<?> waiting = createTask(() -> items.hasNext());
    turns(3);
    waiting.cancel();
    queue.putNowait(3);
    assertCancelled(waiting);
    assertThat(items.next()).isEqualTo(3);
    queue.shutdown();
    assertThat(items.hasNext()).isFalse();
    assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
  }
}
