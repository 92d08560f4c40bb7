package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.sync.Queue;
import asyncio.sync.QueueEmptyException;
import asyncio.sync.QueueFullException;
import asyncio.sync.QueueShutDownException;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** Q: state, put and get. */
class QueueTest {
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
  @Spec("Q-1")
  void maximumSizeIsAsGiven() {
    assertThat(new Queue<>().maxsize()).isZero();
    for (int size : new int[] {0, -1, -100, 7}) {
      assertThat(new Queue<>(size).maxsize()).isEqualTo(size);
    }
    for (int unbounded : new int[] {0, -1}) {
      var queue = new Queue<Integer>(unbounded);
      for (int i = 0; i < 1000; i++) {
        queue.putNowait(i);
      }
      assertThat(queue.qsize()).isEqualTo(1000);
    }
  }

  @LoopTest
  @Spec({"Q-2", "Q-3"})
  void stateIsExact() {
    var queue = new Queue<Integer>(2);
    assertThat(queue.qsize()).isZero();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.isFull()).isFalse();
    queue.put(1);
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(queue.isEmpty()).isFalse();
    assertThat(queue.isFull()).isFalse();
    queue.put(2);
    assertThat(queue.qsize()).isEqualTo(2);
    assertThat(queue.isFull()).isTrue();
    getter(queue, "other"); // a task that is ready changes nothing before the next suspension
    if (queue.isFull()) {
      assertThatThrownBy(() -> queue.putNowait(3)).isInstanceOf(QueueFullException.class);
    }
    turn();
    assertThat(queue.isFull()).isFalse();
    queue.get();
    assertThat(queue.isEmpty()).isTrue();
  }

  @LoopTest
  @Spec("Q-3")
  void unboundedQueueIsNeverFull() {
    for (int size : new int[] {0, -3}) {
      var queue = new Queue<Integer>(size);
      for (int i = 0; i < 10; i++) {
        assertThat(queue.isFull()).isFalse();
        queue.putNowait(i);
      }
    }
  }

  @LoopTest
  @Spec("Q-5")
  void firstInFirstOut() {
    var queue = new Queue<Integer>();
    for (int item : new int[] {1, 3, 2}) {
      queue.putNowait(item);
    }
    assertThat(List.of(queue.getNowait(), queue.get(), queue.getNowait())).containsExactly(1, 3, 2);
  }

  @LoopTest
  @Spec("Q-6")
  @SuppressWarnings("NullAway")
  void nullIsRefusedBeforeAnythingChanges() {
    var queue = new Queue<String>(1);
    Task<?> getter = getter(queue, "got");
    turn();
    assertThatThrownBy(() -> queue.put(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("item");
    assertThatThrownBy(() -> queue.putNowait(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("item");
    assertThat(queue.qsize()).isZero();
    assertThatThrownBy(queue::taskDone)
        .hasMessageContaining("too many times"); // nothing was counted
    turns(3);
    assertThat(getter.isDone()).isFalse();
    queue.put("x");
    await(getter);
    queue.put("full");
    assertThatThrownBy(() -> queue.put(null))
        .isInstanceOf(NullPointerException.class); // and does not wait
  }

  /** Gives out the items alternately from both ends. */
  private static final class BothEnds implements Queue.Storage<Integer> {
    private final List<Integer> items = new ArrayList<>();
    private boolean back;

    @Override
    public void insert(Integer item) {
      items.add(item);
    }

    @Override
    public Integer remove() {
      back = !back;
      return back ? items.removeLast() : items.removeFirst();
    }

    @Override
    public int size() {
      return items.size();
    }
  }

  @LoopTest
  @Spec("Q-7")
  void storageDecidesTheOrderAndNothingElse() {
    var queue = new Queue<>(4, new BothEnds());
    for (int i = 1; i <= 4; i++) {
      queue.put(i);
    }
    putter(queue, 5);
    turn();
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.get()).isEqualTo(4);
    turn();
    assertThat(List.of(queue.get(), queue.get(), queue.get(), queue.get()))
        .containsExactly(1, 5, 2, 3);
    getter(queue, "waited for");
    turn();
    queue.putNowait(6);
    queue.putNowait(7);
    queue.putNowait(8);
    turn();
    assertThat(trail).containsExactly("put 5", "waited for 6");
    assertThat(queue.getNowait()).isEqualTo(8);
    for (int i = 0; i < 7; i++) {
      queue.taskDone();
    }
    Task<?> joiner = createTask(queue::join);
    turn();
    assertThat(joiner.isDone()).isFalse();
    queue.shutdown(true);
    await(joiner);
    assertThatThrownBy(queue::get).isInstanceOf(QueueShutDownException.class);
  }

  @LoopTest
  @Spec("Q-8")
  void putInsertsAtOnceOrWaitsForRoom() {
    var queue = new Queue<Integer>(1);
    createTask(() -> trail.add("another task"));
    queue.put(1);
    assertThat(trail).isEmpty();
    assertThat(queue.qsize()).isEqualTo(1);
    putter(queue, 2);
    turns(10);
    assertThat(trail).containsExactly("another task");
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(queue.getNowait()).isEqualTo(1);
    turn();
    assertThat(trail).containsExactly("another task", "put 2");
    assertThat(queue.getNowait()).isEqualTo(2);
  }

  @LoopTest
  @Spec("Q-8")
  void putThatNeedNotWaitFinishesBeforeTheGetterThatWaitsForIt() {
    var queue = new Queue<Integer>();
    getter(queue, "got");
    turn();
    putter(queue, 1);
    turns(2);
    assertThat(trail).containsExactly("put 1", "got 1");
  }

  @LoopTest
  @Spec("Q-9")
  void putNowaitInsertsOrFails() {
    var queue = new Queue<Integer>(1);
    createTask(() -> trail.add("another task"));
    queue.putNowait(1);
    assertThatThrownBy(() -> queue.putNowait(2)).isInstanceOf(QueueFullException.class);
    assertThat(queue.qsize()).isEqualTo(1);
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("Q-10")
  void getRemovesAtOnceOrWaitsForAnItem() {
    var queue = new Queue<Integer>();
    queue.putNowait(1);
    createTask(() -> trail.add("another task"));
    assertThat(queue.get()).isEqualTo(1);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(trail).isEmpty();
    getter(queue, "got");
    turns(10);
    assertThat(trail).containsExactly("another task");
    queue.putNowait(2);
    turn();
    assertThat(trail).containsExactly("another task", "got 2");
  }

  @LoopTest
  @Spec("Q-11")
  void getNowaitRemovesOrFails() {
    var queue = new Queue<Integer>();
    createTask(() -> trail.add("another task"));
    assertThatThrownBy(queue::getNowait).isInstanceOf(QueueEmptyException.class);
    queue.putNowait(1);
    assertThat(queue.getNowait()).isEqualTo(1);
    assertThatThrownBy(queue::getNowait).isInstanceOf(QueueEmptyException.class);
    assertThat(trail).isEmpty();
  }

  @LoopTest
  @Spec("Q-12")
  void eachInsertionWakesOneGetter() {
    var queue = new Queue<Integer>();
    List<Task<?>> getters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      getters.add(getter(queue, "g" + i));
    }
    turn();
    queue.putNowait(1);
    assertThat(queue.toString()).contains("getters=4");
    turns(3);
    assertThat(trail).containsExactly("g0 1");
    queue.putNowait(2);
    queue.putNowait(3);
    turn();
    assertThat(trail).containsExactly("g0 1", "g1 2", "g2 3");
    assertThat(queue.toString()).contains("getters=1");
    getters.getLast().cancel();
  }

  @LoopTest
  @Spec("Q-12")
  void eachRemovalWakesOnePutter() {
    var queue = new Queue<Integer>(2);
    queue.put(0);
    queue.put(1);
    List<Task<?>> putters = new ArrayList<>();
    for (int i = 2; i < 6; i++) {
      putters.add(putter(queue, i));
    }
    turn();
    assertThat(queue.toString()).contains("putters=4");
    queue.get();
    turns(3);
    assertThat(trail).containsExactly("put 2");
    queue.get();
    queue.get();
    turns(3);
    assertThat(trail).containsExactly("put 2", "put 3", "put 4");
    assertThat(queue.toString()).contains("putters=1");
    putters.getLast().cancel();
  }

  @LoopTest
  @Spec("Q-13")
  void producerAndConsumerOfAnyLengthsRunToTheEnd() {
    for (int maxsize = 1; maxsize <= 3; maxsize++) {
      for (int items = 0; items <= 6; items++) {
        var queue = new Queue<Integer>(maxsize);
        int count = items;
        Task<?> producer =
            createTask(() -> {
              for (int i = 0; i < count; i++) {
                queue.put(i);
              }
            });
        List<Integer> got = new ArrayList<>();
        Task<?> consumer =
            createTask(() -> {
              while (got.size() < count) {
                got.add(queue.get());
              }
            });
        await(producer);
        await(consumer);
        assertThat(got).hasSize(items).isSorted();
      }
    }
  }

  @LoopTest
  @Spec("Q-13")
  void manyPuttersAndOneBulkGetter() {
    var queue = new Queue<Integer>(2);
    queue.putNowait(1);
    queue.putNowait(2);
    for (int i = 3; i <= 6; i++) {
      putter(queue, i);
    }
    turn();
    List<Integer> got = new ArrayList<>();
    Task<?> getter =
        createTask(() -> {
          while (got.size() < 6) {
            got.add(queue.get());
          }
        });
    await(getter);
    assertThat(got).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(trail).hasSize(4);
  }

  @LoopTest
  @Spec("Q-14")
  void gettersReceiveInOrderOfWaiting() {
    var queue = new Queue<String>();
    for (int i = 0; i < 3; i++) {
      getter(queue, "g" + i);
    }
    turn();
    for (String item : List.of("a", "b", "c")) {
      queue.putNowait(item);
    }
    turn();
    assertThat(trail).containsExactly("g0 a", "g1 b", "g2 c");
  }

  @LoopTest
  @Spec("Q-15")
  void puttersInsertInOrderOfWaiting() {
    var queue = new Queue<String>(1);
    queue.put("first");
    Task<?> cancelled = null;
    for (String item : List.of("a", "b", "c")) {
      Task<?> putter = putter(queue, item);
      if (item.equals("b")) {
        cancelled = putter;
      }
    }
    turn();
    cancelled.cancel();
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      got.add(queue.get());
      turn();
    }
    assertThat(got).containsExactly("first", "a", "c");
    assertThat(trail).containsExactly("put a", "put c");
    assertCancelled(cancelled);
  }

  @LoopTest
  @Spec("Q-16")
  void blockedPutterResumesOneTurnAfterAGet() {
    var queue = new Queue<Integer>(2);
    createTask(() -> {
      for (int i = 0; i < 3; i++) {
        queue.put(i);
        trail.add(i);
      }
    });
    turns(2);
    assertThat(trail).containsExactly(0, 1);
    queue.get();
    assertThat(trail).containsExactly(0, 1);
    turn();
    assertThat(trail).containsExactly(0, 1, 2);
  }

  @LoopTest
  @Spec("Q-24")
  void getterWhoseItemWasTakenKeepsItsPlace() {
    var queue = new Queue<Integer>();
    getter(queue, "a");
    getter(queue, "b");
    turn();
    queue.putNowait(1);
    assertThat(queue.getNowait()).isEqualTo(1);
    turn(); // a finds nothing
    queue.putNowait(2);
    queue.putNowait(3);
    untilAllBlocked();
    assertThat(trail).containsExactly("a 2", "b 3");
  }

  @LoopTest
  @Spec("Q-24")
  void getterWhoseItemsAreTakenAgainAndAgainKeepsItsPlace() {
    var queue = new Queue<Integer>();
    getter(queue, "a");
    getter(queue, "b");
    getter(queue, "c");
    turn();
    for (int i = 0; i < 5; i++) {
      queue.putNowait(-1);
      queue.putNowait(-1);
      queue.getNowait();
      queue.getNowait();
      turn();
      assertThat(trail).isEmpty();
    }
    for (int i = 1; i <= 3; i++) {
      queue.putNowait(i);
      turn();
    }
    assertThat(trail).containsExactly("a 1", "b 2", "c 3");
  }

  @LoopTest
  @Spec("Q-24")
  void putterWhoseSlotWasTakenKeepsItsPlace() {
    var queue = new Queue<Integer>(1);
    queue.put(0);
    putter(queue, 1);
    putter(queue, 2);
    turn();
    assertThat(queue.getNowait()).isZero();
    queue.putNowait(-1);
    turn(); // the first putter finds no room
    List<Integer> got = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      got.add(queue.getNowait());
      turn();
    }
    assertThat(got).containsExactly(-1, 1, 2);
    assertThat(trail).containsExactly("put 1", "put 2");
  }

  @LoopTest
  @Spec({"Q-44", "Q-50"})
  void emptyFullAndShutDownAreThreeKindsOfErrors() {
    List<Class<? extends RuntimeException>> kinds =
        List.of(QueueEmptyException.class, QueueFullException.class, QueueShutDownException.class);
    for (Class<?> one : kinds) {
      for (Class<?> other : kinds) {
        assertThat(one.isAssignableFrom(other)).isEqualTo(one == other);
      }
    }
    assertThat(kinds).extracting(Class::getSimpleName).allMatch(name -> name.startsWith("Queue"));
  }
}
