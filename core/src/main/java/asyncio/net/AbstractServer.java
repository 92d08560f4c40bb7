package asyncio.net;

import asyncio.EventLoop;
import asyncio.Suspends;

/** What every server can do; each method left out throws {@link UnsupportedOperationException}. */
public interface AbstractServer extends AutoCloseable {

  /** Stops listening; connections go on. */
  @Override
  default void close() {
    throw Unsupported.by(this, "close");
  }

  /** Waits until the server and its connections are closed. */
  @Suspends
  default void waitClosed() {
    throw Unsupported.by(this, "waitClosed");
  }

  /** The loop that serves. */
  default EventLoop getLoop() {
    throw Unsupported.by(this, "getLoop");
  }
}
