package asyncio.testkit;

import asyncio.EventLoop;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * What will happen in a network later: what is under way, each thing with its time.
 *
 * <p><b>Order:</b> by time; what has the same time happens in the order in which it was sent off.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class NetworkEvents {
  private record Event(long when, long number, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::when).thenComparingLong(Event::number));
  private long count;

  void add(long when, Runnable action) {
    events.add(new Event(when, count++, action));
  }

  /** Lets everything happen whose time has come; false if there was nothing. */
  boolean runDue(long now) {
    boolean any = false;
    for (Event first = events.peek(); first != null && first.when <= now; first = events.peek()) {
      events.remove();
      first.action.run();
      any = true;
    }
    return any;
  }

  /** When the next thing happens; {@link EventLoop#NEVER} if nothing is under way. */
  long next() {
    Event first = events.peek();
    return first == null ? EventLoop.NEVER : first.when;
  }
}
