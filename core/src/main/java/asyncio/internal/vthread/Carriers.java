package asyncio.internal.vthread;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Platform threads on which coroutines of the direct engine are mounted for callers that are
 * virtual threads, since one virtual thread cannot be mounted on another.
 *
 * <p>As many as there are processors: a coroutine that waits holds none. They end when idle.
 */
final class Carriers {
  private static final long IDLE_SECONDS = 5;

  private static final ThreadPoolExecutor POOL = pool();

  private Carriers() {}

  private static ThreadPoolExecutor pool() {
    int size = Runtime.getRuntime().availableProcessors();
    var pool =
        new ThreadPoolExecutor(
            size,
            size,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform()
                .daemon()
                .name("asyncio-carrier-", 0)
                .inheritInheritableThreadLocals(false)
                .factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs {@code mount}, which must not throw, while the caller waits. */
  static void run(Runnable mount) {
    CountDownLatch done = new CountDownLatch(1);
    POOL.execute(() -> {
      LockSupport.unpark(Thread.currentThread()); // see LoopThreads
      try {
        mount.run();
      } finally {
        done.countDown();
      }
    });
    boolean interrupted = false;
    for (; ; ) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
