package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ConnectionAbortedException;
import asyncio.net.ConnectionResetException;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** How connections with TLS begin, and fail to. */
class TlsHandshakeTest extends TlsLab {

  // ---- the beginning

  @LoopTest
  @Spec("TLS-7")
  void connectionMadeComesAfterTheHandshakeAndBeforeTheCallReturns() throws Exception {
    MemoryNetwork.Pair pair = pair();
    List<String> trail = new ArrayList<>();
    Witness server = new Witness();
    Witness client = new Witness();
    for (Witness each : List.of(server, client)) {
      each.on(
          "made",
          () -> {
            trail.add(each == server ? "server made" : "client made");
            assertThat(each.transport().getExtraInfo("cipher")).as("negotiated").isNotNull();
            assertThat(each.transport().getExtraInfo("sslcontext")).isNotNull();
          });
    }
    Task<?> accepting =
        createTask(() -> {
          Transport transport = accept(server, pair.first(), Tls.serving());
          assertThat(transport).isSameAs(server.transport());
          trail.add("server returned");
        });
    Transport transport = connect(client, pair.second(), Tls.connecting());
    assertThat(transport).isSameAs(client.transport());
    trail.add("client returned");
    await(accepting);
    assertThat(trail).containsSubsequence("client made", "client returned");
    assertThat(trail).containsSubsequence("server made", "server returned");
    assertThat(trail).hasSize(4);
  }

