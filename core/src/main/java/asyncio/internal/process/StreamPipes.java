package asyncio.internal.process;

import asyncio.internal.net.PipeThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/** The pipes that the JDK makes, as streams: threads move their bytes. Everywhere. */
final class StreamPipes implements ChildPipes {
  private final @Nullable Pipe[] shared = new Pipe[3];
  private @Nullable Process process;

  @Override
  public Redirect newPipe(int fd) {
    return Redirect.PIPE;
  }

  @Override
  public Redirect sharedPipe(int fd, Pipe pipe) {
    shared[fd] = pipe;
    return Redirect.PIPE;
  }

  @Override
  public void started(Process process) {
    this.process = process;
    Pipe in = shared[0];
    if (in != null) {
      copy(in.source(), stdin());
    }
    for (int fd = 1; fd <= 2; fd++) {
      Pipe out = shared[fd];
      if (out != null) {
        copy(output(fd), out.sink());
      }
    }
  }

  private static void copy(ReadableByteChannel from, WritableByteChannel to) {
    PipeThreads.start(() -> {
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      try (from;
          to) {
        while (from.read(buffer.clear()) >= 0) {
          buffer.flip();
          while (buffer.hasRemaining()) {
            to.write(buffer);
          }
        }
      } catch (IOException e) {
        // one side has ended: closing tells the other
      }
    });
  }

  @Override
  public WritableByteChannel stdin() {
    return new Flushing(required().getOutputStream());
  }

  @Override
  public ReadableByteChannel output(int fd) {
    InputStream stream = fd == 1 ? required().getInputStream() : required().getErrorStream();
    return Channels.newChannel(stream);
  }

  private Process required() {
    if (process == null) {
      throw new AssertionError("not started");
    }
    return process;
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly(); // closes its streams
    }
  }

  /** Writes to a buffered stream as if it had no buffer. */
  private static final class Flushing implements WritableByteChannel {
    private final OutputStream stream;
    private volatile boolean closed;

    Flushing(OutputStream stream) {
      this.stream = stream;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int count = source.remaining();
      stream.write(source.array(), source.arrayOffset() + source.position(), count);
      stream.flush();
      source.position(source.limit());
      return count;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() throws IOException {
      closed = true;
      stream.close();
    }
  }
}
