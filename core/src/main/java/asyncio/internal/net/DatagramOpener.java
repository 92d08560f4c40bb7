package asyncio.internal.net;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.IoHost;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.SocketType;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes datagram endpoints (spec DG-1 to DG-10). */
final class DatagramOpener {
  private final Network network;
  private final IoHost host;

  DatagramOpener(Network network) {
    this.network = network;
    this.host = network.host;
  }

  /** Addresses of one family that a socket could have. */
  private record Candidate(
      ProtocolFamily family,
      @Nullable InetSocketAddress local,
      @Nullable InetSocketAddress remote) {}

  @Suspends
  <P extends DatagramProtocol> DatagramEndpoint<P> open(
      Supplier<? extends P> factory, DatagramOptions options) throws IOException {
    DatagramChannel given = options.socket();
    if (given != null) {
      checkAlone(given, options);
      given.configureBlocking(false);
      return attach(factory, given, given.getRemoteAddress(), false);
    }
    SocketAddress[] target = new SocketAddress[1];
    DatagramChannel opened = open(candidates(options), options, target);
    return attach(factory, opened, target[0], true);
  }

  private static void checkAlone(DatagramChannel given, DatagramOptions options) {
    List<String> others = new ArrayList<>();
    if (options.hasLocalAddress()) {
      others.add("local address " + options.localHost() + ":" + options.localPort());
    }
    if (options.hasRemoteAddress()) {
      others.add("remote address " + options.remoteHost() + ":" + options.remotePort());
    }
    if (options.family() != null) {
      others.add("family " + options.family());
    }
    if (options.protocol() != 0) {
      others.add("protocol " + options.protocol());
    }
    if (!options.flags().isEmpty()) {
      others.add("flags " + options.flags());
    }
    if (options.reusePort()) {
      others.add("reusePort");
    }
    if (options.allowBroadcast()) {
      others.add("allowBroadcast");
    }
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "socket modifier arguments can not be used when socket is specified: "
              + String.join(", ", others)
              + " and "
              + given);
    }
  }

  /** Makes protocol and transport, and waits until the former was told of the latter. */
  private <P extends DatagramProtocol> DatagramEndpoint<P> attach(
      Supplier<? extends P> factory,
      DatagramChannel channel,
      @Nullable SocketAddress target,
      boolean ours)
      throws IOException {
    P protocol;
    DatagramSocketTransport transport;
    try {
      protocol = Objects.requireNonNull(factory.get(), "the factory's protocol");
      transport = new DatagramSocketTransport(network, channel, target, protocol);
    } catch (Throwable t) {
      if (ours) {
        IoErrors.closeQuietly(host, channel);
      }
      throw t;
    }
    Future<@Nullable Void> made =
        new NamedWait<>(host.loop(), WaitKind.SOCKET_CONNECT, "start of", transport);
    transport.start(() -> {
      if (!made.isDone()) {
        made.setResult(null);
      }
    });
    try {
      made.await();
    } catch (Throwable t) {
      transport.abort();
      throw t;
    }
    host.logInDebugMode(
        Level.INFO, () -> "datagram endpoint created: " + transport + ", for " + protocol);
    return new DatagramEndpoint<>(transport, protocol);
  }

  // ---- addresses

  private List<Candidate> candidates(DatagramOptions options) throws IOException {
    ProtocolFamily family = options.family();
    if (family == StandardProtocolFamily.UNIX) {
      throw new UnsupportedOperationException(
          "the JVM has no datagram sockets of the UNIX family; use createUnixConnection, or UDP");
    }
    if (!options.hasLocalAddress() && !options.hasRemoteAddress()) {
      if (family == null) {
        throw new IllegalArgumentException(
            "unexpected address family: give a local or a remote address, or a family");
      }
      return List.of(new Candidate(family, null, null));
    }
    List<AddressInfo> locals = null;
    if (options.hasLocalAddress()) {
      String name = options.localHost();
      locals = resolve(name == null || name.isEmpty() ? null : name, true, options);
    }
    List<AddressInfo> remotes =
        options.hasRemoteAddress() ? resolve(options.remoteHost(), false, options) : null;
    List<Candidate> candidates = pairs(locals, remotes);
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException(
          "can not get address information: no local address is of the family of a remote one: "
              + addresses(locals)
              + " and "
              + addresses(remotes));
    }
    return candidates;
  }

  private List<AddressInfo> resolve(@Nullable String name, boolean local, DatagramOptions options)
      throws IOException {
    Set<AddressFlag> flags = new LinkedHashSet<>(options.flags());
    if (local && name == null) {
      flags.add(AddressFlag.PASSIVE);
    }
    return AddressResolution.resolve(
        host.loop(),
        name,
        String.valueOf(local ? options.localPort() : options.remotePort()),
        AddressOptions.DEFAULT
            .withFamily(options.family())
            .withType(SocketType.DGRAM)
            .withProtocol(options.protocol())
            .withFlags(flags.toArray(AddressFlag[]::new)));
  }

  /** Each local address with each remote one of its family, in their order. */
  private static List<Candidate> pairs(
      @Nullable List<AddressInfo> locals, @Nullable List<AddressInfo> remotes) {
    List<Candidate> pairs = new ArrayList<>();
    if (remotes == null) {
      for (AddressInfo local : Objects.requireNonNull(locals)) {
        pairs.add(new Candidate(local.family(), local.address(), null));
      }
      return pairs;
    }
    for (AddressInfo remote : remotes) {
      if (locals == null) {
        pairs.add(new Candidate(remote.family(), null, remote.address()));
        continue;
      }
      for (AddressInfo local : locals) {
        if (local.family() == remote.family()) {
          pairs.add(new Candidate(local.family(), local.address(), remote.address()));
        }
      }
    }
    return pairs;
  }

  private static List<String> addresses(@Nullable List<AddressInfo> infos) {
    return Objects.requireNonNull(infos).stream()
        .map(info -> IoErrors.format(info.address()))
        .toList();
  }

  // ---- sockets

  /**
   * Opens a socket of the first candidate with which that works.
   *
   * @param target receives where the socket sends to, or null if that is open
   * @throws IOException the first error
   */
  private DatagramChannel open(
      List<Candidate> candidates, DatagramOptions options, @Nullable SocketAddress[] target)
      throws IOException {
    IOException failure = null;
    for (Candidate candidate : candidates) {
      try {
        DatagramChannel opened = open(candidate, options);
        target[0] = candidate.remote();
        return opened;
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    throw Objects.requireNonNull(failure);
  }

  private DatagramChannel open(Candidate candidate, DatagramOptions options) throws IOException {
    String attempt = "cannot open a datagram socket of family " + candidate.family();
    DatagramChannel channel;
    try {
      channel = host.provider().openDatagramChannel(candidate.family());
    } catch (RuntimeException e) {
      throw IoErrors.ofAddress(attempt, e);
    }
    boolean complete = false;
    try {
      channel.configureBlocking(false);
      if (options.reusePort()) {
        reusePort(channel);
      }
      if (options.allowBroadcast()) {
        channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
      }
      InetSocketAddress local = candidate.local();
      if (local != null) {
        attempt = "error while attempting to bind on address " + IoErrors.format(local);
        channel.bind(local);
      }
      InetSocketAddress remote = candidate.remote();
      if (remote != null && !options.allowBroadcast()) {
        attempt = "cannot connect a datagram socket to " + IoErrors.format(remote);
        channel.connect(remote);
      }
      complete = true;
      return channel;
    } catch (IOException e) {
      throw IoErrors.explain(attempt, e);
    } finally {
      if (!complete) {
        IoErrors.closeQuietly(host, channel);
      }
    }
  }

  private static void reusePort(DatagramChannel channel) throws IOException {
    if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
      throw new IllegalArgumentException(
          "reusePort: reuse_port is not supported by this system's sockets; leave it out");
    }
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
  }
}
