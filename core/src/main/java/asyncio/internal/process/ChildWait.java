package asyncio.internal.process;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import org.jspecify.annotations.Nullable;

/** What a task awaits that waits for a child process: for its start, or for its end. */
final class ChildWait<T extends @Nullable Object> extends Future<T> implements Waited {
  private final String kind;
  private final Object process;

  /**
   * @param kind for pictures of who waits for what
   * @param process its number, or the program while it has none
   */
  ChildWait(EventLoop loop, String kind, Object process) {
    super(loop);
    this.kind = kind;
    this.process = process;
  }

  @Override
  public String waitKind() {
    return kind;
  }

  @Override
  public WaitKind kindOfWait() {
    return WaitKind.PROCESS;
  }

  @Override
  public String describeWait() {
    return kind + " " + process;
  }
}
