package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.sync.Semaphore;
import asyncio.testkit.CancelExplorer;
import asyncio.testkit.CancelExplorer.Scenario;
import asyncio.testkit.LoopTest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Each suspending method, cancelled at each of its suspensions: nothing is lost, nothing is left
 * behind, nobody hangs.
 */
class CancelExplorerTest {

  /** Several tasks that do the same, the second of which is the victim. */
  private abstract static class Crowd implements Scenario {
    final List<Task<?>> tasks = new ArrayList<>();

    abstract void member() throws Exception;

    @Override
    public Task<?> start() {
      for (int i = 0; i < 4; i++) {
        tasks.add(createTask(this::member));
      }
      return tasks.get(1);
    }

    @Override
    public void check(Task<?> victim) {
      for (Task<?> task : tasks) {
        assertThat(task.isDone()).isTrue();
        if (task != tasks.get(1)) {
          task.result();
        }
      }
      checkObject();
    }

    abstract void checkObject();
  }

  private static final class Sections extends Crowd {
    private final Semaphore semaphore;
    private final int permits;
    private int inside;

    Sections(Semaphore semaphore, int permits) {
      this.semaphore = semaphore;
      this.permits = permits;
    }

    @Override
    void member() {
      for (int i = 0; i < 3; i++) {
        try (var _ = semaphore.acquire()) {
          assertThat(++inside).isLessThanOrEqualTo(permits);
          try {
            turn();
          } finally {
            inside--;
          }
        }
      }
    }

    @Override
    void checkObject() {
      assertThat(semaphore.toString()).endsWith("[unlocked, value:" + permits + "]");
    }
  }

  @LoopTest
  @Spec({"SYNC-5", "SYNC-14", "LOCK-18"})
  void lockAcquire() throws Exception {
    int suspensions =
        CancelExplorer.explore(() ->
            new Crowd() {
              private final Lock lock = new Lock();
              private int inside;

              @Override
              void member() {
                for (int i = 0; i < 3; i++) {
                  try (var _ = lock.acquire()) {
                    assertThat(++inside).isEqualTo(1);
                    try {
                      turn();
                    } finally {
                      inside--;
                    }
                  }
                }
              }

              @Override
              void checkObject() {
                assertThat(lock.toString()).endsWith("[unlocked]");
              }
            });
    assertThat(suspensions).isEqualTo(6); // three acquires, three turns
  }

  @LoopTest
  @Spec({"SYNC-5", "SYNC-14", "SEM-13"})
  void semaphoreAcquire() throws Exception {
    CancelExplorer.explore(() -> new Sections(new Semaphore(2), 2));
    CancelExplorer.explore(() -> new Sections(new BoundedSemaphore(1), 1));
    CancelExplorer.explore(() -> new Sections(new BoundedSemaphore(3), 3));
  }

  @LoopTest
  @Spec("SYNC-5")
  void eventAwait() throws Exception {
    CancelExplorer.explore(() ->
        new Crowd() {
          private final Event event = new Event();

          @Override
          public Task<?> start() {
            Task<?> victim = super.start();
            tasks.add(
                createTask(() -> {
                  for (int i = 0; i < 3; i++) {
                    turn();
                    event.set();
                    event.clear();
                  }
                  turns(3);
                  event.set();
                }));
            return victim;
          }

          @Override
          void member() {
            for (int i = 0; i < 3; i++) {
              event.await();
              turn();
            }
          }

          @Override
          void checkObject() {
            assertThat(event.toString()).endsWith("[set]");
          }
        });
  }

