package asyncio.conformance.sync;

import static asyncio.conformance.sync.WokenWindow.explore;
import static asyncio.conformance.sync.WokenWindow.possible;

import asyncio.conformance.Spec;
import asyncio.conformance.sync.WokenWindow.Subject;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Event;
import asyncio.sync.LifoQueue;
import asyncio.sync.Lock;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;

/**
 * The woken window of each class that hands out units, or wakes all who wait, explored by {@link
 * WokenWindow}.
 */
@Tag("slow")
class WokenWindowTest {

  @LoopTest
  @Spec({"SYNC-4", "SYNC-5", "SYNC-6", "SYNC-7", "SYNC-8", "SYNC-9", "REG-1", "REG-2", "REG-18"})
  void locks() throws Exception {
    explore(() ->
        new Subject() {
          private final Lock lock = new Lock();

          {
            lock.acquire();
          }

          @Override
          void await() {
            lock.acquire();
          }

          @Override
          boolean wake() {
            if (!lock.isLocked()) {
              return false;
            }
            lock.release();
            return true;
          }

          @Override
          boolean attempt() throws Exception {
            return possible(lock::acquire);
          }

          @Override
          int left() {
            return lock.isLocked() ? 0 : 1;
          }

          @Override
          Object object() {
            return lock;
          }
        });
  }

  private static final class Permits extends Subject {
    private final Semaphore semaphore;

    Permits(Semaphore semaphore) {
      this.semaphore = semaphore;
      while (!semaphore.isLocked()) {
        semaphore.acquire();
      }
    }

    @Override
    void await() {
      semaphore.acquire();
    }

    @Override
    boolean wake() {
      semaphore.release();
      return true;
    }

    @Override
    boolean attempt() throws Exception {
      return possible(semaphore::acquire);
    }

    @Override
    int left() {
      Matcher value = Pattern.compile("value:(\\d+)").matcher(semaphore.toString());
      return value.find() ? Integer.parseInt(value.group(1)) : 0;
    }

    @Override
    Object object() {
      return semaphore;
    }
  }

  @LoopTest
  @Spec({
    "SYNC-4", "SYNC-5", "SYNC-6", "SYNC-7", "SYNC-8", "SYNC-9", "REG-8", "REG-10", "REG-11",
    "REG-12", "REG-18"
  })
  void semaphores() throws Exception {
    explore(() -> new Permits(new Semaphore(0)));
    explore(() -> new Permits(new BoundedSemaphore(2)));
  }

  @LoopTest
  @Spec({"SYNC-4", "SYNC-5", "SYNC-6", "SYNC-8"})
  void events() throws Exception {
    explore(() ->
        new Subject() {
          private final Event event = new Event();

          @Override
          void await() {
            event.await();
          }

          @Override
          boolean wake() {
            event.clear();
            event.set();
            return true;
          }

          @Override
          boolean attempt() throws Exception {
            return possible(event::await);
          }

          @Override
          int left() {
            return 0;
          }

          @Override
          boolean isForAll() {
            return true;
          }

          @Override
          Object object() {
            return event;
          }
        });
  }

  private abstract static class Items extends Subject {
    final Queue<Integer> queue;
    private int next;

    Items(Queue<Integer> queue) {
      this.queue = queue;
    }

    boolean put() {
      if (queue.isFull()) {
        return false;
      }
      queue.putNowait(next++);
      return true;
    }

    boolean get() {
      if (queue.isEmpty()) {
        return false;
      }
      queue.getNowait();
      return true;
    }

    @Override
    Object object() {
      return queue;
    }
  }

  private static final class Getters extends Items {
    Getters(Queue<Integer> queue) {
      super(queue);
    }

    @Override
    void await() {
      queue.get();
    }

    @Override
    boolean wake() {
      return put();
    }

    @Override
    boolean attempt() {
      return get();
    }

    @Override
    int left() {
      return queue.qsize();
    }
  }

  private static final class Putters extends Items {
    Putters(Queue<Integer> queue) {
      super(queue);
      while (put()) {}
    }

    @Override
    void await() {
      queue.put(-1);
    }

    @Override
    boolean wake() {
      return get();
    }

    @Override
    boolean attempt() {
      return put();
    }

    @Override
    int left() {
      return queue.maxsize() - queue.qsize();
    }
  }

  @LoopTest
  @Spec({
    "SYNC-4", "SYNC-5", "SYNC-6", "SYNC-7", "SYNC-8", "SYNC-9", "Q-19", "Q-20", "Q-22", "Q-24",
    "REG-13", "REG-14"
  })
  void getters() throws Exception {
    explore(() -> new Getters(new Queue<>()));
    explore(() -> new Getters(new LifoQueue<>(1)));
    explore(() -> new Getters(new PriorityQueue<>(2)));
  }

  @LoopTest
  @Spec({
    "SYNC-4", "SYNC-5", "SYNC-6", "SYNC-7", "SYNC-8", "SYNC-9", "Q-21", "Q-23", "Q-24", "REG-13",
    "REG-14"
  })
  void putters() throws Exception {
    explore(() -> new Putters(new Queue<>(1)));
    explore(() -> new Putters(new LifoQueue<>(2)));
    explore(() -> new Putters(new PriorityQueue<>(3)));
  }

  @LoopTest
  @Spec({"SYNC-4", "SYNC-6", "SYNC-8"})
  void joiners() throws Exception {
    explore(() ->
        new Subject() {
          private final Queue<Integer> queue = new Queue<>();
          private int waiting;
          private boolean done;

          {
            queue.put(0);
          }

          @Override
          void await() {
            waiting++;
            try {
              queue.join();
            } finally {
              waiting--;
            }
          }

          @Override
          boolean wake() {
            if (done) {
              return false;
            }
            queue.taskDone();
            done = true;
            return true;
          }

          @Override
          boolean attempt() throws Exception {
            return possible(queue::join);
          }

          @Override
          int left() {
            return 0;
          }

          @Override
          boolean isForAll() {
            return true;
          }

          @Override
          int lineLength() {
            return waiting;
          }

          @Override
          Object object() {
            return queue;
          }
        });
  }
}
