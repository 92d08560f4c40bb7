package asyncio.conformance.net;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.ConnectOptions;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SocketType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;

/** CONN-12 and DNS-9: what connections, servers and endpoints ask the loop for, and what not. */
@Timeout(30)
class LoopsOwnNamesTest {
  private final List<String> asked = new ArrayList<>();

  /** What hosts stand for, whatever the service; hosts that are not here stand for nothing. */
  private final Map<String, InetSocketAddress> answers = new HashMap<>();

  private interface Main {
    void run(ChannelEventLoop loop) throws Exception;
  }

  /** Runs {@code main} on a loop that notes what it is asked for. */
  private void run(Engine engine, Main main) {
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public List<AddressInfo> getaddrinfo(
              @Nullable String host, @Nullable String service, AddressOptions options) {
            asked.add(host + " " + service + " " + options.type() + " " + options.flags());
            InetSocketAddress address = answers.get(host);
            return address == null
                ? List.of()
                : List.of(new AddressInfo(INET, SocketType.STREAM, 6, null, address));
          }
        };
    try {
      loop.runUntilComplete(() -> main.run(loop));
    } finally {
      loop.close();
    }
  }

  private static InetSocketAddress addressOf(Server server) {
    return (InetSocketAddress) server.sockets().getFirst().getsockname();
  }

  private static void connect(ChannelEventLoop loop, String host, String service)
      throws IOException {
    loop.createConnection(() -> new Protocol() {}, host, service, ConnectOptions.DEFAULT)
        .transport()
        .close();
  }

  private static Server serve(ChannelEventLoop loop, List<String> hosts, @Nullable String service)
      throws IOException {
    return loop.createServer(() -> new Protocol() {}, hosts, service, ServerOptions.DEFAULT);
  }

  @EachEngine
  @Spec("CONN-12")
  void literalWithANumberForAPortIsUsedWithoutTheResolver(Engine engine) {
    run(
        engine,
        loop -> {
          for (String literal : List.of("127.0.0.1", "::1")) {
            for (String port : new String[] {"0", "", null}) {
              var server = serve(loop, List.of(literal), port);
              try (var _ = server.scope()) {
                var address = addressOf(server);
                assertThat(address.getAddress()).isEqualTo(InetAddress.ofLiteral(literal));
                connect(loop, literal, String.valueOf(address.getPort()));
                loop.createConnection(() -> new Protocol() {}, literal, address.getPort())
                    .transport()
                    .close();
              }
            }
          }
          var server = serve(loop, List.of("127.0.0.1"), "0");
          try (var _ = server.scope()) {
            // an IPv4 address in the clothes of an IPv6 one
            connect(loop, "::ffff:127.0.0.1", "" + addressOf(server).getPort());
          }
          assertThat(asked).isEmpty();
        });
  }

  @EachEngine
  @Spec("CONN-12")
  void serviceNamesZonesAndLooseNumbersGoThroughTheResolver(Engine engine) {
    run(
        engine,
        loop -> {
          var server = serve(loop, List.of("127.0.0.1"), "0");
          try (var _ = server.scope()) {
            for (String host : List.of("127.0.0.1", "fe80::1%1", "127.1", "1")) {
              answers.put(host, addressOf(server));
              connect(loop, host, host.equals("127.0.0.1") ? "http" : "80");
            }
          }
          assertThat(asked)
              .containsExactly(
                  "127.0.0.1 http STREAM []",
                  "fe80::1%1 80 STREAM []",
                  "127.1 80 STREAM []",
                  "1 80 STREAM []");
        });
  }

  @EachEngine
  @Spec("DNS-9")
  void connectionsAndServersAskALoopThatOverridesTheLookUp(Engine engine) {
    run(
        engine,
        loop -> {
          answers.put(
              "server.invalid", new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
          answers.put("local.invalid", answers.get("server.invalid"));
          var server = serve(loop, List.of("server.invalid"), "80");
          try (var _ = server.scope()) {
            answers.put("server.invalid", addressOf(server));
            var options = ConnectOptions.DEFAULT.withLocalAddress("local.invalid", 0);
            loop.createConnection(() -> new Protocol() {}, "server.invalid", "http", options)
                .transport()
                .close();
          }
          assertThat(asked)
              .containsExactly(
                  "server.invalid 80 STREAM [PASSIVE]",
                  "server.invalid http STREAM []",
                  "local.invalid 0 STREAM []");
        });
  }

  @EachEngine
  @Spec("DNS-9")
  void connectOfASocketAsksSuchALoopIfItsAddressIsUnresolved(Engine engine) {
    run(
        engine,
        loop -> {
          var server = serve(loop, List.of("127.0.0.1"), "0");
          try (var _ = server.scope();
              var byName = SocketChannel.open(INET);
              var byAddress = SocketChannel.open(INET)) {
            var address = addressOf(server);
            answers.put("server.invalid", address);
            byName.configureBlocking(false);
            loop.sockConnect(byName, InetSocketAddress.createUnresolved("server.invalid", 80));
            assertThat(byName.getRemoteAddress()).isEqualTo(address);
            byAddress.configureBlocking(false);
            loop.sockConnect(byAddress, address);
          }
          assertThat(asked).containsExactly("server.invalid 80 STREAM []");
        });
  }

  @EachEngine
  @Spec("DNS-9")
  void emptyAnswerOfSuchALoopIsAnError(Engine engine) {
    run(
        engine,
        loop -> {
          assertThatThrownBy(() -> connect(loop, "localhost", "80"))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("getaddrinfo() returned an empty list")
              .hasMessageContaining("localhost");
          assertThatThrownBy(() -> serve(loop, List.of("localhost"), "80"))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("getaddrinfo() returned an empty list");
          assertThat(asked).hasSize(2);
        });
  }
}
