package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** A stream reader as a channel in blocking mode, which suspends the task instead. */
final class StreamSource implements ReadableByteChannel {
  private final StreamReader reader;
  private boolean closed;

  StreamSource(StreamReader reader) {
    this.reader = reader;
  }

  @Suspends
  @Override
  public int read(ByteBuffer target) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    return reader.readInto(target);
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
