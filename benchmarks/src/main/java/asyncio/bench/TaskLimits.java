package asyncio.bench;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What {@link TaskBenchmarks} measures, on bare virtual threads. */
final class TaskLimits {
  private TaskLimits() {}

  static double switching(BareLoop loop, int threads, int switches) {
    long start = System.nanoTime();
    Gate all = new Gate(loop, threads);
    for (int i = 0; i < threads; i++) {
      loop.spawn(() -> {
        for (int j = 0; j < switches; j++) {
          loop.yieldNow();
        }
        all.arrive();
      });
    }
    all.await();
    return (System.nanoTime() - start) / ((double) threads * switches);
  }

  static double spawning(BareLoop loop, int rounds, int threads) {
    long start = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      Gate all = new Gate(loop, threads);
      for (int i = 0; i < threads; i++) {
        loop.spawn(all::arrive);
      }
      all.await();
    }
    return (System.nanoTime() - start) / ((double) rounds * threads);
  }

  static double pingPong(BareLoop loop, int rounds) {
    Slot there = new Slot(loop);
    Slot back = new Slot(loop);
    loop.spawn(() -> {
      for (int i = 0; i < rounds; i++) {
        back.put(there.take());
      }
    });
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      there.put(i);
      back.take();
    }
    return (System.nanoTime() - start) / (double) rounds;
  }

  static double gathering(BareLoop loop, int children) {
    boolean[] results = new boolean[children];
    Gate all = new Gate(loop, children);
    long start = System.nanoTime();
    for (int i = 0; i < children; i++) {
      int index = i;
      loop.spawn(() -> {
        loop.yieldNow();
        results[index] = true;
        all.arrive();
      });
    }
    all.await();
    return (System.nanoTime() - start) / (double) children;
  }

  /** Threads that park until all are made, and are then woken in turn. */
  static SleepBenchmarks.Costs sleeping(BareLoop loop, int sleepers) {
    Thread[] threads = new Thread[sleepers];
    int[] awake = {0};
    long[] woken = new long[2];
    long heapBefore = Gauges.liveHeap();
    long start = System.nanoTime();
    for (int i = 0; i < sleepers; i++) {
      threads[i] =
          loop.spawn(() -> {
            LockSupport.park();
            if (awake[0]++ == 0) {
              woken[0] = System.nanoTime();
            }
            woken[1] = System.nanoTime();
          });
    }
    loop.yieldNow();
    double createNanos = (System.nanoTime() - start) / (double) sleepers;
    double liveBytes = (Gauges.liveHeap() - heapBefore) / (double) sleepers;
    for (Thread thread : threads) {
      loop.wake(thread);
    }
    while (awake[0] < sleepers) {
      loop.yieldNow();
    }
    return new SleepBenchmarks.Costs(
        createNanos, (woken[1] - woken[0]) / (double) sleepers, liveBytes);
  }

  /** Wakes one thread when so many have arrived. */
  private static final class Gate {
    private final BareLoop loop;
    private final Thread waiter = Thread.currentThread();
    private int missing;

    Gate(BareLoop loop, int missing) {
      this.loop = loop;
      this.missing = missing;
    }

    void arrive() {
      if (--missing == 0) {
        loop.wake(waiter);
      }
    }

    void await() {
      while (missing > 0) {
        LockSupport.park();
      }
    }
  }

  /** A queue for one item, with one thread at each end. */
  private static final class Slot {
    private final BareLoop loop;
    private final ArrayDeque<Thread> waiters = new ArrayDeque<>(2);
    private @Nullable Object item;

    Slot(BareLoop loop) {
      this.loop = loop;
    }

    void put(Object added) {
      while (item != null) {
        park();
      }
      item = added;
      wake();
    }

    Object take() {
      Object taken = item;
      while (taken == null) {
        park();
        taken = item;
      }
      item = null;
      wake();
      return taken;
    }

    private void park() {
      waiters.add(Thread.currentThread());
      LockSupport.park();
    }

    private void wake() {
      Thread waiter = waiters.poll();
      if (waiter != null) {
        loop.wake(waiter);
      }
    }
  }
}
