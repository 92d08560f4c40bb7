package asyncio.internal.net;

import asyncio.Suspends;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the two ways to share a port have in common. */
abstract class SharedListening implements SharedPort, IoPoller.Listener {
  /** The loop that has opened the port. */
  final IoHost host;

  final ServerOptions options;
  private final Network network;
  private final List<SocketAddress> addresses;

  /** Set once, by any thread. */
  private final AtomicBoolean closed = new AtomicBoolean();

  SharedListening(Network network, List<ServerSocketChannel> channels, ServerOptions options)
      throws IOException {
    this.network = network;
    this.host = network.host;
    this.options = options;
    List<SocketAddress> bound = new ArrayList<>();
    for (ServerSocketChannel channel : channels) {
      bound.add(TcpListening.addressOf(channel));
    }
    this.addresses = List.copyOf(bound);
  }

  /** Binds the port, so that errors of that show here. */
  @Suspends
  static SharedPort open(
      Network network,
      @Nullable String hostName,
      int port,
      @Nullable Spread wanted,
      ServerOptions options)
      throws IOException {
    if (options.socket() != null) {
      throw new IllegalArgumentException(
          "socket: a shared port opens sockets of its own; leave out " + options.socket());
    }
    TlsSetup.of(options); // or refuses the options
    Spread spread = wanted != null ? wanted : preferred(network.host);
    ServerOptions own = options.withReusePort(spread == Spread.KERNEL);
    List<ServerSocketChannel> channels =
        new TcpListening(network)
            .listen(hostName == null ? List.of() : List.of(hostName), Integer.toString(port), own);
    SharedListening shared;
    try {
      shared =
          spread == Spread.KERNEL
              ? new KernelPort(network, channels, own)
              : new RoundRobinPort(network, channels, own);
    } catch (Throwable t) {
      channels.forEach(each -> IoErrors.closeQuietly(network.host, each));
      throw t;
    }
    network.addUnpolled(shared);
    network.host.loop().resourceOpened(shared);
    return shared;
  }

  /** The kernel where it is known to spread connections. */
  private static Spread preferred(IoHost host) throws IOException {
    if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
      return Spread.ROUND_ROBIN;
    }
    try (ServerSocketChannel probe = host.provider().openServerSocketChannel()) {
      return probe.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
          ? Spread.KERNEL
          : Spread.ROUND_ROBIN;
    }
  }

  // ---- on the loops that serve

  /** Makes a server of another loop, or of the same. */
  @Suspends
  final Server serve(Network servers, Supplier<? extends StreamProtocol> factory)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options);
    if (closed.get()) {
      throw new IllegalStateException(this + " is closed; share the port anew");
    }
    StreamServer server =
        new StreamServer(servers, factory, entrances(servers), options.keepAlive(), tls, null);
    return servers.startIfWanted(server, options);
  }

  abstract Entrance.Maker entrances(Network servers);

  /** To listen there once more. */
  final Set<InetSocketAddress> bound() {
    Set<InetSocketAddress> bound = new LinkedHashSet<>();
    addresses.forEach(each -> bound.add((InetSocketAddress) each));
    return bound;
  }

  // ---- on any thread

  @Override
  public final ServerOptions options() {
    return options;
  }

  @Override
  public final List<SocketAddress> addresses() {
    return addresses;
  }

  @Override
  public final boolean isClosed() {
    return closed.get();
  }

  @Override
  public final void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    if (host.loop().isCurrent()) {
      closeHere();
    } else {
      host.callFromAnywhere(this::closeHere, () -> {}); // a closed loop has closed it
    }
  }

  // ---- on the loop that has opened it

  private void closeHere() {
    network.removeUnpolled(this);
    closeSockets();
    host.poller().flush(); // the ports are free when this returns
    host.loop().resourceClosed(this);
  }

  /** Closes the sockets that no server has for itself. */
  abstract void closeSockets();

  @Override
  public final void loopClosed() {
    closed.set(true);
    closeSockets();
  }

  @Override
  public final void ready(int operations) {}

  @Override
  public final void closedBehind() {}

  @Override
  public final String toString() {
    return "<SharedPort " + (closed.get() ? "[closed] " : "") + spread() + " " + addresses + ">";
  }
}
