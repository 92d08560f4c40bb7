package asyncio.internal.epoll;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor that other threads make ready, to end a wait in which it takes part.
 *
 * <p><b>Threading:</b> {@link #wake} is thread-safe, also after {@link #close}; the rest belongs to
 * the loop's thread.
 */
final class Waker {
  /*
   * The state says whether a system call is needed:
   *
   *   BUSY ──beginWait──▶ WAITING ──endWait──▶ BUSY
   *     │                    │
   *   wake                 wake, which writes to the descriptor
   *     ▼                    ▼
   *   WOKEN ──beginWait fails, endWait──▶ BUSY
   *
   * A waker that has found WAITING may write when the wait is long over: one wait more returns early.
   *
   * The descriptor is registered for changes, so that it need not be read. Its number goes back to the system, where
   * another thread gets it for a file, only when nobody is about to write: `users` counts those, with a bit for CLOSED.
   */
  private static final int BUSY = 0;
  private static final int WAITING = 1;
  private static final int WOKEN = 2;
  private static final int CLOSED = Integer.MIN_VALUE;

  private final int descriptor;
  private final AtomicInteger state = new AtomicInteger(BUSY);
  private final AtomicInteger users = new AtomicInteger();

  Waker(MemorySegment errno) throws IOException {
    descriptor = Libc.openEvent(errno);
  }

  int descriptor() {
    return descriptor;
  }

  /** Ends the current wait, or has the next one not begin. */
  void wake() {
    if (state.getAndSet(WOKEN) == WAITING && enter()) {
      Libc.signal(descriptor);
      leave();
    }
  }

  /** Whether to wait: false if there was a wake-up since the last wait. */
  boolean beginWait() {
    return state.compareAndSet(BUSY, WAITING);
  }

  /** From now on wake-ups are for the next wait; what they announced before is to be looked at. */
  void endWait() {
    state.set(BUSY);
  }

  void close() {
    if (users.getAndAdd(CLOSED) == 0) {
      Libc.close(descriptor);
    }
  }

  private boolean enter() {
    int now = users.get();
    while (now >= 0) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  private void leave() {
    if (users.decrementAndGet() == CLOSED) {
      Libc.close(descriptor);
    }
  }
}
