package asyncio;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread that looks at running loops from time to time.
 *
 * <p>It takes no lock that a program can hold: what may block is handed to {@link StallReports}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Watchdog {
  private static final long IDLE_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * How often it wakes up with nothing to look at before it waits to be woken: a program may start
   * one short run after the other.
   */
  private static final int IDLE_ROUNDS = 8;

  /** Of what is late by less than this nobody needs to be told. */
  private static final long TOLERANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final Set<Watched> WATCHED = ConcurrentHashMap.newKeySet();

  private static volatile boolean asleep;

  private static final Thread THREAD =
      Thread.ofPlatform()
          .daemon()
          .name("asyncio-stalls")
          .inheritInheritableThreadLocals(false)
          .start(Watchdog::watch);

  /** Something to look at. */
  abstract static class Watched {
    // watchdog's thread only
    private long lastLook;
    private long askedNanos;
    private boolean looking;

    /**
     * Looks once; on the thread of the watchdog. Must not block.
     *
     * @param nanos how much time has passed since the last look, as far as the watchdog itself was
     *     not kept from running; 0 the first time
     * @return in how many nanoseconds to look again
     */
    abstract long look(long nanos);

    /** Looks if it is time; returns how long until the next look. */
    private long lookIfDue() {
      long now = System.nanoTime();
      long passed = 0;
      if (looking) {
        passed = now - lastLook;
        if (passed < askedNanos) {
          return askedNanos - passed;
        }
        passed = punctual(passed, askedNanos);
      }
      looking = true;
      lastLook = now;
      askedNanos = look(passed);
      return askedNanos;
    }
  }

  private Watchdog() {}

  /**
   * How much of the time between two looks counts. Whatever kept this thread from running kept the
   * loops too: a collection, a debugger, a stopped process.
   */
  static long punctual(long passedNanos, long askedNanos) {
    return Math.min(passedNanos, askedNanos + askedNanos / 4 + TOLERANCE_NANOS);
  }

  /**
   * Looks at {@code watched} from now on.
   *
   * @param soon whether that cannot wait until the watchdog wakes up anyway
   */
  static void add(Watched watched, boolean soon) {
    if (WATCHED.add(watched) && (soon || asleep)) {
      LockSupport.unpark(THREAD);
    }
  }

  /** Looks at {@code watched} no more; a last look may be under way. */
  static void remove(Watched watched) {
    WATCHED.remove(watched);
  }

  private static void watch() {
    int idleRounds = 0;
    for (; ; ) {
      long pause = IDLE_PERIOD_NANOS;
      boolean idle = true;
      for (Watched each : WATCHED) {
        idle = false;
        pause = Math.min(pause, lookAt(each));
      }
      idleRounds = idle ? idleRounds + 1 : 0;
      if (idleRounds >= IDLE_ROUNDS) {
        asleep = true;
        if (WATCHED.isEmpty()) {
          LockSupport.park(WATCHED);
        }
        asleep = false;
        idleRounds = 0;
      } else {
        LockSupport.parkNanos(WATCHED, pause);
      }
    }
  }

  private static long lookAt(Watched each) {
    try {
      return each.lookIfDue();
    } catch (Throwable t) {
      WATCHED.remove(each);
      StallReports.run(() ->
          AbstractEventLoop.LOGGER.log(Level.ERROR, "Looking for stalls failed, and ends", t));
      return IDLE_PERIOD_NANOS;
    }
  }
}
