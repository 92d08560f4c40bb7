package asyncio.conformance.net;

import asyncio.Action;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.conformance.Loops;

/** Runs the main coroutine of a test on a fresh loop with real time and threads. */
final class OnRealLoop {

  /** A main coroutine that wants to see its loop. */
  @FunctionalInterface
  interface Main {
    void run(ChannelEventLoop loop) throws Exception;
  }

  private OnRealLoop() {}

  /** Runs {@code main}; nothing may be reported to the exception handler. */
  static void run(Engine engine, Action main) throws Exception {
    run(engine, _ -> main.run());
  }

  static void run(Engine engine, Main main) throws Exception {
    Loops.with(engine, loop -> loop.runUntilComplete(() -> main.run(loop)));
  }
}
