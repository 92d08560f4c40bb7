package asyncio;

import asyncio.inspect.Recording;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The recordings of one loop that are open: the first one has it record, the last one stops that.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Recordings {
  private final AbstractEventLoop loop;
  private int open;

  Recordings(AbstractEventLoop loop) {
    this.loop = loop;
  }

  synchronized Recording begin() {
    if (open++ == 0) {
      loop.recorder = new TimingsRecorder(loop);
    }
    AtomicBoolean closed = new AtomicBoolean();
    return () -> {
      if (closed.compareAndSet(false, true)) {
        end();
      }
    };
  }

  private synchronized void end() {
    if (--open == 0) {
      loop.recorder = null;
    }
  }
}
