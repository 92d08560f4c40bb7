package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;

/** A stream writer as a channel in blocking mode, which suspends the task instead. */
final class StreamTarget implements WritableByteChannel {
  private final StreamWriter writer;
  private boolean closed;

  StreamTarget(StreamWriter writer) {
    this.writer = writer;
  }

  @Suspends
  @Override
  public int write(ByteBuffer data) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    int count = data.remaining();
    writer.writeAndDrain(data);
    return count;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
