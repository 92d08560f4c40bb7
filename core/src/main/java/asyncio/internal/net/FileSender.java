package asyncio.internal.net;

import asyncio.Suspends;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.Traffic;
import asyncio.net.BrokenPipeException;
import asyncio.net.SendfileNotAvailableException;
import asyncio.net.SendfileOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Sends a file to a channel that it has for itself meanwhile (spec SENDFILE). */
final class FileSender {

  /** What the operating system is asked to send in one call: no more, or the loop stands still. */
  private static final int SLICE = 256 * 1024;

  /** Suspends until the channel takes bytes. */
  interface Readiness {
    @Suspends
    void await() throws IOException;
  }

  private final IoHost host;
  private final Traffic traffic;
  private final WritableByteChannel channel;
  private final Readiness writable;
  private final int blockSize;

  /**
   * @param traffic counts what is sent
   */
  FileSender(
      IoHost host,
      Traffic traffic,
      WritableByteChannel channel,
      Readiness writable,
      int blockSize) {
    this.host = host;
    this.traffic = traffic;
    this.channel = channel;
    this.writable = writable;
    this.blockSize = blockSize;
  }

  /**
   * @return how many bytes were sent
   * @throws BrokenPipeException if the connection is broken
   */
  @Suspends
  long send(SeekableByteChannel file, SendfileOptions options) throws IOException {
    FileSource source = new FileSource(host.loop(), file, options);
    Throwable failure = null;
    try {
      try {
        sendNatively(source);
      } catch (SendfileNotAvailableException e) {
        if (!options.fallback()) {
          throw e;
        }
        sendBlocks(source);
      }
      return source.sent();
    } catch (Throwable t) {
      failure = t;
      throw t;
    } finally {
      source.finish(failure);
    }
  }

  // ---- by the operating system

  private void sendNatively(FileSource source) throws IOException {
    FileChannel file = source.nativeFile();
    if (file == null) {
      throw new SendfileNotAvailableException(
          "the file is none that the operating system could send; allow the fallback");
    }
    long size = Uninterrupted.call(file::size);
    for (; ; ) {
      long position = source.position();
      int wanted = source.wanted(SLICE);
      if (position >= size) {
        size = Uninterrupted.call(file::size); // it may have grown
      }
      if (wanted == 0 || position >= size) {
        return;
      }
      long count = transfer(file, source, wanted);
      source.addSent(count);
      traffic.addSent(count);
      // A call that sends nothing may have met a full socket, or a file that was cut meanwhile.
      if (count == 0) {
        size = Uninterrupted.call(file::size);
      }
      if (source.wanted(1) > 0 && source.position() < size) {
        writable.await(); // also after a whole slice: others are to have a turn
      }
    }
  }

  private long transfer(FileChannel file, FileSource source, int wanted) throws IOException {
    long position = source.position();
    try {
      return Uninterrupted.call(() -> file.transferTo(position, wanted, channel));
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      if (source.sent() == 0) {
        throw new SendfileNotAvailableException(
            "the operating system cannot send the file: " + IoErrors.text(e), e);
      }
      throw isReadable(file, position)
          ? new BrokenPipeException("cannot send to " + channel + ": " + IoErrors.text(e), e)
          : e;
    }
  }

  /** Whether it is not the file's fault that it could not be sent. */
  private static boolean isReadable(FileChannel file, long position) {
    try {
      Uninterrupted.call(() -> file.read(ByteBuffer.allocate(1), position));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  // ---- block by block

  private void sendBlocks(FileSource source) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(source.wanted(blockSize));
    for (; ; ) {
      block.clear().limit(source.wanted(blockSize));
      if (!block.hasRemaining() || source.read(block) <= 0) {
        return;
      }
      block.flip();
      while (block.hasRemaining()) {
        int count = SocketOperations.write(channel, block);
        source.addSent(count);
        traffic.addSent(count);
        if (block.hasRemaining()) {
          writable.await();
        }
      }
    }
  }
}
