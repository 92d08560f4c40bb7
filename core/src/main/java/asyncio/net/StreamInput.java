package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream reader as a blocking stream, which suspends the task instead. */
final class StreamInput extends InputStream {
  private final StreamReader reader;
  private boolean closed;

  StreamInput(StreamReader reader) {
    this.reader = reader;
  }

  @Suspends
  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Suspends
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    checkOpen();
    return reader.readInto(target, offset, length);
  }

  @Suspends
  @Override
  public long skip(long count) throws IOException {
    checkOpen();
    long skipped = 0;
    while (skipped < count) {
      int some = reader.skip((int) Math.min(count - skipped, Integer.MAX_VALUE));
      if (some == 0) {
        break;
      }
      skipped += some;
    }
    return skipped;
  }

  @Override
  public int available() throws IOException {
    checkOpen();
    return reader.available();
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("this view of " + reader + " was closed; make another one");
    }
  }
}
