package asyncio.net;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One task's wait for something that a connection does. */
final class Wait extends Future<@Nullable Void> {
  private final String kind;
  private @Nullable Throwable failure;

  /**
   * @param kind what it waits for, in a word or two
   */
  Wait(EventLoop loop, String kind) {
    super(loop);
    this.kind = kind;
  }

  /** Lets the task go on, or throws {@code failure} in it. Does nothing once it was cancelled. */
  void release(@Nullable Throwable failure) {
    if (!isDone()) {
      // Not by setException: a failure that is somebody else's too needs no watch here.
      this.failure = failure;
      setResult(null);
    }
  }

  /** Waits for {@link #release}, and throws the failure if it was given one. */
  @Suspends
  void awaitRelease() throws IOException {
    await();
    if (failure != null) {
      throw Failures.rethrow(failure);
    }
  }

  @Override
  public String waitKind() {
    return kind;
  }

  @Override
  public String toString() {
    return "<wait for " + kind + ">";
  }
}
