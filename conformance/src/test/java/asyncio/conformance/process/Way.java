package asyncio.conformance.process;

import asyncio.Action;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.conformance.Loops;

/** An engine, and how the pipes of child processes are moved. */
enum Way {
  DIRECT_SELECTED(Engine.DIRECT, ""),
  DIRECT_THREADS(Engine.DIRECT, "threads"),
  PORTABLE_SELECTED(Engine.PORTABLE, ""),
  PORTABLE_THREADS(Engine.PORTABLE, "threads");

  private static final String PROPERTY = "asyncio.process.pipes";

  final Engine engine;
  private final String pipes;

  Way(Engine engine, String pipes) {
    this.engine = engine;
    this.pipes = pipes;
  }

  /** A main coroutine that wants to see its loop. */
  @FunctionalInterface
  interface Main {
    void run(ChannelEventLoop loop) throws Exception;
  }

  /** Runs {@code main} on a fresh loop; nothing may be reported to the exception handler. */
  void run(Main main) throws Exception {
    onLoop(loop -> loop.runUntilComplete(() -> main.run(loop)));
  }

  void run(Action main) throws Exception {
    run(_ -> main.run());
  }

  /** Gives {@code body} a fresh loop that does not run yet. */
  void onLoop(Loops.Body<ChannelEventLoop> body) throws Exception {
    String before = System.getProperty(PROPERTY);
    System.setProperty(PROPERTY, pipes);
    try {
      Loops.with(engine, body);
    } finally {
      if (before == null) {
        System.clearProperty(PROPERTY);
      } else {
        System.setProperty(PROPERTY, before);
      }
    }
  }

  boolean selects() {
    return pipes.isEmpty();
  }
}