  @LoopTest
  @Spec("TLS-15")
  void dataInOnePieceWithTheLastMessageComesAfterConnectionMade() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      // In 1.2 the server has the last word.
      boolean isServer = version.equals("TLSv1.3");
      MemoryNetwork.Pair pair = pair();
      TlsPeer peer = isServer ? TlsPeer.client(version) : TlsPeer.server(version);
      peer.sendWithLastMessage("early");
      plain(peer, pair.second());
      Witness near = new Witness();
      Task<?> connecting =
          createTask(() ->
              isServer
                  ? accept(near, pair.first(), Tls.serving())
                  : connect(near, pair.first(), Tls.connecting()));
      peer.begin();
      await(connecting);
      near.untilReceived(5);
      assertThat(near.text()).isEqualTo("early");
      assertThat(near.trail).containsExactly("made", "data");
    }
  }

  @LoopTest
  @Spec("TLS-16")
  void tlsWorksOnUnixSockets(VirtualTimeLoop loop) throws Exception {
    Tls.bePatient(loop);
    var server = loop.createUnixServer(Servers.Echo::new, Path.of("socket"), Tls.serving());
    try (var _ = server.scope()) {
      Witness client = new Witness();
      var connection = loop.createUnixConnection(() -> client, Path.of("socket"), Tls.connecting());
      client.write("over a file");
      client.untilReceived(11);
      assertThat(client.text()).isEqualTo("over a file");
      connection.transport().close();
      client.untilLost();
    }
  }

  @LoopTest
  @Spec({"TLS-16", "CONN-29"})
  void tlsWorksOnAcceptedSockets() throws Exception {
    Ends ends = connect();
    ends.client().write("question");
    ends.server().untilReceived(8);
    ends.server().write("answer");
    ends.client().untilReceived(6);
    assertThat(ends.server().text()).isEqualTo("question");
    assertThat(ends.client().text()).isEqualTo("answer");
    assertThat(ends.server().transport().getExtraInfo("sockname"))
        .isEqualTo(ends.client().transport().getExtraInfo("peername"));
  }

  // ---- the end of it

  @LoopTest
  @Spec("TLS-8")
  void failedHandshakeIsNotToldToTheProtocols() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness server = new Witness();
    Witness client = new Witness();
    Task<Transport> accepting = createTask(() -> accept(server, pair.first(), Tls.serving()));
    ConnectOptions distrustful =
        ConnectOptions.tls(Tls.client("stranger")).withServerHostname(Tls.NAME);
    assertThatThrownBy(() -> connect(client, pair.second(), distrustful))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("certificate");
    assertThatThrownBy(() -> await(accepting))
        .hasRootCauseInstanceOf(SSLException.class)
        .hasMessageContaining("certificate");
    turns(5);
    assertThat(server.trail).isEmpty();
    assertThat(client.trail).isEmpty();
    assertThat(pair.first().isOpen()).isFalse();
    assertThat(pair.second().isOpen()).isFalse();
  }

  @LoopTest
  @Spec({"TLS-8", "SRV-21"})
  void serverGoesOnAfterAFailedHandshake(VirtualTimeLoop loop, LoopProbe probe) throws Exception {
    Tls.bePatient(loop);
    probe.expectErrors(); // in debug mode (SRV-21)
    List<Witness> made = new ArrayList<>();
    var server =
        loop.createServer(
            () -> {
              made.add(new Witness());
              return made.getLast();
            },
            "127.0.0.1",
            443,
            Tls.serving());
    try (var _ = server.scope()) {
      ConnectOptions distrustful =
          ConnectOptions.tls(Tls.client("stranger")).withServerHostname(Tls.NAME);
      assertThatThrownBy(() -> loop.createConnection(Witness::new, "127.0.0.1", 443, distrustful))
          .isInstanceOf(SSLHandshakeException.class);
      turns(5);
      Witness client = new Witness();
      loop.createConnection(() -> client, "127.0.0.1", 443, Tls.connecting());
      client.write("x");
      made.get(1).untilReceived(1);
      client.transport().close();
      client.untilLost();
      assertThat(made.get(0).trail).isEmpty();
    }
  }

  @LoopTest
  @Spec("TLS-8")
  void plainTextInPlaceOfAHandshakeIsRefusedAtOnce() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness server = new Witness();
    Witness http = plain(new Witness(), pair.second());
    http.write("GET /");
    assertThatThrownBy(() -> accept(server, pair.first(), Tls.serving()))
        .isInstanceOf(SSLException.class);
    http.untilLost();
    assertThat(server.trail).isEmpty();

    MemoryNetwork.Pair other = pair();
    Witness mute = plain(new Witness(), other.second());
    mute.on("data", () -> mute.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assertThatThrownBy(() -> connect(new Witness(), other.first(), Tls.connecting()))
        .isInstanceOf(SSLException.class);
    mute.untilLost();
  }

  @LoopTest
  @Spec("TLS-8")
  void peerIsToldWhyItsHandshakeWasRefused() throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer server = plain(TlsPeer.server(null), pair.second());
    assertThatThrownBy(
            () -> connect(new Witness(), pair.first(), Tls.connecting().withServerHostname("no")))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("no");
    server.untilLost();
    assertThat(server.failure()).hasMessageContaining("certificate_unknown");
  }

  @LoopTest
  @Spec("TLS-9")
  void endOfFileDuringTheHandshakeIsAReset() throws Exception {
    for (int bytes : new int[] {0, 3, 100}) {
      MemoryNetwork.Pair pair = pair();
      Witness silent = plain(new Witness(), pair.second());
      silent.on(
          "data",
          () -> {
            silent.transport().write(serverHello(bytes));
            silent.transport().close();
          });
      assertThatThrownBy(() -> connect(new Witness(), pair.first(), Tls.connecting()))
          .isInstanceOf(ConnectionResetException.class)
          .hasMessageContaining("during the TLS handshake");
    }
    MemoryNetwork.Pair pair = pair();
    plain(new Witness(), pair.second()).transport().close();
    Witness server = new Witness();
    assertThatThrownBy(() -> accept(server, pair.first(), Tls.serving()))
        .isInstanceOf(ConnectionResetException.class);
    assertThat(server.trail).isEmpty();
  }

  /** The first bytes of a record that is not all there. */
  private static byte[] serverHello(int count) {
    byte[] bytes = new byte[count];
    byte[] header = {22, 3, 3, 10, 0};
    System.arraycopy(header, 0, bytes, 0, Math.min(count, header.length));
    return bytes;
  }

  @LoopTest
  @Spec("TLS-9")
  void failureBelowDuringTheHandshakeLeavesTheCall(MemoryNetwork network) throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness silent = plain(new Witness(), pair.second());
    silent.on("data", () -> network.reset(pair.second()));
    Witness client = new Witness();
    assertThatThrownBy(() -> connect(client, pair.first(), Tls.connecting()))
        .isInstanceOf(ConnectionResetException.class)
        .hasMessageContaining("is broken");
    assertThat(client.trail).isEmpty();
  }

  // ---- time limits

  @LoopTest
  @Spec({"TLS-2", "TLS-10"})
  void handshakeMayTakeAMinute(EventLoop loop) throws Exception {
    for (boolean isServer : new boolean[] {true, false}) {
      MemoryNetwork.Pair pair = pair();
      Witness silent = plain(new Witness(), pair.second());
      Witness near = new Witness();
      long begin = loop.time();
      assertThatThrownBy(
              () -> {
                if (isServer) {
                  accept(near, pair.first(), Tls.serving());
                } else {
                  connect(near, pair.first(), Tls.connecting());
                }
              })
          .isInstanceOf(ConnectionAbortedException.class)
          .hasMessageContaining("SSL handshake is taking longer than 60.0 seconds");
      assertThat(loop.time() - begin).isEqualTo(60_000_000_000L);
      silent.untilLost();
      assertThat(near.trail).isEmpty();
    }
  }

  @LoopTest
  @Spec("TLS-10")
  void handshakeThatStopsHalfWayIsAborted(EventLoop loop) throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer client = plain(TlsPeer.client(null), pair.second());
    client.begin();
    client.beDeaf();
    Witness server = new Witness();
    long begin = loop.time();
    assertThatThrownBy(
            () -> accept(server, pair.first(), Tls.serving().withTlsHandshakeTimeout(seconds(2.5))))
        .isInstanceOf(ConnectionAbortedException.class)
        .hasMessageContaining("2.5 seconds");
    assertThat(loop.time() - begin).isEqualTo(2_500_000_000L);
    assertThat(client.receivedCount()).as("the server's hello").isPositive();
    client.untilLost();
  }

  @LoopTest
  @Spec("TLS-10")
  void limitHoldsWhileTheEngineComputes(VirtualTimeLoop loop) throws Exception {
    Future<@Nullable Void> asked = loop.createFuture();
    CountDownLatch released = new CountDownLatch(1);
    SSLContext slow =
        SlowTrust.client(() -> loop.callSoonThreadsafe(() -> asked.setResult(null)), released);
    MemoryNetwork.Pair pair = pair();
    TlsPeer server = plain(TlsPeer.server(null), pair.second());
    ConnectOptions options =
        ConnectOptions.tls(slow).withServerHostname(Tls.NAME).withTlsHandshakeTimeout(seconds(5));
    Witness client = new Witness();
    Task<Transport> connecting = createTask(() -> connect(client, pair.first(), options));
    await(asked);
    loop.setPatience(seconds(0.05)); // time goes on although the executor is at work
    assertThatThrownBy(() -> await(connecting))
        .hasRootCauseInstanceOf(ConnectionAbortedException.class);
    server.untilLost();
    assertThat(client.trail).isEmpty();
    released.countDown();
    Tls.bePatient(loop);
    turns(3);
  }

  @LoopTest
  @Spec({"TLS-11", "TLS-12"})
  void cancelledHandshakeAbortsAndLeavesNothing(LoopProbe probe) throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness silent = plain(new Witness(), pair.second());
    Witness client = new Witness();
    Task<Transport> connecting = createTask(() -> connect(client, pair.first(), Tls.connecting()));
    silent.untilTold("data");
    connecting.cancel();
    assertThatThrownBy(() -> await(connecting)).isInstanceOf(CancelledError.class);
    silent.untilLost();
    assertThat(pair.first().isOpen()).isFalse();
    assertThat(client.trail).isEmpty();
  }

  @LoopTest
  @Spec("TLS-11")
  void outerTimeoutAbortsAndLeavesNothing(EventLoop loop) throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness silent = plain(new Witness(), pair.second());
    assertThatThrownBy(() ->
            timeout(
                seconds(1),
                () -> {
                  connect(new Witness(), pair.first(), Tls.connecting());
                }))
        .isInstanceOf(TimeoutException.class);
    silent.untilLost();
    assertThat(pair.first().isOpen()).isFalse();
  }

  @LoopTest
  @Spec({"TLS-11", "CONN-19"})
  void handshakeThatIsCancelledBeforeItBeginsClosesTheConnection(EventLoop loop) throws Exception {
    for (int distance = 0; distance < 6; distance++) {
      MemoryNetwork.Pair pair = pair();
      Witness silent = plain(new Witness(), pair.second());
      Task<Transport> connecting =
          createTask(() -> connect(new Witness(), pair.first(), Tls.connecting()));
      turns(distance);
      long begin = loop.time();
      connecting.cancel();
      assertThatThrownBy(() -> await(connecting)).isInstanceOf(CancelledError.class);
      if (pair.first().isOpen() && distance == 0) {
        pair.first().close(); // the call had not begun
      }
      silent.untilLost();
      assertThat(loop.time()).isEqualTo(begin);
    }
  }

  @LoopTest
  @Spec("TLS-12")
  void timerOfTheHandshakeEndsWithIt(VirtualTimeLoop loop) throws Exception {
    Ends ends = connect();
    sleep(seconds(3600)); // the timer would have ended it
    ends.client().write("still here");
    ends.server().untilReceived(10);
    assertThat(ends.server().trail).containsExactly("made", "data");
  }

  // ---- closing in the middle

  @LoopTest
  @Spec("TLS-13")
  void closeDuringTheHandshakeEndsTheConnectionAtOnce(VirtualTimeLoop loop, LoopProbe probe)
      throws Exception {
    probe.expectErrors(); // in debug mode (SRV-21)
    for (boolean aborts : new boolean[] {true, false}) {
      Witness near = new Witness();
      var server = loop.createServer(() -> near, "127.0.0.1", 443, Tls.serving());
      try (var _ = server.scope()) {
        Witness silent = new Witness();
        loop.createConnection(() -> silent, "127.0.0.1", 443);
        sleep(seconds(1));
        long begin = loop.time();
        if (aborts) {
          server.abortClients();
        } else {
          server.closeClients();
        }
        silent.untilLost();
        server.close();
        server.waitClosed();
        assertThat(loop.time()).isEqualTo(begin);
        assertThat(near.trail).isEmpty();
        assertThat(silent.trail).containsExactly("made", "eof", "lost");
      }
    }
  }

  @LoopTest
  @Spec("TLS-13")
  void closeBeforeTheHandshakeHasBegunIsNotForgotten(VirtualTimeLoop loop, LoopProbe probe)
      throws Exception {
    probe.expectErrors(); // in debug mode (SRV-21)
    for (int distance = 0; distance < 6; distance++) {
      Witness near = new Witness();
      var server = loop.createServer(() -> near, "127.0.0.1", 443, Tls.serving());
      try (var _ = server.scope()) {
        long begin = loop.time();
        Witness silent = new Witness();
        createTask(() -> loop.createConnection(() -> silent, "127.0.0.1", 443));
        silent.until(silent::isMade);
        turns(distance);
        server.abortClients();
        server.close();
        silent.untilLost();
        assertThat(loop.time()).isEqualTo(begin);
      }
    }
  }

  // ---- a protocol that fails

  @LoopTest
  @Spec("TLS-14")
  void connectionMadeThatRaisesAbortsAndLeavesTheCall(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    MemoryNetwork.Pair pair = pair();
    TlsPeer server = plain(TlsPeer.server(null), pair.second());
    Witness client = new Witness();
    IllegalStateException failure = new IllegalStateException("from connectionMade");
    client.on(
        "made",
        () -> {
          throw failure;
        });
    assertThatThrownBy(() -> connect(client, pair.first(), Tls.connecting())).isSameAs(failure);
    server.untilLost();
    client.untilLost();
    assertThat(client.trail).containsExactly("made", "lost");
    assertThat(client.lostWith()).isSameAs(failure);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).isSameAs(failure);
    assertThat(reports.getFirst().message()).contains("connection_made()");
  }

  @LoopTest
  @Spec("TLS-14")
  void connectionMadeThatRaisesInAServerIsReported(VirtualTimeLoop loop, LoopProbe probe)
      throws Exception {
    Tls.bePatient(loop);
    List<ErrorContext> reports = probe.expectErrors();
    Witness near = new Witness();
    near.on(
        "made",
        () -> {
          throw new IllegalStateException("from connectionMade");
        });
    var server = loop.createServer(() -> near, "127.0.0.1", 443, Tls.serving());
    try (var _ = server.scope()) {
      Witness client = new Witness();
      loop.createConnection(() -> client, "127.0.0.1", 443, Tls.connecting());
      client.untilLost();
      near.untilLost();
      assertThat(near.trail).containsExactly("made", "lost");
      assertThat(reports).hasSize(loop.isDebug() ? 2 : 1); // SRV-21 speaks of it as well
      assertThat(reports)
          .allSatisfy(report -> assertThat(report.exception()).hasMessage("from connectionMade"));
    }
  }

  @LoopTest
  @Spec({"TLS-7", "TLS-26"})
  void connectionMadeMayWriteAndClose() throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer client = plain(TlsPeer.client(null), pair.second());
    Witness server = new Witness();
    server.on(
        "made",
        () -> {
          server.write("goodbye");
          server.transport().close();
        });
    Task<Transport> accepting = createTask(() -> accept(server, pair.first(), Tls.serving()));
    client.shakeHands();
    await(accepting);
    client.untilEnd();
    assertThat(client.plainText()).isEqualTo("goodbye");
    client.sendEnd();
    server.untilLost();
    assertThat(server.trail).containsExactly("made", "lost");
    assertThat(server.lostWith()).isNull();
  }

  @LoopTest
  @Spec({"TLS-7", "TLS-35"})
  void connectionMadeMayAbort() throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer client = plain(TlsPeer.client(null), pair.second());
    Witness server = new Witness();
    server.on("made", () -> server.transport().abort());
    Task<Transport> accepting = createTask(() -> accept(server, pair.first(), Tls.serving()));
    client.begin();
    assertThatThrownBy(() -> await(accepting))
        .hasRootCauseInstanceOf(ConnectionResetException.class);
    server.untilLost();
    assertThat(server.trail).containsExactly("made", "lost");
    assertThat(server.lostWith()).isNull();
    client.untilLost();
  }

  // ---- debug mode

  @LoopTest
  @Spec("SRV-21")
  void failedHandshakeOfAServerIsReportedInDebugModeOnly(VirtualTimeLoop loop, LoopProbe probe)
      throws Exception {
    Tls.bePatient(loop);
    List<ErrorContext> reports = probe.expectErrors();
    var server = loop.createServer(Witness::new, "127.0.0.1", 443, Tls.serving());
    try (var _ = server.scope()) {
      for (boolean debug : new boolean[] {false, true}) {
        loop.setDebug(debug);
        Witness client = new Witness();
        loop.createConnection(() -> client, "127.0.0.1", 443);
        client.write("GET / HTTP/1.1\r\n\r\n");
        client.untilLost();
        assertThat(reports).hasSize(debug ? 1 : 0);
      }
      assertThat(reports.getFirst().exception()).isInstanceOf(SSLException.class);
    }
  }
}
