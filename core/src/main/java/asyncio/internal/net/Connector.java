package asyncio.internal.net;

import asyncio.ExceptionGroup;
import asyncio.Suspends;
import asyncio.internal.net.ConnectRace.Target;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.SocketType;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes connections over TCP (spec CONN-1 to CONN-28). */
final class Connector {
  private final Network network;

  Connector(Network network) {
    this.network = network;
  }

  @Suspends
  <P extends StreamProtocol> Connection<P> connect(
      Supplier<? extends P> factory,
      @Nullable String host,
      @Nullable String service,
      ConnectOptions options)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options, host, tlsPort(service));
    SocketChannel given = options.socket();
    if (host != null || service != null) {
      if (given != null) {
        throw new IllegalArgumentException(
            "host/port and socket can not be specified at the same time: "
                + host
                + ":"
                + service
                + " and "
                + given);
      }
      return connected(
          network.connected(factory, open(host, service, options), tls, true),
          host + ":" + service);
    }
    if (given == null) {
      throw new IllegalArgumentException(
          "host and port was not specified and no socket specified; give one of them");
    }
    checkConnected(given);
    return connected(network.connected(factory, given, tls, false), "the peer of its socket");
  }

  private <P extends StreamProtocol> Connection<P> connected(Connection<P> made, String peer) {
    network.host.logInDebugMode(
        Level.DEBUG, () -> made.transport() + " connected to " + peer + ", for " + made.protocol());
    return made;
  }

  /** The port as a key for sessions that are resumed; -1 if it is not a number. */
  private static int tlsPort(@Nullable String service) {
    return service == null ? -1 : Services.portNumber(service);
  }

  /**
   * @throws ClosedChannelException if it is closed (CONN-4)
   * @throws IllegalArgumentException if it is not connected
   */
  static void checkConnected(SocketChannel socket) throws ClosedChannelException {
    if (!socket.isOpen()) {
      throw new ClosedChannelException();
    }
    if (!socket.isConnected()) {
      throw new IllegalArgumentException(
          "socket: " + socket + " is not connected; connect it first, with sockConnect");
    }
  }

  // ---- to a host

  private SocketChannel open(
      @Nullable String host, @Nullable String service, ConnectOptions options) throws IOException {
    List<AddressInfo> remotes = resolve(host, service, options);
    List<AddressInfo> locals =
        options.hasLocalAddress()
            ? resolve(options.localHost(), String.valueOf(options.localPort()), options)
            : null;
    if (options.interleave() > 0) {
      remotes = AddressOrder.interleave(remotes, options.interleave());
    }
    ConnectRace race =
        new ConnectRace(
            network.host,
            remotes.stream().map(Target::of).toList(),
            locals == null ? null : locals.stream().map(Target::of).toList(),
            options.happyEyeballsDelay());
    SocketChannel socket = race.run();
    if (socket == null) {
      throw failure(race.errors(), options.allErrors());
    }
    return socket;
  }

  private List<AddressInfo> resolve(
      @Nullable String host, @Nullable String service, ConnectOptions options) throws IOException {
    return AddressResolution.resolve(
        network.host.loop(),
        host,
        service,
        AddressOptions.DEFAULT
            .withFamily(options.family())
            .withType(SocketType.STREAM)
            .withProtocol(options.protocol())
            .withFlags(options.flags().toArray(AddressFlag[]::new)));
  }

  /** What the call ends with if nothing could be connected to (CONN-16, CONN-17). */
  private static IOException failure(List<IOException> errors, boolean all) {
    if (all) {
      throw new ExceptionGroup("create_connection failed", errors);
    }
    IOException first = errors.getFirst();
    String text = IoErrors.text(first);
    if (errors.stream().allMatch(each -> IoErrors.text(each).equals(text))) {
      return first;
    }
    String texts =
        "Multiple exceptions: "
            + errors.stream().map(IoErrors::text).collect(Collectors.joining(", "));
    IOException merged =
        errors.stream().allMatch(ConnectException.class::isInstance)
            ? new ConnectException(texts)
            : new IOException(texts);
    errors.forEach(merged::addSuppressed);
    return merged;
  }
}
