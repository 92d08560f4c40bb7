package asyncio.sync;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import asyncio.internal.inspect.Waited.Need;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The line of tasks that wait for one primitive: the one place where waiting, waking and
 * cancellation meet.
 *
 * <p>A waiter is pending, then either woken or cancelled; both are final, and its task resumes a
 * turn later, when the waiter leaves the line. One who was woken and is cancelled before its task
 * runs gets the {@code CancelledError}; what it was woken for has to go to somebody else, which
 * each primitive sees to with {@link Waiter#wasWoken}.
 *
 * <p><b>Threading:</b> loop-confined. Taking a place binds the primitive to the loop.
 */
class WaitQueue {

  /** One place in the line. */
  static final class Waiter extends Future<@Nullable Void> implements Waited {
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
    public WaitKind kindOfWait() {
      return line.sort;
    }

    @Override
    public Object waitedFor() {
      return line.binding.owner();
    }

    @Override
    public String describeWait() {
      String thing = Texts.identity(line.binding.owner());
      return switch (line.sort) {
        case QUEUE_GET -> "get from " + thing;
        case QUEUE_PUT -> "put into " + thing;
        case QUEUE_JOIN -> "join of " + thing;
        default -> thing;
      };
    }

    @Override
    public Object line() {
      return line;
    }

    @Override
    public Need need() {
      return line.need();
    }

    @Override
    public boolean hasHolders() {
      return true;
    }

    @Override
    public void holders(Consumer<Object> to) {
      line.holders(to);
    }

    @Override
    public String toString() {
      return "<waiter of " + line.binding.owner() + ">";
    }
  }

  private final Binding binding;
  private final String kind;
  private final WaitKind sort;
  private @Nullable Waiter first;
  private @Nullable Waiter last;

  /**
   * Nobody before this one is pending; null if nobody at all is. Spares each wake-up the walk past
   * those woken before.
   */
  private @Nullable Waiter candidate;

  private int size;
  private long nextTicket;

  /**
   * @param kind what its waiters wait for, in a word or two
   * @param sort the same for pictures of who waits for what
   */
  WaitQueue(Binding binding, String kind, WaitKind sort) {
    this.binding = binding;
    this.kind = kind;
    this.sort = sort;
  }

  /** Who has to act before a waiter is woken. On any thread; see {@link Waited}. */
  Need need() {
    return Need.ANYBODY;
  }

  /** Those who can have a waiter woken, as {@link Waited#holders} says. On any thread. */
  void holders(Consumer<Object> to) {}

  /**
   * How many are in the line: pending ones, and woken or cancelled ones whose tasks have not run
   * yet.
   */
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
    Waiter waiter = new Waiter(binding.bind(), this, nextTicket++);
    insertBehind(last, waiter);
    return waiter;
  }

  /** Takes the place in the line that belongs to {@code ticket}. */
  Waiter rejoin(long ticket) {
    Waiter waiter = new Waiter(binding.bind(), this, ticket);
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

  // ---- waking

  /** Wakes the one at the head; does nothing if that one is woken or cancelled already. */
  void wakeHead() {
    if (first != null) {
      wake(first);
    }
  }

  /** Wakes the first one that is pending; false if there is none. */
  boolean wakeFirstPending() {
    while (candidate != null) {
      Waiter waiter = candidate;
      candidate = waiter.next;
      if (wake(waiter)) {
        return true;
      }
    }
    return false;
  }

  /** Wakes everybody who is pending. */
  void wakeAll() {
    while (wakeFirstPending()) {}
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
    if (candidate == null || waiter.ticket < candidate.ticket) {
      candidate = waiter;
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
    if (candidate == waiter) {
      candidate = after;
    }
    size--;
  }
}
