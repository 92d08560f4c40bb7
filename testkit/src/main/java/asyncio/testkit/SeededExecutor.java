package asyncio.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The default executor of a loop with an order seed: holds the calls back until the loop has it
 * make one, so that which one ends first is up to the loop and not to the system.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class SeededExecutor extends ThreadPoolExecutor {
  private final Runnable wakeUp;

  // guarded by this
  private final List<Runnable> held = new ArrayList<>();
  private int running;
  private boolean ending;

  /**
   * Makes one without threads.
   *
   * @param wakeUp is called when there is a call to make, and when one has ended
   */
  SeededExecutor(Runnable wakeUp) {
    super(
        0,
        Integer.MAX_VALUE,
        1,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        Thread.ofPlatform().daemon().name("asyncio-seeded-", 1).factory());
    this.wakeUp = wakeUp;
  }

  @Override
  public void execute(Runnable call) {
    synchronized (this) {
      if (ending) {
        throw new RejectedExecutionException("the executor is shut down");
      }
      held.add(call);
    }
    wakeUp.run();
  }

  // ---- for the loop

  synchronized boolean hasHeld() {
    return !held.isEmpty();
  }

  synchronized boolean isBusy() {
    return running > 0;
  }

  /** Starts one of the calls that are held back. */
  synchronized void startOne(RandomGenerator random) {
    start(held.remove(random.nextInt(held.size())));
  }

  private void start(Runnable call) {
    running++;
    super.execute(call);
    if (ending && held.isEmpty()) {
      super.shutdown();
    }
  }

  /** Waits until no call runs, but not long. */
  synchronized void awaitIdle(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    for (long left = limit.toNanos(); running > 0 && left > 0; left = end - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the loop looks at it between two polls
        return;
      }
    }
  }

  /** Starts everything: the loop is closed, and will not ask any more. */
  synchronized void release() {
    while (!held.isEmpty()) {
      start(held.removeFirst());
    }
  }

  // ---- what a pool does

  @Override
  protected void afterExecute(Runnable call, @Nullable Throwable thrown) {
    synchronized (this) {
      running--;
      notifyAll();
    }
    wakeUp.run();
  }

  /** Ends when the calls that are held back have been made. */
  @Override
  public void shutdown() {
    synchronized (this) {
      ending = true;
      if (held.isEmpty()) {
        super.shutdown();
      }
    }
    wakeUp.run();
  }

  @Override
  public List<Runnable> shutdownNow() {
    synchronized (this) {
      ending = true;
      List<Runnable> dropped = new ArrayList<>(held);
      held.clear();
      dropped.addAll(super.shutdownNow());
      return dropped;
    }
  }

  @Override
  public synchronized boolean isShutdown() {
    return ending;
  }
}
