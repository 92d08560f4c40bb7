package asyncio.net;

import asyncio.internal.net.Sink;
import asyncio.internal.net.TlsUpgradable;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The protocol between a transport and a {@link StreamReader} with its {@link StreamWriter}.
 *
 * <p>{@code openConnection} and {@code startServer} make it. It is public for transports that come
 * from elsewhere: {@code loop.createConnection(() -> new StreamReaderProtocol(reader), …)}.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public class StreamReaderProtocol extends FlowControl implements Sink, TlsUpgradable {
  private final StreamReader reader;
  private final @Nullable ClientHandler handler;
  private boolean overTls;

  /** Makes the protocol of a client. */
  public StreamReaderProtocol(StreamReader reader) {
    this(reader, null);
  }

  /**
   * Makes the protocol of one connection of a server.
   *
   * @param handler is given the reader and a writer when the connection is made; null for none
   */
  public StreamReaderProtocol(StreamReader reader, @Nullable ClientHandler handler) {
    super(reader.loop());
    this.reader = Objects.requireNonNull(reader, "reader");
    this.handler = handler;
  }

  @Override
  public void connectionMade(Transport transport) throws Exception {
    reader.setTransport(transport);
    overTls = transport.getExtraInfo("sslcontext") != null;
    if (handler == null) {
      return;
    }
    StreamWriter writer = new StreamWriter(transport, this, reader);
    if (handler instanceof ClientCallback callback) {
      callback.handle(reader, writer);
    } else {
      new ClientTask(handler, reader, writer).start(loop);
    }
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    reader.feedOwned(data);
  }

  /** As {@link #dataReceived}, for bytes that are only valid during the call. */
  @Override
  public void received(ByteBuffer data) {
    reader.feedData(data);
  }

  @Override
  public boolean eofReceived() {
    reader.feedEof();
    return !overTls; // TLS cannot be half open
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) {
    if (exception == null) {
      reader.feedEof();
    } else {
      reader.setException(exception);
    }
    super.connectionLost(exception);
  }

  // ---- upgrading to TLS

  /** Whether this is the server's end of its connection. */
  boolean isServerSide() {
    return handler != null;
  }

  /** Goes on with the transport that the connection was upgraded to. */
  void upgraded(Transport transport) {
    reader.replaceTransport(transport);
    overTls = true;
  }

  @Override
  public ByteBuffer takeBuffered() {
    return reader.takeBuffered();
  }
}
