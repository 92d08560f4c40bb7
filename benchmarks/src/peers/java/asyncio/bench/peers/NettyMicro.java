package asyncio.bench.peers;

import asyncio.bench.Gauges;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A peer of the micro benchmarks: Netty's event loop, which has callbacks and timers but no tasks.
 * Argument: a divisor for the sizes.
 */
public final class NettyMicro {
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final EventLoop loop;

  private NettyMicro(EventLoop loop) {
    this.loop = loop;
  }

  public static void main(String[] args) throws Exception {
    int scale = args.length > 0 ? Integer.parseInt(args[0]) : 1;
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    NettyMicro micro = new NettyMicro(group.next());
    Measured.report("callsoon", "ns", () -> micro.callSoon(2_000 / scale, 10_000));
    Measured.report("timer_cancel", "ns", () -> micro.timerCancel(1_000_000 / scale));
    Measured.report("timer_fire", "cpu-ns", () -> micro.timerFire(1_000_000 / scale));
    Measured.report("offload", "cpu-ns", () -> micro.offloading(50_000 / scale));
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private <T> T onLoop(Callable<T> body) throws Exception {
    return loop.submit(body).get();
  }

  private double callSoon(int batches, int batch) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    int[] left = {batches};
    Runnable nothing = () -> {};
    Runnable[] next = new Runnable[1];
    next[0] =
        () -> {
          if (left[0]-- == 0) {
            over.countDown();
            return;
          }
          for (int i = 1; i < batch; i++) {
            loop.execute(nothing);
          }
          loop.execute(next[0]);
        };
    long start = System.nanoTime();
    loop.execute(next[0]);
    over.await();
    return (System.nanoTime() - start) / ((double) batches * batch);
  }

  private double timerCancel(int timers) throws Exception {
    return onLoop(() -> {
      Future<?>[] handles = new Future<?>[timers];
      long start = System.nanoTime();
      for (int i = 0; i < timers; i++) {
        handles[i] = loop.schedule(() -> {}, 1, TimeUnit.HOURS);
      }
      for (Future<?> handle : handles) {
        handle.cancel(false);
      }
      return (System.nanoTime() - start) / (double) timers;
    });
  }

  private double timerFire(int timers) throws Exception {
    ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
    CountDownLatch over = new CountDownLatch(1);
    Random random = new Random(3156);
    int[] left = {timers};
    long[] end = new long[1];
    long start =
        onLoop(() -> {
          long begin = cpu.getCurrentThreadCpuTime();
          Runnable fired =
              () -> {
                if (--left[0] == 0) {
                  end[0] = cpu.getCurrentThreadCpuTime();
                  over.countDown();
                }
              };
          for (int i = 0; i < timers; i++) {
            loop.schedule(fired, random.nextLong(WINDOW_NANOS), TimeUnit.NANOSECONDS);
          }
          return begin;
        });
    over.await();
    return (end[0] - start) / (double) timers;
  }

  /** One round trip after the other: to a pool, and back to the loop. */
  private double offloading(int calls) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      CountDownLatch over = new CountDownLatch(1);
      int[] left = {calls};
      Runnable[] next = new Runnable[1];
      next[0] =
          () -> {
            if (left[0]-- == 0) {
              over.countDown();
            } else {
              pool.execute(() -> loop.execute(next[0]));
            }
          };
      long start = Gauges.cpuNanos();
      loop.execute(next[0]);
      over.await();
      return (Gauges.cpuNanos() - start) / (double) calls;
    }
  }
}
