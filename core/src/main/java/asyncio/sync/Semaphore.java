package asyncio.sync;

import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited.Need;
import asyncio.sync.WaitQueue.Waiter;
import java.util.function.Consumer;

/**
 * Caps how many tasks are inside a section at the same time.
 *
 * <pre>{@code
 * try (var _ = semaphore.acquire()) {
 *   // at most as many tasks as there are permits
 * }
 * }</pre>
 *
 * <p><b>Order:</b> waiting tasks enter first come, first served; a released permit is handed to the
 * first of them at once, so nobody can take it before that task runs.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> a task cancelled while it waits leaves the line; a permit handed to it
 * already goes to the next one (spec SEM-1 to SEM-20).
 */
public sealed class Semaphore permits BoundedSemaphore {

  /** A permit; {@link #close} gives it back. */
  public static final class Permit implements AutoCloseable {
    private final Semaphore semaphore;
    private final int place;
    private boolean closed;

    private Permit(Semaphore semaphore, int place) {
      this.semaphore = semaphore;
      this.place = place;
    }

    /** Gives the permit back; closing twice is harmless. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        semaphore.giveBack(place);
      }
    }
  }

  /*
   * `free` counts the permits that nobody has: one that was handed to a waiter is not free, though its task has not run.
   */
  final Binding binding = new Binding(this);
  private final WaitQueue waiters =
      new WaitQueue(binding, "semaphore", WaitKind.SEMAPHORE) {
        @Override
        Need need() {
          return holders.areAllKnown() ? Need.ANY : Need.ANYBODY;
        }

        @Override
        void holders(Consumer<Object> to) {
          holders.tell(to);
        }
      };
  private final Holders holders;
  private int free;

  /** Makes a semaphore with one permit. */
  public Semaphore() {
    this(1);
  }

  /**
   * Makes a semaphore with so many permits.
   *
   * @throws IllegalArgumentException if {@code permits} is negative
   */
  public Semaphore(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException("Semaphore initial value must be >= 0, not " + permits);
    }
    this.free = permits;
    this.holders = new Holders(permits);
  }

  /**
   * Takes a permit, waiting until one is free and those before the caller have had theirs.
   *
   * @return the permit, whose {@link Permit#close} gives it back
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   */
  @Suspends
  public Permit acquire() {
    binding.check();
    if (isLocked()) {
      awaitTurn();
    } else {
      free--;
    }
    noteTaken();
    return new Permit(this, holders.enter());
  }

  private void awaitTurn() {
    Waiter waiter = waiters.join();
    boolean served = false;
    try {
      waiters.await(waiter);
      served = true;
    } finally {
      if (!served && waiter.wasWoken()) {
        free++; // it was handed over, and cannot be used
      }
      // Permits that came while the line was closed to newcomers: hand them out to those who queued
      // up meanwhile.
      while (free > 0 && handOver()) {}
    }
  }

  private boolean handOver() {
    if (!waiters.wakeFirstPending()) {
      return false;
    }
    free--;
    return true;
  }

  /** Gives a permit back, or adds one, and hands it to the first waiter. */
  public void release() {
    binding.check();
    noteReturned();
    holders.leave();
    free++;
    handOver();
  }

  private void giveBack(int place) {
    binding.check();
    noteReturned();
    holders.leave(place);
    free++;
    handOver();
  }

  /** A task got its permit and runs. */
  void noteTaken() {}

  /**
   * A permit comes back.
   *
   * @throws IllegalArgumentException if it may not
   */
  void noteReturned() {}

  /** Whether {@link #acquire} would suspend now. */
  public final boolean isLocked() {
    return free == 0 || !waiters.hasOnlyCancelled();
  }

  @Override
  public String toString() {
    return Texts.of(this, isLocked() ? "locked" : "unlocked, value:" + free, waiters);
  }
}
