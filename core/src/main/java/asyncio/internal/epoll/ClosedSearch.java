package asyncio.internal.epoll;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks among many for those that were closed, a limited number at a time and all of them in turn.
 *
 * <p><b>Threading:</b> for one thread.
 */
final class ClosedSearch<E extends ClosedSearch.Entry> {
  /** With more entries than one search looks at, a wait lasts so long until all were looked at. */
  private static final long SHORT_WAIT_NANOS = 10_000_000;

  /** What can be searched; in one search at most. */
  abstract static class Entry {
    int position;
  }

  private final int atATime;
  private final Predicate<E> isClosed;
  private final List<E> entries = new ArrayList<>();
  private int next;

  ClosedSearch(int atATime, Predicate<E> isClosed) {
    this.atATime = atATime;
    this.isClosed = isClosed;
  }

  void add(E entry) {
    entry.position = entries.size();
    entries.add(entry);
  }

  void remove(E entry) {
    E last = entries.removeLast();
    if (last != entry) {
      entries.set(entry.position, last);
      last.position = entry.position;
    }
  }

  /** Tells of the closed ones it comes across; whoever is told may remove them. */
  void search(Consumer<E> found) {
    @Nullable List<E> closed = null;
    for (int left = Math.min(atATime, entries.size()); left > 0; left--) {
      if (next >= entries.size()) {
        next = 0;
      }
      E entry = entries.get(next++);
      if (isClosed.test(entry)) {
        closed = closed == null ? new ArrayList<>() : closed;
        closed.add(entry);
      }
    }
    if (closed != null) {
      closed.forEach(found);
    }
  }

  /**
   * How long to wait at most, after so many waits in which nothing happened.
   *
   * @param wanted in nanoseconds
   */
  long limit(long wanted, int idleWaits) {
    boolean allSeen = (long) idleWaits * atATime >= entries.size() - atATime;
    return allSeen ? wanted : Math.min(wanted, SHORT_WAIT_NANOS);
  }
}
