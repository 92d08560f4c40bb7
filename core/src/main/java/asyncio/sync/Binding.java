package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Which loop a primitive belongs to: that of the first task that had to wait for it, for good (spec
 * BIND-1 to BIND-12).
 *
 * <p>As long as nobody has had to wait, the primitive belongs to no loop and is not checked.
 */
final class Binding {
  private final Object owner;

  /**
   * Written once. Tasks of two loops may race for it, so this is the one thing here that is atomic.
   */
  private final AtomicReference<@Nullable EventLoop> loop = new AtomicReference<>();

  /**
   * @param owner the primitive, whose text form names it in messages
   */
  Binding(Object owner) {
    this.owner = owner;
  }

  Object owner() {
    return owner;
  }

  /**
   * The loop of the calling task, to which the primitive is bound from now on at the latest.
   *
   * @throws IllegalStateException if the caller is not a task, or is one of another loop
   */
  EventLoop bind() {
    EventLoop bound = loop.get();
    if (bound != null && bound.isCurrent() && Asyncio.currentTask(bound) != null) {
      return bound;
    }
    EventLoop running;
    try {
      running = Asyncio.currentTask() == null ? null : Asyncio.getRunningLoop();
    } catch (IllegalStateException noLoop) {
      running = null;
    }
    if (running == null) {
      throw new IllegalStateException(
          "waiting for "
              + owner
              + " suspends, so it must be done in a task, not in a callback or in another thread; use"
              + " createTask(() -> …), or from outside the loop runCoroutineThreadsafe");
    }
    loop.compareAndSet(null, running);
    if (loop.get() != running) {
      throw elsewhere();
    }
    return running;
  }

  /**
   * Checks that the caller may change the primitive: while the loop it is bound to runs, only code
   * of that loop may.
   *
   * @throws IllegalStateException if it may not
   */
  void check() {
    EventLoop bound = loop.get();
    if (bound != null && !bound.isCurrent() && bound.isRunning()) {
      throw elsewhere();
    }
  }

  private IllegalStateException elsewhere() {
    return new IllegalStateException(
        owner
            + " is bound to a different event loop, which does not run in "
            + Thread.currentThread()
            + "; go there with loop.callSoonThreadsafe(() -> …) or runCoroutineThreadsafe, or make one for each loop");
  }
}
