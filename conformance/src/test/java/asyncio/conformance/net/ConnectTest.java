package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.SelectorEventLoop;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** createConnection to a host: one address after the other, and how that fails. */
class ConnectTest {
  private static final String HOST = "192.0.2.1";
  private final List<String> trail = new ArrayList<>();

  private static ConnectException refused() {
    return new ConnectException("Connection refused");
  }

  @EachEngine
  @Spec({"CONN-1", "CONN-2"})
  void theCallReturnsTheFactorysProtocolAfterConnectionMadeHasRun(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createServer(SILENT, HOST, 80).scope()) {
            var protocol = new TrailProtocol("", trail);
            var connection =
                loop.createConnection(
                    () -> {
                      trail.add("factory");
                      return protocol;
                    },
                    HOST,
                    80);
            trail.add("returned");
            assertThat(connection.protocol()).isSameAs(protocol);
            assertThat(connection.transport()).isSameAs(protocol.transport());
            assertThat(connection.transport().getExtraInfo("peername"))
                .isEqualTo(new InetSocketAddress(HOST, 80));
            connection.transport().close();
          }
        });
    assertThat(trail).containsExactly("factory", "made", "returned", "lost");
  }

  @EachEngine
  @Spec("CONN-2")
  void theFactoryIsNotCalledForAttemptsThatFail(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", "192.0.2.7", "192.0.2.8", HOST);
          try (var _ = loop.createServer(SILENT, HOST, 80).scope()) {
            var connection =
                loop.createConnection(
                    () -> {
                      trail.add("factory");
                      return new Protocol() {};
                    },
                    "host",
                    80);
            connection.transport().close();
          }
          assertThatThrownBy(() ->
                  loop.createConnection(
                      () -> {
                        trail.add("never");
                        return new Protocol() {};
                      },
                      "host",
                      81))
              .isInstanceOf(ConnectException.class);
        });
    assertThat(trail).containsExactly("factory");
  }

  @EachEngine
  @Spec("CONN-2")
  void whatTheFactoryThrowsLeavesTheCallAndTheSocketIsClosed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new TrailProtocol("server", trail);
          try (var _ = loop.createServer(() -> served, HOST, 80).scope()) {
            assertThatThrownBy(() ->
                    loop.<Protocol>createConnection(
                        () -> {
                          throw new IllegalArgumentException("no protocol today");
                        },
                        HOST,
                        80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no protocol today");
            await(served.lost);
          }
        });
    assertThat(trail).containsExactly("server made", "server eof", "server lost");
  }

  @EachEngine
  @Spec("CONN-15")
  void theFirstAddressThatCanBeConnectedToWinsAndLaterOnesAreNotTouched(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", "192.0.2.1", "2001:db8::2", "192.0.2.3");
          loop.network().at(new InetSocketAddress("192.0.2.1", 80)).setConnectDelay(seconds(3));
          try (var _ = loop.createServer(SILENT, "2001:db8::2", 80).scope();
              var _ =
                  loop.createServer(() -> new TrailProtocol("third", trail), "192.0.2.3", 80)
                      .scope()) {
            var connection = loop.createConnection(SILENT, "host", 80);
            assertThat(connection.transport().getExtraInfo("peername"))
                .isEqualTo(new InetSocketAddress("2001:db8::2", 80));
            // The second attempt began when the first had failed.
            assertThat(loop.time()).isEqualTo(seconds(3).toNanos());
            connection.transport().close();
          }
        });
    assertThat(trail).isEmpty();
  }

  @EachEngine
  @Spec({"CONN-16", "CONN-21"})
  void aSingleErrorIsThrownAsItIsAndNamesTheAddress(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(
                  () -> loop.createConnection(() -> new TrailProtocol("", trail), HOST, 80))
              .isInstanceOf(ConnectException.class)
              .hasMessage("Connect call failed 192.0.2.1:80: Connection refused")
              .hasCauseInstanceOf(ConnectException.class);
        });
    assertThat(trail).isEmpty();
  }

  @EachEngine
  @Spec("CONN-16")
  void severalErrorsWithOneTextAreThrownAsTheFirstOfThem(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", HOST, HOST);
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80))
              .isInstanceOf(ConnectException.class)
              .hasMessage("Connect call failed 192.0.2.1:80: Connection refused")
              .hasNoSuppressedExceptions();
        });
  }

  @EachEngine
  @Spec("CONN-16")
  void severalErrorsWithDifferentTextsAreThrownAsOneThatListsAll(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", HOST, "2001:db8::2");
          loop.network()
              .at(new InetSocketAddress("2001:db8::2", 80))
              .failConnects(1, () -> new NoRouteToHostException("No route to host"));
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80))
              .isInstanceOf(IOException.class)
              .hasMessage(
                  "Multiple exceptions: Connect call failed 192.0.2.1:80: Connection refused, "
                      + "Connect call failed [2001:db8::2]:80: No route to host")
              .satisfies(e ->
                  assertThat(e.getSuppressed())
                      .hasExactlyElementsOfTypes(
                          ConnectException.class, NoRouteToHostException.class));

          // If all of them refused, so does the whole.
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80))
              .isInstanceOf(ConnectException.class)
              .hasMessageStartingWith("Multiple exceptions: ");
        });
  }

  @EachEngine
  @Spec("CONN-17")
  void withAllErrorsEveryFailureIsAGroupInTheOrderOfTheAddresses(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var all = ConnectOptions.DEFAULT.withAllErrors(true);
          loop.name("host", HOST, "192.0.2.2");
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80, all))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  group -> {
                    assertThat(group.message()).isEqualTo("create_connection failed");
                    assertThat(group.exceptions())
                        .extracting(Throwable::getMessage)
                        .containsExactly(
                            "Connect call failed 192.0.2.1:80: Connection refused",
                            "Connect call failed 192.0.2.2:80: Connection refused");
                  });
          assertThatThrownBy(() -> loop.createConnection(SILENT, HOST, 80, all))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class, group -> assertThat(group.exceptions()).hasSize(1));
        });
  }

  /** A network in which the second attempt meets what nobody foresaw. */
  private static final class BrokenNetwork extends NetworkInFront {
    private final List<ProtocolFamily> opened = new ArrayList<>();

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
      opened.add(family);
      if (opened.size() == 2) {
        throw new SecurityException("not allowed here");
      }
      return super.openSocketChannel(family);
    }
  }

  @EachEngine
  @Spec("CONN-18")
  void whatIsNoErrorOfTheSystemLeavesAtOnceAndTheSocketsAreClosed(Engine engine) {
    var provider = new BrokenNetwork();
    var loop =
        new SelectorEventLoop(engine, provider) {
          @Override
          public List<asyncio.net.AddressInfo> getaddrinfo(
              String host, String service, asyncio.net.AddressOptions options)
              throws java.net.UnknownHostException {
            var infos = new ArrayList<asyncio.net.AddressInfo>();
            for (String literal : List.of("192.0.2.1", "192.0.2.2", "192.0.2.3")) {
              infos.addAll(super.getaddrinfo(literal, service, options));
            }
            return infos;
          }
        };
    for (var options :
        List.of(ConnectOptions.DEFAULT, ConnectOptions.DEFAULT.withHappyEyeballs(seconds(1000)))) {
      provider.opened.clear();
      loop.runUntilComplete(() -> {
        assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80, options))
            .isInstanceOf(SecurityException.class)
            .hasMessage("not allowed here");
      });
      assertThat(provider.opened).hasSize(2);
      assertThat(provider.network.openChannels()).isEmpty();
    }
    loop.close();
  }

  @EachEngine
  @Spec("CONN-19")
  void aSocketThatCannotBeOpenedIsAnErrorOfItsAddress(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", "192.0.2.2", HOST);
          try (var _ = loop.createServer(SILENT, HOST, 80).scope()) {
            loop.network().failOpens(1);
            loop.createConnection(SILENT, "host", 80).transport().close();
            loop.network().failOpens(1);
            assertThatThrownBy(() -> loop.createConnection(SILENT, HOST, 80))
                .isInstanceOf(SocketException.class)
                .hasMessage("Connect call failed 192.0.2.1:80: Too many open files");
          }
        });
  }

  @EachEngine
  @Spec("CONN-19")
  void aCallThatTimesOutOrIsCancelledLeavesNoSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.network().everywhere().setConnectDelay(seconds(1_000_000));
          assertThatThrownBy(
                  () -> timeout(seconds(5), () -> loop.createConnection(SILENT, HOST, 80)))
              .isInstanceOf(TimeoutException.class);
          assertThat(loop.network().openChannels()).isEmpty();

          var task = createTask(() -> loop.createConnection(SILENT, HOST, 80));
          Loops.sleepOneIteration();
          assertThat(loop.network().openChannels()).hasSize(1);
          task.cancel();
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          assertThat(loop.network().openChannels()).isEmpty();
        });
  }

  @EachEngine
  @Spec("CONN-19")
  void aCallCancelledAfterItsConnectHasEndedLeavesNoSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, HOST, 80);
              var _ = server.scope()) {
            for (int turns = 0; turns < 12; turns++) {
              var protocol = new TrailProtocol("", trail);
              var task = createTask(() -> loop.createConnection(() -> protocol, HOST, 80));
              for (int i = 0; i < turns; i++) {
                Loops.sleepOneIteration();
              }
              if (!task.cancel()) {
                await(task).transport().close();
              } else {
                assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
              }
              if (protocol.made.isDone()) {
                await(protocol.lost);
              }
              Loops.sleepOneIteration();
              Loops.sleepOneIteration();
              Loops.sleepOneIteration();
              Loops.sleepOneIteration();
              assertThat(loop.network().openChannels()).as("after " + turns + " turns").hasSize(1);
            }
            assertThat(trail).contains("made", "lost");
          }
        });
  }

  @EachEngine
  @Spec("CONN-21")
  void refusalByARealPeerIsAConnectException(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          InetSocketAddress free;
          try (var server = loop.createServer(SILENT, "127.0.0.1", 0);
              var _ = server.scope()) {
            free = address(server);
          }
          assertThatThrownBy(() ->
                  loop.createConnection(
                      () -> new TrailProtocol("", trail), "127.0.0.1", free.getPort()))
              .isInstanceOf(ConnectException.class)
              .hasMessageStartingWith(
                  "Connect call failed 127.0.0.1:" + free.getPort() + ": Connection refused")
              .hasCauseInstanceOf(ConnectException.class);
        });
    assertThat(trail).isEmpty();
  }

  @EachEngine
  void theCallNeedsATask(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var thrown = loop.<Throwable>createFuture();
          loop.callSoon(() -> {
            try {
              loop.createConnection(SILENT, HOST, 80);
            } catch (IOException | RuntimeException e) {
              thrown.setResult(e);
            }
          });
          assertThat(await(thrown))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("createConnection() suspends");
        });
  }

  @EachEngine
  void aProtocolMayWriteAndCloseBeforeTheCallReturns(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new TrailProtocol("server", trail);
          try (var _ = loop.createServer(() -> served, HOST, 80).scope()) {
            var connection =
                loop.createConnection(
                    () ->
                        new TrailProtocol("client", trail) {
                          @Override
                          public void connectionMade(Transport transport) throws Exception {
                            super.connectionMade(transport);
                            transport.write("bye".getBytes());
                            transport.close();
                          }
                        },
                    HOST,
                    80);
            assertThat(connection.transport().isClosing()).isTrue();
            await(served.lost);
            await(connection.protocol().lost);
          }
        });
    assertThat(trail)
        .containsSubsequence("server made", "server data bye", "server eof", "server lost")
        .containsSubsequence("client made", "client lost")
        .hasSize(6);
  }
}
