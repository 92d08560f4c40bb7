package asyncio.internal.net;

import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.Suspends;
import asyncio.internal.loop.IoHost;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SocketType;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes servers for TCP (spec SRV-1 to SRV-14). */
final class TcpListening {
  private final Network network;
  private final IoHost host;

  TcpListening(Network network) {
    this.network = network;
    this.host = network.host;
  }

  @Suspends
  Server serve(
      Supplier<? extends StreamProtocol> factory,
      List<String> hosts,
      @Nullable String service,
      ServerOptions options)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options);
    ServerSocketChannel given = options.socket();
    List<ServerSocketChannel> channels;
    if (!hosts.isEmpty() || service != null) {
      if (given != null) {
        throw new IllegalArgumentException(
            "host/port and socket can not be specified at the same time: "
                + hosts
                + " port "
                + service
                + " and "
                + given);
      }
      channels = listen(hosts, service, options);
    } else {
      if (given == null) {
        throw new IllegalArgumentException(
            "Neither host/port nor socket were specified; give one of them");
      }
      addressOf(given); // or refuses it
      channels = List.of(given);
    }
    return network.serve(factory, channels, options, tls, null);
  }

  /**
   * The address that a channel is bound to.
   *
   * @throws ClosedChannelException if it is closed
   * @throws IllegalArgumentException if it is not bound
   */
  static SocketAddress addressOf(ServerSocketChannel socket) throws IOException {
    SocketAddress address = socket.getLocalAddress();
    if (address == null) {
      throw new IllegalArgumentException("socket: " + socket + " is not bound; bind it first");
    }
    return address;
  }

  // ---- addresses

  private Set<InetSocketAddress> addresses(
      List<String> hosts, @Nullable String service, ServerOptions options) throws IOException {
    List<@Nullable String> names = new ArrayList<>();
    for (String name : hosts) {
      names.add(name.isEmpty() ? null : name);
    }
    if (names.isEmpty()) {
      names.add(null);
    }
    AddressOptions wanted =
        AddressOptions.DEFAULT
            .withFamily(options.family())
            .withType(SocketType.STREAM)
            .withFlags(options.flags().toArray(AddressFlag[]::new));
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    for (List<AddressInfo> found : resolveAll(names, service, wanted)) {
      found.forEach(each -> addresses.add(each.address()));
    }
    return addresses;
  }

  private List<List<AddressInfo>> resolveAll(
      List<@Nullable String> names, @Nullable String service, AddressOptions wanted)
      throws IOException {
    if (names.size() == 1) {
      return List.of(AddressResolution.resolve(host.loop(), names.getFirst(), service, wanted));
    }
    List<Awaitable<List<AddressInfo>>> calls = new ArrayList<>();
    for (String name : names) {
      calls.add(() -> AddressResolution.resolve(host.loop(), name, service, wanted));
    }
    return Asyncio.await(Asyncio.gather(calls), IOException.class);
  }

  // ---- sockets

  /** Listens on every address of the hosts. */
  @Suspends
  List<ServerSocketChannel> listen(
      List<String> hosts, @Nullable String service, ServerOptions options) throws IOException {
    return listen(addresses(hosts, service, options), options);
  }

  List<ServerSocketChannel> listen(Set<InetSocketAddress> addresses, ServerOptions options)
      throws IOException {
    List<ServerSocketChannel> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (Socket socket : sockets(addresses)) {
        ServerSocketChannel channel = open(socket, options);
        if (channel != null) {
          opened.add(channel);
        }
      }
      if (opened.isEmpty()) {
        throw new BindException(
            "could not bind on any address out of "
                + addresses.stream()
                    .map(IoErrors::format)
                    .collect(Collectors.joining(", ", "[", "]")));
      }
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        opened.forEach(each -> IoErrors.closeQuietly(host, each));
      }
    }
  }

  /** A socket to be opened; without a family it serves both. */
  private record Socket(@Nullable ProtocolFamily family, InetSocketAddress address) {}

  /**
   * One socket for each address; the two wildcards of one port share one, since the JDK's IPv6
   * sockets serve IPv4 too (SRV-3).
   */
  private static List<Socket> sockets(Set<InetSocketAddress> addresses) {
    List<Socket> sockets = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      boolean isIpv6 = address.getAddress() instanceof Inet6Address;
      ProtocolFamily family = SocketView.familyOf(address);
      if (!address.getAddress().isAnyLocalAddress()) {
        sockets.add(new Socket(family, address));
        continue;
      }
      InetSocketAddress other =
          addresses.stream()
              .filter(each ->
                  each.getAddress().isAnyLocalAddress()
                      && each.getPort() == address.getPort()
                      && !each.equals(address))
              .findFirst()
              .orElse(null);
      if (other == null) {
        sockets.add(new Socket(family, address));
      } else if (isIpv6) {
        sockets.add(new Socket(null, address));
      }
    }
    return sockets;
  }

  /** Opens a socket; null if this machine does not have the address (SRV-13). */
  private @Nullable ServerSocketChannel open(Socket socket, ServerOptions options)
      throws IOException {
    ServerSocketChannel channel;
    try {
      channel = open(socket.family());
    } catch (UnsupportedOperationException e) {
      skipped(socket, e);
      return null;
    }
    boolean complete = false;
    try {
      ListenOptions.apply(channel, options);
      channel.bind(socket.address(), Math.max(options.backlog(), 1));
      complete = true;
      return channel;
    } catch (IOException e) {
      IoErrors.closeQuietly(host, channel);
      IOException explained =
          IoErrors.explain(
              "error while attempting to bind on address " + IoErrors.format(socket.address()), e);
      if (e instanceof BindException && !hasAddress(socket)) {
        skipped(socket, explained);
        return null;
      }
      throw explained;
    } finally {
      if (!complete) {
        IoErrors.closeQuietly(host, channel);
      }
    }
  }

  private ServerSocketChannel open(@Nullable ProtocolFamily family) throws IOException {
    return family == null
        ? host.provider().openServerSocketChannel()
        : host.provider().openServerSocketChannel(family);
  }

  /**
   * Whether the address can be bound at all. The JDK has one exception for 'no such address' and
   * 'in use', so this asks for any port there.
   */
  private boolean hasAddress(Socket socket) throws IOException {
    if (socket.address().getPort() == 0) {
      return false;
    }
    SocketAddress anyPort = new InetSocketAddress(socket.address().getAddress(), 0);
    try (ServerSocketChannel probe = open(socket.family())) {
      probe.bind(anyPort);
      return true;
    } catch (BindException e) {
      return false;
    }
  }

  private void skipped(Socket socket, Exception reason) {
    if (host.loop().isDebug()) {
      host.log(
          Level.WARNING,
          "create_server() does not listen on " + IoErrors.format(socket.address()),
          reason);
    }
  }
}
