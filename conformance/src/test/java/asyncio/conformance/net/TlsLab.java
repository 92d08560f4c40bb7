package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.Task;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What tests of one end of TLS have in common: the other end is a {@link TlsPeer}, in memory. */
abstract class TlsLab {
  private final List<Transport> transports = new ArrayList<>();
  private final List<SocketChannel> channels = new ArrayList<>();

  @AfterEach
  void end(EventLoop loop) throws Exception {
    loop.runUntilComplete(() -> {
      transports.forEach(Transport::abort);
      Turns.until(() -> transports.stream().allMatch(each -> each.getProtocol() == null));
      Turns.turns(3);
    });
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }

  /** A pair of connected channels, closed after the test. */
  final MemoryNetwork.Pair pair() throws IOException {
    Tls.bePatient(getRunningLoop());
    MemoryNetwork.Pair pair = Wire.network(getRunningLoop()).pair();
    channels.add(pair.first());
    channels.add(pair.second());
    return pair;
  }

  /** Serves a channel without TLS. */
  @Suspends
  final <P extends StreamProtocol> P plain(P protocol, SocketChannel channel) throws Exception {
    transports.add(
        getRunningLoop()
            .connectAcceptedSocket(() -> protocol, channel, ServerOptions.DEFAULT)
            .transport());
    return protocol;
  }

  /** Makes the server's end. */
  @Suspends
  final Transport accept(StreamProtocol protocol, SocketChannel channel, ServerOptions options)
      throws Exception {
    Connection<StreamProtocol> made =
        getRunningLoop().connectAcceptedSocket(() -> protocol, channel, options);
    transports.add(made.transport());
    return made.transport();
  }

  /** Makes the client's end. */
  @Suspends
  final Transport connect(StreamProtocol protocol, SocketChannel channel, ConnectOptions options)
      throws Exception {
    Connection<StreamProtocol> made =
        getRunningLoop().createConnection(() -> protocol, options.withSocket(channel));
    transports.add(made.transport());
    return made.transport();
  }

  // ---- the library's end as a server, the peer as a client

  final TlsPeer serve(StreamProtocol protocol) throws Exception {
    return serve(protocol, Tls.serving(), null);
  }

  /** Connects a client by hand, whose handshake is done when this returns. */
  @Suspends
  final TlsPeer serve(StreamProtocol protocol, ServerOptions options, @Nullable String version)
      throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer peer = plain(TlsPeer.client(version), pair.second());
    Task<Transport> accepting = createTask(() -> accept(protocol, pair.first(), options));
    peer.shakeHands();
    await(accepting);
    return peer;
  }

  /** Two witnesses, both over TLS. */
  record Ends(Witness server, Witness client) {}

  @Suspends
  final Ends connect() throws Exception {
    return connect(Tls.serving(), Tls.connecting());
  }

  @Suspends
  final Ends connect(ServerOptions serving, ConnectOptions connecting) throws Exception {
    MemoryNetwork.Pair pair = pair();
    Ends ends = new Ends(new Witness(), new Witness());
    Task<Transport> accepting = createTask(() -> accept(ends.server, pair.first(), serving));
    try {
      connect(ends.client, pair.second(), connecting);
    } catch (Throwable t) {
      Turns.until(accepting::isDone);
      accepting.exception(); // much the same
      throw t;
    }
    await(accepting);
    return ends;
  }
}
