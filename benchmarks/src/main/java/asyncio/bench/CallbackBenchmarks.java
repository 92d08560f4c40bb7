package asyncio.bench;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.SelectorEventLoop;
import java.util.List;

/** What callbacks cost. */
final class CallbackBenchmarks {
  private static final int BATCH = 10_000;
  private static final int BATCHES = 2_000;
  private static final int FROM_THREAD = 500_000;
  private static final int OFFLOADED = 50_000;

  private CallbackBenchmarks() {}

  static List<Benchmark> all(int scale) {
    return List.of(
        Benchmark.of("callsoon", "ns", engine -> callSoon(engine, BATCHES / scale))
            .withLimit(
                Benchmark.of(
                    "limit_callsoon", "ns", _ -> CallbackLimits.callSoon(BATCHES / scale, BATCH))),
        Benchmark.of("threadsafe", "ns", engine -> threadsafe(engine, FROM_THREAD / scale)),
        Benchmark.inLoop("offload", "cpu-ns", () -> offloading(OFFLOADED / scale))
            .withLimit(
                Benchmark.of(
                    "limit_offload", "cpu-ns", _ -> CallbackLimits.offloading(OFFLOADED / scale))));
  }

  /** Batches from inside the loop: the last callback of each batch schedules the next batch. */
  private static double callSoon(Engine engine, int batches) throws InterruptedException {
    double[] nanos = new double[1];
    Benchmark.onLoopThread(
        engine,
        () -> {
          EventLoop loop = new SelectorEventLoop(engine);
          int[] left = {batches};
          Runnable nothing = () -> {};
          Runnable[] batch = new Runnable[1];
          batch[0] =
              () -> {
                if (left[0]-- == 0) {
                  loop.stop();
                  return;
                }
                for (int i = 1; i < BATCH; i++) {
                  loop.callSoon(nothing);
                }
                loop.callSoon(batch[0]);
              };
          loop.callSoon(batch[0]);
          long start = System.nanoTime();
          loop.runForever();
          nanos[0] = (System.nanoTime() - start) / ((double) batches * BATCH);
          loop.close();
        });
    return nanos[0];
  }

  /** Another thread schedules; the loop runs meanwhile. */
  private static double threadsafe(Engine engine, int calls) throws InterruptedException {
    double[] nanos = new double[1];
    Benchmark.onLoopThread(
        engine,
        () -> {
          EventLoop loop = new SelectorEventLoop(engine);
          long start = System.nanoTime();
          Thread.ofPlatform()
              .start(() -> {
                Runnable nothing = () -> {};
                for (int i = 1; i < calls; i++) {
                  loop.callSoonThreadsafe(nothing);
                }
                loop.callSoonThreadsafe(loop::stop);
              });
          loop.runForever();
          nanos[0] = (System.nanoTime() - start) / (double) calls;
          loop.close();
        });
    return nanos[0];
  }

  /**
   * One round trip through the default executor after the other, in CPU time of all threads: how
   * long an idle core takes to wake up is the machine's affair.
   */
  private static double offloading(int calls) {
    EventLoop loop = getRunningLoop();
    long start = Gauges.cpuNanos();
    for (int i = 0; i < calls; i++) {
      await(loop.runInExecutor(null, () -> {}));
    }
    double nanos = (Gauges.cpuNanos() - start) / (double) calls;
    loop.shutdownDefaultExecutor();
    return nanos;
  }
}
