package asyncio.conformance.engine;

import asyncio.Action;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Runs code on loops for tests of the engines. */
final class Loops {
  private Loops() {}

  /** Runs {@code main} as a task of a fresh loop on the given engine, and closes the loop. */
  static void run(Engine engine, Action main) throws Exception {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
    try {
      loop.runUntilComplete(main);
    } finally {
      loop.close();
    }
  }

  /** As {@link #run}, on the direct engine. */
  static void runDirect(Action main) throws Exception {
    run(Engine.DIRECT, main);
  }

  /** What {@code code} throws; it has to throw. */
  static Throwable thrownBy(Action code) {
    try {
      code.run();
    } catch (Throwable t) {
      return t;
    }
    throw new AssertionError("threw nothing");
  }

  /**
   * Runs {@code code} on a platform thread of its own, waits for its end, and throws what it threw.
   */
  static void onPlatformThread(Action code) throws Exception {
    FutureTask<Void> done =
        new FutureTask<>(() -> {
          code.run();
          return null;
        });
    Thread.ofPlatform().daemon().start(done);
    try {
      done.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
