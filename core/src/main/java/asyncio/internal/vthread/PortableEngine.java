package asyncio.internal.vthread;

import org.jspecify.annotations.Nullable;

/**
 * The engine that needs nothing but the public API: ordinary virtual threads that hand the turn to
 * one another.
 *
 * <p>Slower than the direct engine, and a blocking JDK call in a coroutine blocks the loop, which
 * waits for its turn.
 */
public final class PortableEngine implements CoroutineEngine {

  private static final PortableEngine INSTANCE = new PortableEngine();

  private PortableEngine() {}

  public static PortableEngine instance() {
    return INSTANCE;
  }

  @Override
  public Fiber newFiber(Fiber.Body body, @Nullable String threadName) {
    return new PortableFiber(body, threadName);
  }

  /**
   * A virtual thread: handing the turn between two of them is some forty times cheaper than to a
   * platform thread.
   */
  @Override
  public Thread newLoopThread(String name, Runnable main) {
    return Thread.ofVirtual().name(name).unstarted(main);
  }

  @Override
  public boolean canRunLoopOn(Thread thread) {
    return true;
  }
}
