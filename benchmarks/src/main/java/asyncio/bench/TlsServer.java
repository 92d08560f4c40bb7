package asyncio.bench;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.TlsContexts;
import asyncio.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One server with TLS under measurement, in a process of its own; prints {@code listening PORT}.
 *
 * <p>Arguments: the peer ({@code protocol}, {@code streams}, {@code netty-nio}, {@code
 * netty-epoll}); a {@link TlsBench.Kind} in small letters; the files of certificate and key.
 *
 * <p>For handshakes it answers a request and closes; else it drops what it receives, or, once
 * asked, sends pieces as fast as they go out.
 */
final class TlsServer {
  static final byte[] ANSWER = "HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  static final int PIECE = 64 * 1024;
  private static final int READ = 256 * 1024;

  private TlsServer() {}

  public static void main(String[] args) throws Exception {
    TlsBench.Kind kind = TlsBench.Kind.valueOf(args[1].toUpperCase(Locale.ROOT));
    if (kind == TlsBench.Kind.FULL) { // then there is no reason to make tickets
      System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
    }
    Path certificate = Path.of(args[2]);
    Path key = Path.of(args[3]);
    switch (args[0]) {
      case "protocol" -> Asyncio.run(() -> serve(false, kind, options(certificate, key)));
      case "streams" -> Asyncio.run(() -> serve(true, kind, options(certificate, key)));
      case "netty-nio" -> NettyTlsServer.run(false, kind, certificate, key);
      case "netty-epoll" -> NettyTlsServer.run(true, kind, certificate, key);
      default -> throw new IllegalArgumentException("no such server: " + args[0]);
    }
  }

  private static ServerOptions options(Path certificate, Path key) throws IOException {
    return ServerOptions.tls(TlsContexts.server(certificate, key)).withBacklog(4096);
  }

  private static void serve(boolean streams, TlsBench.Kind kind, ServerOptions options)
      throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    Server server =
        streams
            ? Asyncio.startServer(
                (reader, writer) -> serve(reader, writer, kind), "127.0.0.1", 0, options)
            : loop.createServer(() -> new Serving(kind), "127.0.0.1", 0, options);
    if (server.sockets().getFirst().getsockname() instanceof InetSocketAddress address) {
      EchoServer.announce(address.getPort());
    }
    server.serveForever();
  }

  private static void serve(StreamReader reader, StreamWriter writer, TlsBench.Kind kind)
      throws IOException {
    try (writer) {
      if (reader.read(READ).length == 0) {
        return;
      }
      switch (kind) {
        case FULL, RESUMED -> writer.write(ANSWER);
        case RECEIVE -> {
          while (reader.read(READ).length > 0) {}
        }
        case SEND -> {
          byte[] piece = new byte[PIECE];
          while (!writer.isClosing()) {
            writer.write(piece);
            writer.drain();
          }
        }
      }
    }
  }

  private static final class Serving implements Protocol {
    private static final byte[] ZEROS = new byte[PIECE];

    private final TlsBench.Kind kind;
    private boolean isPaused;
    private @Nullable Transport transport;

    Serving(TlsBench.Kind kind) {
      this.kind = kind;
    }

    @Override
    public void connectionMade(Transport made) {
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      switch (kind) {
        case FULL, RESUMED -> {
          Transport open = Objects.requireNonNull(transport);
          open.write(ANSWER);
          open.close();
        }
        case RECEIVE -> {}
        case SEND -> send();
      }
    }

    private void send() {
      Transport open = Objects.requireNonNull(transport);
      while (!isPaused && !open.isClosing()) {
        open.write(ZEROS);
      }
    }

    @Override
    public void pauseWriting() {
      isPaused = true;
    }

    @Override
    public void resumeWriting() {
      isPaused = false;
      send();
    }
  }
}
