package asyncio.internal.net;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.util.function.Supplier;

/** One use of the program's standard output, or standard error; closing it leaves that open. */
public final class StandardOutput implements WritableByteChannel {
  private final String name;
  private final FileOutputStream stream;
  private final Supplier<PrintStream> printed;
  private volatile boolean closed;

  private StandardOutput(String name, FileDescriptor descriptor, Supplier<PrintStream> printed) {
    this.name = name;
    this.stream = new FileOutputStream(descriptor);
    this.printed = printed;
  }

  public static WritableByteChannel out() {
    return new StandardOutput("standard output", FileDescriptor.out, () -> System.out);
  }

  public static WritableByteChannel err() {
    return new StandardOutput("standard error", FileDescriptor.err, () -> System.err);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    printed.get().flush();
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    stream.write(bytes);
    return bytes.length;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true; // the stream belongs to the program
  }

  @Override
  public String toString() {
    return name;
  }
}
