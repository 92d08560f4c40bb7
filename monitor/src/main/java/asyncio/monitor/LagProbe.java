package asyncio.monitor;

import asyncio.EventLoop;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds out how late a loop is: gives it a callback from another thread, and sees how long that
 * waits. One that has not run yet counts with the time that it has waited so far, so that a loop
 * that stands still shows at once.
 */
final class LagProbe {
  private static final long NOT_SENT = Long.MIN_VALUE;

  private final EventLoop loop;

  /** Written by the looks' thread, and reset by the loop's when the callback runs. */
  private final AtomicLong sentAt = new AtomicLong(NOT_SENT);

  /** The longest since it was last asked for; both threads write it. */
  private final AtomicLong longestNanos = new AtomicLong();

  LagProbe(EventLoop loop) {
    this.loop = loop;
  }

  /** The longest lag since the last call, in nanoseconds; sends the next callback. */
  long takeNanos() {
    long now = System.nanoTime();
    long sent = sentAt.get();
    long waiting = sent == NOT_SENT ? 0 : now - sent;
    long lag = Math.max(longestNanos.getAndSet(0), waiting);
    if (sent == NOT_SENT && loop.isRunning()) {
      sentAt.set(now);
      try {
        loop.callSoonThreadsafe(this::arrived);
      } catch (IllegalStateException e) {
        sentAt.set(NOT_SENT); // closed just now
      }
    } else if (!loop.isRunning()) {
      return 0; // nobody waits for a loop that nobody runs
    }
    return lag;
  }

  private void arrived() {
    long took = System.nanoTime() - sentAt.get();
    longestNanos.accumulateAndGet(took, Math::max);
    sentAt.set(NOT_SENT);
  }
}
