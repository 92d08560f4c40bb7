package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ContextVar;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.Connection;
import asyncio.net.Server;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;

/** The transports and protocols of a server's connections. */
class ServedTransportTest {
  private static final String HOST = "192.0.2.1";

  private static Connection<Witness> connectTo(EventLoop loop, Server server) throws Exception {
    return loop.createConnection(Witness::new, HOST, Servers.port(server));
  }

  @LoopTest
  @Spec("TR-18")
  void serverIsToldAfterConnectionLostAlsoIfThatRaises(EventLoop loop, LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    for (boolean raises : new boolean[] {false, true}) {
      List<String> trail = new ArrayList<>();
      Witness served = new Witness();
      Server server = loop.createServer(() -> served, HOST, 0);
      served.on(
          "lost",
          () -> {
            trail.add("lost");
            if (raises) {
              throw new IllegalStateException("from connectionLost");
            }
          });
      Connection<Witness> client = connectTo(loop, server);
      served.until(served::isMade);
      server.close();
      Task<?> waiting =
          createTask(() -> {
            server.waitClosed();
            trail.add("server is closed");
          });
      Turns.turns(5);
      assertThat(waiting.isDone()).isFalse();
      client.transport().close();
      await(waiting);
      assertThat(trail).containsExactly("lost", "server is closed");
      client.protocol().untilLost();
    }
    assertThat(reports).hasSize(1);
  }

  @LoopTest
  @Spec("PROTO-23")
  void factoryRunsOnceForEachConnectionInTheContextOfTheServersCreation(EventLoop loop)
      throws Exception {
    var where = new ContextVar<String>("where", "nowhere");
    where.set("creation");
    List<String> made = new ArrayList<>();
    Witness shared = new Witness();
    List<Witness> fresh = new ArrayList<>();
    try (Server server =
        loop.createServer(
            () -> {
              made.add(where.get());
              if (made.size() == 3) {
                return shared;
              }
              fresh.add(new Witness());
              return fresh.getLast();
            },
            HOST,
            0)) {
      where.set("later");
      List<Connection<Witness>> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(connectTo(loop, server));
      }
      shared.until(shared::isMade);
      assertThat(made).containsExactly("creation", "creation", "creation");
      assertThat(fresh).hasSize(2).allMatch(Witness::isMade);
      for (Connection<Witness> client : clients) {
        client.transport().close();
        client.protocol().untilLost();
      }
      shared.untilLost();
    }
  }

  @LoopTest
  @Spec("PROTO-24")
  void callsOfAServersConnectionSeeTheContextOfItsCreation(EventLoop loop) throws Exception {
    var where = new ContextVar<String>("where", "nowhere");
    where.set("creation");
    List<String> seen = new ArrayList<>();
    Witness served = new Witness();
    for (String word : List.of("made", "data", "eof", "lost")) {
      served.on(word, () -> seen.add(word + " " + where.get()));
    }
    served.keepOpen();
    try (Server server = loop.createServer(() -> served, HOST, 0)) {
      where.set("later");
      Connection<Witness> client = connectTo(loop, server);
      client.protocol().write("x");
      served.untilReceived(1);
      client.transport().writeEof();
      served.untilTold("eof");
      served.transport().close();
      served.untilLost();
      client.protocol().untilLost();
    }
    assertThat(seen)
        .containsExactly("made creation", "data creation", "eof creation", "lost creation");
  }
}
