package asyncio.sync;

import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited.Need;
import asyncio.sync.WaitQueue.Waiter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets one task at a time into a section.
 *
 * <pre>{@code
 * try (var _ = lock.acquire()) {
 *   // no other task is here, even if this one suspends
 * }
 * }</pre>
 *
 * <p>Needed only for sections that suspend: tasks of one loop never run at the same time anyway.
 *
 * <p><b>Order:</b> first come, first served; a later caller never overtakes. Not re-entrant, and
 * without owner: any code of the loop may release it.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> a task cancelled while it waits does not hold the lock; if it had been
 * woken already, the next one is (spec LOCK-1 to LOCK-19).
 */
public final class Lock {

  /** A lock that is held; {@link #close} releases it. */
  public static final class Guard implements AutoCloseable {
    private final Lock lock;
    private boolean closed;

    private Guard(Lock lock) {
      this.lock = lock;
    }

    /** Releases the lock; closing twice is harmless. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        lock.release();
      }
    }
  }

  private final Binding binding;
  private final WaitQueue waiters;

  /**
   * The thread of the task that locked this; null if nobody has. That this is known is for pictures
   * of who waits for what, taken on any thread; anybody may release the lock.
   */
  private @Nullable Thread holder;

  /** Makes an unlocked lock; it belongs to the loop of the first task that has to wait for it. */
  public Lock() {
    this.binding = new Binding(this);
    this.waiters = newLine(binding);
  }

  /** Makes a lock that is a part of another primitive. */
  Lock(Binding binding) {
    this.binding = binding;
    this.waiters = newLine(binding);
  }

  private WaitQueue newLine(Binding binding) {
    return new WaitQueue(binding, "lock", WaitKind.LOCK) {
      @Override
      Need need() {
        return Need.ANY;
      }

      @Override
      void holders(Consumer<Object> to) {
        Thread now = holder;
        if (now != null) {
          to.accept(now);
        }
      }
    };
  }

  /**
   * Locks, waiting until the lock is free and those before the caller have had it.
   *
   * @return the guard whose {@link Guard#close} releases the lock
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   */
  @Suspends
  public Guard acquire() {
    binding.check();
    if (holder != null || !waiters.hasOnlyCancelled()) {
      awaitTurn();
    }
    holder = Thread.currentThread();
    return new Guard(this);
  }

  private void awaitTurn() {
    Waiter waiter = waiters.join();
    try {
      waiters.await(waiter);
      while (holder != null) { // reclaimed since the wake-up
        waiter = waiters.rejoin(waiter.ticket());
        waiters.await(waiter);
      }
    } catch (Throwable t) {
      if (holder == null) {
        waiters.wakeHead(); // the wake-up may have been ours
      }
      throw t;
    }
  }

  /**
   * Unlocks and wakes the first waiter.
   *
   * @throws IllegalStateException if the lock is not locked
   */
  public void release() {
    binding.check();
    if (holder == null) {
      throw new IllegalStateException(
          "Lock is not acquired. Release it once for each acquire, or close the guard instead");
    }
    holder = null;
    waiters.wakeHead();
  }

  /**
   * Takes the lock back. For one who has released it and finds that it cannot wait after all:
   * nobody has run since then, so this is as if it had never been released, but for a waiter that
   * wakes up for nothing.
   */
  void reclaim() {
    holder = Thread.currentThread();
  }

  /**
   * Whether somebody holds the lock. It is free between a release and the moment when the woken
   * task runs.
   */
  public boolean isLocked() {
    return holder != null;
  }

  @Override
  public String toString() {
    return Texts.of(this, isLocked() ? "locked" : "unlocked", waiters);
  }
}
