package asyncio.monitor;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Looks at the program, again and again, on a thread of its own: with very many tasks a look takes
 * a while, and the page is to be answered meanwhile.
 */
final class Sampler implements Runnable {
  private static final System.Logger LOGGER = System.getLogger("asyncio.monitor");

  /** A look may take this part of the time: one in so many. */
  private static final int SHARE = 5;

  private final Source source;
  private final long intervalNanos;
  private final BooleanSupplier hasViewers;
  private final Consumer<Look> taker;

  // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean wanted;
  private boolean stopped;

  /**
   * Makes one that waits to be run.
   *
   * @param hasViewers whether somebody is there to see the tasks; called on the sampler's thread
   * @param taker is given each look, on the sampler's thread
   */
  Sampler(Source source, Duration interval, BooleanSupplier hasViewers, Consumer<Look> taker) {
    this.source = source;
    this.intervalNanos = interval.toNanos();
    this.hasViewers = hasViewers;
    this.taker = taker;
  }

  @Override
  public void run() {
    Look last = null;
    boolean failed = false;
    long pause = 0;
    while (goesOnAfter(pause)) {
      long begin = System.nanoTime();
      try {
        last = source.look(last, hasViewers.getAsBoolean());
        failed = false;
        taker.accept(last);
      } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
        if (!failed) { // once is enough: the next look fails in the same way
          LOGGER.log(Level.WARNING, "the monitor could not look at the program", e);
        }
        failed = true;
      }
      long took = System.nanoTime() - begin;
      pause = Math.max(intervalNanos - took, took * (SHARE - 1));
    }
    source.close();
  }

  /** Waits, but not if a look is wanted at once. Returns false when it is over. */
  private boolean goesOnAfter(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !stopped && !wanted) {
        left = changed.awaitNanos(left);
      }
      wanted = false;
      return !stopped;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Has it look now: somebody has come, or something was done. Thread-safe. */
  void lookNow() {
    change(() -> wanted = true);
  }

  /** Has it end after the look that is under way. Thread-safe. */
  void stop() {
    change(() -> stopped = true);
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
