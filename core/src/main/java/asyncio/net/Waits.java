package asyncio.net;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The tasks that wait for one event, all of which it releases. */
final class Waits {
  private final EventLoop loop;
  private final String kind;
  private final WaitKind sort;
  private final ArrayDeque<Wait> waiting = new ArrayDeque<>(2);

  Waits(EventLoop loop, String kind, WaitKind sort) {
    this.loop = loop;
    this.kind = kind;
    this.sort = sort;
  }

  /**
   * Waits for the next {@link #releaseAll}.
   *
   * @param transport whose event it is, if that is known
   */
  @Suspends
  void await(@Nullable BaseTransport transport) throws IOException {
    Wait wait = new Wait(loop, kind, sort, transport);
    waiting.add(wait);
    try {
      wait.awaitRelease();
    } finally {
      waiting.remove(wait); // it is the first one, unless others were cancelled
    }
  }

  void releaseAll(@Nullable Throwable failure) {
    waiting.forEach(wait -> wait.release(failure));
  }
}
