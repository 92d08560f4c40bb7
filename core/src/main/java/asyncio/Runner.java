package asyncio;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs several coroutines one after another on the same loop, and cleans up at the end; {@link
 * Asyncio#run} is a runner used once (spec RUN-1 to RUN-24).
 *
 * <pre>{@code
 * try (var runner = new Runner()) {
 *   runner.run(() -> connect());
 *   var answer = runner.run(() -> ask("6 * 7"));
 * }
 * }</pre>
 *
 * <p><b>Order:</b> {@link #close} cancels the tasks that are left and waits for them, reports those
 * that failed, shuts down the default executor for at most five minutes, and closes the loop.
 *
 * <p><b>Threading:</b> used by one thread, which is no loop's. The loop runs on a thread of its
 * own, so inheritable thread-locals and the context class loader pass on to it, other thread-locals
 * do not; the caller waits.
 *
 * <p><b>Cancellation:</b> two things ask the main task to end. An interrupt of the thread that
 * waits in {@link #run(Awaitable)}: the run then ends with {@link CancelledError}, unless the task
 * goes on. And, if {@code run} was called by the main thread and nobody else handles it, Ctrl-C:
 * the run then ends with {@link KeyboardInterrupt}, which ends the process with status 130 if
 * nothing catches it. A second Ctrl-C ends the run as soon as the current callback ends, a third
 * the process at once.
 *
 * <p><b>Errors:</b> what the main coroutine throws leaves {@code run} itself, the same object, as
 * {@link Future#result} throws it.
 */
public final class Runner implements AutoCloseable {
  private static final Duration EXECUTOR_LIMIT = Duration.ofMinutes(5);

  private enum State {
    CREATED,
    OPEN,
    CLOSED
  }

  private final RunOptions options;
  private final String threadName;
  private State state = State.CREATED;
  private @Nullable AbstractEventLoop loop;
  private @Nullable Context context;

  /** What a run ended with, to be told once. */
  private @Nullable Throwable leftRun;

  /** The main task of that run. */
  private @Nullable Task<?> leftTask;

  /** Makes a runner with default options; its loop is made when it is needed. */
  public Runner() {
    this(RunOptions.DEFAULT);
  }

  public Runner(RunOptions options) {
    this(options, LoopThread.NAME);
  }

  /** Makes a runner whose loop's thread has a name of its own. */
  Runner(RunOptions options, String threadName) {
    this.options = Objects.requireNonNull(options, "options");
    this.threadName = threadName;
  }

  /**
   * As {@link #run(Awaitable, Context)}, in the context that all runs of this runner share (RUN-9).
   */
  public <T extends @Nullable Object> T run(Awaitable<? extends T> main) {
    return runIn(null, main, "Runner.run()");
  }

  /** As {@link #run(Awaitable)}, for code without a result. */
  public void run(Action main) {
    this.<@Nullable Object>run(new ActionCoroutine(main));
  }

  /**
   * Runs {@code main} to its end, as a task, and returns its result.
   *
   * @param main a coroutine, or a future of this runner's loop
   * @param context the very context it runs in
   * @throws IllegalStateException if a loop runs in this thread, or the runner is closed; then
   *     {@code main} is not started
   * @throws RuntimeException what {@code main} failed with, as {@link Future#result} throws it
   * @throws CancelledError if {@code main} was cancelled, or this thread was interrupted
   * @throws KeyboardInterrupt if {@code main} was cancelled by Ctrl-C
   */
  public <T extends @Nullable Object> T run(Awaitable<? extends T> main, Context context) {
    return runIn(Objects.requireNonNull(context, "context"), main, "Runner.run()");
  }

  /** As {@link #run(Awaitable, Context)}, for code without a result. */
  public void run(Action main, Context context) {
    this.<@Nullable Object>run(new ActionCoroutine(main), context);
  }

  <T extends @Nullable Object> T runIn(
      @Nullable Context given, Awaitable<? extends T> main, String caller) {
    Objects.requireNonNull(main, "main");
    checkNoLoopHere(caller);
    AbstractEventLoop loop = open();
    // Created on this thread, before the loop runs: the task's thread inherits from this one.
    Awaitable<? extends T> coroutine =
        main instanceof Future<? extends T> future ? (Coroutine<T>) future::await : main;
    Task<T> task =
        loop.createTask(
            coroutine, TaskOptions.DEFAULT.withContext(given != null ? given : context));
    EngineNote.logOnce(loop.engine());
    T result;
    try {
      result = runMain(loop, task, threadName);
    } catch (Error e) {
      leftRun = e;
      leftTask = task;
      throw e;
    }
    Error late = loop.takeExitRequest();
    if (late != null) { // a second Ctrl-C came when the loop had just ended
      throw ExitHandler.onItsWayOut(late);
    }
    return result;
  }

  private static <T extends @Nullable Object> T runMain(
      AbstractEventLoop loop, Task<T> task, String threadName) {
    CtrlC ctrlC = CtrlC.takeOver(loop, task);
    try {
      return LoopThread.call(
          loop,
          threadName,
          () -> loop.runUntilComplete(task),
          () -> cancelForInterrupt(loop, task));
    } catch (CancelledError e) {
      if (ctrlC.count() > 0 && task.uncancel() == 0) {
        throw ExitHandler.onItsWayOut(new KeyboardInterrupt());
      }
      throw e;
    } catch (KeyboardInterrupt | SystemExit e) {
      throw ExitHandler.onItsWayOut(e);
    } finally {
      ctrlC.giveBack();
    }
  }

  private static void cancelForInterrupt(AbstractEventLoop loop, Task<?> task) {
    loop.enqueueFromAnywhere(
        new Handle(
            loop, null, () -> task.cancel("the thread that waits in run() was interrupted")));
  }

  /**
   * The loop, made now if there was no run yet.
   *
   * @throws IllegalStateException if the runner is closed
   */
  public EventLoop getLoop() {
    return open();
  }

  private AbstractEventLoop open() {
    if (state == State.CLOSED) {
      throw new IllegalStateException("Runner is closed; make a new one");
    }
    AbstractEventLoop made = loop;
    if (made == null) {
      if (options.loopFactory() == null) {
        made = (AbstractEventLoop) Asyncio.newEventLoop();
        Asyncio.setEventLoop(made);
      } else {
        made =
            (AbstractEventLoop)
                Objects.requireNonNull(
                    options.loopFactory().get(), "the loop factory returned null");
      }
      if (options.debug() != null) {
        made.setDebug(options.debug());
      }
      context = Asyncio.copyContext();
      loop = made;
      state = State.OPEN;
    }
    return made;
  }

  /**
   * Ends what is left and closes the loop; see the class. Does nothing if no loop was made, or the
   * second time.
   *
   * @throws IllegalStateException if a loop runs in this thread
   */
  @Override
  public void close() {
    AbstractEventLoop loop = this.loop;
    if (state != State.OPEN || loop == null) {
      return;
    }
    checkNoLoopHere("Runner.close()");
    try {
      LoopThread.call(
          loop,
          threadName,
          () -> {
            try {
              cancelAllTasks(loop);
            } catch (Error e) {
              if (e != leftRun) {
                throw e;
              }
              // It ended the run at once, and now comes by way of those that waited for its task.
              cancelAllTasks(loop);
            }
            retrieveOutcome(leftTask);
            loop.runUntilComplete(loop::shutdownAsyncgens);
            loop.runUntilComplete(() -> loop.shutdownDefaultExecutor(EXECUTOR_LIMIT));
            return null;
          },
          null);
    } catch (KeyboardInterrupt | SystemExit e) {
      throw ExitHandler.onItsWayOut(e);
    } finally {
      state = State.CLOSED;
      this.loop = null;
      context = null;
      try {
        if (options.loopFactory() == null) {
          Asyncio.setEventLoop(null);
        }
      } finally {
        loop.close();
      }
    }
  }

  /** So that nobody reports as lost what the caller of the run has got. */
  private static void retrieveOutcome(@Nullable Task<?> task) {
    if (task != null && task.isDone() && !task.isCancelled()) {
      task.exception();
    }
  }

  private static void cancelAllTasks(AbstractEventLoop loop) {
    LeftOverTasks left = LeftOverTasks.of(loop);
    if (!left.isEmpty()) {
      left.cancelAndWait();
      left.reportFailures();
    }
  }

  private static void checkNoLoopHere(String caller) {
    if (Asyncio.runningLoopOrNull() != null) {
      throw new IllegalStateException(
          caller
              + " cannot be called from a running event loop; call the method, or await it, in the task that is running");
    }
  }
}
