package asyncio.sync;

import asyncio.CancelledError;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.sync.WaitQueue.Waiter;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks that hold a lock wait until another one says that something has changed.
 *
 * <pre>{@code
 * try (var _ = condition.acquire()) {
 *   condition.awaitFor(() -> !items.isEmpty());
 *   item = items.remove();
 * }
 * }</pre>
 *
 * <p><b>Order:</b> {@link #signal} wakes in the order of waiting; who was woken then stands in line
 * for the lock.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> a task cancelled while it waits holds the lock again when the {@code
 * CancelledError} reaches it, and a signal that it had received goes to another waiter (spec COND-1
 * to COND-27).
 */
public final class Condition {
  private final Lock lock;
  private final Binding binding;
  private final WaitQueue waiters;

  /** Makes a condition with a lock of its own. */
  public Condition() {
    this(new Lock());
  }

  /** Makes a condition on {@code lock}, which several conditions may share. */
  public Condition(Lock lock) {
    this.lock = Objects.requireNonNull(lock, "lock");
    this.binding = new Binding(this);
    this.waiters = new WaitQueue(binding, "condition", WaitKind.CONDITION);
  }

  /** Makes a condition that is, with its lock, a part of another primitive. */
  Condition(Binding binding, WaitKind sort) {
    this.lock = new Lock(binding);
    this.binding = binding;
    this.waiters = new WaitQueue(binding, "condition", sort);
  }

  /** Acquires the lock; see {@link Lock#acquire}. */
  @Suspends
  public Lock.Guard acquire() {
    binding.check();
    return lock.acquire();
  }

  /** Releases the lock; see {@link Lock#release}. */
  public void release() {
    lock.release();
  }

  /** Whether somebody holds the lock. */
  public boolean isLocked() {
    return lock.isLocked();
  }

  /**
   * Releases the lock, waits for a signal, and acquires the lock again, however the wait ends. It
   * may return without a signal: check what you wait for again, or use {@link #awaitFor}.
   *
   * @throws IllegalStateException if the lock is not locked
   * @throws CancelledError if the calling task is cancelled meanwhile; it holds the lock then
   */
  @Suspends
  public void await() {
    checkLocked("wait");
    Waiter waiter = waiters.join();
    lock.release();
    boolean signalUsed = false;
    try {
      awaitSignalAndLock(waiter);
      signalUsed = true;
    } finally {
      if (!signalUsed && waiter.wasWoken()) {
        waiters.wakeFirstPending(); // we cannot use the signal: pass it on
      }
    }
  }

  private void awaitSignalAndLock(Waiter waiter) {
    Throwable thrown = null;
    try {
      waiters.await(waiter);
    } catch (Throwable t) {
      thrown = t;
    }
    if (waiter.isDone()) {
      CancelledError cancelled = acquireWhateverHappens();
      thrown = cancelled != null ? cancelled : thrown;
    } else {
      lock.reclaim(); // we cannot suspend here, so we never did
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown; // no wait declares a checked one
    }
  }

  /**
   * Acquires the lock; returns the last cancellation that came meanwhile, which must not be
   * forgotten.
   */
  private @Nullable CancelledError acquireWhateverHappens() {
    CancelledError cancelled = null;
    for (; ; ) {
      try {
        lock.acquire();
        return cancelled;
      } catch (CancelledError e) {
        cancelled = e;
      }
    }
  }

  /**
   * Waits until {@code predicate} gives a value other than null and {@code false}, and returns that
   * value. The predicate is asked first without waiting, and then after each signal, with the lock
   * held.
   *
   * @throws IllegalStateException if it has to wait and the lock is not locked
   */
  @Suspends
  public <T> T awaitFor(Supplier<? extends @Nullable T> predicate) {
    T value = predicate.get();
    while (value == null || Boolean.FALSE.equals(value)) {
      await();
      value = predicate.get();
    }
    return value;
  }

  /** Wakes one waiting task: {@code signal(1)}. */
  public void signal() {
    signal(1);
  }

  /**
   * Wakes the first {@code n} tasks that wait and have not been woken; all of them if they are
   * fewer.
   *
   * @throws IllegalStateException if the lock is not locked
   */
  public void signal(int n) {
    checkLocked("notify");
    int woken = 0;
    while (woken < n && waiters.wakeFirstPending()) {
      woken++;
    }
  }

  /** Wakes all waiting tasks. */
  public void signalAll() {
    signal(Integer.MAX_VALUE);
  }

  private void checkLocked(String attempt) {
    binding.check();
    if (!lock.isLocked()) {
      throw new IllegalStateException(
          "cannot " + attempt + " on un-acquired lock; acquire() the condition first");
    }
  }

  @Override
  public String toString() {
    return Texts.of(this, lock.isLocked() ? "locked" : "unlocked", waiters);
  }
}
