package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.assertBlocks;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Queue;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** Q: cancellation and timeouts lose no item and no slot. */
class QueueCancelTest {
  private final List<Object> trail = new ArrayList<>();

  private Task<?> getter(Queue<?> queue, String name) {
    return createTask(() -> trail.add(name + " " + queue.get()));
  }

  private <T> Task<?> putter(Queue<T> queue, T item) {
    return createTask(() -> {
      queue.put(item);
      trail.add("put " + item);
    });
  }

  @LoopTest
  @Spec("Q-17")
  void cancelledGetTakesNothing() {
    var queue = new Queue<String>(5);
    Task<?> getter = getter(queue, "never");
    turn();
    getter.cancel();
    queue.putNowait("x");
    assertCancelled(getter);
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo("x");
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("Q-18")
  void cancelledPutInsertsNothing() {
    var queue = new Queue<String>(1);
    queue.put("a");
    Task<?> b = putter(queue, "b");
    Task<?> c = putter(queue, "c");
    turn();
    b.cancel();
    assertThat(queue.get()).isEqualTo("a");
    assertCancelled(b);
    turn();
    assertThat(trail).containsExactly("put c");
    assertThat(queue.get()).isEqualTo("c");
    assertThat(queue.isEmpty()).isTrue();
    await(c);
    queue.taskDone();
    queue.taskDone();
    assertThatThrownBy(queue::taskDone)
        .hasMessageContaining("too many times"); // nor was it counted
  }

  @LoopTest
  @Spec({"Q-19", "REG-14"})
  void itemOfAGetterCancelledBeforeItRunsIsNotLost() {
    var queue = new Queue<Integer>();
    Task<?> reader = getter(queue, "never");
    turn();
    queue.putNowait(1);
    queue.putNowait(2);
    reader.cancel();
    assertCancelled(reader);
    assertThat(queue.get()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo(2);
  }

  @LoopTest
  @Spec({"Q-20", "Q-22", "REG-14"})
  void wakeUpOfACancelledGetterGoesToTheNextOne() {
    var queue = new Queue<Integer>();
    Task<?> first = getter(queue, "first");
    getter(queue, "second");
    getter(queue, "third");
    turn();
    queue.putNowait(1);
    queue.putNowait(2);
    first.cancel();
    untilAllBlocked();
    assertCancelled(first);
    assertThat(trail).hasSize(2);
    assertThat(trail.stream().map(entry -> entry.toString().replaceAll(".* ", "")))
        .containsExactlyInAnyOrder("1", "2");
    assertThat(trail.stream().map(entry -> entry.toString().replaceAll(" .*", "")))
        .containsExactlyInAnyOrder("second", "third");
    assertThat(queue.isEmpty()).isTrue();
  }

  @LoopTest
  @Spec({"Q-21", "REG-14"})
  void slotOfAPutterCancelledBeforeItRunsIsNotLost() {
    var queue = new Queue<Integer>(1);
    queue.put(1);
    Task<?> writer = putter(queue, 2);
    turn();
    assertThat(queue.getNowait()).isEqualTo(1);
    writer.cancel();
    assertCancelled(writer);
    queue.put(2);
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo(2);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec({"Q-23", "REG-14"})
  void wakeUpOfACancelledPutterGoesToTheNextOne() {
    var queue = new Queue<Integer>(1);
    queue.put(0);
    Task<?> first = putter(queue, 1);
    Task<?> second = putter(queue, 2);
    turn();
    queue.getNowait();
    first.cancel();
    await(second);
    assertCancelled(first);
    assertThat(trail).containsExactly("put 2");
    assertThat(queue.getNowait()).isEqualTo(2);
  }

  @LoopTest
  @Spec("Q-23")
  void cancelledPutterWakesNobodyIfTheQueueIsFull() {
    var queue = new Queue<Integer>(1);
    queue.put(0);
    Task<?> first = putter(queue, 1);
    Task<?> second = putter(queue, 2);
    turn();
    queue.getNowait();
    first.cancel();
    queue.putNowait(9); // the slot is taken meanwhile
    turns(5);
    assertCancelled(first);
    assertThat(second.isDone()).isFalse();
    assertThat(queue.toString()).contains("putters=1");
    queue.getNowait();
    await(second);
  }

  @LoopTest
  @Spec({"Q-24", "Q-22"})
  void stolenFromGetterThatIsCancelledWakesTheNext() {
    var queue = new Queue<Integer>();
    Task<?> a = getter(queue, "a");
    getter(queue, "b");
    turn();
    queue.putNowait(1);
    queue.getNowait();
    turn(); // a waits again
    queue.putNowait(2);
    a.cancel();
    untilAllBlocked();
    assertCancelled(a);
    assertThat(trail).containsExactly("b 2");
  }

  @LoopTest
  @Spec({"Q-25", "REG-17"})
  void timeoutAroundAGetLosesNoItem() {
    // The item comes just before the deadline, at it, and just after it; and with it a getter that
    // has been there before.
    for (long itemAt : new long[] {999, 1000, 1001}) {
      var queue = new Queue<String>();
      getRunningLoop().callLater(millis(itemAt), () -> queue.putNowait("item"));
      String got = null;
      try {
        got = timeout(millis(1000), () -> queue.get());
      } catch (TimeoutException e) {
        sleep(millis(2));
        assertThat(queue.getNowait()).isEqualTo("item");
      }
      assertThat(queue.isEmpty()).isTrue();
      assertThat(got).isEqualTo(itemAt < 1000 ? "item" : null);
      assertThat(queue.toString()).doesNotContain("getters");
    }
  }

  @LoopTest
  @Spec("Q-26")
  void taskThatGetsForAnotherKeepsTheItem() throws Exception {
    var queue = new Queue<String>();
    Task<String> getting = createTask(queue::get);
    var result = Asyncio.wait(List.of(getting), seconds(1));
    assertThat(result.pending()).hasSize(1);
    queue.put("item");
    turn();
    assertThat(queue.isEmpty()).isTrue(); // gone, though nobody waits for the task
    assertThat(await(getting)).isEqualTo("item");
    assertBlocks(queue::get);
  }

  @LoopTest
  @Spec("REG-13")
  void pollingWithTimeoutsLeavesNothingBehind() {
    var queue = new Queue<String>(1);
    for (int i = 0; i < 100; i++) {
      assertBlocks(queue::get);
    }
    assertThat(queue.toString()).endsWith("[maxsize=1]");
    queue.put("full");
    for (int i = 0; i < 100; i++) {
      assertBlocks(() -> queue.put("more"));
    }
    assertThat(queue.toString()).endsWith("[maxsize=1 items=[full] tasks=1]");
    Task<?> inLoop =
        createTask(() -> {
          try {
            queue.put("more");
          } catch (CancelledError e) {
            trail.add("cancelled");
            throw e;
          }
        });
    turn();
    inLoop.cancel();
    assertCancelled(inLoop);
    assertThat(trail).containsExactly("cancelled");
  }
}
