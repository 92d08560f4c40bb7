package asyncio.internal.process;

import asyncio.internal.net.Sink;
import asyncio.net.BaseTransport;
import asyncio.net.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Passes on what happens to one pipe of a child process. */
final class PipeProtocol implements Protocol, Sink {
  private final ChildTransport child;
  private final int fd;
  private boolean disconnected;

  /** The pipe's transport, once that is made. */
  @Nullable BaseTransport transport;

  PipeProtocol(ChildTransport child, int fd) {
    this.child = child;
    this.fd = fd;
  }

  boolean isDisconnected() {
    return disconnected;
  }

  @Override
  public void received(ByteBuffer loopBuffer) {
    child.pipeData(fd, loopBuffer);
  }

  @Override
  public void pauseWriting() throws Exception {
    child.pauseWriting();
  }

  @Override
  public void resumeWriting() throws Exception {
    child.resumeWriting();
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) {
    disconnected = true;
    child.pipeLost(fd, exception);
  }
}
