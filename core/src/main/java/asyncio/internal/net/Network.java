package asyncio.internal.net;

import asyncio.Future;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The networking of one loop: what its connections, servers and endpoints share. */
public final class Network {
  final IoHost host;
  final WriteBatch batch;

  public Network(IoHost host) {
    this.host = host;
    this.batch = new WriteBatch(host);
  }

  /**
   * Makes the transport of a connected channel and waits until its protocol was told.
   */
  <P extends StreamProtocol> Connection<P> attach(SocketChannel socket, P protocol)
      throws IOException {
    socket.configureBlocking(false);
    SocketTransport transport =
        new SocketTransport(this, socket, protocol, host.captureContext(), null);
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

  public <P extends StreamProtocol> Connection<P> connectAcceptedSocket(
      Supplier<? extends P> factory, SocketChannel socket, ServerOptions options)
      throws IOException {
    return attach(socket, factory.get());
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
