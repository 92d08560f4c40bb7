package asyncio.net;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a protocol that a {@link StreamWriter} needs: lets tasks wait until they may write,
 * and until the connection is closed.
 *
 * <p>It is a whole protocol for a connection that is only written to. A protocol that overrides one
 * of its methods calls the method of this class too.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public class FlowControl implements Protocol {
  final EventLoop loop;
  private boolean paused;
  private boolean lost;
  private @Nullable Throwable failure;
  private @Nullable Waits drains;
  private @Nullable Waits closes;

  /** What is written to, if a writer has said so. */
  private @Nullable BaseTransport transport;

  public FlowControl(EventLoop loop) {
    this.loop = java.util.Objects.requireNonNull(loop, "loop");
  }

  final void writesTo(BaseTransport transport) {
    this.transport = transport;
  }

  @Override
  public void pauseWriting() {
    paused = true;
  }

  @Override
  public void resumeWriting() {
    paused = false;
    if (drains != null) {
      drains.releaseAll(null);
    }
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) {
    lost = true;
    failure = exception;
    if (closes != null) {
      closes.releaseAll(exception);
    }
    if (drains != null) {
      drains.releaseAll(exception);
    }
  }

  /**
   * Waits while writing is paused. Any number of tasks may do so.
   *
   * @throws ConnectionResetException if the connection is lost
   * @throws IOException what it is lost with meanwhile
   */
  @Suspends
  public void drain() throws IOException {
    if (lost) {
      throw new ConnectionResetException("Connection lost; nothing can be written any more");
    }
    if (paused) {
      if (drains == null) {
        drains = new Waits(loop, "stream drain", WaitKind.STREAM_DRAIN);
      }
      drains.await(transport);
    }
  }

  /**
   * Waits until the connection is lost, however that comes about.
   *
   * @throws IOException what it was lost with, if that was an error
   */
  @Suspends
  public void waitClosed() throws IOException {
    if (!lost) {
      if (closes == null) {
        closes = new Waits(loop, "stream close", WaitKind.STREAM_CLOSE);
      }
      closes.await(transport);
    } else if (failure != null) {
      throw Failures.rethrow(failure);
    }
  }
}
