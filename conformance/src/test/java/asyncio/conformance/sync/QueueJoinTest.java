package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertFails;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Q: join, taskDone and shutdown, which are the same for all three kinds of queues. */
class QueueJoinTest {
  private static final List<IntFunction<Queue<Integer>>> KINDS =
      List.of(Queue<Integer>::new, LifoQueue<Integer>::new, PriorityQueue<Integer>::new);

  private final List<Object> trail = new ArrayList<>();

  private Task<?> joiner(Queue<?> queue, String name) {
    return createTask(() -> {
      queue.join();
      trail.add(name);
    });
  }

  private Task<?> getter(Queue<?> queue) {
    return createTask(() -> trail.add("got " + queue.get()));
  }

  private static void assertDone(Queue<?> queue) {
    assertThatThrownBy(queue::taskDone)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("task_done() called too many times");
  }

  private static void assertShutDown(Task<?> task) {
    assertFails(task).isInstanceOf(QueueShutDownException.class);
  }

  private static void assertNothingGoesIn(Queue<Integer> queue) {
    assertThatThrownBy(() -> queue.put(1)).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(() -> queue.putNowait(1)).isInstanceOf(QueueShutDownException.class);
  }

  private static void assertNothingComesOut(Queue<Integer> queue) {
    assertThatThrownBy(queue::get).isInstanceOf(QueueShutDownException.class);
    assertThatThrownBy(queue::getNowait).isInstanceOf(QueueShutDownException.class);
  }

