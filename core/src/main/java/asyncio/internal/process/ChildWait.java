package asyncio.internal.process;

import asyncio.EventLoop;
import asyncio.Future;
import org.jspecify.annotations.Nullable;

/** What a task awaits that waits for a child process: for its start, or for its end. */
final class ChildWait<T extends @Nullable Object> extends Future<T> {
  private final String kind;

  /**
   * @param kind for pictures of who waits for what
   */
  ChildWait(EventLoop loop, String kind) {
    super(loop);
    this.kind = kind;
  }

  @Override
  public String waitKind() {
    return kind;
  }
}
