package asyncio.internal.nio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/**
 * Waits with an NIO selector.
 *
 * <p><b>Threading:</b> {@link #wakeUp} is thread-safe; the rest belongs to the loop's thread.
 */
public final class SelectorPoller {
  private final Selector selector;

  public SelectorPoller() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a selector; are file descriptors exhausted?", e);
    }
  }

  /** Waits for at most the given time, which is rounded up to whole milliseconds; 0 does not wait. */
  public void poll(long timeoutNanos) {
    try {
      if (timeoutNanos <= 0) {
        if (!selector.keys().isEmpty()) {
          selector.selectNow(_ -> {});
        }
      } else {
        selector.select(_ -> {}, roundUpToMillis(timeoutNanos));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void wakeUp() {
    selector.wakeup();
  }

  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long roundUpToMillis(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return TimeUnit.MILLISECONDS.toNanos(millis) < nanos ? millis + 1 : millis;
  }
}
