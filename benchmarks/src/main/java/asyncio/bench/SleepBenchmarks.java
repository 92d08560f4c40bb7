package asyncio.bench;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.List;

/** What many sleeping tasks cost: making them, keeping them, waking them all at one deadline. */
final class SleepBenchmarks {
  private static final int SLEEPERS = 1_000_000;

  /** Far enough ahead for all tasks to be asleep before it comes. */
  private static final Duration NAP = Duration.ofSeconds(8);

  private double createNanos;
  private double wakeNanos;
  private double liveBytes;

  private SleepBenchmarks() {}

  static List<Benchmark> all(int scale) {
    SleepBenchmarks shared = new SleepBenchmarks();
    int sleepers = SLEEPERS / scale;
    Duration nap = NAP.dividedBy(scale);
    return List.of(
        Benchmark.inLoop("sleep_create", "ns", () -> shared.run(sleepers, nap).createNanos)
            .withWarmUps(1),
        Benchmark.of("sleep_wake", "ns", _ -> shared.wakeNanos).withWarmUps(0),
        Benchmark.of("sleep_live", "bytes", _ -> shared.liveBytes).withWarmUps(0));
  }

  private SleepBenchmarks run(int sleepers, Duration nap) {
    EventLoop loop = getRunningLoop();
    long heapBefore = liveHeap();
    long start = System.nanoTime();
    long deadline = loop.time() + nap.toNanos();
    int[] awake = {0};
    long[] woken = new long[2];
    for (int i = 0; i < sleepers; i++) {
      createTask(() -> {
        sleep(Duration.ofNanos(deadline - loop.time()));
        if (awake[0]++ == 0) {
          woken[0] = System.nanoTime();
        }
        woken[1] = System.nanoTime();
      });
    }
    sleep(Duration.ZERO); // all of them have run their first step then
    createNanos = (System.nanoTime() - start) / (double) sleepers;
    liveBytes = (liveHeap() - heapBefore) / (double) sleepers;
    while (awake[0] < sleepers) {
      sleep(Duration.ofMillis(50));
    }
    wakeNanos = (woken[1] - woken[0]) / (double) sleepers;
    return this;
  }

  private static long liveHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
