package asyncio;

import asyncio.internal.vthread.Fiber;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the library, for {@code import static asyncio.Asyncio.*}.
 *
 * <p>Methods marked {@link Suspends} are called from tasks. Those that return a {@link Future} do not wait and may be called
 * from callbacks too.
 */
public final class Asyncio {

  private Asyncio() {}

  // ---- tasks

  /**
   * Runs {@code coroutine} concurrently, as a task of the running loop; its first step is queued.
   *
   * @throws IllegalStateException if no loop runs in this thread
   */
  public static <T extends @Nullable Object> Task<T> createTask(Awaitable<? extends T> coroutine) {
    return getRunningLoop().createTask(coroutine);
  }

  /** As {@link #createTask(Awaitable)}, for code without a result. */
  public static Task<@Nullable Void> createTask(Action action) {
    return getRunningLoop().createTask(action);
  }

  /** As {@link #createTask(Awaitable)}, with a name, a context, or another way to start. */
  public static <T extends @Nullable Object> Task<T> createTask(Awaitable<? extends T> coroutine, TaskOptions options) {
    return getRunningLoop().createTask(coroutine, options);
  }

  public static Task<@Nullable Void> createTask(Action action, TaskOptions options) {
    return getRunningLoop().createTask(action, options);
  }

  /** The calling task, or null in a callback (INTRO-1). */
  public static @Nullable Task<?> currentTask() {
    TaskStepper stepper = TaskStepper.currentOrNull();
    if (stepper != null) {
      return stepper.task;
    }
    getRunningLoop();
    return null;
  }

  /** The task of {@code loop} whose step runs now, or null. */
  public static @Nullable Task<?> currentTask(EventLoop loop) {
    return ((AbstractEventLoop) loop).currentTask;
  }

  /** The unfinished tasks of the running loop, oldest first. */
  public static Set<Task<?>> allTasks() {
    return allTasks(getRunningLoop());
  }

  /** The unfinished tasks of {@code loop}, oldest first. Thread-safe. */
  public static Set<Task<?>> allTasks(EventLoop loop) {
    return new LinkedHashSet<>(((AbstractEventLoop) loop).tasks.snapshot());
  }

  /**
   * Waits for a future, or runs a coroutine inside the calling task.
   *
   * @throws RuntimeException what it failed with: an unchecked exception or an error as it is, an {@code IOException} in an
   *     {@link java.io.UncheckedIOException}, another checked one in a {@link java.util.concurrent.CompletionException}
   */
  @Suspends
  public static <T extends @Nullable Object> T await(Awaitable<? extends T> awaitable) {
    TaskStepper stepper = TaskStepper.currentOrThrow("await()");
    try {
      return awaitable.await();
    } catch (Throwable t) {
      throw Throwables.rethrow(Interrupts.translate(stepper, t));
    }
  }

  /**
   * As {@link #await(Awaitable)}, but exceptions of the given type are thrown as they are.
   *
   * @throws X if the awaitable fails with one
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T await(Awaitable<? extends T> awaitable, Class<X> type)
      throws X {
    TaskStepper stepper = TaskStepper.currentOrThrow("await()");
    try {
      return awaitable instanceof Future<? extends T> future ? future.await(type) : awaitable.await();
    } catch (Throwable t) {
      Throwable translated = Interrupts.translate(stepper, t);
      if (type.isInstance(translated)) {
        throw type.cast(translated);
      }
      throw Throwables.rethrow(translated);
    }
  }

  /** Suspends the calling task for at least {@code delay}; a delay that is not positive lasts one iteration. */
  @Suspends
  public static void sleep(Duration delay) {
    Waiting.<@Nullable Object>sleep(delay, null);
  }

  /** As {@link #sleep(Duration)}, returning {@code result}. */
  @Suspends
  public static <T extends @Nullable Object> T sleep(Duration delay, T result) {
    return Waiting.sleep(delay, result);
  }

  /**
   * A future for anything that can be awaited: a future is returned as it is, a coroutine becomes a task of the running or
   * current loop.
   */
  public static <T extends @Nullable Object> Future<T> ensureFuture(Awaitable<? extends T> awaitable) {
    return ensureFuture(awaitable, null);
  }

  /**
   * As {@link #ensureFuture(Awaitable)}, on {@code loop}.
   *
   * @throws IllegalArgumentException if {@code awaitable} is a future of another loop
   */
  @SuppressWarnings("unchecked")
  public static <T extends @Nullable Object> Future<T> ensureFuture(
      Awaitable<? extends T> awaitable, @Nullable EventLoop loop) {
    java.util.Objects.requireNonNull(awaitable, "awaitable");
    if (awaitable instanceof Future<?> future) {
      if (loop != null && future.loop() != loop) {
        throw new IllegalArgumentException(
            "The future belongs to a different loop than the one specified: " + future + " belongs to " + future.loop());
      }
      return (Future<T>) future;
    }
    return (loop != null ? loop : getEventLoop()).createTask(awaitable);
  }

  /** The coroutine that runs {@code action} and gives null. */
  public static Coroutine<@Nullable Void> coroutine(Action action) {
    java.util.Objects.requireNonNull(action, "action");
    return new ActionCoroutine(action);
  }

  // ---- loops

  /**
   * The loop that runs in this thread, or whose task the caller is.
   *
   * @throws IllegalStateException if there is none
   */
  public static EventLoop getRunningLoop() {
    EventLoop loop = runningLoopOrNull();
    if (loop == null) {
      throw new IllegalStateException(
          "no running event loop in thread " + Thread.currentThread() + "; call this inside run(() -> …)");
    }
    return loop;
  }

  static @Nullable AbstractEventLoop runningLoopOrNull() {
    Fiber fiber = Fiber.current();
    if (fiber != null && fiber.body() instanceof InLoop body) {
      return body.loop();
    }
    return AbstractEventLoop.RUNNING.get();
  }

  /** The running loop. */
  public static EventLoop getEventLoop() {
    return getRunningLoop();
  }

  // ---- time

  /**
   * The time span of so many seconds.
   *
   * @throws IllegalArgumentException if it is not a number
   */
  public static Duration seconds(double seconds) {
    return Durations.ofSeconds(seconds);
  }

  /** The time span of so many milliseconds. */
  public static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  // ---- contexts

  /** A copy of the caller's context (CTX-1). */
  public static Context copyContext() {
    return new Context(Context.currentBindings());
  }

}
