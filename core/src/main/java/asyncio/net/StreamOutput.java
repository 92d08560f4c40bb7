package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A stream writer as a blocking stream, which suspends the task instead. */
final class StreamOutput extends OutputStream {
  private final StreamWriter writer;
  private boolean closed;

  StreamOutput(StreamWriter writer) {
    this.writer = writer;
  }

  @Suspends
  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Suspends
  @Override
  public void write(byte[] data, int offset, int length) throws IOException {
    checkOpen();
    writer.writeAndDrain(ByteBuffer.wrap(data, offset, length));
  }

  @Suspends
  @Override
  public void flush() throws IOException {
    checkOpen();
    writer.drain();
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("this view of " + writer + " was closed; make another one");
    }
  }
}