  @LoopTest
  @Spec({"SYNC-5", "COND-8", "COND-18", "COND-19"})
  void conditionAwait() throws Exception {
    CancelExplorer.explore(() ->
        new Scenario() {
          private final Condition condition = new Condition();
          private final Deque<Integer> items = new ArrayDeque<>();
          private final List<Integer> consumed = new ArrayList<>();
          private final List<Task<?>> others = new ArrayList<>();

          private void consumer() {
            while (true) {
              try (var _ = condition.acquire()) {
                try {
                  condition.awaitFor(() -> !items.isEmpty());
                } finally {
                  assertThat(condition.isLocked()).isTrue();
                }
                int item = items.remove();
                if (item < 0) {
                  items.add(item); // for the next consumer
                  condition.signal();
                  return;
                }
                consumed.add(item);
              }
            }
          }

          @Override
          public Task<?> start() {
            Task<?> victim = createTask(this::consumer);
            others.add(createTask(this::consumer));
            others.add(
                createTask(() -> {
                  for (int i = 0; i < 6; i++) {
                    try (var _ = condition.acquire()) {
                      items.add(i);
                      condition.signal();
                      turn(); // with the lock held, so that consumers have to wait for it
                    }
                    if (i % 2 == 1) {
                      turns(2);
                    }
                  }
                  try (var _ = condition.acquire()) {
                    items.add(-1);
                    condition.signal();
                  }
                }));
            return victim;
          }

          @Override
          public void check(Task<?> victim) {
            others.forEach(Task::result);
            assertThat(consumed).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
            assertThat(condition.toString()).endsWith("[unlocked]");
          }
        });
  }

  @LoopTest
  @Spec({"SYNC-5", "BAR-12", "BAR-13", "BAR-14"})
  void barrierAwait() throws Exception {
    CancelExplorer.explore(() ->
        new Scenario() {
          private final Barrier barrier = new Barrier(2);
          private final List<Integer> indexes = new ArrayList<>();
          private Task<?> partner = createTask(() -> {});

          @Override
          public Task<?> start() {
            Task<?> victim =
                createTask(() -> {
                  for (int i = 0; i < 4; i++) {
                    barrier.await();
                  }
                });
            partner =
                createTask(() -> {
                  for (int i = 0; i < 4; i++) {
                    indexes.add(barrier.await());
                  }
                });
            return victim;
          }

          @Override
          public void check(Task<?> victim) {
            // Somebody steps in until the partner has had all its rounds.
            Task<?> standIn =
                createTask(() -> {
                  while (!partner.isDone()) {
                    barrier.await();
                  }
                });
            turns(30);
            partner.result();
            standIn.cancel();
            turns(3);
            assertThat(indexes).hasSize(4).allMatch(index -> index == 0 || index == 1);
            assertThat(barrier.toString()).endsWith("[filling, waiters:0/2]");
          }
        });
  }

  @LoopTest
  @Spec({"SYNC-5", "Q-17", "Q-19", "Q-20", "Q-22"})
  void queueGet() throws Exception {
    CancelExplorer.explore(() ->
        new Scenario() {
          private final Queue<Integer> queue = new Queue<>(1);
          private final List<Integer> got = new ArrayList<>();
          private final List<Task<?>> others = new ArrayList<>();

          private void consumer() {
            try {
              while (true) {
                got.add(queue.get());
                turn();
              }
            } catch (QueueShutDownException end) {
              // all items are out
            }
          }

          @Override
          public Task<?> start() {
            Task<?> victim = createTask(this::consumer);
            others.add(createTask(this::consumer));
            others.add(
                createTask(() -> {
                  for (int i = 0; i < 8; i++) {
                    queue.put(i);
                    if (i % 3 == 2) {
                      turns(3);
                    }
                  }
                  queue.shutdown();
                }));
            return victim;
          }

          @Override
          public void check(Task<?> victim) {
            others.forEach(Task::result);
            assertThat(got).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
            assertThat(queue.toString()).endsWith("[maxsize=1 tasks=8 shutdown]");
          }
        });
  }

