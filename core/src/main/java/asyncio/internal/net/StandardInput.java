package asyncio.internal.net;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * One use of the program's standard input.
 *
 * <p>Where the system lets it be opened once more, under the name of its descriptor, this does so:
 * closing that ends a read that waits, and leaves the original as it is.
 *
 * <p><b>Threading:</b> thread-safe. A read waits for the read of another use to end.
 */
public final class StandardInput implements ThreadedSource.Returning {
  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/0");

  /** Held while reading: a read of a closed use that could not be ended comes first. */
  private static final ReentrantLock READING = new ReentrantLock();

  /** What closed uses have read and not delivered. Guarded by itself. */
  private static final ArrayDeque<ByteBuffer> UNREAD = new ArrayDeque<>();

  private final ReadableByteChannel stream = open();
  private volatile boolean closed;

  private static ReadableByteChannel open() {
    try {
      // A file that is opened again begins at its beginning; and reading one does not wait.
      if (Files.exists(DESCRIPTOR) && !Files.isRegularFile(DESCRIPTOR)) {
        return FileChannel.open(DESCRIPTOR);
      }
    } catch (IOException e) {
      // a socket, or the terminal of another user
    }
    return Channels.newChannel(
        new FileInputStream(FileDescriptor.in) {
          @Override
          public void close() {} // it belongs to the program
        });
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return read(target, () -> true);
  }

  @Override
  public int read(ByteBuffer target, BooleanSupplier wanted) throws IOException {
    READING.lock();
    try {
      if (closed) {
        throw new ClosedChannelException();
      }
      int start = target.position();
      int count = takeUnread(target);
      if (count == 0) {
        count = stream.read(target);
      }
      if (!wanted.getAsBoolean()) {
        if (count > 0) {
          unread(target.duplicate().position(start).limit(start + count));
        }
        throw new ClosedChannelException();
      }
      return count;
    } finally {
      READING.unlock();
    }
  }

  private static int takeUnread(ByteBuffer target) {
    synchronized (UNREAD) {
      ByteBuffer first = UNREAD.peek();
      if (first == null) {
        return 0;
      }
      int count = Math.min(first.remaining(), target.remaining());
      target.put(target.position(), first, first.position(), count);
      target.position(target.position() + count);
      first.position(first.position() + count);
      if (!first.hasRemaining()) {
        UNREAD.remove();
      }
      return count;
    }
  }

  @Override
  public void unread(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    synchronized (UNREAD) {
      UNREAD.addFirst(copy);
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (stream instanceof FileChannel own) {
      own.close();
    }
  }

  @Override
  public String toString() {
    return "standard input";
  }
}
