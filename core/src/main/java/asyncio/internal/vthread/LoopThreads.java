package asyncio.internal.vthread;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that run loops of the direct engine, and their park permits.
 *
 * <p>A coroutine that cannot leave its carrier, because native code or a class initializer is on
 * its stack, parks the carrier instead, which is the loop's thread. A permit kept there makes that
 * park return, so that the coroutine notices. The permit is given where it costs nothing
 * measurable, {@link #prepare}; a pinned JDK call, or a contended lock in a callback, can use it up
 * in between. So a daemon thread gives it again every second while a loop runs: what would have
 * blocked the loop for ever ends after a second at most.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LoopThreads {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Set<Thread> RUNNING = ConcurrentHashMap.newKeySet();
  private static final Thread KEEPER =
      Thread.ofPlatform()
          .daemon()
          .name("asyncio-permits")
          .inheritInheritableThreadLocals(false)
          .start(LoopThreads::keep);

  private LoopThreads() {}

  /** The calling thread begins to run a loop. */
  static void add() {
    if (RUNNING.isEmpty()) {
      RUNNING.add(Thread.currentThread());
      LockSupport.unpark(KEEPER);
    } else {
      RUNNING.add(Thread.currentThread());
    }
    prepare();
  }

  /** The calling thread runs no loop any more. */
  static void remove() {
    RUNNING.remove(Thread.currentThread());
  }

  /** Gives the calling thread its permit. */
  static void prepare() {
    LockSupport.unpark(Thread.currentThread());
  }

  private static void keep() {
    for (; ; ) {
      if (RUNNING.isEmpty()) {
        LockSupport.park(RUNNING);
      } else {
        LockSupport.parkNanos(RUNNING, PERIOD_NANOS);
      }
      RUNNING.forEach(LockSupport::unpark);
    }
  }
}