  @LoopTest
  @Spec({"SYNC-5", "Q-18", "Q-21", "Q-23"})
  void queuePut() throws Exception {
    CancelExplorer.explore(() ->
        new Scenario() {
          private final Queue<String> queue = new Queue<>(1);
          private final List<String> accepted = new ArrayList<>();
          private final List<String> got = new ArrayList<>();
          private final List<Task<?>> others = new ArrayList<>();

          private Task<?> producer(String name) {
            return createTask(() -> {
              for (int i = 0; i < 4; i++) {
                String item = name + i;
                queue.put(item);
                accepted.add(item);
              }
            });
          }

          @Override
          public Task<?> start() {
            Task<?> victim = producer("victim");
            others.add(producer("other"));
            others.add(
                createTask(() -> {
                  while (!others.get(0).isDone() || !victim.isDone() || !queue.isEmpty()) {
                    turn();
                    while (!queue.isEmpty()) {
                      got.add(queue.getNowait());
                      queue.taskDone();
                    }
                  }
                }));
            return victim;
          }

          @Override
          public void check(Task<?> victim) {
            others.forEach(Task::result);
            assertThat(got).containsExactlyElementsOf(accepted);
            assertThat(accepted.stream().filter(item -> item.startsWith("other"))).hasSize(4);
            assertThat(queue.toString()).endsWith("[maxsize=1]");
          }
        });
  }

  @LoopTest
  @Spec("SYNC-5")
  void queueJoin() throws Exception {
    CancelExplorer.explore(() ->
        new Crowd() {
          private final Queue<Integer> queue = new Queue<>();

          @Override
          public Task<?> start() {
            queue.putNowait(0);
            Task<?> victim = super.start();
            tasks.add(
                createTask(() -> {
                  turn();
                  queue.taskDone();
                  queue.putNowait(1); // those who join again wait again
                  turns(3);
                  queue.taskDone();
                }));
            return victim;
          }

          @Override
          void member() {
            queue.join();
            turn();
            queue.join();
          }

          @Override
          void checkObject() {
            queue.getNowait();
            queue.getNowait();
            assertThat(queue.toString()).endsWith("[maxsize=0]");
          }
        });
  }

  @LoopTest
  @Spec({"TMO-5", "TMO-2", "SYNC-5"})
  void nestedTimeoutsAndAnOuterCancelAtTheSameMomentLeaveNobodyBehind() {
    var lock = new Lock();
    var semaphore = new Semaphore(0);
    var event = new Event();
    var empty = new Queue<Integer>();
    var full = new Queue<Integer>(1);
    full.putNowait(1);
    var condition = new Condition();
    var barrier = new Barrier(2);
    lock.acquire();
    List<Action> operations =
        List.of(
            lock::acquire,
            semaphore::acquire,
            event::await,
            empty::get,
            () -> full.put(2),
            full::join,
            () -> {
              try (var _ = condition.acquire()) {
                condition.await();
              }
            },
            barrier::await);
    for (Action operation : operations) {
      for (boolean cancelFirst : new boolean[] {true, false}) {
        List<String> trail = new ArrayList<>();
        Task<?> task =
            createTask(() -> {
              try {
                timeout(seconds(1), () -> timeout(seconds(1), () -> operation.run()));
              } catch (CancelledError | TimeoutException e) {
                trail.add(e.getClass().getSimpleName());
                throw e;
              }
            });
        if (!cancelFirst) {
          turn(); // the deadlines are set first
        }
        getRunningLoop().callLater(seconds(1), () -> task.cancel());
        sleep(seconds(2));
        assertThat(task.isDone()).isTrue();
        if (!task.isCancelled()) {
          assertThat(task.exception()).isInstanceOf(TimeoutException.class);
        }
        assertThat(trail).hasSize(1);
      }
    }
    for (Object object : List.of(lock, semaphore, event, empty, full, condition, barrier)) {
      assertThat(object.toString()).doesNotContain("waiters:1", "getters", "putters");
    }
    assertThat(full.qsize()).isEqualTo(1);
    assertThat(lock.isLocked()).isTrue();
    assertThat(condition.isLocked()).isFalse();
  }
}