  @LoopTest
  @Spec({"Q-27", "Q-28", "Q-33"})
  void insertionsAndReportsAreCounted() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      assertDone(queue);
      queue.put(1);
      queue.putNowait(2);
      assertThat(queue.toString()).endsWith("tasks=2]");
      queue.taskDone();
      assertThat(queue.toString()).endsWith("tasks=1]");
      queue.taskDone();
      assertDone(queue);
      queue.put(3);
      queue.taskDone();
      assertDone(queue);
    }
  }

  @LoopTest
  @Spec({"Q-29", "Q-33"})
  void joinLastsUntilAllIsDone() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      createTask(() -> trail.add("another task"));
      queue.join();
      queue.join();
      assertThat(trail).isEmpty();
      turn();
      trail.clear();
      for (int i = 0; i < 100; i++) {
        queue.put(i);
      }
      List<Task<?>> workers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        workers.add(
            createTask(() -> {
              while (true) {
                int item = queue.get();
                turn();
                trail.add(item);
                queue.taskDone();
              }
            }));
      }
      queue.join();
      assertThat(trail).hasSize(100).doesNotHaveDuplicates();
      queue.join();
      workers.forEach(Task::cancel);
      turn();
      trail.clear();
    }
  }

  @LoopTest
  @Spec("Q-30")
  void allJoinersAreReleasedTogether() {
    var queue = new Queue<Integer>();
    queue.put(1);
    for (int i = 0; i < 3; i++) {
      joiner(queue, "joiner " + i);
    }
    turns(5);
    assertThat(trail).isEmpty();
    queue.taskDone();
    turn();
    assertThat(trail).containsExactly("joiner 0", "joiner 1", "joiner 2");
  }

  @LoopTest
  @Spec("Q-31")
  void itemCanBeReportedDoneBeforeItIsGot() {
    var queue = new Queue<Integer>();
    queue.put(1);
    queue.taskDone();
    queue.join();
    assertThat(queue.get()).isEqualTo(1);
    assertDone(queue);
  }

  @LoopTest
  @Spec("Q-32")
  void joinDoesNotLookAgain() {
    var queue = new Queue<Integer>();
    queue.put(1);
    joiner(queue, "joined");
    turn();
    queue.taskDone();
    queue.putNowait(2);
    turn();
    assertThat(trail).containsExactly("joined");
  }

  // ---- shutdown

  @LoopTest
  @Spec({"Q-34", "Q-43"})
  void shutdownClosesForInsertionAtOnce() {
    for (var kind : KINDS) {
      Queue<Integer> empty = kind.apply(0);
      empty.shutdown();
      assertThat(empty.isShutDown()).isTrue();
      assertNothingGoesIn(empty);
      Queue<Integer> full = kind.apply(1);
      full.put(7);
      full.shutdown(false);
      createTask(() -> trail.add("another task"));
      assertNothingGoesIn(full); // not QueueFullException, and without waiting
      assertThat(trail).isEmpty();
      turn();
      trail.clear();
    }
  }

  @LoopTest
  @Spec({"Q-35", "Q-43"})
  void waitingPuttersFail() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(1);
      queue.put(1);
      Task<?> first = createTask(() -> queue.put(2));
      Task<?> second = createTask(() -> queue.put(3));
      turn();
      queue.shutdown();
      turn();
      assertShutDown(first);
      assertShutDown(second);
      assertThat(queue.qsize()).isEqualTo(1);
      queue.taskDone();
      assertDone(queue);
    }
  }

  @LoopTest
  @Spec({"Q-35", "Q-43"})
  void waitingPutterFailsAlsoIfASlotHasJustBeenFreedForIt() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(1);
      queue.put(1);
      Task<?> first = createTask(() -> queue.put(2));
      turn();
      assertThat(queue.getNowait()).isEqualTo(1);
      queue.shutdown();
      turn();
      assertShutDown(first);
      assertThat(queue.isEmpty()).isTrue();
      queue.taskDone();
      assertDone(queue);
    }
  }

  @LoopTest
  @Spec({"Q-36", "Q-38", "Q-43"})
  void remainingItemsCanBeGotAndJoinEndsWhenTheyAreDone() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      queue.put(1);
      queue.put(2);
      Task<?> joiner = joiner(queue, "joined");
      turn();
      queue.shutdown();
      turns(5);
      assertThat(joiner.isDone()).isFalse();
      assertThat(List.of(queue.get(), queue.getNowait())).containsExactlyInAnyOrder(1, 2);
      assertNothingComesOut(queue);
      queue.taskDone();
      turns(5);
      assertThat(joiner.isDone()).isFalse();
      queue.taskDone();
      turn();
      assertThat(joiner.isDone()).isTrue();
    }
  }

  @LoopTest
  @Spec({"Q-37", "REG-15", "Q-43"})
  void waitingGettersFail() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      Task<?> first = getter(queue);
      Task<?> second = getter(queue);
      turn();
      queue.shutdown();
      turn();
      assertShutDown(first);
      assertShutDown(second);
      assertThat(queue.toString()).endsWith("[maxsize=0 shutdown]");
    }
  }

  @LoopTest
  @Spec({"Q-37", "Q-43"})
  void itemPutJustBeforeGoesToTheFirstGetter() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      getter(queue);
      Task<?> second = getter(queue);
      turn();
      queue.putNowait(5);
      queue.shutdown();
      turn();
      assertThat(trail).containsExactly("got 5");
      assertShutDown(second);
      trail.clear();
    }
  }

  @LoopTest
  @Spec({"Q-39", "Q-41", "Q-43"})
  void immediateShutdownThrowsItemsAwayAndReleasesJoiners() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(2);
      queue.put(1);
      queue.put(2);
      Task<?> joiner = joiner(queue, "joined");
      Task<?> putter = createTask(() -> queue.put(3));
      turn();
      queue.shutdown(true);
      assertThat(queue.isEmpty()).isTrue();
      assertNothingComesOut(queue);
      assertNothingGoesIn(queue);
      turn();
      assertThat(joiner.isDone()).isTrue();
      assertShutDown(putter);
      assertDone(queue);
    }
  }

  @LoopTest
  @Spec({"Q-40", "Q-41", "Q-43"})
  void itemsGotBeforeStayUnfinished() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      queue.put(1);
      queue.put(2);
      queue.get();
      Task<?> joiner = joiner(queue, "joined");
      turn();
      queue.shutdown(true);
      untilAllBlocked();
      assertThat(joiner.isDone()).isFalse();
      queue.taskDone();
      turn();
      assertThat(joiner.isDone()).isTrue();
      assertDone(queue);
    }
  }

  @LoopTest
  @Spec("Q-39")
  void itemsReportedDoneBeforeDoNotMakeTheCountNegative() {
    var queue = new Queue<Integer>();
    queue.put(1);
    queue.put(2);
    queue.taskDone();
    queue.shutdown(true);
    queue.join();
    assertDone(queue);
    assertThat(queue.toString()).endsWith("[maxsize=0 shutdown]");
  }

  @LoopTest
  @Spec({"Q-42", "Q-43"})
  void shutdownTwiceIsHarmless() {
    for (var kind : KINDS) {
      Queue<Integer> queue = kind.apply(0);
      queue.put(1);
      queue.shutdown();
      queue.shutdown();
      assertThat(queue.qsize()).isEqualTo(1);
      queue.shutdown(true);
      assertThat(queue.isEmpty()).isTrue();
      queue.shutdown(false);
      queue.shutdown(true);
      assertNothingGoesIn(queue);
      assertNothingComesOut(queue);
      assertDone(queue);
    }
  }
}
