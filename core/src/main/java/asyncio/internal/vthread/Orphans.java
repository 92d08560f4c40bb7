package asyncio.internal.vthread;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * The daemon thread on which coroutines run to their end whose loop has been closed, so that their
 * {@code finally} blocks run and their locks are released.
 *
 * <p><b>Threading:</b> thread-safe. It is a platform thread, and it stays: a task that called
 * {@code System.exit} is finished here while the JVM shuts down.
 */
public final class Orphans {

  private static final LinkedBlockingQueue<Runnable> WAITING = new LinkedBlockingQueue<>();

  static {
    Thread.ofPlatform()
        .daemon()
        .name("asyncio-orphans")
        .inheritInheritableThreadLocals(false)
        .start(Orphans::serve);
  }

  private Orphans() {}

  /**
   * Runs {@code work} on the thread, after everything given to it before. Never throws, never
   * blocks.
   */
  public static void run(Runnable work) {
    WAITING.add(work);
  }

  private static void serve() {
    for (; ; ) {
      try {
        WAITING.take().run();
      } catch (Throwable t) {
        System.getLogger("asyncio")
            .log(System.Logger.Level.ERROR, "a task of a closed loop failed", t);
      }
    }
  }
}
