package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.seconds;
import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.address;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.SelectorEventLoop;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.AddressFlag;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** createServer: which sockets listen where, and with which options. */
class ServerListenTest {
  private static final ServerOptions DEFAULT = ServerOptions.DEFAULT;
  private final List<String> trail = new ArrayList<>();

  private static void assertRefused(String fragment, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fragment);
  }

  private static List<String> addresses(Server server) {
    return server.sockets().stream()
        .map(TransportSocket::getsockname)
        .map(InetSocketAddress.class::cast)
        .map(each -> each.getAddress().getHostAddress() + " " + each.getPort())
        .toList();
  }

  private static void assertAnswers(EventLoop loop, String host, int port) throws IOException {
    loop.createConnection(SILENT, host, port).transport().close();
  }

  private static boolean hasIpv6() {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @EachEngine
  @Spec({"SRV-1", "SRV-25"})
  void aNewServerListens(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(Servers.Echo::new, "127.0.0.1", 0);
              var _ = server.scope()) {
            assertThat(server.isServing()).isTrue();
            var connection =
                loop.createConnection(
                    () -> new TrailProtocol("", trail), "127.0.0.1", port(server));
            connection.transport().write("hello".getBytes());
            connection.transport().writeEof();
            await(connection.protocol().lost);
          }
        });
    assertThat(trail).containsExactly("made", "data hello", "eof", "lost");
  }

  @EachEngine
  @Spec({"SRV-2", "SRV-3"})
  void noHostMeansAllInterfacesOfBothFamilies(Engine engine) throws Exception {
    assumeTrue(hasIpv6(), "no IPv6 here");
    OnRealLoop.run(
        engine,
        loop -> {
          for (List<String> hosts : List.of(List.<String>of(), List.of(""))) {
            try (var server = loop.createServer(SILENT, hosts, "0", DEFAULT);
                var _ = server.scope()) {
              assertThat(server.sockets()).hasSize(1); // one for both families
              assertAnswers(loop, "127.0.0.1", port(server));
              assertAnswers(loop, "::1", port(server));
            }
          }
          try (var server = loop.createServer(SILENT, (String) null, 0);
              var _ = server.scope()) {
            assertAnswers(loop, "127.0.0.1", port(server));
          }
        });
  }

  @EachEngine
  @Spec("SRV-2")
  void oneFamilyCanBeChosen(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var options = DEFAULT.withFamily(StandardProtocolFamily.INET);
          try (var server = loop.createServer(SILENT, null, 0, options);
              var _ = server.scope()) {
            assertThat(address(server).getAddress()).isEqualTo(InetAddress.ofLiteral("0.0.0.0"));
            assertAnswers(loop, "127.0.0.1", port(server));
            if (hasIpv6()) {
              assertThatThrownBy(() -> assertAnswers(loop, "::1", port(server)))
                  .isInstanceOf(ConnectException.class);
            }
          }
        });
  }

  @EachEngine
  @Spec("SRV-2")
  void eachDistinctAddressOfTheHostsGetsOneSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("one", "192.0.2.1", "192.0.2.2").name("two", "192.0.2.2", "2001:db8::3");
          var hosts = List.of("one", "two", "192.0.2.1");
          try (var server = loop.createServer(SILENT, hosts, "80", DEFAULT);
              var _ = server.scope()) {
            assertThat(addresses(server))
                .containsExactly("192.0.2.1 80", "192.0.2.2 80", "2001:db8:0:0:0:0:0:3 80");
            assertThat(loop.lookUps).containsExactly("one:80 [PASSIVE]", "two:80 [PASSIVE]");
            assertAnswers(loop, "192.0.2.2", 80);
            assertAnswers(loop, "2001:db8::3", 80);
          }
        });
  }

  @EachEngine
  @Spec("SRV-2")
  void flagsOfTheLookUpCanBeChosen(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var options = DEFAULT.withFlags(AddressFlag.NUMERICSERV);
          try (var server = loop.createServer(SILENT, null, 80, options);
              var _ = server.scope()) {
            // Without PASSIVE no host means this machine alone.
            assertThat(addresses(server)).contains("127.0.0.1 80");
            assertThat(loop.lookUps).containsExactly("null:80 [NUMERICSERV]");
          }
        });
  }

  @EachEngine
  @Spec({"SRV-3", "SRV-4"})
  void aHostWithBothFamiliesGetsASocketForEach(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("dual", "2001:db8::1", "192.0.2.1");
          try (var server = loop.createServer(SILENT, "dual", 80);
              var _ = server.scope()) {
            assertThat(addresses(server))
                .containsExactly("2001:db8:0:0:0:0:0:1 80", "192.0.2.1 80");
          }
          // A free port is chosen for each by itself.
          try (var server = loop.createServer(SILENT, "dual", 0);
              var _ = server.scope()) {
            for (TransportSocket socket : server.sockets()) {
              var address = (InetSocketAddress) socket.getsockname();
              assertThat(address.getPort()).isPositive();
              assertAnswers(loop, address.getHostString(), address.getPort());
            }
          }
          try (var server = loop.createServer(SILENT, List.of("192.0.2.1"), null, DEFAULT);
              var _ = server.scope()) {
            assertThat(port(server)).isPositive();
          }
        });
  }

  @EachEngine
  @Spec("SRV-5")
  void eitherAHostOrASocketIsToBeGiven(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          assertRefused(
              "Neither host/port nor socket were specified",
              () -> loop.createServer(SILENT, DEFAULT));
          var listener = loop.network().openServerSocketChannel();
          var options = DEFAULT.withSocket(listener);
          assertRefused(
              "host/port and socket can not be specified at the same time",
              () -> loop.createServer(SILENT, "192.0.2.1", 80, options));
          assertRefused("is not bound", () -> loop.createServer(SILENT, options));
          assertThat(listener.isOpen()).isTrue();
          listener.close();
          assertThatThrownBy(() -> loop.createServer(SILENT, options))
              .isInstanceOf(ClosedChannelException.class);
          assertThat(loop.lookUps).isEmpty();
        });
  }

  @EachEngine
  @Spec("SRV-6")
  void aBoundSocketIsPutToUseAndOwned(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var listener = ServerSocketChannel.open();
          listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
          var server = loop.createServer(SILENT, DEFAULT.withSocket(listener));
          assertThat(address(server)).isEqualTo(listener.getLocalAddress());
          assertAnswers(loop, "127.0.0.1", port(server));
          server.close();
          assertThat(listener.isOpen()).isFalse();
        });
  }

  @EachEngine
  @Spec("SRV-7")
  void optionsOfTlsAreRefusedWithoutTls(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          assertRefused(
              "tlsHandshakeTimeout is only meaningful with TLS",
              () ->
                  loop.createServer(
                      SILENT, "host", 80, DEFAULT.withTlsHandshakeTimeout(seconds(1))));
          assertRefused(
              "tlsShutdownTimeout is only meaningful with TLS",
              () ->
                  loop.createServer(
                      SILENT, "host", 80, DEFAULT.withTlsShutdownTimeout(seconds(1))));
          assertRefused(
              "tlsParameters is only meaningful with TLS",
              () ->
                  loop.createServer(
                      SILENT, "host", 80, DEFAULT.withTlsParameters(new SSLParameters())));
          assertThat(loop.lookUps).isEmpty();
        });
  }

  @EachEngine
  @Spec("SRV-9")
  void theAddressIsReusableAsIsUsualOrAsTheOptionsSay(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          boolean usual;
          try (var listener = ServerSocketChannel.open()) {
            usual = listener.getOption(StandardSocketOptions.SO_REUSEADDR);
          }
          for (Boolean wanted : new Boolean[] {null, true, false}) {
            var options = DEFAULT.withReuseAddress(wanted);
            try (var server = loop.createServer(SILENT, "127.0.0.1", 0, options);
                var _ = server.scope()) {
              assertThat(server.sockets().getFirst().getOption(StandardSocketOptions.SO_REUSEADDR))
                  .isEqualTo(wanted == null ? usual : wanted);
            }
          }
        });
  }

  @EachEngine
  @Spec("SRV-9")
  void sharingAPortIsRefusedWhereTheSystemCannot(Engine engine) {
    List<ServerSocketChannel> opened = new ArrayList<>();
    var network =
        new NetworkInFront() {
          @Override
          public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) {
            opened.add(new BareListener(this));
            return opened.getLast();
          }
        };
    var loop = new SelectorEventLoop(engine, network);
    try {
      loop.runUntilComplete(() -> {
        var options = DEFAULT.withReusePort(true);
        assertRefused(
            "reuse_port is not supported",
            () -> loop.createServer(SILENT, "192.0.2.1", 80, options));
      });
    } finally {
      loop.close();
    }
    assertThat(opened).hasSize(1).noneMatch(ServerSocketChannel::isOpen);
  }

  @EachEngine
  @Spec("SRV-10")
  void twoServersCanShareAPortIfBothSaySo(Engine engine) throws Exception {
    try (var probe = ServerSocketChannel.open()) {
      assumeTrue(probe.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT));
    }
    OnRealLoop.run(
        engine,
        loop -> {
          var shared = DEFAULT.withReusePort(true);
          try (var first = loop.createServer(SILENT, "127.0.0.1", 0, shared);
              var _ = first.scope()) {
            try (var second = loop.createServer(SILENT, "127.0.0.1", port(first), shared);
                var _ = second.scope()) {
              assertThat(address(second)).isEqualTo(address(first));
            }
            assertThatThrownBy(() -> loop.createServer(SILENT, "127.0.0.1", port(first)))
                .isInstanceOf(BindException.class);
          }
        });
  }

  @EachEngine
  @Spec("SRV-11")
  void keepAliveIsSetOnEachConnection(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          for (boolean wanted : List.of(true, false)) {
            var served = new TrailProtocol("", trail);
            var options = DEFAULT.withKeepAlive(wanted);
            try (var server = loop.createServer(() -> served, "127.0.0.1", 0, options);
                var _ = server.scope()) {
              var connection = loop.createConnection(SILENT, "127.0.0.1", port(server));
              var socket = (TransportSocket) await(served.made).getExtraInfo("socket");
              assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isEqualTo(wanted);
              assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
              connection.transport().close();
            }
          }
        });
  }

  @EachEngine
  @Spec("SRV-12")
  void anAddressThatIsInUseIsNamedAndAllSocketsOfTheCallAreClosed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createServer(SILENT, "192.0.2.2", 80).scope()) {
            var hosts = List.of("192.0.2.1", "192.0.2.2", "192.0.2.3");
            assertThatThrownBy(() -> loop.createServer(SILENT, hosts, "80", DEFAULT))
                .isInstanceOf(BindException.class)
                .hasMessage(
                    "error while attempting to bind on address 192.0.2.2:80: "
                        + "Address already in use")
                .hasCauseInstanceOf(BindException.class);
            assertThat(loop.network().openChannels()).hasSize(1);
          }
        });
  }

  @EachEngine
  @Spec("SRV-12")
  void aRealAddressThatIsInUseIsNamed(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, "127.0.0.1", 0);
              var _ = server.scope()) {
            assertThatThrownBy(() -> loop.createServer(SILENT, "127.0.0.1", port(server)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("bind on address 127.0.0.1:" + port(server));
          }
        });
  }

  @EachEngine
  @Spec("SRV-13")
  void addressesThatThisMachineDoesNotHaveAreSkipped(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          String foreign = "203.0.113.77"; // reserved for documentation
          for (String port : List.of("0", "47113")) {
            try (var server =
                    loop.createServer(SILENT, List.of(foreign, "127.0.0.1"), port, DEFAULT);
                var _ = server.scope()) {
              assertThat(server.sockets()).hasSize(1);
              assertThat(address(server).getHostString()).isEqualTo("127.0.0.1");
            }
            assertThatThrownBy(() -> loop.createServer(SILENT, List.of(foreign), port, DEFAULT))
                .isInstanceOf(BindException.class)
                .hasMessage("could not bind on any address out of [" + foreign + ":" + port + "]");
          }
        });
  }

  @EachEngine
  @Spec("SRV-13")
  void aNameWithoutAddressesIsAnError(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("nowhere");
          for (List<String> hosts : List.of(List.of("nowhere"), List.of("192.0.2.1", "nowhere"))) {
            assertThatThrownBy(() -> loop.createServer(SILENT, hosts, "80", DEFAULT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("getaddrinfo() returned an empty list");
          }
        });
  }

  @EachEngine
  @Spec({"SRV-14", "SRV-24", "SRV-25"})
  void aServerThatDoesNotServeYetAcceptsNobody(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new TrailProtocol("server", trail);
          var options = DEFAULT.withStartServing(false);
          try (var server = loop.createServer(() -> served, "192.0.2.1", 80, options);
              var _ = server.scope()) {
            assertThat(server.isServing()).isFalse();
            assertThat(server.sockets()).hasSize(1);
            var connection = loop.createConnection(SILENT, "192.0.2.1", 80);
            asyncio.Asyncio.sleep(seconds(60));
            assertThat(trail).isEmpty();

            server.startServing();
            assertThat(server.isServing()).isTrue();
            await(served.made);
            server.startServing(); // does nothing
            connection.transport().close();
          }
        });
    assertThat(trail).containsExactly("server made", "server eof", "server lost");
  }

  @EachEngine
  @Spec("SRV-1")
  void aCallThatIsCancelledLeavesNoSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var call = asyncio.Asyncio.createTask(() -> loop.createServer(SILENT, "192.0.2.1", 80));
          loop.callSoon(call::cancel); // when it listens, but has not returned
          assertThatThrownBy(() -> await(call)).isInstanceOf(asyncio.CancelledError.class);
          assertThat(loop.network().openChannels()).isEmpty();
          Loops.sleepOneIteration();
        });
  }
}
