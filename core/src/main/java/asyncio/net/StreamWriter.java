package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Suspends;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a stream of bytes, for tasks.
 *
 * <p>{@link #write} never waits: it hands the bytes to the transport, which keeps what cannot be
 * sent yet. {@link #drain} after it waits while too much is kept; a task that writes much calls it,
 * or it fills the memory faster than the peer reads.
 *
 * <p>{@link #asOutputStream} does both, so any serializer of the Java world can write to it.
 *
 * <p><b>Threading:</b> loop-confined. Several tasks may write and drain (spec STREAM-31 to
 * STREAM-40).
 */
public final class StreamWriter implements AutoCloseable {
  /** How much the views write at once before they look whether that is too much. */
  private static final int PIECE = 64 * 1024;

  private WriteTransport transport;
  private final FlowControl protocol;
  private final @Nullable StreamReader reader;

  /**
   * Makes a writer.
   *
   * @param protocol the protocol of {@code transport}
   * @param reader of the same connection: its exception is thrown by {@link #drain} too; null for
   *     none
   */
  public StreamWriter(
      WriteTransport transport, FlowControl protocol, @Nullable StreamReader reader) {
    this.transport = Objects.requireNonNull(transport, "transport");
    this.protocol = Objects.requireNonNull(protocol, "protocol");
    this.reader = reader;
    protocol.writesTo(transport);
  }

  /** What the writer writes to. */
  public WriteTransport transport() {
    return transport;
  }

  EventLoop loop() {
    return protocol.loop;
  }

  /** As {@link BaseTransport#getExtraInfo(String)}. */
  public @Nullable Object getExtraInfo(String name) {
    return transport.getExtraInfo(name);
  }

  /** As {@link BaseTransport#getExtraInfo(String, Object)}. */
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return transport.getExtraInfo(name, otherwise);
  }

  // ---- writing

  /**
   * Sends the remaining bytes of {@code data}, as {@link WriteTransport#write(ByteBuffer)} does.
   */
  public void write(ByteBuffer data) {
    transport.write(data);
  }

  /** As {@link #write(ByteBuffer)}, for a whole array. */
  public void write(byte[] data) {
    transport.write(data);
  }

  /** Sends {@code text} in UTF-8. */
  public void writeUtf8(String text) {
    transport.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends pieces, as {@link WriteTransport#writeLines} does. They need not be lines. */
  public void writeLines(Iterable<ByteBuffer> pieces) {
    transport.writeLines(pieces);
  }

  /** As {@link WriteTransport#writeEof}. */
  public void writeEof() {
    transport.writeEof();
  }

  /** As {@link WriteTransport#canWriteEof}. */
  public boolean canWriteEof() {
    return transport.canWriteEof();
  }

  /**
   * Waits while the transport keeps more than its high mark, until that has shrunk to the low one.
   * Does not suspend if there is less.
   *
   * @throws ConnectionResetException if the connection is lost
   * @throws IOException what the connection has failed with, before or meanwhile
   */
  @Suspends
  public void drain() throws IOException {
    Callers.checkTask(protocol.loop, "drain()");
    Throwable failure = reader == null ? null : reader.exception();
    if (failure != null) {
      throw Failures.rethrow(failure);
    }
    if (transport.isClosing()) {
      // Lets connectionLost be called: else a loop of write and drain would never hear of it.
      Asyncio.sleep(Duration.ZERO);
    }
    protocol.drain();
  }

  // ---- upgrading to TLS

  /**
   * Upgrades the connection to TLS, after what was written is on its way; reader and writer stay
   * the same (spec STREAM-41, STREAM-42). A writer that {@code startServer} made takes the server's
   * side.
   *
   * <p>If it fails or is cancelled, the connection is closed.
   *
   * @param serverHostname on the client's side the name that the certificate must be for, "" for
   *     any; null on the server's side
   * @throws IOException if the handshake fails
   * @throws IllegalStateException if the writer was not made by {@code openConnection} or {@code
   *     startServer}
   */
  @Suspends
  public void startTls(SSLContext context, @Nullable String serverHostname) throws IOException {
    StreamReaderProtocol streams = upgradable();
    if (streams.isServerSide()) {
      if (serverHostname != null) {
        throw new IllegalArgumentException(
            "serverHostname: " + serverHostname + " means nothing on the server's side; give null");
      }
      startTls(ServerOptions.tls(context));
    } else {
      startTls(ConnectOptions.tls(context).withServerHostname(serverHostname));
    }
  }

  /** As {@link #startTls(SSLContext, String)}, as the client, with all options of TLS. */
  @Suspends
  public void startTls(ConnectOptions options) throws IOException {
    StreamReaderProtocol streams = upgradable();
    drain();
    upgraded(streams, loop().startTls((Transport) transport, streams, options));
  }

  /** As {@link #startTls(SSLContext, String)}, as the server, with all options of TLS. */
  @Suspends
  public void startTls(ServerOptions options) throws IOException {
    StreamReaderProtocol streams = upgradable();
    drain();
    upgraded(streams, loop().startTls((Transport) transport, streams, options));
  }

  private StreamReaderProtocol upgradable() {
    if (protocol instanceof StreamReaderProtocol streams && transport instanceof Transport) {
      return streams;
    }
    throw new IllegalStateException(
        this + " cannot be upgraded to TLS: it is not one end of a stream in both directions");
  }

  private void upgraded(StreamReaderProtocol streams, Transport upgraded) {
    transport = upgraded;
    protocol.writesTo(upgraded);
    streams.upgraded(upgraded);
  }

  // ---- the end

  /** Ends the connection in good order, as {@link BaseTransport#close} does. Does not wait. */
  @Override
  public void close() {
    transport.close();
  }

  /** As {@link BaseTransport#isClosing}. */
  public boolean isClosing() {
    return transport.isClosing();
  }

  /**
   * Waits until the connection is lost: after {@link #close}, until everything is sent.
   *
   * @throws IOException what it was lost with, if that was an error
   */
  @Suspends
  public void waitClosed() throws IOException {
    Callers.checkTask(protocol.loop, "waitClosed()");
    protocol.waitClosed();
  }

  // ---- views

  /**
   * A view for serializers: each write to it is followed by a {@link #drain}, so it suspends the
   * calling task where it would block.
   *
   * <p>It buffers nothing, so put a {@link java.io.BufferedOutputStream} between if writes are
   * tiny. Closing the view closes nothing else.
   */
  public OutputStream asOutputStream() {
    return new StreamOutput(this);
  }

  /** A view as a channel, in blocking mode; otherwise as {@link #asOutputStream}. */
  public WritableByteChannel asChannel() {
    return new StreamTarget(this);
  }

  /** Writes the remaining bytes of {@code data}, waiting often enough not to pile them up. */
  @Suspends
  void writeAndDrain(ByteBuffer data) throws IOException {
    Callers.checkTask(protocol.loop, "write()");
    int limit = data.limit();
    do {
      data.limit(Math.min(limit, data.position() + PIECE));
      transport.write(data);
      data.limit(limit);
      drain();
    } while (data.hasRemaining());
  }

  // ---- text

  @Override
  public String toString() {
    return "<StreamWriter transport="
        + transport
        + (reader == null ? "" : " reader=" + reader)
        + ">";
  }
}
