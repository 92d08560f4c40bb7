package asyncio.internal.vthread;

import org.jspecify.annotations.Nullable;

/**
 * Makes coroutines: bodies of code that can give their thread back in the middle and go on later.
 *
 * <p>The place where another engine would go. An engine implements this interface and {@link
 * Fiber}; the event loop and the tasks know nothing else of it.
 *
 * @see DirectEngine
 * @see PortableEngine
 */
public interface CoroutineEngine {

  /**
   * Makes a coroutine that has not started.
   *
   * @param body what it runs and whom it tells about its state
   * @param threadName the name of its thread, or null for none
   */
  Fiber newFiber(Fiber.Body body, @Nullable String threadName);

  /** Makes an unstarted thread of the kind on which this engine's loops run best. */
  Thread newLoopThread(String name, Runnable main);

  /** Whether a loop with this engine can run on the given thread. */
  boolean canRunLoopOn(Thread thread);

  /** The calling thread begins to run a loop. */
  default void beginRun() {}

  /** The calling thread runs its loop no more. */
  default void endRun() {}

  /** The calling thread, which runs a loop, is about to wait in a poll. */
  default void beforePoll() {}
}
