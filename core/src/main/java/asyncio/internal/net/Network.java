package asyncio.internal.net;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.ChannelWatch;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.SendfileNotAvailableException;
import asyncio.net.SendfileOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.net.WriteTransport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The networking of one loop: what its connections, servers and endpoints share. */
public final class Network {
  final IoHost host;
  final WriteBatch batch;
  private final Set<IoPoller.Listener> unpolled = new LinkedHashSet<>();
  final TlsBuffers tlsBuffers = new TlsBuffers();
  private final SocketOperations sockets;

  public Network(IoHost host) {
    this.host = host;
    this.batch = new WriteBatch(host);
    this.sockets = new SocketOperations(host);
  }

  /** For a method on a channel of the user's, whose caller has to be able to wait. */
  public SocketOperations sockets(String method) {
    host.checkMayWait(method);
    return sockets;
  }

  // ---- connections

  /**
   * As {@link asyncio.net.NetworkLoop#createConnection(Supplier, String, String, ConnectOptions)}.
   */
  @Suspends
  public <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory,
      @Nullable String remoteHost,
      @Nullable String service,
      ConnectOptions options)
      throws IOException {
    host.checkMayWait("createConnection");
    return new Connector(this).connect(factory, remoteHost, service, options);
  }

  /** As {@link asyncio.net.NetworkLoop#createUnixConnection(Supplier, Path, ConnectOptions)}. */
  @Suspends
  public <P extends StreamProtocol> Connection<P> createUnixConnection(
      Supplier<? extends P> factory, @Nullable Path path, ConnectOptions options)
      throws IOException {
    host.checkMayWait("createUnixConnection");
    return new UnixConnector(this).connect(factory, path, options);
  }

  /** As {@link asyncio.net.NetworkLoop#connectAcceptedSocket}. */
  @Suspends
  public <P extends StreamProtocol> Connection<P> connectAcceptedSocket(
      Supplier<? extends P> factory, SocketChannel socket, ServerOptions options)
      throws IOException {
    host.checkMayWait("connectAcceptedSocket");
    TlsSetup tls = TlsSetup.of(options);
    Connector.checkConnected(socket);
    Connection<P> made = connected(factory, socket, tls, false);
    host.logInDebugMode(
        Level.DEBUG,
        () -> "accepted socket handled by " + made.transport() + ", for " + made.protocol());
    return made;
  }

  /**
   * Makes protocol and transport of a connected channel and waits until the protocol was told; with
   * TLS, until the handshake is done.
   *
   * @param ours whether the channel was opened for this. The transport closes any; but one that was
   *     given goes back if the call is cancelled before the protocol was told (CONN-20)
   */
  @Suspends
  <P extends StreamProtocol> Connection<P> connected(
      Supplier<? extends P> factory, SocketChannel socket, @Nullable TlsSetup tls, boolean ours)
      throws IOException {
    checkUnused(socket);
    P protocol;
    SocketTransport transport;
    TlsTransport upper = null;
    try {
      socket.configureBlocking(false);
      protocol = Objects.requireNonNull(factory.get(), "the factory's protocol");
      Object context = host.captureContext();
      if (tls != null) {
        upper = new TlsTransport(this, tls, protocol, context, false);
      }
      transport =
          new SocketTransport(
              this, socket, upper == null ? protocol : upper.below(), context, null);
    } catch (Throwable t) {
      IoErrors.closeQuietly(host, socket);
      throw t;
    }
    if (upper != null) {
      upper.lieOn(transport);
      transport.start(null);
      return new Connection<>(awaitHandshake(upper), protocol);
    }
    startAndAwait(transport, ours);
    return new Connection<>(transport, protocol);
  }

  private void startAndAwait(SocketTransport transport, boolean ours) {
    Future<@Nullable Void> made =
        new NamedWait<>(host.loop(), WaitKind.SOCKET_CONNECT, "start of", transport);
    if (!ours) {
      host.callSoon(
          transport.context,
          () -> {
            if (made.isCancelled()) {
              transport.letGo();
            }
          });
    }
    transport.start(() -> {
      if (!made.isDone()) {
        made.setResult(null);
      }
    });
    try {
      made.await();
    } catch (Throwable t) {
      if (transport.getProtocol() == null) {
        host.poller().flush(); // it has let go: the channel is to be free at once
      }
      transport.close();
      throw t;
    }
  }

  private static TlsTransport awaitHandshake(TlsTransport transport) throws IOException {
    try {
      Asyncio.await(transport.handshake(), IOException.class);
    } catch (Throwable t) {
      transport.abort();
      throw t;
    }
    return transport;
  }

  /**
   * Makes the transport of a connection that {@code server} has accepted; nobody waits for it.
   *
   * @param failed told, perhaps later, if there will be no connection after all
   */
  void attachAccepted(
      SocketChannel socket,
      StreamProtocol protocol,
      @Nullable TlsSetup tls,
      SocketTransport.Attachment server,
      Consumer<Throwable> failed)
      throws IOException {
    Object context = host.captureContext();
    if (tls == null) {
      new SocketTransport(this, socket, protocol, context, server).start(null);
      return;
    }
    TlsTransport upper = new TlsTransport(this, tls, protocol, context, false);
    SocketTransport transport = new SocketTransport(this, socket, upper.below(), context, server);
    upper.lieOn(transport);
    transport.start(null);
    upper
        .handshake()
        .addDoneCallback(handshake -> {
          Throwable failure = handshake.exception();
          if (failure != null) {
            failed.accept(failure);
          }
        });
  }

  /** As {@link asyncio.net.NetworkLoop#startTls(Transport, StreamProtocol, ConnectOptions)}. */
  public Transport startTls(Transport transport, StreamProtocol protocol, ConnectOptions options)
      throws IOException {
    return startTls(transport, protocol, required(TlsSetup.of(options, null, -1)));
  }

  /** As {@link asyncio.net.NetworkLoop#startTls(Transport, StreamProtocol, ServerOptions)}. */
  public Transport startTls(Transport transport, StreamProtocol protocol, ServerOptions options)
      throws IOException {
    return startTls(transport, protocol, required(TlsSetup.of(options)));
  }

  private static TlsSetup required(@Nullable TlsSetup tls) {
    if (tls == null) {
      throw new IllegalArgumentException(
          "options: startTls needs a TLS context; use ConnectOptions.tls(context), or"
              + " ServerOptions.tls(context) for the server's side");
    }
    return tls;
  }

  private Transport startTls(Transport transport, StreamProtocol protocol, TlsSetup tls)
      throws IOException {
    if (transport.isClosing()) {
      throw new IllegalStateException("transport: " + transport + " is closing; no TLS on that");
    }
    Object context = host.captureContext();
    TlsTransport upper = new TlsTransport(this, tls, protocol, context, true);
    transport.pauseReading();
    try {
      transport.setProtocol(upper.below());
    } catch (RuntimeException e) {
      transport.resumeReading();
      throw e;
    }
    upper.lieOn(transport);
    if (protocol instanceof TlsUpgradable upgradable) {
      upper.takeEarly(upgradable.takeBuffered());
    }
    host.callSoon(context, upper::begin);
    host.callSoon(context, transport::resumeReading);
    return awaitHandshake(upper);
  }

  // ---- servers

  /** As {@link asyncio.net.NetworkLoop#createServer(Supplier, List, String, ServerOptions)}. */
  @Suspends
  public Server createServer(
      Supplier<? extends StreamProtocol> factory,
      List<String> hosts,
      @Nullable String service,
      ServerOptions options)
      throws IOException {
    host.checkMayWait("createServer");
    return new TcpListening(this).serve(factory, hosts, service, options);
  }

  /** As {@link asyncio.net.NetworkLoop#createUnixServer(Supplier, Path, ServerOptions)}. */
  @Suspends
  public Server createUnixServer(
      Supplier<? extends StreamProtocol> factory, @Nullable Path path, ServerOptions options)
      throws IOException {
    host.checkMayWait("createUnixServer");
    return new UnixListening(this).serve(factory, path, options);
  }

  /**
   * Makes a server of bound channels, which are closed if that fails.
   *
   * @param cleanup run when the server was closed
   */
  @Suspends
  Server serve(
      Supplier<? extends StreamProtocol> factory,
      List<ServerSocketChannel> channels,
      ServerOptions options,
      @Nullable TlsSetup tls,
      @Nullable Runnable cleanup)
      throws IOException {
    StreamServer server;
    try {
      server =
          new StreamServer(
              this,
              factory,
              made -> listeningSockets(made, channels, options.backlog()),
              options.keepAlive(),
              tls,
              cleanup);
    } catch (Throwable t) {
      channels.forEach(each -> IoErrors.closeQuietly(host, each));
      throw t;
    }
    return startIfWanted(server, options);
  }

  /** The entrances of a server that has these channels for itself. */
  List<ListeningSocket> listeningSockets(
      Acceptor server, List<ServerSocketChannel> channels, int backlog) throws IOException {
    List<ListeningSocket> sockets = new ArrayList<>(channels.size());
    for (ServerSocketChannel channel : channels) {
      channel.configureBlocking(false);
      sockets.add(new ListeningSocket(server, host, channel, backlog));
    }
    return sockets;
  }

  /** As {@link #listeningSockets}, but if that fails the channels are closed. */
  List<ListeningSocket> takeOver(
      Acceptor server, List<ServerSocketChannel> channels, ServerOptions options)
      throws IOException {
    try {
      return listeningSockets(server, channels, options.backlog());
    } catch (Throwable t) {
      channels.forEach(each -> IoErrors.closeQuietly(host, each));
      throw t;
    }
  }

  /** Closes the server if it cannot serve. */
  @Suspends
  Server startIfWanted(StreamServer server, ServerOptions options) {
    if (options.startServing()) {
      try {
        server.startServing();
        Asyncio.sleep(Duration.ZERO); // asyncio lets one iteration pass
      } catch (Throwable t) {
        server.close();
        throw t;
      }
    }
    return server;
  }

  /**
   * As {@link asyncio.net.NetworkLoop#sharePort(String, int, SharedPort.Spread, ServerOptions)}.
   */
  @Suspends
  public SharedPort sharePort(
      @Nullable String hostName,
      int port,
      SharedPort.@Nullable Spread spread,
      ServerOptions options)
      throws IOException {
    host.checkMayWait("sharePort");
    return SharedListening.open(this, hostName, port, spread, options);
  }

  /** As {@link asyncio.net.NetworkLoop#createServer(Supplier, SharedPort)}. */
  @Suspends
  public Server createServer(Supplier<? extends StreamProtocol> factory, SharedPort port)
      throws IOException {
    host.checkMayWait("createServer");
    if (!(Objects.requireNonNull(port, "port") instanceof SharedListening shared)) {
      throw new IllegalArgumentException(
          "port: " + port + " was not opened by a loop's sharePort; open it there");
    }
    return shared.serve(this, factory);
  }

  // ---- datagrams

  /** As {@link asyncio.net.NetworkLoop#createDatagramEndpoint}. */
  @Suspends
  public <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
      Supplier<? extends P> factory, DatagramOptions options) throws IOException {
    host.checkMayWait("createDatagramEndpoint");
    return new DatagramOpener(this).open(factory, options);
  }

  // ---- files

  /**
   * As {@link asyncio.net.NetworkLoop#sendfile(WriteTransport, SeekableByteChannel,
   * SendfileOptions)}.
   */
  @Suspends
  public long sendfile(WriteTransport transport, SeekableByteChannel file, SendfileOptions options)
      throws IOException {
    host.checkMayWait("sendfile");
    if (transport.isClosing()) {
      throw new IllegalStateException("Transport is closing: " + transport);
    }
    if (transport instanceof SocketTransport socket) {
      return socket.sendFile(file, options);
    }
    if (!options.fallback()) {
      throw new SendfileNotAvailableException(
          "sendfile is not available for " + transport + "; allow the fallback");
    }
    return new FileRelay(host, transport).send(file, options);
  }

  // ---- channels

  /**
   * Takes a channel in for a transport.
   *
   * @throws IOException if it is closed
   * @throws IllegalStateException if another transport, or callbacks, have it (spec TR-50)
   */
  IoPoller.Registration register(SelectableChannel channel, IoPoller.Listener transport)
      throws IOException {
    checkUnused(channel);
    return host.poller().register(channel, transport);
  }

  private void checkUnused(SelectableChannel channel) {
    IoPoller.Registration found = host.poller().find(channel);
    if (found != null) {
      throw new IllegalStateException(
          found.listener() instanceof ChannelWatch watch
              ? channel + " is waited for, by " + watch + "; end that first"
              : channel + " is used by transport " + found.listener() + " already; use that one");
    }
  }

  /** The loop, as transports see it. */
  public IoHost host() {
    return host;
  }

  /** Says that a transport is there whose channel does not wait in the poller. */
  public void addUnpolled(IoPoller.Listener transport) {
    unpolled.add(transport);
  }

  public void removeUnpolled(IoPoller.Listener transport) {
    unpolled.remove(transport);
  }

  /**
   * The loop was closed: nothing may stay open. The poller has told those whose channels it has.
   */
  public void loopClosed() {
    List.copyOf(unpolled).forEach(IoPoller.Listener::loopClosed);
    unpolled.clear();
  }
}
