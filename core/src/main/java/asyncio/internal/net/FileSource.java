package asyncio.internal.net;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.net.SendfileOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that is to be sent, and how much of it was.
 *
 * <p><b>Threading:</b> loop-confined, but for {@link BlockRead}.
 */
final class FileSource {
  private final EventLoop loop;
  private final SeekableByteChannel file;
  private final long offset;

  /** Where to stop, or {@code Long.MAX_VALUE} to go on to the end of the file. */
  private final long end;

  /** False for a pipe and its like, which are read as they come. */
  private final boolean isSeekable;

  private long sent;
  private @Nullable BlockRead running;

  /**
   * Goes to the offset.
   *
   * @throws IOException if that is not possible
   */
  FileSource(EventLoop loop, SeekableByteChannel file, SendfileOptions options) throws IOException {
    this.loop = loop;
    this.file = file;
    this.offset = options.offset();
    Long count = options.count();
    this.end = count == null || count > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + count;
    this.isSeekable = seek(offset);
  }

  private boolean seek(long position) throws IOException {
    try {
      Uninterrupted.call(() -> {
        file.position(position);
        return 0;
      });
      return true;
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      if (position > 0) {
        throw e;
      }
      return false;
    }
  }

  /** The file as one of the operating system's; null if it is not. */
  @Nullable FileChannel nativeFile() {
    return isSeekable && file instanceof FileChannel channel ? channel : null;
  }

  /** Where the next byte to be sent is. */
  long position() {
    return offset + sent;
  }

  /** How many bytes are wanted next, at most {@code most}; 0 if all were sent that were wanted. */
  int wanted(int most) {
    return (int) Math.min(most, end - position());
  }

  long sent() {
    return sent;
  }

  void addSent(long count) {
    sent += count;
  }

  // ---- reading

  /** Reads into {@code block} in the executor; 0 or less at the end of the file. */
  @Suspends
  int read(ByteBuffer block) throws IOException {
    BlockRead read = new BlockRead(block);
    running = read;
    Future<Integer> result = loop.runInExecutor(null, read);
    int count = result.await(IOException.class);
    running = null;
    return count;
  }

  private enum State {
    READING,
    DONE,
    ABANDONED
  }

  /**
   * One read. Of a file that is no {@link FileChannel} it moves the position, so if it is
   * abandoned, because its task was cancelled, it is the one that moves it back.
   */
  private final class BlockRead implements Callable<Integer> {
    private final ByteBuffer block;
    private final long from = position();
    private final AtomicReference<State> state = new AtomicReference<>(State.READING);

    BlockRead(ByteBuffer block) {
      this.block = block;
    }

    @Override
    public Integer call() throws IOException {
      FileChannel channel = nativeFile();
      if (channel != null) {
        return channel.read(block, from);
      }
      try {
        return file.read(block);
      } finally {
        if (!state.compareAndSet(State.READING, State.DONE) && isSeekable) {
          file.position(from);
        }
      }
    }

    /** Whether it is this that leaves the file's position as it was. */
    boolean abandon() {
      return nativeFile() == null && state.compareAndSet(State.READING, State.ABANDONED);
    }
  }

  // ---- the end

  /**
   * Leaves the file's position behind what was sent.
   *
   * @param failure what sending ended with, or null; it is not replaced by a failure here
   */
  void finish(@Nullable Throwable failure) throws IOException {
    BlockRead read = running;
    if (!isSeekable || (read != null && read.abandon())) {
      return;
    }
    try {
      seek(position());
    } catch (IOException e) {
      if (failure == null) {
        throw e;
      }
      failure.addSuppressed(e);
    }
  }
}
