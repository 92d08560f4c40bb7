package asyncio.net;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/**
 * A port on which several loops serve, each connection on one of them.
 *
 * <pre>{@code
 * try (var port = getRunningLoop().sharePort("0.0.0.0", 8080)) {
 *   new LoopGroup(4).run(_ -> {
 *     var server = startServer(this::handle, port);
 *     server.serveForever();
 *   });
 * }
 * }</pre>
 *
 * <p>One loop {@linkplain NetworkLoop#sharePort opens} it, and goes on running; each loop that is
 * to serve makes a {@link Server} of its own on it, with {@link asyncio.Asyncio#startServer(
 * ClientHandler, SharedPort)} or {@link NetworkLoop#createServer(java.util.function.Supplier,
 * SharedPort)}. Connections that come before the first server wait for it.
 *
 * <p>A server that closes leaves the connections to the others. When the last one has closed nobody
 * listens, until there is another.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface SharedPort extends AutoCloseable {

  /** How connections are spread over the servers. */
  enum Spread {
    /**
     * Each server listens on sockets of its own, with {@code SO_REUSEPORT}, and the system's kernel
     * chooses. No thread stands between, but a hash of the addresses decides: with few connections
     * some servers get none. Connections that wait to be accepted when a server closes are lost.
     * Linux spreads so; other systems that have the option may give every connection to one server.
     */
    KERNEL,

    /**
     * The loop that has opened the port accepts all connections, and hands them to the servers in
     * turn. It works everywhere and evenly, and no connection is lost when a server closes; each
     * one costs a change of threads.
     */
    ROUND_ROBIN
  }

  /** How connections are spread. */
  Spread spread();

  /** With which options servers listen and connections are made. */
  ServerOptions options();

  /** The addresses that it listens on; with the ports chosen by the system, where any was asked. */
  List<SocketAddress> addresses();

  /** The port of the first address. */
  default int port() {
    return ((InetSocketAddress) addresses().getFirst()).getPort();
  }

  /** Whether it is closed, so that no further server can be made on it. */
  boolean isClosed();

  /**
   * Refuses further servers, and closes the sockets that no server has for itself. Servers that
   * have sockets of their own, spread by the kernel, go on; others get no more connections.
   * Idempotent.
   */
  @Override
  void close();
}
