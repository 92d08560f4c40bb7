package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertFails;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Q: last in first out, and by priority. */
class QueueOrderTest {

  private record Job(int priority, String name) {}

  private static <T> List<T> drain(Queue<T> queue) {
    List<T> items = new ArrayList<>();
    while (!queue.isEmpty()) {
      items.add(queue.getNowait());
    }
    return items;
  }

  @LoopTest
  @Spec("Q-45")
  void lastInFirstOut() {
    var queue = new LifoQueue<Integer>(2);
    queue.put(1);
    queue.put(2);
    Task<?> third = createTask(() -> queue.put(3));
    turn();
    assertThat(third.isDone()).isFalse();
    assertThat(queue.get()).isEqualTo(2);
    await(third);
    assertThat(drain(queue)).containsExactly(3, 1);
    assertThat(new LifoQueue<>().maxsize()).isZero();
  }

  @LoopTest
  @Spec("Q-46")
  void smallestFirst() {
    var queue = new PriorityQueue<Integer>();
    for (int item : new int[] {1, 3, 2}) {
      queue.putNowait(item);
    }
    assertThat(drain(queue)).containsExactly(1, 2, 3);

    var jobs =
        new PriorityQueue<Job>(0, Comparator.comparingInt(Job::priority).thenComparing(Job::name));
    jobs.put(new Job(2, "a"));
    jobs.put(new Job(1, "b"));
    jobs.put(new Job(1, "a"));
    assertThat(drain(jobs)).containsExactly(new Job(1, "a"), new Job(1, "b"), new Job(2, "a"));
  }

  @LoopTest
  @Spec("Q-46")
  void anyOrderOfInsertionAndRemovalComesOutSorted() {
    Random random = new Random(20130104);
    for (int size = 0; size < 60; size++) {
      List<Integer> items = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        items.add(random.nextInt(30));
      }
      var queue = new PriorityQueue<Integer>();
      List<Integer> model = new ArrayList<>();
      for (int item : items) {
        queue.putNowait(item);
        model.add(item);
        if (random.nextInt(3) == 0) {
          Collections.sort(model);
          assertThat(queue.getNowait()).isEqualTo(model.removeFirst());
        }
      }
      Collections.sort(model);
      assertThat(drain(queue)).isEqualTo(model);
    }
  }

  @LoopTest
  @Spec("Q-47")
  void equalItemsLeaveInOrderOfInsertion() {
    var queue = new PriorityQueue<Job>(0, Comparator.comparingInt(Job::priority));
    Random random = new Random(47);
    for (int i = 0; i < 300; i++) {
      queue.put(new Job(random.nextInt(3), "job %05d".formatted(i)));
      if (i % 4 == 3) {
        queue.getNowait();
      }
    }
    List<Job> rest = drain(queue);
    assertThat(rest)
        .isSortedAccordingTo(Comparator.comparingInt(Job::priority).thenComparing(Job::name));
  }

  @LoopTest
  @Spec("Q-48")
  void itemThatCannotBeComparedLeavesTheQueueAsItWas() {
    var queue = new PriorityQueue<Object>();
    queue.put(2);
    queue.put(1);
    String before = queue.toString();
    for (Object wrong : new Object[] {"text", new Object()}) {
      assertThatThrownBy(() -> queue.put(wrong)).isInstanceOf(ClassCastException.class);
      assertThatThrownBy(() -> queue.putNowait(wrong)).isInstanceOf(ClassCastException.class);
      assertThat(queue.toString()).isEqualTo(before);
    }
    assertThat(drain(queue)).containsExactly(1, 2);
    assertThat(queue.isEmpty()).isTrue();
    queue.taskDone();
    queue.taskDone();
    assertThatThrownBy(queue::taskDone).hasMessageContaining("too many times");
    assertThatThrownBy(() -> queue.put(new Object()))
        .isInstanceOf(ClassCastException.class); // also the first one
    assertThat(queue.isEmpty()).isTrue();
  }

  @LoopTest
  @Spec({"Q-48", "SYNC-7"})
  void itemThatCannotBeComparedPassesItsSlotOn() {
    var queue = new PriorityQueue<Object>(2);
    queue.put(1);
    queue.put(5);
    Task<?> wrong = createTask(() -> queue.put("text"));
    Task<?> next = createTask(() -> queue.put(3));
    turn();
    assertThat(queue.get()).isEqualTo(1);
    turns(3);
    assertFails(wrong).isInstanceOf(ClassCastException.class);
    assertThat(next.isDone()).isTrue();
    assertThat(drain(queue)).containsExactly(3, 5);
  }

  @LoopTest
  @Spec("Q-48")
  void comparatorThatFailsOnRemovalLeavesTheQueueAsItWas() {
    boolean[] broken = {false};
    Comparator<Integer> order =
        (a, b) -> {
          if (broken[0]) {
            throw new ArithmeticException("broken comparator");
          }
          return Integer.compare(a, b);
        };
    var queue = new PriorityQueue<>(0, order);
    for (int i = 9; i > 0; i--) {
      queue.put(i);
    }
    String before = queue.toString();
    broken[0] = true;
    assertThatThrownBy(queue::get).isInstanceOf(ArithmeticException.class);
    assertThat(queue.toString()).isEqualTo(before);
    broken[0] = false;
    assertThat(drain(queue)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
  }
}
