package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.Protocol;
import asyncio.net.ServerOptions;
import asyncio.net.SocketType;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Connecting and accepting with channels of the program's: SOCK-8 to SOCK-11. */
class SockConnectTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 80);

  private static <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
    channel.configureBlocking(false);
    return channel;
  }

  /** A loop that answers look-ups itself. */
  private static final class NamingLoop extends ChannelEventLoop {
    final List<String> asked = new ArrayList<>();
    final List<InetSocketAddress> answer = new ArrayList<>();

    NamingLoop(Engine engine) {
      super(engine, LoopKind.preferred());
    }

    @Override
    public List<AddressInfo> getaddrinfo(
        @Nullable String host, @Nullable String service, AddressOptions options) {
      asked.add(host + " " + service + " " + options.type());
      return answer.stream()
          .map(address ->
              new AddressInfo(StandardProtocolFamily.INET, SocketType.STREAM, 6, null, address))
          .toList();
    }
  }

  private interface Main {
    void run(NamingLoop loop) throws Exception;
  }

  private static void withNames(Engine engine, Main main) {
    var loop = new NamingLoop(engine);
    try {
      loop.runUntilComplete(() -> main.run(loop));
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("SOCK-8")
  void hostNameIsLookedUpForTheKindAndTheFamilyOfTheSocket(Engine engine) {
    withNames(
        engine,
        loop -> {
          try (var listener = new ServerSocket(0);
              var ofIpv4 = nonBlocking(SocketChannel.open(StandardProtocolFamily.INET));
              var datagrams = Sockets.datagrams();
              var peer = Sockets.datagrams()) {
            loop.answer.add(new InetSocketAddress("::1", listener.getLocalPort()));
            loop.answer.add(new InetSocketAddress("127.0.0.1", listener.getLocalPort()));
            loop.sockConnect(ofIpv4, InetSocketAddress.createUnresolved("server.example", 80));
            assertThat(ofIpv4.getRemoteAddress()).isEqualTo(loop.answer.getLast());

            loop.answer.clear();
            loop.answer.add((InetSocketAddress) peer.getLocalAddress());
            var name = InetSocketAddress.createUnresolved("peer.example", 53);
            loop.sockSendto(datagrams, bytes("one"), name);
            loop.sockConnect(datagrams, name);
            loop.sockSendall(datagrams, bytes("two"));
            assertThat(text(loop.sockRecvfrom(peer, 9).data())).isEqualTo("one");
            assertThat(text(loop.sockRecvfrom(peer, 9).data())).isEqualTo("two");
            assertThat(loop.asked)
                .containsExactly(
                    "server.example 80 STREAM", "peer.example 53 DGRAM", "peer.example 53 DGRAM");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-8")
  void literalAddressIsNotLookedUp(Engine engine) {
    withNames(
        engine,
        loop -> {
          try (var listener = Sockets.listen();
              var client = Sockets.open()) {
            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            loop.sockConnect(client, InetSocketAddress.createUnresolved("127.0.0.1", port));
            assertThat(client.isConnected()).isTrue();
            assertThat(loop.asked).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-8")
  void pathOfAUnixSocketIsTakenAsItIs(Engine engine, @TempDir Path folder) {
    withNames(
        engine,
        loop -> {
          var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
          try (var server = nonBlocking(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
              var client = nonBlocking(SocketChannel.open(StandardProtocolFamily.UNIX))) {
            server.bind(address);
            loop.sockConnect(client, address);
            try (var accepted = loop.sockAccept(server).channel()) {
              loop.sockSendall(client, bytes("hello"));
              assertThat(text(loop.sockRecv(accepted, 10))).isEqualTo("hello");
            }
            assertThat(loop.asked).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-8")
  void nameThatIsNotKnownLeavesTheChannelOpen(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var client = Sockets.open()) {
            assertThatThrownBy(
                    () -> loop.sockConnect(client, InetSocketAddress.createUnresolved("a..b", 1)))
                .isInstanceOf(UnknownHostException.class);
            assertThat(client.isOpen()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-9")
  void refusedConnectRaisesAndTheJdkClosesTheChannel(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var client = Sockets.open()) {
            var address = Sockets.unusedTcpAddress();
            assertThatThrownBy(() -> loop.sockConnect(client, address))
                .isInstanceOf(ConnectException.class);
            assertThat(client.isOpen()).isFalse();
          }
          try (var client = nonBlocking(SocketChannel.open(StandardProtocolFamily.INET))) {
            assertThatThrownBy(() -> loop.sockConnect(client, new InetSocketAddress("::1", 1)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("another address family");
            assertThat(client.isOpen()).as("nothing was begun").isTrue();
          }
        });
  }

  @LoopTest
  @Spec("SOCK-9")
  void otherFailuresOfAConnectKeepTheirType(VirtualTimeLoop loop) throws IOException {
    loop.network().at(SERVER).failConnects(1, () -> new NoRouteToHostException("no way"));
    try (var client = nonBlocking(loop.network().openSocketChannel())) {
      assertThatThrownBy(() -> loop.sockConnect(client, SERVER))
          .isInstanceOf(NoRouteToHostException.class)
          .hasMessage("no way");
    }
  }

  @EachEngine
  @Spec("SOCK-10")
  void acceptGivesANonBlockingConnectionAndItsAddress(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = Sockets.listen();
              var client = Sockets.open()) {
            var accepting = createTask(() -> loop.sockAccept(listener));
            Turns.turn();
            assertThat(accepting.isDone()).isFalse();
            loop.sockConnect(client, listener.getLocalAddress());
            try (var accepted = accepting.await().channel()) {
              assertThat(accepted.isBlocking()).isFalse();
              assertThat(accepting.await().address()).isEqualTo(client.getLocalAddress());
              loop.sockSendall(accepted, bytes("welcome"));
              assertThat(text(loop.sockRecv(client, 100))).isEqualTo("welcome");
            }
          }
        });
  }

  @EachEngine
  @Spec("SOCK-11")
  void cancelledAcceptLeavesTheListenerUsable(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = Sockets.listen();
              var client = Sockets.open()) {
            var accepting = createTask(() -> loop.sockAccept(listener));
            Turns.turn();
            accepting.cancel();
            assertThatThrownBy(accepting::await).isInstanceOf(CancelledError.class);
            loop.sockConnect(client, listener.getLocalAddress());
            loop.sockAccept(listener).channel().close();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-11")
  void acceptThatIsCancelledWhenAConnectionHasComeLeavesItThere(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = Sockets.listen();
              var client = Sockets.open()) {
            var accepting = createTask(() -> loop.sockAccept(listener));
            Turns.turn();
            client.connect(listener.getLocalAddress());
            Turns.turn(); // the poll has woken the task, whose turn comes behind ours
            assertThat(accepting.isDone()).isFalse();
            accepting.cancel();
            assertThatThrownBy(accepting::await).isInstanceOf(CancelledError.class);
            try (var accepted = loop.sockAccept(listener).channel()) {
              assertThat(client.finishConnect()).isTrue();
              assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
            }
          }
        });
  }

  @LoopTest
  @Spec("SOCK-12")
  void connectThatWasCancelledCanBeWaitedForAgain(VirtualTimeLoop loop, LoopProbe probe)
      throws IOException {
    loop.network().at(SERVER).setConnectDelay(Duration.ofSeconds(5));
    try (var listener = nonBlocking(loop.network().openServerSocketChannel().bind(SERVER));
        var client = nonBlocking(loop.network().openSocketChannel())) {
      var connecting = createTask(() -> loop.sockConnect(client, SERVER));
      probe.runUntilAllBlocked();
      connecting.cancel();
      assertThatThrownBy(() -> loop.sockConnect(client, new InetSocketAddress("192.0.2.9", 80)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is being connected to " + SERVER);
      loop.sockConnect(client, SERVER);
      assertThat(client.isConnected()).isTrue();
      assertThat(loop.time()).isEqualTo(5_000_000_000L);
      assertThatThrownBy(connecting::await).isInstanceOf(CancelledError.class);
      loop.sockAccept(listener).channel().close();
    }
  }

  @EachEngine
  @Spec("TR-50")
  void channelOfATransportIsLeftToIt(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var pair = Sockets.pair();
          try (var _ = pair.client()) {
            var channel = pair.server();
            var connection =
                loop.connectAcceptedSocket(() -> new Protocol() {}, channel, ServerOptions.DEFAULT);
            refusesChannelOfTransport(() -> loop.sockRecv(channel, 1));
            refusesChannelOfTransport(() -> loop.sockRecvInto(channel, ByteBuffer.allocate(1)));
            refusesChannelOfTransport(() -> loop.sockSendall(channel, new byte[1]));
            refusesChannelOfTransport(() -> loop.sockConnect(channel, Sockets.anyPort()));
            refusesChannelOfTransport(() -> loop.addReader(channel, () -> {}));
            refusesChannelOfTransport(() -> loop.addWriter(channel, () -> {}));
            assertThat(loop.removeReader(channel)).isFalse();
            assertThat(loop.removeWriter(channel)).isFalse();
            connection.transport().abort();
            Turns.turn();
          }
        });
  }

  private static void refusesChannelOfTransport(ThrowingCallable operation) {
    assertThatThrownBy(operation)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is used by transport");
  }

  @EachEngine
  @Spec("TR-50")
  void channelThatIsWaitedForIsNotGivenToATransport(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var receiving = createTask(() -> loop.sockRecv(pair.server(), 10));
            Turns.turn();
            assertThatThrownBy(() ->
                    loop.connectAcceptedSocket(
                        () -> new Protocol() {}, pair.server(), ServerOptions.DEFAULT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is waited for")
                .hasMessageContaining("wait to read");
            pair.client().write(bytes("still mine"));
            assertThat(text(receiving.await())).isEqualTo("still mine");
          }
        });
  }

  @EachEngine
  @Spec("PROTO-1")
  void connectedChannelCanBeGivenToATransportAtOnce(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = Sockets.listen()) {
            List<String> trail = new ArrayList<>();
            var protocol =
                new Protocol() {
                  @Override
                  public void dataReceived(ByteBuffer data) {
                    trail.add(text(data));
                  }

                  @Override
                  public void connectionLost(@Nullable Throwable exception) {
                    trail.add("lost");
                  }
                };
            var client = Sockets.open();
            loop.sockConnect(client, listener.getLocalAddress());
            try (var accepted = loop.sockAccept(listener).channel()) {
              loop.connectAcceptedSocket(() -> protocol, client, ServerOptions.DEFAULT);
              loop.sockSendall(accepted, bytes("data"));
              while (trail.isEmpty()) {
                Turns.turn();
              }
              accepted.shutdownOutput();
              assertThat(loop.sockRecv(accepted, 1)).isEmpty();
              assertThat(trail).containsExactly("data", "lost");
            }
          }
        });
  }
}
