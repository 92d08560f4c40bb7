package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The line of tasks that wait for one primitive: the one place where waiting, waking and cancellation meet.
 *
 * <p>A waiter is pending, then either woken or cancelled; both are final, and its task resumes a turn later, when the waiter
 * leaves the line. Who was woken and is cancelled before its task runs gets the {@code CancelledError}; what it was woken
 * for has to go to somebody else, which each primitive sees to with {@link Waiter#wasWoken}.
 *
 * <p><b>Threading:</b> loop-confined. The line binds to the loop of its first waiter, for good.
 */
final class WaitQueue {

  /** One place in the line. */
  static final class Waiter extends Future<@Nullable Void> {
    private final WaitQueue line;
    /** When it came; one that has to wait again keeps its ticket, and with it its place. */
    private final long ticket;
    private @Nullable Waiter previous;
    private @Nullable Waiter next;

    private Waiter(EventLoop loop, WaitQueue line, long ticket) {
      super(loop);
      this.line = line;
      this.ticket = ticket;
    }

    /** Whether this was woken, and not cancelled before. */
    boolean wasWoken() {
      return isDone() && !isCancelled();
    }

    long ticket() {
      return ticket;
    }

    @Override
    public String waitKind() {
      return line.kind;
    }

    @Override
    public String toString() {
      return "<waiter of " + line.owner + ">";
    }
  }

  private final Object owner;
  private final String kind;
  private final AtomicReference<@Nullable EventLoop> boundTo = new AtomicReference<>();
  private @Nullable Waiter first;
  private @Nullable Waiter last;
  private int size;
  private long nextTicket;

  /**
   * @param owner the primitive, whose text form names it in messages
   * @param kind what its waiters wait for, in a word
   */
  WaitQueue(Object owner, String kind) {
    this.owner = owner;
    this.kind = kind;
  }

  /** How many are in the line: pending ones, and woken or cancelled ones whose tasks have not run yet. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether everybody in the line is cancelled, which is so too if nobody is there. */
  boolean hasOnlyCancelled() {
    for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
      if (!waiter.isCancelled()) {
        return false;
      }
    }
    return true;
  }

  // ---- waiting

  /** Takes a place at the end of the line. Waits for nothing yet: {@link #await} does. */
  Waiter join() {
    Waiter waiter = new Waiter(bind(), this, nextTicket++);
    insertBehind(last, waiter);
    return waiter;
  }

  /** Takes the place in the line that belongs to {@code ticket}. */
  Waiter rejoin(long ticket) {
    Waiter waiter = new Waiter(bind(), this, ticket);
    Waiter before = last;
    while (before != null && before.ticket > ticket) {
      before = before.previous;
    }
    insertBehind(before, waiter);
    return waiter;
  }

  /** Waits until {@code waiter} is woken, and leaves the line whatever happens. */
  @Suspends
  void await(Waiter waiter) {
    try {
      waiter.await();
    } finally {
      remove(waiter);
    }
  }

  /**
   * The loop this line is bound to, from now on at the latest.
   *
   * @throws IllegalStateException if the caller is not a task, or is one of another loop
   */
  EventLoop bind() {
    if (Asyncio.currentTask() == null) {
      throw new IllegalStateException(
          "waiting for " + owner + " suspends, so it must be done in a task, not in a callback; use createTask(() -> …)");
    }
    EventLoop running = Asyncio.getRunningLoop();
    EventLoop bound = boundTo.get();
    if (bound == null) {
      bound = boundTo.compareAndSet(null, running) ? running : boundTo.get();
    }
    if (bound != running) {
      throw new IllegalStateException(owner + " is bound to a different event loop; make one for each loop");
    }
    return running;
  }

  /**
   * Checks that the caller may change the primitive: while the loop it is bound to runs, only code of that loop may.
   *
   * @throws IllegalStateException if it may not
   */
  void checkThread() {
    EventLoop bound = boundTo.get();
    if (bound != null && bound.isRunning() && !bound.isCurrent()) {
      throw new IllegalStateException(
          owner
              + " was used by thread "
              + Thread.currentThread()
              + ", which is not its loop's; use loop.callSoonThreadsafe(() -> …) or runCoroutineThreadsafe");
    }
  }

  // ---- waking

  /** Wakes the one at the head; does nothing if that one is woken or cancelled already. */
  void wakeHead() {
    if (first != null) {
      wake(first);
    }
  }

  /** Wakes the first one that is pending; false if there is none. */
  boolean wakeFirstPending() {
    for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
      if (wake(waiter)) {
        return true;
      }
    }
    return false;
  }

  void wakeAll() {
    for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
      wake(waiter);
    }
  }

  private static boolean wake(Waiter waiter) {
    if (waiter.isDone()) {
      return false;
    }
    waiter.setResult(null);
    return true;
  }

  // ---- the list

  private void insertBehind(@Nullable Waiter before, Waiter waiter) {
    Waiter after = before == null ? first : before.next;
    waiter.previous = before;
    waiter.next = after;
    if (before == null) {
      first = waiter;
    } else {
      before.next = waiter;
    }
    if (after == null) {
      last = waiter;
    } else {
      after.previous = waiter;
    }
    size++;
  }

  private void remove(Waiter waiter) {
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    size--;
  }
}
