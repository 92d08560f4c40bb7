package asyncio.internal.vthread;

import org.jspecify.annotations.Nullable;

/**
 * One coroutine: a body on a virtual thread of its own, which runs only while the loop has lent it
 * the loop's turn.
 *
 * <p><b>Threading:</b> {@link #resume} and {@link #resumeBlocked} are called on the thread that
 * runs the loop, {@link #suspend} on the coroutine's own thread, the rest on either of them.
 */
public abstract class Fiber {

  /** What a coroutine runs, and what it tells its owner. */
  public interface Body {

    /** The code of the coroutine; on its own thread. Must not throw. */
    void runBody();

    /**
     * Somebody else started the coroutine's thread: {@link Fiber#resume} has to be called on the
     * loop's thread. May be called on any thread; must not throw and must not block.
     */
    default void startedByOther() {
      throw new IllegalStateException("the thread of " + this + " is started by the loop");
    }

    /**
     * A JDK call that blocked the coroutine has finished, or its thread was unparked or interrupted
     * while it was suspended: somebody has to call {@link Fiber#resumeBlocked} on the loop's
     * thread. May be called on any thread, and more often than needed; must not throw and must not
     * block.
     */
    void unblocked();

    /**
     * The coroutine's thread was interrupted from outside while it was suspended. May be called on
     * any thread; must not throw and must not block.
     */
    void interruptedWhileSuspended();

    /**
     * The thread that waits in {@link Fiber#resume} was interrupted, and its flag is clear now. On
     * that thread.
     *
     * @return whether that has been dealt with; otherwise the flag is set again in the end
     */
    default boolean waiterInterrupted() {
      return false;
    }
  }

  /** Thrown by {@link #suspend} if the thread cannot be taken off the loop's thread. */
  public static final class PinnedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    PinnedException(String frame) {
      super(
          "cannot suspend: native method or class initializer on the stack: "
              + frame
              + "; move the waiting out of it, or start a task there and await it elsewhere");
    }
  }

  private final Body body;

  protected Fiber(Body body) {
    this.body = body;
  }

  /** The coroutine whose thread is the current one, or null. */
  public static @Nullable Fiber current() {
    Thread thread = Thread.currentThread();
    if (!thread.isVirtual()) {
      return null;
    }
    Fiber direct = DirectFiber.of(thread);
    return direct != null ? direct : PortableFiber.of(thread);
  }

  public final Body body() {
    return body;
  }

  /** Starts the coroutine, or ends its suspension; returns when it suspended, blocked or ended. */
  public abstract void resume();

  /**
   * Lets a coroutine go on whose blocking JDK call has finished; returns like {@link #resume}. Does
   * nothing if there is no such call, and leaves a suspended coroutine suspended.
   */
  public abstract void resumeBlocked();

  /**
   * Gives the thread back until the next {@link #resume}. The interrupt flag must be clear.
   *
   * @throws PinnedException if a native method or a class initializer is on the stack; nothing has
   *     happened then
   * @throws StackOverflowError if there is not enough stack left to suspend; nothing has happened
   *     then either
   */
  public abstract void suspend();

  public abstract Thread thread();

  /**
   * Whether the coroutine is off the loop inside a blocking JDK call, and nothing has ended that
   * call yet.
   */
  public abstract boolean isBlocked();

  /** Whether the coroutine is inside {@link #suspend}. */
  public abstract boolean isSuspended();
}
