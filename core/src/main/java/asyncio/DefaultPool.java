package asyncio;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The default executor of a loop: a bounded pool of daemon threads, {@code asyncio-1} and so on. */
final class DefaultPool extends ThreadPoolExecutor {
  private static final int SIZE = Math.min(32, Runtime.getRuntime().availableProcessors() + 4);

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();

  @SuppressWarnings("this-escape")
  DefaultPool() {
    super(SIZE, SIZE, 0, TimeUnit.NANOSECONDS, new LinkedBlockingQueue<>());
    setThreadFactory(this::newThread);
  }

  private Thread newThread(Runnable worker) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("asyncio-" + count.incrementAndGet())
            .inheritInheritableThreadLocals(false)
            .unstarted(worker);
    threads.add(thread);
    return thread;
  }

  /** Waits until the threads have ended, which is a moment after the pool has terminated. */
  void joinThreads() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
