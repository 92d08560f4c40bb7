package asyncio.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  /** How often a thread must be seen waiting to count as waiting. */
  private static final int LOOKS = 3;

  private final Runnable wakeUp;

  // guarded by this
  private final List<Runnable> held = new ArrayList<>();
  private final Set<Thread> threads = new HashSet<>();
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

  /**
   * Waits until no call runs, or those that do wait for something, the loop perhaps; but no longer
   * than {@code limit}.
   */
  void awaitRest(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int looksAtRest = 0;
    while (looksAtRest < LOOKS && System.nanoTime() < end) {
      synchronized (this) {
        if (running == 0) {
          return;
        }
        boolean allWait =
            threads.size() == running && threads.stream().allMatch(SeededExecutor::waits);
        looksAtRest = allWait ? looksAtRest + 1 : 0;
        try {
          TimeUnit.MILLISECONDS.timedWait(this, 1);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // the loop looks at it between two polls
          return;
        }
      }
    }
  }

  private static boolean waits(Thread thread) {
    return switch (thread.getState()) {
      case WAITING, TIMED_WAITING -> true;
      case NEW, RUNNABLE, BLOCKED, TERMINATED -> false;
    };
  }

  /** Starts everything: the loop is closed, and will not ask any more. */
  synchronized void release() {
    while (!held.isEmpty()) {
      start(held.removeFirst());
    }
  }

  // ---- what a pool does

  @Override
  protected void beforeExecute(Thread thread, Runnable call) {
    synchronized (this) {
      threads.add(thread);
    }
  }

  @Override
  protected void afterExecute(Runnable call, @Nullable Throwable thrown) {
    synchronized (this) {
      wakeUp.run(); // first: who sees that it has ended is not woken for it again
      threads.remove(Thread.currentThread());
      running--;
      notifyAll();
    }
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
