package asyncio.bench;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.SelectorEventLoop;
import asyncio.TimerHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What timers cost. */
final class TimerBenchmarks {
  private static final int TIMERS = 1_000_000;
  private static final long WINDOW_NANOS = Duration.ofMillis(500).toNanos();
  private static final int SEED = 3156;

  private TimerBenchmarks() {}

  static List<Benchmark> all(int scale) {
    return List.of(
        Benchmark.of("timer_cancel", "ns", engine -> cancel(engine, TIMERS / scale))
            .withLimit(
                Benchmark.of(
                    "limit_timer_cancel", "ns", _ -> CallbackLimits.timerCancel(TIMERS / scale))),
        Benchmark.of("timer_fire", "cpu-ns", engine -> fire(engine, TIMERS / scale))
            .withLimit(
                Benchmark.of(
                    "limit_timer_fire",
                    "cpu-ns",
                    _ -> CallbackLimits.timerFire(TIMERS / scale, WINDOW_NANOS, SEED))));
  }

  /** Schedules all, cancels all, and lets the loop clear them away. */
  private static double cancel(Engine engine, int timers) throws InterruptedException {
    double[] nanos = new double[1];
    Benchmark.onLoopThread(
        engine,
        () -> {
          EventLoop loop = new SelectorEventLoop(engine);
          TimerHandle[] handles = new TimerHandle[timers];
          Duration delay = Duration.ofHours(1);
          Runnable nothing = () -> {};
          long start = System.nanoTime();
          for (int i = 0; i < timers; i++) {
            handles[i] = loop.callLater(delay, nothing);
          }
          for (TimerHandle handle : handles) {
            handle.cancel();
          }
          loop.callSoon(loop::stop);
          loop.runForever();
          nanos[0] = (System.nanoTime() - start) / (double) timers;
          loop.close();
        });
    return nanos[0];
  }

  /** Schedules all within half a second and runs until the last one; the loop thread's CPU time. */
  private static double fire(Engine engine, int timers) throws InterruptedException {
    double[] nanos = new double[1];
    Benchmark.onLoopThread(
        Engine.DIRECT, // a platform thread, whose CPU time can be asked for; no task runs here
        () -> {
          ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
          EventLoop loop = new SelectorEventLoop(engine);
          Random random = new Random(SEED);
          int[] left = {timers};
          Runnable fired =
              () -> {
                if (--left[0] == 0) {
                  loop.stop();
                }
              };
          long start = cpu.getCurrentThreadCpuTime();
          long origin = loop.time();
          for (int i = 0; i < timers; i++) {
            loop.callAt(origin + random.nextLong(WINDOW_NANOS), fired);
          }
          loop.runForever();
          nanos[0] = (cpu.getCurrentThreadCpuTime() - start) / (double) timers;
          loop.close();
        });
    return nanos[0];
  }
}
