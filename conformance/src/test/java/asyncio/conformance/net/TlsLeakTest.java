package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.Suspends;
import asyncio.TimeoutException;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Memory;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.TlsContexts;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** That a loop which goes on holds nothing of connections that have ended. */
class TlsLeakTest {
  private final List<WeakReference<?>> references = new ArrayList<>();

  private <T> T watch(T object) {
    references.add(new WeakReference<>(object));
    return object;
  }

  private interface Scenario {
    @Suspends
    void run(VirtualTimeLoop loop, SSLContext server, SSLContext client) throws Exception;
  }

  /** Runs it on a loop that goes on, and waits until nothing of it is left. */
  private void assertNothingIsLeft(Engine engine, Scenario scenario) throws Exception {
    VirtualTimeLoop loop = new VirtualTimeLoop(engine);
    try {
      Tls.bePatient(loop);
      loop.runUntilComplete(() -> {
        SSLContext server = TlsContexts.server(Tls.file("chain"), Tls.file("localhost.key"));
        scenario.run(loop, watch(server), watch(Tls.client("root")));
      });
      loop.runUntilComplete(() -> turns(5));
      for (WeakReference<?> reference : references) {
        Memory.awaitCleared(reference);
      }
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec({"TLS-12", "TLS-43"})
  void closedConnectionIsLetGoOf(Engine engine) throws Exception {
    assertNothingIsLeft(
        engine,
        (loop, server, client) -> {
          MemoryNetwork.Pair pair = loop.network().pair();
          Witness near = watch(new Witness());
          Witness far = watch(new Witness());
          var accepting =
              createTask(() ->
                  loop.connectAcceptedSocket(() -> near, pair.first(), ServerOptions.tls(server)));
          Connection<Witness> connection =
              loop.createConnection(
                  () -> far,
                  ConnectOptions.tls(client)
                      .withServerHostname(Tls.NAME)
                      .withSocket(pair.second()));
          watch(connection.transport());
          watch(await(accepting).transport());
          near.write("x");
          far.untilReceived(1);
          near.transport().close();
          near.untilLost();
          far.untilLost();
        });
  }

  @EachEngine
  @Spec({"TLS-11", "TLS-12", "TLS-43"})
  void handshakeThatTookTooLongIsLetGoOf(Engine engine) throws Exception {
    assertNothingIsLeft(
        engine,
        (loop, _, client) -> {
          MemoryNetwork.Pair pair = loop.network().pair();
          ConnectOptions options =
              ConnectOptions.tls(client).withServerHostname(Tls.NAME).withSocket(pair.first());
          assertThatThrownBy(() ->
                  timeout(
                      seconds(1),
                      () -> {
                        loop.createConnection(() -> watch(new Witness()), options);
                      }))
              .isInstanceOf(TimeoutException.class);
          pair.second().close();
        });
  }

  @EachEngine
  @Spec({"TLS-12", "TLS-43"})
  void abortedConnectionIsLetGoOf(Engine engine) throws Exception {
    assertNothingIsLeft(
        engine,
        (loop, server, client) -> {
          MemoryNetwork.Pair pair = loop.network().pair();
          Witness near = watch(new Witness());
          Witness far = watch(new Witness());
          var accepting =
              createTask(() ->
                  loop.connectAcceptedSocket(() -> near, pair.first(), ServerOptions.tls(server)));
          loop.createConnection(
              () -> far,
              ConnectOptions.tls(client).withServerHostname(Tls.NAME).withSocket(pair.second()));
          await(accepting);
          near.transport().close(); // its timer runs
          near.transport().abort();
          near.untilLost();
          far.untilLost();
        });
  }

  @EachEngine
  @Spec("TLS-43")
  void connectionOfAClosedLoopIsLetGoOf(Engine engine) throws Exception {
    VirtualTimeLoop loop = new VirtualTimeLoop(engine);
    Tls.bePatient(loop);
    loop.runUntilComplete(() -> {
      MemoryNetwork.Pair pair = loop.network().pair();
      Witness near = watch(new Witness());
      var accepting =
          createTask(() -> loop.connectAcceptedSocket(() -> near, pair.first(), Tls.serving()));
      loop.createConnection(() -> watch(new Witness()), Tls.connecting().withSocket(pair.second()));
      watch(await(accepting).transport());
    });
    loop.close();
    for (WeakReference<?> reference : references) {
      Memory.awaitCleared(reference);
    }
  }
}
