package asyncio.bench.peers;

import asyncio.bench.Gauges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A peer of the micro benchmarks: virtual threads on the JDK's own scheduler, which is to have one
 * carrier. Argument: a divisor for the sizes.
 */
public final class VirtualThreadsMicro {
  private VirtualThreadsMicro() {}

  public static void main(String[] args) throws Exception {
    int scale = args.length > 0 ? Integer.parseInt(args[0]) : 1;
    Measured.report("switch", "ns", () -> inThread(() -> switching(1_000, 2_000 / scale)));
    Measured.report("switch1", "ns", () -> inThread(() -> switching(1, 1_000_000 / scale)));
    Measured.report("spawn", "ns", () -> inThread(() -> spawning(10, 10_000)));
    Measured.report("pingpong", "ns", () -> inThread(() -> pingPong(200_000 / scale)));
    Measured.report("gather", "ns", () -> inThread(() -> gathering(100_000 / scale)));
    Measured.report("offload", "cpu-ns", () -> inThread(() -> offloading(50_000 / scale)));
    inThread(() -> sleeping(100_000 / scale, Duration.ofSeconds(1), false));
    inThread(() -> sleeping(1_000_000 / scale, Duration.ofSeconds(8).dividedBy(scale), true));
  }

  private static double inThread(Callable<Double> body) throws Exception {
    Future<Double> value;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      value = threads.submit(body);
    }
    return value.get();
  }

  private static double switching(int tasks, int switches) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < tasks; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            for (int j = 0; j < switches; j++) {
              Thread.yield();
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return (System.nanoTime() - start) / ((double) tasks * switches);
  }

  private static double spawning(int rounds, int tasks) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    long start = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < tasks; i++) {
        threads.add(Thread.startVirtualThread(() -> {}));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      threads.clear();
    }
    return (System.nanoTime() - start) / ((double) rounds * tasks);
  }

  private static double pingPong(int rounds) throws InterruptedException {
    BlockingQueue<Integer> there = new ArrayBlockingQueue<>(1);
    BlockingQueue<Integer> back = new ArrayBlockingQueue<>(1);
    Thread server =
        Thread.startVirtualThread(() -> {
          try {
            for (int i = 0; i < rounds; i++) {
              back.put(there.take());
            }
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      there.put(i);
      back.take();
    }
    double nanos = (System.nanoTime() - start) / (double) rounds;
    server.join();
    return nanos;
  }

  private static double gathering(int children) throws Exception {
    List<Future<Boolean>> futures = new ArrayList<>(children);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < children; i++) {
        futures.add(
            threads.submit(() -> {
              Thread.yield();
              return true;
            }));
      }
      for (Future<Boolean> future : futures) {
        future.get();
      }
    }
    return (System.nanoTime() - start) / (double) children;
  }

  private static double offloading(int calls) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      long start = Gauges.cpuNanos();
      for (int i = 0; i < calls; i++) {
        pool.submit(() -> {}).get();
      }
      return (Gauges.cpuNanos() - start) / (double) calls;
    }
  }

  private static double sleeping(int sleepers, Duration nap, boolean reported)
      throws InterruptedException {
    AtomicInteger awake = new AtomicInteger();
    AtomicLong first = new AtomicLong();
    AtomicLong last = new AtomicLong();
    List<Thread> threads = new ArrayList<>(sleepers);
    long before = Gauges.liveHeap();
    long start = System.nanoTime();
    long deadline = start + nap.toNanos();
    for (int i = 0; i < sleepers; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              Thread.sleep(Duration.ofNanos(deadline - System.nanoTime()));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            long now = System.nanoTime();
            last.set(now);
            if (awake.getAndIncrement() == 0) {
              first.set(now);
            }
          }));
    }
    Thread.yield();
    double create = (System.nanoTime() - start) / (double) sleepers;
    double live = (Gauges.liveHeap() - before) / (double) sleepers;
    for (Thread thread : threads) {
      thread.join();
    }
    if (reported) {
      Measured.print("sleep_create", create, "ns");
      Measured.print("sleep_wake", (last.get() - first.get()) / (double) sleepers, "ns");
      Measured.print("sleep_live", live, "bytes");
    }
    return create;
  }
}
