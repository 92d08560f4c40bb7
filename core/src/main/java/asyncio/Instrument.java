package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Is told what a loop does: the one set of hooks under debug tools, metrics and the test kit.
 *
 * <p>All methods are called on the loop's thread, or in the task concerned; they must be quick,
 * must not throw and must not suspend. Without instruments the hooks cost one comparison.
 *
 * @see EventLoop#addInstrument
 */
public interface Instrument {

  /** A task was created; its first step has not run. */
  default void taskSpawned(Task<?> task) {}

  /**
   * A task gave up the loop.
   *
   * @param waitingFor the future it waits for; null if it only lets others run, or is blocked in a
   *     JDK call
   */
  default void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {}

  /** A task goes on, or starts. */
  default void taskResumed(Task<?> task) {}

  /** A task has ended; its outcome is set and its callbacks are queued. */
  default void taskDone(Task<?> task) {}

  /** A callback, or a task's step, begins. */
  default void callbackBegun(Handle handle) {}

  /** It has ended, normally or not. */
  default void callbackEnded(Handle handle) {}

  /** The loop begins an iteration, before it polls. */
  default void iterationBegun(EventLoop loop) {}

  /** The loop has run the callbacks of this iteration. */
  default void iterationEnded(EventLoop loop) {}

  /**
   * Work was given to another thread, which will complete {@code future} through the loop. Called
   * on any thread.
   */
  default void threadAwaited(Future<?> future) {}

  /** Something was opened that has to be closed: a transport, a channel. */
  default void resourceOpened(EventLoop loop, Object resource) {}

  /** It was closed. */
  default void resourceClosed(EventLoop loop, Object resource) {}

  /**
   * In debug mode, a task was cancelled, caught the {@link CancelledError}, and suspends again; the
   * log says so too.
   *
   * @param place where it was caught, as near as can be told
   */
  default void cancellationSwallowed(Task<?> task, StackTraceElement place) {}

  /** Something was reported to the loop's exception handler. */
  default void errorReported(EventLoop loop, ErrorContext context) {}
}
