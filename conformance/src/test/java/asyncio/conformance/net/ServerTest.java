package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.AbstractServer;
import asyncio.net.Connection;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The server object: serving, closing, waiting. */
class ServerTest {
  private static final String HOST = "192.0.2.1";
  private static final ServerOptions LATER = ServerOptions.DEFAULT.withStartServing(false);
  private final List<String> trail = new ArrayList<>();

  /** A server with one connection. */
  private final class Served {
    final TrailProtocol protocol = new TrailProtocol("server", trail);
    final Server server;
    final Connection<TrailProtocol> client;

    Served(NamesLoop loop) throws IOException {
      server = loop.createServer(() -> protocol, HOST, 80);
      client = loop.createConnection(() -> new TrailProtocol("client", trail), HOST, 80);
      await(protocol.made);
      trail.clear();
    }
  }

  private static Task<@Nullable Void> waiting(Server server) {
    var task = createTask(server::waitClosed);
    Loops.sleepOneIteration();
    return task;
  }

  // ---- information

  @EachEngine
  @Spec("SRV-22")
  void socketsAreViewsInACopyAndGoneAfterClose(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(SILENT, List.of(HOST, "::1"), "80", LATER);
          var sockets = server.sockets();
          assertThat(sockets).hasSize(2);
          assertThat(sockets.getFirst()).isNotInstanceOf(java.nio.channels.Channel.class);
          assertThat(sockets.getFirst().getsockname()).isEqualTo(new InetSocketAddress(HOST, 80));
          assertThat(sockets.getFirst().isOpen()).isTrue();
          assertThat(server.toString()).contains("192.0.2.1:80");

          server.close();
          assertThat(server.sockets()).isEmpty();
          assertThat(sockets).hasSize(2);
          assertThat(sockets.getFirst().isOpen()).isFalse();
          assertThat(sockets.getFirst().getsockname()).isNotNull();
        });
  }

  @EachEngine
  @Spec("SRV-23")
  void aServerKnowsItsLoopAndAnAbstractOneKnowsNothing(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, HOST, 80)) {
            assertThat(server.getLoop()).isSameAs(loop);
          }
          AbstractServer nothing = new AbstractServer() {};
          assertThatThrownBy(nothing::close).isInstanceOf(UnsupportedOperationException.class);
          assertThatThrownBy(nothing::waitClosed).isInstanceOf(UnsupportedOperationException.class);
          assertThatThrownBy(nothing::getLoop).isInstanceOf(UnsupportedOperationException.class);
        });
  }

  @EachEngine
  @Spec("SRV-24")
  void aClosedServerCannotServeAgain(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          for (var options : List.of(LATER, ServerOptions.DEFAULT)) {
            var server = loop.createServer(SILENT, HOST, 80, options);
            server.close();
            Loops.assertRefused("is closed", server::startServing);
            Loops.assertRefused("is closed", server::serveForever);
            assertThat(server.isServing()).isFalse();
          }
        });
  }

  // ---- closing

  @EachEngine
  @Spec({"SRV-25", "SRV-26"})
  void closeEndsListeningAtOnceAndLeavesConnectionsAlone(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          assertThat(served.server.isServing()).isTrue();
          served.server.close();
          assertThat(served.server.isServing()).isFalse();
          served.server.close(); // does nothing
          // The address is free in this very moment.
          loop.createServer(SILENT, HOST, 80, LATER).close();

          served.client.transport().write("hello".getBytes());
          served.protocol.transport().write("world".getBytes());
          sleep(seconds(1));
          assertThat(trail).containsExactly("server data hello", "client data world");
          served.client.transport().close();
          served.server.waitClosed();
        });
  }

  @EachEngine
  @Spec("SRV-26")
  void aServerIsClosedOnItsLoopOnly(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, "127.0.0.1", 0);
              var _ = server.scope()) {
            Loops.onOtherThread(() -> {
              Loops.assertRefused("use callSoonThreadsafe", server::close);
              Loops.assertRefused("from a task", server::waitClosed);
            });
            assertThat(server.isServing()).isTrue();
          }
        });
  }

  // ---- serveForever

  @EachEngine
  @Spec({"SRV-27", "SRV-29"})
  void serveForeverServesUntilItIsCancelledAndClosesTheServer(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(SILENT, HOST, 80, LATER);
          var forever = createTask(server::serveForever);
          Loops.sleepOneIteration();
          assertThat(server.isServing()).isTrue();
          loop.createConnection(SILENT, HOST, 80).transport().close();
          sleep(seconds(3600));
          assertThat(forever.isDone()).isFalse();

          forever.cancel("enough");
          assertThatThrownBy(() -> await(forever))
              .isInstanceOf(CancelledError.class)
              .hasMessage("enough");
          assertThat(server.sockets()).isEmpty();
          assertThat(loop.network().openChannels()).isEmpty();
        });
  }

  @EachEngine
  @Spec("SRV-27")
  void onlyOneTaskMayServeForever(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(SILENT, HOST, 80);
          var forever = createTask(server::serveForever);
          Loops.sleepOneIteration();
          Loops.assertRefused("is already being awaited on serve_forever()", server::serveForever);
          assertThat(forever.isDone()).isFalse();
          server.close();
          assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
          Loops.assertRefused("is closed", server::serveForever);
        });
  }

  @EachEngine
  @Spec("SRV-28")
  void closeEndsServeForeverOnceTheConnectionsAreLost(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          var forever = createTask(served.server::serveForever);
          Loops.sleepOneIteration();
          served.server.close();
          sleep(seconds(10));
          assertThat(forever.isDone()).isFalse(); // it waits as waitClosed() does
          served.client.transport().close();
          assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec("SRV-29")
  void cancellingServeForeverDoesNotCutConnections(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          var forever = createTask(served.server::serveForever);
          Loops.sleepOneIteration();
          forever.cancel();
          Loops.sleepOneIteration();
          assertThat(served.server.sockets()).isEmpty();
          sleep(seconds(10));
          assertThat(forever.isDone()).isFalse();
          served.client.transport().write("still here".getBytes());
          sleep(seconds(10));
          assertThat(trail).containsExactly("server data still here");
          served.client.transport().close();
          assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec("SRV-29")
  void aSecondCancellationEndsTheWaitForConnections(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          var forever = createTask(served.server::serveForever);
          Loops.sleepOneIteration();
          forever.cancel("first");
          Loops.sleepOneIteration();
          forever.cancel("second");
          assertThatThrownBy(() -> await(forever))
              .isInstanceOf(CancelledError.class)
              .hasMessage("first");
          assertThat(served.client.transport().isClosing()).isFalse();
          served.client.transport().close();
        });
  }

  // ---- waitClosed

  @EachEngine
  @Spec({"SRV-30", "SRV-31"})
  void waitClosedWaitsForCloseEvenWithoutConnections(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(SILENT, HOST, 80);
          var first = waiting(server);
          var second = waiting(server);
          sleep(seconds(10));
          assertThat(first.isDone()).isFalse();
          server.close();
          await(first);
          await(second);
          server.waitClosed(); // returns at once
        });
  }

  @EachEngine
  @Spec({"SRV-30", "SRV-31"})
  void waitClosedWaitsForTheLastConnectionAfterClose(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          var before = waiting(served.server);
          served.server.close();
          var after = waiting(served.server);
          sleep(seconds(10));
          assertThat(before.isDone() || after.isDone()).isFalse();
          served.client.transport().close();
          await(before);
          await(after);
          assertThat(served.protocol.lost.isDone()).isTrue();
        });
  }

  @EachEngine
  @Spec({"SRV-30", "SRV-31"})
  void waitClosedWaitsForCloseAfterTheLastConnection(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          var waiter = waiting(served.server);
          served.client.transport().close();
          await(served.protocol.lost);
          sleep(seconds(10));
          assertThat(waiter.isDone()).isFalse();
          served.server.close();
          await(waiter);
        });
  }

  @EachEngine
  @Spec("SRV-31")
  void aCancelledWaiterLeavesTheOthersWaiting(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(SILENT, HOST, 80);
          var cancelled = waiting(server);
          var other = waiting(server);
          cancelled.cancel();
          assertThatThrownBy(() -> await(cancelled)).isInstanceOf(CancelledError.class);
          assertThat(other.isDone()).isFalse();
          server.close();
          await(other);
        });
  }

  @EachEngine
  @Spec("SRV-32")
  void aConnectionThatEndsInTheIterationOfCloseIsNotWaitedForForever(Engine engine) {
    List<Consumer<Served>> ends =
        List.of(
            served -> served.protocol.transport().close(),
            served -> served.protocol.transport().abort(),
            served -> served.client.transport().close(),
            served -> served.client.transport().abort(),
            served -> served.server.closeClients(),
            served -> served.server.abortClients());
    NamesLoop.run(
        engine,
        loop -> {
          for (Consumer<Served> end : ends) {
            for (int distance = -6; distance <= 6; distance++) {
              var served = new Served(loop);
              var early = waiting(served.server);
              if (distance <= 0) {
                end.accept(served);
              }
              for (int i = distance; i < 0; i++) {
                Loops.sleepOneIteration();
              }
              served.server.close();
              var late = createTask(served.server::waitClosed);
              for (int i = 0; i < distance; i++) {
                Loops.sleepOneIteration();
              }
              if (distance > 0) {
                end.accept(served);
              }
              await(early);
              await(late);
              await(served.client.protocol().lost);
            }
          }
        });
  }

  @EachEngine
  @Spec("SRV-33")
  void aConnectionInItsHandshakeIsWaitedFor(Engine engine) throws Exception {
    var options = ServerOptions.tls(SSLContext.getDefault());
    NamesLoop.run(
        engine,
        loop -> {
          loop.setDebug(false); // in which the handshake that fails would be reported
          var server = loop.createServer(SILENT, HOST, 80, options);
          var silent = loop.createConnection(SILENT, HOST, 80);
          sleep(seconds(1));
          server.close();
          var waiter = waiting(server);
          sleep(seconds(10));
          assertThat(waiter.isDone()).isFalse();
          silent.transport().close();
          await(waiter);
        });
  }

  // ---- clients

  @EachEngine
  @Spec("SRV-34")
  void closeClientsClosesEachConnectionAndGoesOnServing(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          served.protocol.transport().write("goodbye".getBytes());
          served.server.closeClients();
          await(served.protocol.lost);
          await(served.client.protocol().lost);
          assertThat(trail)
              .contains("client data goodbye", "client eof", "client lost", "server lost");
          assertThat(served.server.isServing()).isTrue();
          served.server.closeClients(); // nobody is left
          served.server.close();
          served.server.waitClosed();
        });
  }

  @EachEngine
  @Spec("SRV-34")
  void abortClientsEndsAlsoThoseThatAreStillSending(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var served = new Served(loop);
          served.client.transport().pauseReading();
          served.protocol.transport().write(new byte[1_000_000]);
          served.server.closeClients();
          served.server.close();
          var waiter = waiting(served.server);
          sleep(seconds(3600));
          assertThat(waiter.isDone()).isFalse(); // the client does not read
          served.server.abortClients();
          await(waiter);
          assertThat(trail).containsExactly("server lost");
          served.client.transport().abort();
        });
  }

  // ---- races with connections

  @EachEngine
  @Spec("SRV-35")
  void aConnectionOnItsWayInWhenTheServerIsClosedIsDroppedOrServed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.setDebug(true); // errors would be reported
          for (int turns = 0; turns < 10; turns++) {
            for (int clients = 1; clients <= 3; clients++) {
              trail.clear();
              var server = loop.createServer(() -> new TrailProtocol("", trail), HOST, 80, LATER);
              List<SocketChannel> channels = new ArrayList<>();
              for (int i = 0; i < clients; i++) {
                SocketChannel channel = loop.network().openSocketChannel();
                channels.add(channel);
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(HOST, 80));
              }
              Loops.sleepOneIteration();
              server.startServing();
              for (int i = 0; i < turns; i++) {
                Loops.sleepOneIteration();
              }
              server.close();
              var waiter = waiting(server);
              if (trail.isEmpty()) {
                assertThat(waiter.isDone()).as("after " + turns + " turns").isTrue();
              }
              for (SocketChannel channel : channels) {
                channel.close();
              }
              await(waiter);
              assertThat(trail.stream().filter("made"::equals).count())
                  .isEqualTo(trail.stream().filter(each -> each.startsWith("lost")).count());
              assertThat(loop.network().openChannels()).isEmpty();
            }
          }
          loop.setDebug(false);
        });
  }

  // ---- scopes

  @EachEngine
  @Spec("SRV-36")
  void aScopeClosesTheServerAndWaitsHoweverItIsLeft(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          // by its end
          var served = new Served(loop);
          loop.callLater(seconds(5), () -> served.client.transport().close());
          try (var _ = served.server.scope()) {
            assertThat(served.server.isServing()).isTrue();
          }
          assertThat(loop.time()).isEqualTo(seconds(5).toNanos());
          assertThat(served.server.sockets()).isEmpty();

          // by an exception
          var failing = loop.createServer(SILENT, HOST, 80);
          assertThatThrownBy(
                  () -> {
                    try (var _ = failing.scope()) {
                      throw new IOException("in the block");
                    }
                  })
              .isInstanceOf(IOException.class)
              .hasMessage("in the block");
          assertThat(failing.sockets()).isEmpty();

          // by a cancellation
          var cancelled = new Served(loop);
          var task =
              createTask(() -> {
                try (var _ = cancelled.server.scope()) {
                  sleep(seconds(1_000_000));
                }
              });
          Loops.sleepOneIteration();
          task.cancel();
          Loops.sleepOneIteration();
          assertThat(cancelled.server.sockets()).isEmpty();
          assertThat(task.isDone()).isFalse();
          cancelled.client.transport().close();
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
  }

  // ---- the loop's part

  @EachEngine
  @Spec("SRV-37")
  void theLoopKeepsAServerThatTheProgramHasForgotten(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          int port = port(loop.createServer(Servers.Echo::new, "127.0.0.1", 0));
          for (int i = 0; i < 3; i++) {
            System.gc();
            var connection =
                loop.createConnection(() -> new TrailProtocol("", trail), "127.0.0.1", port);
            connection.transport().write("hello".getBytes());
            connection.transport().writeEof();
            await(connection.protocol().lost);
          }
        });
    assertThat(trail.stream().filter("data hello"::equals)).hasSize(3);
  }

  @EachEngine
  @Spec("SRV-38")
  void aServerOfAClosedLoopIsClosed(Engine engine) throws Exception {
    Server[] server = new Server[1];
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              server[0] = loop.createServer(SILENT, "127.0.0.1", 0);
            }));
    assertThat(server[0].sockets()).isEmpty();
    assertThat(server[0].isServing()).isFalse();
    server[0].close(); // does nothing
  }
}
