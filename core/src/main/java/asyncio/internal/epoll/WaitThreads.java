package asyncio.internal.epoll;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads that wait in the kernel for virtual ones: a virtual thread in a native call
 * holds its carrier, and as many of them as there are processors would hold up all others.
 *
 * <p>One for each loop that waits; they end when idle.
 */
final class WaitThreads {
  private static final long IDLE_SECONDS = 5;

  private static final ThreadPoolExecutor POOL =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform()
              .daemon()
              .name("asyncio-epoll-", 0)
              .inheritInheritableThreadLocals(false)
              .factory());

  private WaitThreads() {}

  /** As {@link EventBuffer#await}; the caller parks meanwhile. */
  static int await(EventBuffer buffer, int epoll, long nanos) throws IOException {
    Wait wait = new Wait(buffer, epoll, nanos);
    POOL.execute(wait);
    boolean interrupted = false;
    for (; ; ) {
      try {
        wait.done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // the wait goes on, as it does on a platform thread
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return wait.result();
  }

  /** One wait; what it writes is published by the latch. */
  private static final class Wait implements Runnable {
    private final EventBuffer buffer;
    private final int epoll;
    private final long nanos;
    private final CountDownLatch done = new CountDownLatch(1);
    private int count;
    private @Nullable IOException failure;

    Wait(EventBuffer buffer, int epoll, long nanos) {
      this.buffer = buffer;
      this.epoll = epoll;
      this.nanos = nanos;
    }

    @Override
    public void run() {
      try {
        count = buffer.await(epoll, nanos);
      } catch (IOException e) {
        failure = e;
      } finally {
        done.countDown();
      }
    }

    int result() throws IOException {
      IOException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return count;
    }
  }
}
