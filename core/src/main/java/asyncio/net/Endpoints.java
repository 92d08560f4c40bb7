package asyncio.net;

import asyncio.Asyncio;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes endpoints of their descriptions, so that a program's configuration can say where it serves
 * and what it connects to (spec HER-37 to HER-41).
 *
 * <table>
 *   <caption>What can be written</caption>
 *   <tr><td>server</td><td>{@code tcp:1234}, {@code tcp:1234:interface=127.0.0.1}, {@code
 *       tcp:port=80:backlog=10}, {@code tcp6:80}, {@code unix:/path}, {@code
 *       ssl:443:privateKey=FILE:certKey=FILE}</td></tr>
 *   <tr><td>client</td><td>{@code tcp:example.org:80}, {@code tcp:host=example.org:port=80}, {@code
 *       tcp:example.org:80:timeout=5}, {@code unix:/path}, {@code tls:example.org:443}</td></tr>
 * </table>
 *
 * <p>A server's backlog is 50 and its interface all of them; a client's timeout is 30 s; unless the
 * description says otherwise. {@code tls:example.org:443} may have {@code trustRoots=FILE}.
 *
 * <p>A description that makes no sense throws {@link IllegalArgumentException}, which names the
 * part, before anything is opened. Thread-safe; key files are read at once.
 */
public final class Endpoints {
  private static final String BACKLOG = "50";
  private static final String TIMEOUT = "30";

  private Endpoints() {}

  /** Writes a value so that it can stand in a description. */
  public static String quote(String value) {
    return EndpointString.quote(value);
  }

  // ---- servers

  /** Makes the endpoint of a server. */
  public static ServerEndpoint serverFromString(String description) {
    EndpointString parts = EndpointString.parse(description);
    return switch (parts.type()) {
      case "tcp", "tcp4", "tcp6", "ssl", "tls" -> tcpServer(parts);
      case "unix" -> unixServer(parts);
      default -> throw unknownType(parts, "tcp, tcp4, tcp6, ssl, tls, unix");
    };
  }

  private static ServerEndpoint tcpServer(EndpointString parts) {
    int port = parts.port();
    String host = parts.named("interface", null);
    ServerOptions options = ServerOptions.DEFAULT.withBacklog(backlog(parts));
    if (parts.type().equals("tcp6")) {
      options = options.withFamily(StandardProtocolFamily.INET6);
    } else if (parts.type().equals("tcp4")) {
      options = options.withFamily(StandardProtocolFamily.INET);
    }
    if (parts.type().equals("ssl") || parts.type().equals("tls")) {
      options = options.withTls(serverContext(parts));
    }
    parts.checkAllUsed();
    ServerOptions made = options;
    return factory -> Asyncio.getRunningLoop().createServer(factory, host, port, made);
  }

  private static ServerEndpoint unixServer(EndpointString parts) {
    Path path = Path.of(parts.required("address"));
    ServerOptions options = ServerOptions.DEFAULT.withBacklog(backlog(parts));
    parts.checkAllUsed();
    return factory -> Asyncio.getRunningLoop().createUnixServer(factory, path, options);
  }

  private static int backlog(EndpointString parts) {
    String value = parts.named("backlog", BACKLOG);
    return parts.number("backlog", String.valueOf(value), Integer.MAX_VALUE);
  }

  private static SSLContext serverContext(EndpointString parts) {
    String key = parts.named("privateKey", null);
    if (key == null) {
      throw parts.problem("the privateKey is missing; give the name of a PEM file");
    }
    String chain = parts.named("certKey", key);
    try {
      return TlsContexts.server(Path.of(String.valueOf(chain)), Path.of(key));
    } catch (IOException e) {
      IllegalArgumentException problem =
          parts.problem("privateKey=" + key + " and certKey=" + chain + " cannot be used: " + e);
      problem.initCause(e);
      throw problem;
    }
  }

  // ---- clients

  /** Makes the endpoint of a client. */
  public static ClientEndpoint clientFromString(String description) {
    EndpointString parts = EndpointString.parse(description);
    return switch (parts.type()) {
      case "tcp", "tls", "ssl" -> tcpClient(parts);
      case "unix" -> unixClient(parts);
      default -> throw unknownType(parts, "tcp, tls, ssl, unix");
    };
  }

  private static ClientEndpoint tcpClient(EndpointString parts) {
    String host = parts.required("host");
    int port = parts.port();
    Duration timeout = timeout(parts);
    ConnectOptions options =
        parts.type().equals("tcp")
            ? ConnectOptions.DEFAULT
            : ConnectOptions.tls(clientContext(parts));
    parts.checkAllUsed();
    return new ClientEndpoint() {
      @Override
      public <P extends StreamProtocol> Connection<P> connect(Supplier<? extends P> factory)
          throws IOException {
        return Asyncio.timeout(
            timeout,
            () -> Asyncio.getRunningLoop().<P>createConnection(factory, host, port, options));
      }
    };
  }

  private static ClientEndpoint unixClient(EndpointString parts) {
    Path path = Path.of(parts.required("path"));
    Duration timeout = timeout(parts);
    parts.checkAllUsed();
    return new ClientEndpoint() {
      @Override
      public <P extends StreamProtocol> Connection<P> connect(Supplier<? extends P> factory)
          throws IOException {
        return Asyncio.timeout(
            timeout, () -> Asyncio.getRunningLoop().<P>createUnixConnection(factory, path));
      }
    };
  }

  private static Duration timeout(EndpointString parts) {
    String value = parts.named("timeout", TIMEOUT);
    return Duration.ofSeconds(parts.number("timeout", String.valueOf(value), Integer.MAX_VALUE));
  }

  private static SSLContext clientContext(EndpointString parts) {
    @Nullable String trusted = parts.named("trustRoots", null);
    try {
      return trusted == null ? TlsContexts.client() : TlsContexts.client(Path.of(trusted));
    } catch (IOException e) {
      IllegalArgumentException problem =
          parts.problem("trustRoots=" + trusted + " cannot be used: " + e);
      problem.initCause(e);
      throw problem;
    }
  }

  private static IllegalArgumentException unknownType(EndpointString parts, String known) {
    return parts.problem("the type '" + parts.type() + "' is unknown; known are " + List.of(known));
  }
}
