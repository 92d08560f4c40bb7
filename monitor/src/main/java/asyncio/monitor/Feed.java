package asyncio.monitor;

import asyncio.Suspends;
import asyncio.sync.Event;
import java.nio.charset.StandardCharsets;
import java.util.function.LongFunction;

/**
 * What the pages are told, again and again. Each says what it has seen, and gets what is newer in
 * one message; a page that is slow misses steps in between, and nothing piles up for it.
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class Feed {
  /** A message of an event stream; {@code number} is what has been seen with it. */
  record Message(long number, String json) {
    byte[] encode() {
      return ("id: " + number + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
  }

  private final LongFunction<String> newerThan;
  private final Event changed = new Event();
  private long number;

  /**
   * Makes a feed that has published nothing.
   *
   * @param newerThan gives what is newer than a number, as JSON on one line
   */
  Feed(LongFunction<String> newerThan) {
    this.newerThan = newerThan;
  }

  /** There is something new, up to this number. */
  void publish(long number) {
    this.number = number;
    changed.set();
    changed.clear();
  }

  /** Waits until there is something newer than what has been seen. */
  @Suspends
  Message after(long seen) {
    while (number == 0 || seen == number) {
      changed.await();
    }
    // A number from the future is that of another program, which had the port before.
    return new Message(number, newerThan.apply(seen > number ? 0 : seen));
  }
}
