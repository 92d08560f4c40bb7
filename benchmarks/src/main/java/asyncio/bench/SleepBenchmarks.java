package asyncio.bench;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * What many sleeping tasks cost: making them, keeping them, waking them all at one deadline. The
 * limit has no deadlines: its threads park, and are woken.
 */
final class SleepBenchmarks {
  private static final int SLEEPERS = 1_000_000;

  /** Far enough ahead for all tasks to be asleep before it comes. */
  private static final Duration NAP = Duration.ofSeconds(8);

  private final int sleepers;
  private Costs tasks = Costs.NONE;
  private Costs threads = Costs.NONE;

  /** Of the first run: the first big wake-up of this process. */
  private double firstWakeNanos;

  /** What one sleeper cost. */
  record Costs(double createNanos, double wakeNanos, double liveBytes) {
    static final Costs NONE = new Costs(0, 0, 0);
  }

  private SleepBenchmarks(int sleepers) {
    this.sleepers = sleepers;
  }

  static List<Benchmark> all(int scale) {
    SleepBenchmarks last = new SleepBenchmarks(SLEEPERS / scale);
    Duration nap = NAP.dividedBy(scale);
    return List.of(
        Benchmark.inLoop("sleep_create", "ns", () -> last.run(nap).createNanos)
            .withWarmUps(1)
            .withLimit(Benchmark.of("limit_sleep_create", "ns", _ -> last.runLimit().createNanos)),
        lastOf("sleep_wake", "ns", () -> last.tasks.wakeNanos)
            .withLimit(lastOf("limit_sleep_wake", "ns", () -> last.threads.wakeNanos)),
        lastOf("sleep_first_wake", "ns", () -> last.firstWakeNanos),
        lastOf("sleep_live", "bytes", () -> last.tasks.liveBytes)
            .withLimit(lastOf("limit_sleep_live", "bytes", () -> last.threads.liveBytes)));
  }

  /** What the last run of sleep_create has found out besides. */
  private static Benchmark lastOf(String name, String unit, DoubleSupplier value) {
    return Benchmark.of(name, unit, _ -> value.getAsDouble()).withWarmUps(0);
  }

  private Costs runLimit() throws InterruptedException {
    Costs[] found = new Costs[1];
    BareLoop.measure(loop -> {
      found[0] = TaskLimits.sleeping(loop, sleepers);
      return 0;
    });
    threads = found[0];
    return threads;
  }

  private Costs run(Duration nap) {
    EventLoop loop = getRunningLoop();
    long heapBefore = Gauges.liveHeap();
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
    double createNanos = (System.nanoTime() - start) / (double) sleepers;
    double liveBytes = (Gauges.liveHeap() - heapBefore) / (double) sleepers;
    while (awake[0] < sleepers) {
      sleep(Duration.ofMillis(50));
    }
    double wakeNanos = (woken[1] - woken[0]) / (double) sleepers;
    if (firstWakeNanos == 0) {
      firstWakeNanos = wakeNanos;
    }
    tasks = new Costs(createNanos, wakeNanos, liveBytes);
    return tasks;
  }
}
