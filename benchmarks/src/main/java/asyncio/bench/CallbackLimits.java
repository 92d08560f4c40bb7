package asyncio.bench;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What {@link CallbackBenchmarks} and {@link TimerBenchmarks} measure, on the JDK's collections.
 */
final class CallbackLimits {
  private CallbackLimits() {}

  static double callSoon(int batches, int batch) {
    ArrayDeque<Runnable> ready = new ArrayDeque<>();
    int[] left = {batches};
    Runnable nothing = () -> {};
    Runnable[] next = new Runnable[1];
    next[0] =
        () -> {
          if (left[0]-- == 0) {
            return;
          }
          for (int i = 1; i < batch; i++) {
            ready.add(nothing);
          }
          ready.add(next[0]);
        };
    ready.add(next[0]);
    long start = System.nanoTime();
    for (Runnable each = ready.poll(); each != null; each = ready.poll()) {
      each.run();
    }
    return (System.nanoTime() - start) / ((double) batches * batch);
  }

  /** One entry of a heap. */
  private record Timer(long when, Runnable callback) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      return Long.compare(when, other.when);
    }
  }

  /** All are made and dropped: their order never matters, so none is sought. */
  static double timerCancel(int timers) {
    @Nullable Timer[] all = new Timer[timers];
    long start = System.nanoTime();
    for (int i = 0; i < timers; i++) {
      all[i] = new Timer(System.nanoTime() + 3_600_000_000_000L, () -> {});
    }
    for (int i = 0; i < timers; i++) {
      all[i] = null;
    }
    return (System.nanoTime() - start) / (double) timers;
  }

  /** A heap is filled, and emptied in order; nobody waits for the clock. */
  static double timerFire(int timers, long window, int seed) {
    PriorityQueue<Timer> heap = new PriorityQueue<>();
    Random random = new Random(seed);
    int[] fired = {0};
    Runnable callback = () -> fired[0]++;
    long start = System.nanoTime();
    for (int i = 0; i < timers; i++) {
      heap.add(new Timer(random.nextLong(window), callback));
    }
    for (Timer timer = heap.poll(); timer != null; timer = heap.poll()) {
      timer.callback.run();
    }
    return (System.nanoTime() - start) / (double) timers;
  }

  /** A thread hands a job to a pool and parks until the answer is in its queue. */
  static double offloading(int calls) {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      Thread loop = Thread.currentThread();
      ConcurrentLinkedQueue<Runnable> arrivals = new ConcurrentLinkedQueue<>();
      Runnable answer = () -> {};
      long start = Gauges.cpuNanos();
      for (int i = 0; i < calls; i++) {
        pool.execute(() -> {
          arrivals.add(answer);
          LockSupport.unpark(loop);
        });
        while (arrivals.poll() == null) {
          LockSupport.park();
        }
      }
      return (Gauges.cpuNanos() - start) / (double) calls;
    }
  }
}
