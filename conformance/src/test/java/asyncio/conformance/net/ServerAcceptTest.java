package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Servers.SILENT;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** How a server accepts connections, and what may go wrong there. */
class ServerAcceptTest {
  private static final String HOST = "192.0.2.1";
  private static final InetSocketAddress SERVER = new InetSocketAddress(HOST, 80);
  private static final ServerOptions LATER = ServerOptions.DEFAULT.withStartServing(false);
  private final List<String> trail = new ArrayList<>();

  /** Says in which iteration it is. */
  private static final class Iterations implements Instrument {
    int current;

    @Override
    public void iterationBegun(EventLoop loop) {
      current++;
    }
  }

  /** Connects clients, which wait in the listener's queue. */
  private static List<SocketChannel> clients(NamesLoop loop, int count) throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SocketChannel client = loop.network().openSocketChannel();
      clients.add(client);
      client.configureBlocking(false);
      client.connect(SERVER);
    }
    sleep(seconds(1));
    for (SocketChannel client : clients) {
      assertThat(client.finishConnect()).isTrue();
    }
    return clients;
  }

  private static void close(List<SocketChannel> clients) throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  @EachEngine
  @Spec({"SRV-15", "SRV-16"})
  void connectionsThatWaitAreAcceptedTogetherAndSetUpInTheOrderOfTransports(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var iterations = new Iterations();
          loop.addInstrument(iterations);
          int[] count = new int[1];
          int[] start = new int[1];
          try (var server =
                  loop.createServer(
                      () -> {
                        int number = ++count[0];
                        trail.add("factory " + number + " at " + (iterations.current - start[0]));
                        return new Protocol() {
                          @Override
                          public void connectionMade(Transport transport) {
                            trail.add("made " + number + " at " + (iterations.current - start[0]));
                          }
                        };
                      },
                      HOST,
                      80,
                      LATER);
              var _ = server.scope()) {
            var clients = clients(loop, 3);
            start[0] = iterations.current;
            server.startServing();
            for (int i = 0; i < 5; i++) {
              Loops.sleepOneIteration();
            }
            close(clients);
          }
        });
    // Accepted in the next iteration, made in the one after that, told in the third.
    assertThat(trail)
        .containsExactly(
            "factory 1 at 2",
            "factory 2 at 2",
            "factory 3 at 2",
            "made 1 at 3",
            "made 2 at 3",
            "made 3 at 3");
  }

  @EachEngine
  @Spec("SRV-15")
  void oneEventAcceptsNoMoreThanTheBacklog(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var iterations = new Iterations();
          loop.addInstrument(iterations);
          List<Integer> made = new ArrayList<>();
          try (var server =
                  loop.createServer(
                      () -> {
                        made.add(iterations.current);
                        return new Protocol() {};
                      },
                      HOST,
                      80,
                      LATER.withBacklog(2));
              var _ = server.scope()) {
            var clients = clients(loop, 3);
            server.startServing();
            sleep(seconds(1));
            assertThat(made).hasSize(3);
            assertThat(made.get(1)).isEqualTo(made.getFirst());
            assertThat(made.get(2)).isEqualTo(made.getFirst() + 1);
            close(clients);
          }
        });
  }

  @EachEngine
  @Spec("SRV-16")
  void eachConnectionGetsAProtocolOfItsOwnOnASocketThatDoesNotBlock(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          List<TrailProtocol> served = new ArrayList<>();
          try (var server =
                  loop.createServer(
                      () -> {
                        served.add(new TrailProtocol("", trail));
                        return served.getLast();
                      },
                      HOST,
                      80);
              var _ = server.scope()) {
            var one = loop.createConnection(SILENT, HOST, 80);
            var other = loop.createConnection(SILENT, HOST, 80);
            sleep(seconds(1));
            assertThat(served).hasSize(2);
            assertThat(served.getFirst()).isNotSameAs(served.getLast());
            assertThat(served.getFirst().transport().getExtraInfo("peername"))
                .isEqualTo(one.transport().getExtraInfo("sockname"));
            assertThat(loop.network().openChannels())
                .filteredOn(SocketChannel.class::isInstance)
                .hasSize(4)
                .allMatch(channel -> !((SocketChannel) channel).isBlocking());
            one.transport().close();
            other.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("SRV-16")
  void protocolsRunWithTheContextVariablesOfWhoStartedToServeEachInACopy(Engine engine) {
    var variable = new ContextVar<String>("variable");
    NamesLoop.run(
        engine,
        loop -> {
          variable.set("server's");
          try (var server =
                  loop.createServer(
                      () -> {
                        trail.add("factory " + variable.get());
                        variable.set("connection's");
                        return new Protocol() {
                          @Override
                          public void connectionMade(Transport transport) {
                            trail.add("made " + variable.get());
                          }
                        };
                      },
                      HOST,
                      80);
              var _ = server.scope()) {
            variable.set("changed since");
            for (int i = 0; i < 2; i++) {
              var connection = loop.createConnection(SILENT, HOST, 80);
              sleep(seconds(1));
              connection.transport().close();
            }
          }
        });
    assertThat(trail)
        .containsExactly(
            "factory server's", "made connection's", "factory server's", "made connection's");
  }

  @EachEngine
  @Spec("SRV-17")
  void aConnectionThatWasAbortedInTheQueueDoesNoHarm(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(() -> new TrailProtocol("", trail), HOST, 80, LATER);
              var _ = server.scope()) {
            var clients = clients(loop, 2);
            loop.network().reset(clients.getFirst());
            server.startServing();
            sleep(seconds(1));
            assertThat(trail).containsExactly("made", "made", "lost ConnectionResetException");
            close(clients);
          }
        });
  }

  private static void assertOutOfResources(NamesLoop loop) {
    assertThat(loop.reports)
        .singleElement()
        .satisfies(report -> {
          assertThat(report.message()).isEqualTo("socket.accept() out of system resource");
          assertThat(report.exception()).isInstanceOf(IOException.class);
          assertThat(report.get(ErrorContext.SOCKET))
              .isInstanceOfSatisfying(
                  TransportSocket.class,
                  socket -> assertThat(socket.getsockname()).isEqualTo(SERVER));
        });
    loop.reports.clear();
  }

  @EachEngine
  @Spec({"SRV-18", "SRV-20"})
  void withoutDescriptorsAcceptingPausesForASecond(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          List<Long> times = new ArrayList<>();
          try (var server =
                  loop.createServer(
                      () -> {
                        times.add(loop.time());
                        return new Protocol() {};
                      },
                      HOST,
                      80,
                      LATER);
              var _ = server.scope()) {
            var clients = clients(loop, 3);
            loop.network().at(SERVER).failAccepts(2);
            long start = loop.time();
            server.startServing();
            sleep(seconds(0.5));
            assertOutOfResources(loop);
            sleep(seconds(1));
            assertOutOfResources(loop); // the second failure, after a second
            assertThat(times).isEmpty();
            assertThat(server.isServing()).isTrue();
            sleep(seconds(1));
            assertThat(times).hasSize(3).containsOnly(start + seconds(2).toNanos());
            close(clients);
          }
        });
  }

  @EachEngine
  @Spec("SRV-19")
  void aServerClosedDuringThePauseStaysClosed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          for (int i = 0; i < 99; i++) {
            var server = loop.createServer(() -> new TrailProtocol("", trail), HOST, 80, LATER);
            var clients = clients(loop, 2);
            loop.network().at(SERVER).failAccepts(1);
            server.startServing();
            sleep(seconds(0.01 * (i + 1)));
            assertOutOfResources(loop);
            server.close();
            server.waitClosed();
            loop.network().at(SERVER).clear();
            close(clients);
            assertThat(loop.network().openChannels()).isEmpty();
            sleep(seconds(2));
            assertThat(server.isServing()).isFalse();
          }
        });
    assertThat(trail).isEmpty();
  }

  @EachEngine
  @Spec("SRV-19")
  void oneFailureSchedulesOneRestart(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, HOST, 80, LATER);
              var _ = server.scope()) {
            var clients = clients(loop, 5);
            loop.network().at(SERVER).failAccepts(1_000_000);
            server.startServing();
            sleep(seconds(10.5));
            assertThat(loop.reports).hasSize(11); // at once, and once a second
            loop.reports.clear();
            loop.network().at(SERVER).clear();
            sleep(seconds(1));
            close(clients);
          }
        });
  }

  @EachEngine
  @Spec("SRV-21")
  void aFactoryThatFailsClosesItsConnectionOnly(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          for (boolean debug : List.of(false, true)) {
            loop.setDebug(debug);
            int[] count = new int[1];
            try (var server =
                    loop.createServer(
                        () -> {
                          if (++count[0] == 1) {
                            throw new IllegalArgumentException("no protocol today");
                          }
                          return new Servers.Echo();
                        },
                        HOST,
                        80);
                var _ = server.scope()) {
              var refused = loop.createConnection(() -> new TrailProtocol("1", trail), HOST, 80);
              await(refused.protocol().lost);
              var served = loop.createConnection(() -> new TrailProtocol("2", trail), HOST, 80);
              served.transport().write("hello".getBytes());
              served.transport().writeEof();
              await(served.protocol().lost);
            }
            if (debug) {
              assertThat(loop.reports)
                  .singleElement()
                  .satisfies(report -> {
                    assertThat(report.message())
                        .isEqualTo("Error on transport creation for incoming connection");
                    assertThat(report.exception()).hasMessage("no protocol today");
                  });
              loop.reports.clear();
            }
            assertThat(loop.reports).isEmpty();
            assertThat(trail)
                .containsExactly(
                    "1 made", "1 eof", "1 lost", "2 made", "2 data hello", "2 eof", "2 lost");
            trail.clear();
          }
        });
  }

  @EachEngine
  @Spec("SRV-21")
  void aHandshakeThatFailsClosesItsConnectionOnly(Engine engine) throws Exception {
    var options = ServerOptions.tls(SSLContext.getDefault());
    NamesLoop.run(
        engine,
        loop -> {
          for (boolean debug : List.of(false, true)) {
            loop.setDebug(debug);
            try (var server =
                    loop.createServer(() -> new TrailProtocol("server", trail), HOST, 80, options);
                var _ = server.scope()) {
              for (int i = 0; i < 2; i++) {
                var plain = loop.createConnection(() -> new TrailProtocol("", trail), HOST, 80);
                plain.transport().write("GET / HTTP/1.1\r\n\r\n".getBytes());
                await(plain.protocol().lost);
              }
            }
            assertThat(loop.reports).hasSize(debug ? 2 : 0);
            assertThat(loop.reports)
                .allMatch(report ->
                    "Error on transport creation for incoming connection".equals(report.message()));
            loop.reports.clear();
          }
        });
    assertThat(trail).doesNotContain("server made");
  }

  @EachEngine
  @Spec("SRV-16")
  void aFactoryMayCloseItsServer(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = new Server[1];
          server[0] =
              loop.createServer(
                  () -> {
                    trail.add("factory");
                    server[0].close();
                    return new TrailProtocol("server", trail);
                  },
                  HOST,
                  80,
                  LATER);
          var clients = clients(loop, 2);
          server[0].startServing();
          sleep(seconds(1));
          close(clients);
          server[0].waitClosed();
        });
    // The connection in hand is made, the other one was waiting for its turn and is dropped.
    assertThat(trail).containsExactly("factory", "server made", "server eof", "server lost");
  }
}
