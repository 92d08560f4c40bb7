package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import java.io.Serializable;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a loop sends blocking calls: its default executor, and the way there (EXEC-9 to EXEC-23).
 */
final class Offload {
  private @Nullable ExecutorService defaultExecutor;
  private boolean shutDown;

  /** The calls sent to the default executor; changed by its threads too. */
  private final LoadCounter load = new LoadCounter(true);

  <T extends @Nullable Object> Future<T> submit(
      AbstractEventLoop loop,
      @Nullable Executor executor,
      Callable<? extends T> call,
      @Nullable Context context) {
    Objects.requireNonNull(call, "call");
    loop.checkSchedulable("runInExecutor", "callSoonThreadsafe");
    if (executor instanceof ExecutorService service
        && call instanceof Serializable
        && !runsThreads(executor)) {
      return ThreadBridges.wrap(service.submit(call), loop); // it may make the call elsewhere
    }
    Executor target = executor != null ? executor : defaultExecutor();
    OffloadedCall<T> offloaded =
        new OffloadedCall<>(loop, call, context, executor == null ? load : null);
    offloaded.submitTo(target);
    loop.noteThreadAwaited(offloaded);
    return offloaded;
  }

  ExecutorLoad load() {
    return load.now();
  }

  private ExecutorService defaultExecutor() {
    if (shutDown) {
      throw new IllegalStateException(
          "Executor shutdown has been called: the default executor takes no more calls; pass an executor of your own");
    }
    ExecutorService executor = defaultExecutor;
    if (executor == null) {
      executor = new DefaultPool();
      defaultExecutor = executor;
    }
    return executor;
  }

  void setDefaultExecutor(ExecutorService executor) {
    Objects.requireNonNull(executor, "executor");
    if (!runsThreads(executor)) {
      throw new IllegalArgumentException(
          "executor: must be a thread-pool executor (a ThreadPoolExecutor, a ForkJoinPool, or one that"
              + " java.util.concurrent.Executors makes), not "
              + executor.getClass().getName()
              + "; pass it to runInExecutor call by call instead");
    }
    if (executor.isShutdown()) {
      throw new IllegalArgumentException("executor: is shut down already: " + executor);
    }
    defaultExecutor = executor;
  }

  /** Whether it is known to make its calls in this process. */
  private static boolean runsThreads(Executor executor) {
    return executor instanceof ThreadPoolExecutor
        || executor instanceof ForkJoinPool
        || executor.getClass().getModule() == Object.class.getModule();
  }

  /**
   * Waits, suspended, for the end of the executor's calls and threads; at most for {@code limit},
   * null for no limit.
   */
  void shutdown(AbstractEventLoop loop, @Nullable Duration limit) {
    TaskStepper.currentOrThrow("shutdownDefaultExecutor()");
    shutDown = true;
    ExecutorService executor = defaultExecutor;
    if (executor == null) {
      return;
    }
    Future<Boolean> joined =
        new NamedWait<>(loop, WaitKind.THREAD, "end of", executor.getClass().getSimpleName());
    loop.noteThreadAwaited(joined);
    TimerHandle timer =
        limit == null ? null : loop.callLater(limit, () -> joined.completeUnlessDone(false));
    Thread.ofPlatform()
        .daemon()
        .name("asyncio-shutdown")
        .start(() -> {
          joinThreads(executor);
          loop.enqueueFromAnywhere(new Handle(loop, null, () -> joined.completeUnlessDone(true)));
        });
    try {
      if (!joined.await()) {
        AbstractEventLoop.LOGGER.log(
            Level.WARNING,
            "The executor did not finish joining its threads within "
                + Objects.requireNonNull(limit).toMillis() / 1e3
                + " seconds; its calls go on, unattended: "
                + executor);
      }
    } finally {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  private static void joinThreads(ExecutorService executor) {
    executor.shutdown();
    try {
      executor.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // nobody interrupts this thread
    }
  }

  /** The loop is being closed: lets go of the executor, without waiting. */
  void close() {
    shutDown = true;
    ExecutorService executor = defaultExecutor;
    if (executor != null) {
      defaultExecutor = null;
      executor.shutdown();
    }
  }
}
