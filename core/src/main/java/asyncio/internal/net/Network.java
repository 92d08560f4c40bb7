package asyncio.internal.net;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The networking of one loop: what its connections, servers and endpoints share. */
public final class Network {
  final IoHost host;
  final WriteBatch batch;
  final TlsBuffers tlsBuffers = new TlsBuffers();

  public Network(IoHost host) {
    this.host = host;
    this.batch = new WriteBatch(host);
  }

  /**
   * Makes the transport of a connected channel and waits until its protocol was told; with TLS,
   * until the handshake is done.
   */
  <P extends StreamProtocol> Connection<P> attach(
      SocketChannel socket, P protocol, @Nullable TlsSetup tls) throws IOException {
    socket.configureBlocking(false);
    Object context = host.captureContext();
    if (tls != null) {
      TlsTransport upper = new TlsTransport(this, tls, protocol, context, true);
      new SocketTransport(this, socket, upper.below(), context, null).start(null);
      return new Connection<>(awaitHandshake(upper), protocol);
    }
    SocketTransport transport = new SocketTransport(this, socket, protocol, context, null);
    Future<@Nullable Void> made = host.loop().createFuture();
    transport.start(
        () -> {
          if (!made.isDone()) {
            made.setResult(null);
          }
        });
    try {
      made.await();
    } catch (Throwable t) {
      transport.close();
      throw t;
    }
    return new Connection<>(transport, protocol);
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

  public <P extends StreamProtocol> Connection<P> connectAcceptedSocket(
      Supplier<? extends P> factory, SocketChannel socket, ServerOptions options)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options);
    return attach(socket, factory.get(), tls);
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
    TlsTransport upper = new TlsTransport(this, tls, protocol, context, false);
    transport.pauseReading();
    transport.setProtocol(upper.below());
    if (protocol instanceof TlsUpgradable upgradable) {
      upper.takeEarly(upgradable.takeBuffered());
    }
    host.callSoon(context, () -> upper.begin(transport));
    host.callSoon(context, transport::resumeReading);
    return awaitHandshake(upper);
  }

  /**
   * Takes a channel in for a transport.
   *
   * @throws IOException if it is closed
   * @throws IllegalStateException if another transport, or callbacks, have it (spec TR-50)
   */
  IoPoller.Registration register(SelectableChannel channel, IoPoller.Listener transport)
      throws IOException {
    IoPoller.Registration found = host.poller().find(channel);
    if (found != null) {
      throw new IllegalStateException(
          channel + " is used by transport " + found.listener() + " already; use that one");
    }
    return host.poller().register(channel, transport);
  }
}
