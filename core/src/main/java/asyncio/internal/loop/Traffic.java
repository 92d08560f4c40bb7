package asyncio.internal.loop;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that a loop, or one transport of it, has received and sent.
 *
 * <p><b>Threading:</b> the thread that runs the loop counts; any thread may read, and sees each
 * number as it is or was a moment ago.
 */
public final class Traffic {
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final @Nullable Traffic whole;
  private final long number = NUMBERS.incrementAndGet();
  private long received;
  private long sent;

  /**
   * Begins at zero.
   *
   * @param whole what this is a part of, and counts the same bytes; null if this is all
   */
  public Traffic(@Nullable Traffic whole) {
    this.whole = whole;
  }

  /** Tells it apart from others; later ones have higher numbers. */
  public long number() {
    return number;
  }

  public void addReceived(long count) {
    received += count;
    if (whole != null) {
      whole.received += count;
    }
  }

  public void addSent(long count) {
    sent += count;
    if (whole != null) {
      whole.sent += count;
    }
  }

  public long received() {
    return received;
  }

  public long sent() {
    return sent;
  }
}
