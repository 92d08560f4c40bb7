package asyncio.net;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One task's wait for something that a connection does. */
final class Wait extends Future<@Nullable Void> implements Waited {
  private final String kind;
  private final WaitKind sort;
  private final @Nullable BaseTransport transport;
  private @Nullable Throwable failure;

  /**
   * @param kind what it waits for, in a word or two
   * @param sort the same for pictures of who waits for what
   * @param transport whose it is, if that is known
   */
  Wait(EventLoop loop, String kind, WaitKind sort, @Nullable BaseTransport transport) {
    super(loop);
    this.kind = kind;
    this.sort = sort;
    this.transport = transport;
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
  public WaitKind kindOfWait() {
    return sort;
  }

  @Override
  public Object waitedFor() {
    return transport == null ? this : transport;
  }

  @Override
  public String describeWait() {
    return kind + (transport == null ? "" : PeerNames.with(transport));
  }

  @Override
  public String toString() {
    return "<wait for " + kind + ">";
  }
}
