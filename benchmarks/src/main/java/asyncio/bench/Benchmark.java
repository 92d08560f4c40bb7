package asyncio.bench;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.SelectorEventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One benchmark.
 *
 * @param name what is printed
 * @param unit of the value
 * @param warmUps how many runs are not counted
 * @param body one run; returns its value
 * @param limit what the JDK allows at best, measured in turn with this; null for none
 */
record Benchmark(String name, String unit, int warmUps, Body body, @Nullable Benchmark limit) {

  /** One run. */
  @FunctionalInterface
  interface Body {
    double measure(Engine engine) throws Exception;
  }

  /** A body that runs as the main task of a fresh loop and leaves its value in a holder. */
  @FunctionalInterface
  interface InLoop {
    double measure() throws Exception;
  }

  static Benchmark of(String name, String unit, Body body) {
    return new Benchmark(name, unit, 3, body, null);
  }

  static Benchmark inLoop(String name, String unit, InLoop body) {
    return of(name, unit, engine -> runInLoop(engine, body));
  }

  Benchmark withLimit(Benchmark newLimit) {
    return new Benchmark(name, unit, warmUps, body, newLimit);
  }

  Benchmark withWarmUps(int newWarmUps) {
    return new Benchmark(name, unit, newWarmUps, body, limit);
  }

  /**
   * Runs {@code body} in a task of a fresh loop, on a thread of the kind that {@code Asyncio.run}
   * would take.
   */
  static double runInLoop(Engine engine, InLoop body) throws Exception {
    double[] value = new double[1];
    onLoopThread(
        engine,
        () -> {
          EventLoop loop = new SelectorEventLoop(engine);
          try {
            Action main = () -> value[0] = body.measure();
            loop.runUntilComplete(main);
          } finally {
            loop.close();
          }
        });
    return value[0];
  }

  /** Runs {@code body} on a fresh thread of the kind that suits the engine's loops. */
  static void onLoopThread(Engine engine, Runnable body) throws InterruptedException {
    Thread thread =
        engine == Engine.DIRECT
            ? Thread.ofPlatform().unstarted(body)
            : Thread.ofVirtual().unstarted(body);
    thread.start();
    thread.join();
  }

  /** Suspends for one iteration, in the cheapest public way. */
  static void yieldOnce() {
    Asyncio.sleep(java.time.Duration.ZERO);
  }
}
