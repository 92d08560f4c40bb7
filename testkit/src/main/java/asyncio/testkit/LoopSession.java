package asyncio.testkit;

import asyncio.AbstractEventLoop;
import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.Task;
import asyncio.TaskOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The loop of one test: runs the test as a task, within a time limit, and looks at what it leaves
 * behind.
 */
final class LoopSession {

  /** A test. */
  @FunctionalInterface
  interface Body {
    void run() throws Throwable;
  }

  /**
   * How many iterations tasks get to end in, after the test has: one that was cancelled at last,
   * say.
   */
  private static final int ITERATIONS_TO_END_IN = 10;

  private static final Duration TIME_TO_STOP_IN = Duration.ofSeconds(1);

  final LoopHooks hooks;
  final LoopProbe probe;

  private final Duration limit;
  private final @Nullable Threads threads;

  /** Whether the test was ended in the middle: what it leaves behind then says nothing. */
  private boolean aborted;

  LoopSession(
      Engine engine,
      LoopTest options,
      @Nullable Boolean debug,
      @Nullable Long seed,
      boolean alone) {
    threads = alone ? new Threads() : null;
    if (options.realTime()) {
      RealTimeLoop loop = new RealTimeLoop(engine);
      hooks = loop.hooks;
    } else {
      VirtualTimeLoop loop = new VirtualTimeLoop(engine);
      hooks = loop.hooks;
      if (seed != null) {
        loop.setOrderSeed(seed);
      }
    }
    if (debug != null) {
      hooks.loop.setDebug(debug);
    }
    probe = new LoopProbe(hooks);
    limit = Asyncio.seconds(options.timeout());
  }

  // ---- the test

  /** Runs the test; throws what it throws, the same object. */
  void run(String name, Body body) throws Throwable {
    LoopRun run = new LoopRun(hooks.loop, () -> runHere(name, body));
    boolean ended;
    String reason = "the test did not end within " + limit.toMillis() / 1e3 + " s";
    try {
      ended = run.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reason = "the test was interrupted";
      ended = false;
    }
    if (!ended) {
      aborted = true;
      String picture =
          reason
              + hooks.currentRun()
              + "; who waits for what:\n"
              + hooks.watch.picture()
              + run.describeLoopThread();
      throw new AssertionError(picture + run.stop(TIME_TO_STOP_IN));
    }
    run.rethrow();
  }

  private void runHere(String name, Body body) throws Throwable {
    AbstractEventLoop loop = hooks.loop;
    @Nullable Throwable[] thrown = new Throwable[1];
    Task<?> main =
        loop.createTask(
            () -> {
              try {
                body.run();
              } catch (Throwable t) {
                thrown[0] = t;
              }
            },
            TaskOptions.named(name));
    try {
      loop.runUntilComplete(main);
      letTasksEnd();
    } catch (Throwable t) {
      aborted = !main.isDone();
      if (thrown[0] == null) {
        throw t;
      }
      thrown[0].addSuppressed(t);
    }
    if (thrown[0] != null) {
      throw thrown[0];
    }
  }

  // ---- what it leaves behind

  /** Closes the loop; throws an error that names everything that is left. */
  void end() {
    AbstractEventLoop loop = hooks.loop;
    if (loop.isRunning()) {
      return; // a callback that never ends has it
    }
    Leftovers left = new Leftovers(hooks);
    if (!aborted) {
      left.addTasks();
      left.addReports(probe.unexpectedReports());
      if (!probe.errorsExpected()) {
        left.addUnretrieved();
      }
      if (!loop.isClosed()) {
        left.addTimer(hooks.firstTimer(), loop.time());
      }
      left.addResources();
      left.addChannels();
    }
    loop.setExceptionHandler(null); // what is reported now goes to the probe, and nowhere
    cancelTasks();
    if (!loop.isRunning()) {
      loop.close();
    }
    if (threads != null && !aborted) {
      left.addThreads(threads.newOnes());
    }
    left.throwIfAny();
  }

  /** Lets the tasks that are left clean up, as {@code run()} does. */
  private void cancelTasks() {
    AbstractEventLoop loop = hooks.loop;
    if (loop.isClosed() || Asyncio.allTasks(loop).isEmpty()) {
      return;
    }
    LoopRun run =
        new LoopRun(
            loop,
            () -> {
              Asyncio.allTasks(loop).forEach(task -> task.cancel("the test has ended"));
              letTasksEnd();
            });
    try {
      if (!run.join(TIME_TO_STOP_IN)) {
        run.stop(TIME_TO_STOP_IN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void letTasksEnd() {
    AbstractEventLoop loop = hooks.loop;
    for (int i = 0;
        i < ITERATIONS_TO_END_IN && !loop.isClosed() && !Asyncio.allTasks(loop).isEmpty();
        i++) {
      loop.stop();
      loop.runForever();
    }
  }
}
