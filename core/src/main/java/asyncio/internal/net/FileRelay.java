package asyncio.internal.net;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.IoHost;
import asyncio.net.BaseProtocol;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.ReadTransport;
import asyncio.net.SendfileOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.WriteTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Sends a file through a transport with a way of its own to the wire: TLS, a pipe, one of the
 * program's.
 *
 * <p>Meanwhile it is the transport's protocol, to be told when writing is paused and resumed; the
 * one it stands in for hears what it would have heard, in the end.
 */
final class FileRelay implements Protocol {
  private static final int BLOCK = 16 * 1024;

  private final IoHost host;
  private final WriteTransport transport;
  private final BaseProtocol original;

  /** Whether the original was told to pause, and whether the transport wants it now. */
  private boolean originalPaused;

  private boolean paused;
  private boolean writing;
  private boolean lost;
  private @Nullable Throwable lostWith;
  private @Nullable Future<@Nullable Void> waiter;

  FileRelay(IoHost host, WriteTransport transport) {
    this.host = host;
    this.transport = transport;
    BaseProtocol protocol = transport.getProtocol();
    if (protocol == null) {
      throw new IllegalStateException("Transport is closing: " + transport);
    }
    if (protocol instanceof FileRelay) {
      throw new IllegalStateException(
          "sendfile is in progress on " + transport + ": wait for its end");
    }
    this.original = protocol;
  }

  @Suspends
  long send(SeekableByteChannel file, SendfileOptions options) throws IOException {
    FileSource source = new FileSource(host.loop(), file, options);
    originalPaused = isPaused();
    paused = originalPaused;
    boolean wasReading = false;
    if (transport instanceof ReadTransport reading && !(transport instanceof WritePipeTransport)) {
      wasReading = reading.isReading();
      reading.pauseReading();
    }
    transport.setProtocol(this);
    Throwable failure = null;
    try {
      sendBlocks(source);
      return source.sent();
    } catch (Throwable t) {
      failure = t;
      throw t;
    } finally {
      giveBack();
      if (wasReading) {
        ((ReadTransport) transport).resumeReading();
      }
      source.finish(failure);
    }
  }

  /** Whether the original protocol was told to pause last. */
  private boolean isPaused() {
    return transport instanceof FlowControlledTransport ours
        ? ours.isWritingPaused()
        : transport.getWriteBufferSize() > transport.getWriteBufferLimits().high();
  }

  private void sendBlocks(FileSource source) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(source.wanted(BLOCK));
    drain();
    for (; ; ) {
      block.clear().limit(source.wanted(BLOCK));
      if (!block.hasRemaining()) {
        return;
      }
      int count = source.read(block);
      if (count <= 0) {
        return;
      }
      checkOpen();
      write(block.flip());
      drain();
      source.addSent(count);
    }
  }

  private void write(ByteBuffer block) {
    writing = true;
    try {
      transport.write(block);
    } finally {
      writing = false;
    }
  }

  /**
   * For the transports of this library: refuses to write if it is somebody else who does.
   *
   * @param protocol that of the transport
   */
  static void checkMayWrite(@Nullable BaseProtocol protocol, String method) {
    if (protocol instanceof FileRelay relay && !relay.writing) {
      throw new IllegalStateException(
          "unable to "
              + method
              + "; sendfile is in progress on "
              + relay.transport
              + ": wait for its end");
    }
  }

  /** Waits while writing is paused. */
  private void drain() throws IOException {
    while (paused && !lost) {
      Future<@Nullable Void> resumed =
          new NamedWait<>(host.loop(), WaitKind.STREAM_DRAIN, "room in", transport);
      waiter = resumed;
      try {
        resumed.await();
      } finally {
        waiter = null;
      }
    }
    checkOpen();
  }

  private void checkOpen() throws IOException {
    if (lost || transport.isClosing()) {
      throw lostWith instanceof IOException e
          ? e
          : new ConnectionResetException("Connection closed by peer: " + transport, lostWith);
    }
  }

  /** Makes the original protocol the transport's again. */
  private void giveBack() {
    if (lost) {
      return;
    }
    transport.setProtocol(original);
    try {
      if (originalPaused && !paused) {
        original.resumeWriting();
      } else if (paused && !originalPaused) {
        original.pauseWriting();
      }
    } catch (Throwable t) {
      throw Sneaky.rethrow(t);
    }
  }

  private void wake() {
    Future<@Nullable Void> waiting = waiter;
    if (waiting != null && !waiting.isDone()) {
      waiting.setResult(null);
    }
  }

  // ---- the protocol

  @Override
  public void pauseWriting() {
    paused = true;
  }

  @Override
  public void resumeWriting() {
    paused = false;
    wake();
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    throw new IllegalStateException("reading is paused, and yet there are data: " + data);
  }

  @Override
  public boolean eofReceived() throws Exception {
    return original instanceof StreamProtocol stream && stream.eofReceived();
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    lost = true;
    lostWith = exception;
    wake();
    original.connectionLost(exception);
  }
}
