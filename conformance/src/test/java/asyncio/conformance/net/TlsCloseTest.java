package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.TimeoutException;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Spec;
import asyncio.net.ConnectionResetException;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;

/** How connections with TLS end. */
class TlsCloseTest extends TlsLab {
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  // ---- close()

  @LoopTest
  @Spec("TLS-26")
  void closeSendsAllThenTheNotificationAndWaitsForThePeers() throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      near.transport().write(Payload.part(0, 1_000_000));
      near.transport().close();
      assertThat(near.transport().isClosing()).isTrue();
      peer.untilEnd();
      Payload.assertInOrder(peer.plain(), 1_000_000);
      assertThat(peer.heard).containsExactly("data", "end");
      turns(5);
      assertThat(near.trail).as("waits for the peer").doesNotContain("lost");
      assertThat(peer.trail).containsExactly("made", "data");

      peer.sendEnd();
      near.untilLost();
      peer.untilLost();
      assertThat(near.trail).containsExactly("made", "pause", "resume", "lost");
      assertThat(near.lostWith()).isNull();
    }
  }

  @LoopTest
  @Spec("TLS-26")
  void peersEndOfFileAnswersTheNotificationToo() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.transport().close();
    peer.untilEnd();
    peer.transport().close();
    near.untilLost();
    assertThat(near.trail).containsExactly("made", "lost");
    assertThat(near.lostWith()).isNull();
  }

  @LoopTest
  @Spec("TLS-26")
  void connectionLostComesAfterTheTransportBelowIsClosed(EventLoop loop) throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer peer = plain(TlsPeer.server(null), pair.second());
    Witness near = new Witness();
    connect(near, pair.first(), Tls.connecting());
    List<Boolean> open = new ArrayList<>();
    near.on("lost", () -> open.add(pair.first().isOpen()));
    near.transport().close();
    peer.untilEnd();
    peer.sendEnd();
    near.untilLost();
    assertThat(open).containsExactly(false);
  }

  @LoopTest
  @Spec({"TLS-26", "TLS-12"})
  void closeWhileTheTransportBelowIsFullSendsAllWhenThereIsRoom(MemoryNetwork network)
      throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    network.everywhere().setWritesBlocked(true);
    near.transport().write(Payload.part(0, 3_000_000));
    near.transport().close();
    sleep(seconds(29));
    assertThat(peer.plain()).isEmpty();
    assertThat(near.isLost()).isFalse();

    network.everywhere().setWritesBlocked(false);
    peer.untilEnd();
    Payload.assertInOrder(peer.plain(), 3_000_000);
    peer.sendEnd();
    near.untilLost();
    assertThat(near.lostWith()).isNull();
  }

  @LoopTest
  @Spec({"TLS-2", "TLS-27"})
  void peerThatDoesNotAnswerIsGivenUpAfterHalfAMinute(EventLoop loop) throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    long begin = loop.time();
    near.transport().close();
    peer.untilEnd();
    near.untilLost();
    assertThat(loop.time() - begin).isEqualTo(30_000_000_000L);
    assertThat(near.trail).containsExactly("made", "lost");
    assertThat(near.lostWith())
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("SSL shutdown timed out");
    peer.untilLost();
  }

  @LoopTest
  @Spec("TLS-27")
  void limitOfTheEndCoversTheFlushAndTheCloseBelow(MemoryNetwork network, EventLoop loop)
      throws Exception {
    for (boolean answers : new boolean[] {false, true}) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving().withTlsShutdownTimeout(seconds(3)), null);
      if (!answers) {
        network.everywhere().setWritesBlocked(true); // nothing of what follows arrives
      }
      near.transport().write(new byte[100]);
      long begin = loop.time();
      near.transport().close();
      if (answers) {
        peer.untilEnd();
        network.everywhere().setWritesBlocked(true);
      }
      near.untilLost();
      assertThat(loop.time() - begin).isEqualTo(3_000_000_000L);
      assertThat(near.lostWith()).isInstanceOf(TimeoutException.class);
      network.everywhere().clear();
    }
  }

  @LoopTest
  @Spec({"TLS-12", "TLS-26"})
  void timerOfTheEndEndsWithIt(LoopProbe probe) throws Exception {
    Ends ends = connect();
    ends.client().transport().close();
    ends.client().untilLost();
    ends.server().untilLost();
    // LoopTest fails for a timer that is left.
  }

  @LoopTest
  @Spec("TLS-28")
  void dataAfterCloseIsDiscardedAndDoesNotStallTheEnd() throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      peer.sendPlain("on its way");
      near.transport().close();
      peer.untilEnd();
      if (version.equals("TLSv1.3")) { // before, the peer's engine sends nothing after that
        for (int i = 0; i < 20; i++) {
          peer.sendPlain(new byte[100_000]);
          turns(2);
        }
      }
      peer.sendEnd();
      near.untilLost();
      assertThat(near.trail).containsExactly("made", "lost");
      assertThat(near.lostWith()).isNull();
    }
  }

  @LoopTest
  @Spec({"TLS-28", "TLS-31"})
  void bothEndsMayCloseAtTheSameTime() throws Exception {
    for (String version : VERSIONS) {
      Ends ends = connect(Tls.serving().withTlsParameters(Tls.only(version)), Tls.connecting());
      for (Witness each : List.of(ends.server(), ends.client())) {
        each.transport().write(new byte[300_000]);
        each.transport().close();
      }
      ends.server().untilLost();
      ends.client().untilLost();
      for (Witness each : List.of(ends.server(), ends.client())) {
        assertThat(each.trail).containsExactly("made", "lost");
        assertThat(each.lostWith()).isNull();
      }
    }
  }

  // ---- the peer's end

  @LoopTest
  @Spec({"TLS-29", "TLS-30"})
  void peersNotificationComesAfterItsDataAndClosesTheTransport() throws Exception {
    for (String version : VERSIONS) {
      for (boolean keepsOpen : new boolean[] {false, true}) {
        Witness near = new Witness();
        if (keepsOpen) {
          near.keepOpen();
        }
        TlsPeer peer = serve(near, Tls.serving(), version);
        try (LogCapture log = new LogCapture()) {
          peer.sendPlain("all");
          peer.sendEnd();
          near.untilLost();
          assertThat(log.texts(Level.WARNING)).hasSize(keepsOpen ? 1 : 0);
          if (keepsOpen) {
            assertThat(log.texts(Level.WARNING).getFirst()).contains("has no effect");
          }
        }
        assertThat(near.text()).isEqualTo("all");
        assertThat(near.trail).containsExactly("made", "data", "eof", "lost");
        assertThat(near.lostWith()).isNull();
        peer.untilEnd();
      }
    }
  }

  @LoopTest
  @Spec("TLS-31")
  void whatIsQueuedWhenThePeersEndArrivesIsStillSent(MemoryNetwork network) throws Exception {
    for (String version : VERSIONS) {
      for (String end : List.of("notification", "end-of-file", "both")) {
        Witness near = new Witness();
        TlsPeer peer = serve(near, Tls.serving(), version);
        network.everywhere().setWritesBlocked(true);
        near.transport().write(Payload.part(0, 2_000_000));
        turns(3);
        network.everywhere().clear();
        if (!end.equals("end-of-file")) {
          peer.transport().write(peer.end());
        }
        if (!end.equals("notification")) {
          peer.transport().writeEof();
        }
        near.untilTold("eof");
        peer.untilEnd();
        Payload.assertInOrder(peer.plain(), 2_000_000);
        assertThat(peer.heard).containsExactly("data", "end");
        near.untilLost();
        assertThat(near.trail.stream().filter(word -> !word.contains("e") || word.equals("made")))
            .containsExactly("made", "lost");
        assertThat(near.lostWith()).isNull();
      }
    }
  }

  @LoopTest
  @Spec("TLS-31")
  void whatIsQueuedWhenThePeersEndArrivesInOurOwnEndIsStillSent(MemoryNetwork network)
      throws Exception {
    for (String version : VERSIONS) {
      Witness near = new Witness();
      TlsPeer peer = serve(near, Tls.serving(), version);
      network.everywhere().setWritesBlocked(true);
      near.transport().write(Payload.part(0, 2_000_000));
      near.transport().close();
      turns(3);
      network.everywhere().clear();
      peer.sendEnd();
      peer.untilEnd();
      Payload.assertInOrder(peer.plain(), 2_000_000);
      near.untilLost();
      assertThat(near.lostWith()).isNull();
    }
  }

  @LoopTest
  @Spec("TLS-31")
  void eofReceivedMayStillWrite() throws Exception {
    Witness near = new Witness();
    near.on("eof", () -> near.write("last words"));
    TlsPeer peer = serve(near);
    peer.sendEnd();
    peer.untilEnd();
    assertThat(peer.plainText()).isEqualTo("last words");
    near.untilLost();
    assertThat(near.lostWith()).isNull();
  }

  @LoopTest
  @Spec("TLS-32")
  void endWithoutNotificationIsARegularEndThatDebugModeTells(EventLoop loop) throws Exception {
    for (boolean debug : new boolean[] {false, true}) {
      for (boolean notifies : new boolean[] {false, true}) {
        Witness near = new Witness();
        TlsPeer peer = serve(near);
        loop.setDebug(debug);
        try (LogCapture log = new LogCapture()) {
          peer.sendPlain("all");
          if (notifies) {
            peer.sendEnd();
          }
          peer.transport().close();
          near.untilLost();
          assertThat(
                  log.texts(Level.FINE).stream()
                      .filter(text -> text.contains("without its close_notify")))
              .hasSize(debug && !notifies ? 1 : 0);
        }
        loop.setDebug(false);
        assertThat(near.trail).containsExactly("made", "data", "eof", "lost");
        assertThat(near.lostWith()).isNull();
      }
    }
  }

  @LoopTest
  @Spec("TLS-32")
  void recordThatIsCutOffByTheEndIsDropped() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    byte[] record = peer.encrypt(new byte[1000]);
    peer.transport().write(java.util.Arrays.copyOf(record, 500));
    peer.transport().close();
    near.untilLost();
    assertThat(near.trail).containsExactly("made", "eof", "lost");
    assertThat(near.lostWith()).isNull();
  }

  // ---- while reading is paused

  @LoopTest
  @Spec("TLS-33")
  void dataAndEndAreKeptWhileReadingIsPaused() throws Exception {
    for (String version : VERSIONS) {
      for (boolean notifies : new boolean[] {false, true}) {
        Witness near = new Witness();
        TlsPeer peer = serve(near, Tls.serving(), version);
        near.transport().pauseReading();
        peer.sendPlain(Payload.part(0, 100_000));
        if (notifies) {
          peer.transport().write(peer.end());
        }
        peer.transport().writeEof();
        sleep(seconds(1000)); // no time limit runs meanwhile
        assertThat(near.trail).containsExactly("made");
        assertThat(near.transport().isClosing()).isFalse();

        near.transport().resumeReading();
        near.untilLost();
        Payload.assertInOrder(near.received(), 100_000);
        assertThat(near.trail).containsExactly("made", "data", "eof", "lost");
        assertThat(near.lostWith()).isNull();
      }
    }
  }

  @LoopTest
  @Spec("TLS-33")
  void pausingInTheLastDataKeepsTheEndBack() throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.on("data", near.transport()::pauseReading);
    peer.sendPlain("all");
    peer.sendEnd();
    peer.transport().close();
    near.untilTold("data");
    sleep(seconds(1000));
    assertThat(near.trail).containsExactly("made", "data");
    near.transport().resumeReading();
    near.untilLost();
    assertThat(near.trail).containsExactly("made", "data", "eof", "lost");
  }

  @LoopTest
  @Spec("TLS-34")
  void closeWhileReadingIsPausedDoesNotHang(EventLoop loop) throws Exception {
    for (int size : new int[] {10, 3_000_000}) {
      Witness near = new Witness();
      TlsPeer peer = serve(near);
      near.transport().pauseReading();
      peer.sendPlain(new byte[size]);
      turns(20);
      long begin = loop.time();
      near.transport().close();
      peer.untilEnd();
      peer.sendEnd();
      near.untilLost();
      assertThat(loop.time()).isEqualTo(begin);
      assertThat(near.trail).containsExactly("made", "lost");
      assertThat(near.lostWith()).isNull();
    }
  }

  // ---- abort()

  @LoopTest
  @Spec("TLS-35")
  void abortDropsEverythingAndSaysNothing(MemoryNetwork network) throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    near.write("dropped");
    near.transport().abort();
    assertThat(near.trail).as("not inside the call").containsExactly("made");
    assertThat(near.transport().isClosing()).isTrue();
    near.untilLost();
    peer.untilLost();
    assertThat(near.trail).containsExactly("made", "lost");
    assertThat(near.lostWith()).isNull();
    assertThat(peer.heard).isEmpty();
    assertThat(peer.plain()).isEmpty();
  }

  @LoopTest
  @Spec("TLS-35")
  void abortDuringTheEndDoesNotWaitAnyLonger(EventLoop loop) throws Exception {
    Witness near = new Witness();
    TlsPeer peer = serve(near);
    long begin = loop.time();
    near.transport().close();
    peer.untilEnd();
    near.transport().abort();
    near.transport().abort();
    near.untilLost();
    assertThat(loop.time()).isEqualTo(begin);
    assertThat(near.lostWith()).isNull();
    assertThat(near.trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec("TLS-35")
  void abortInEveryCallIsHonoured(LoopProbe probe) throws Exception {
    for (String word : List.of("data", "eof", "pause", "resume")) {
      Witness near = new Witness();
      near.on(word, () -> near.transport().abort());
      TlsPeer peer = serve(near);
      peer.sendPlain("data");
      near.transport().setWriteBufferLimits(1000);
      near.transport().write(new byte[10_000_000]);
      peer.sendPlain("more");
      turns(3);
      peer.sendEnd();
      near.untilLost();
      turns(3);
      assertThat(near.trail).as(word).endsWith(word, "lost");
      assertThat(near.lostWith()).isNull();
    }
  }

  // ---- failures

  @LoopTest
  @Spec({"PROTO-12", "PROTO-13", "PROTO-16"})
  void failureInACallIsReportedAndEndsTheConnection(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    for (String word : List.of("data", "eof")) {
      IllegalStateException failure = new IllegalStateException("in " + word);
      Witness near = new Witness();
      near.on(
          word,
          () -> {
            throw failure;
          });
      TlsPeer peer = serve(near);
      peer.sendPlain("data");
      peer.sendEnd();
      near.untilLost();
      assertThat(near.lostWith()).isSameAs(failure);
      assertThat(near.count("lost")).isEqualTo(1);
      assertThat(reports).hasSize(1);
      assertThat(reports.getFirst().exception()).isSameAs(failure);
      assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isSameAs(near.transport());
      peer.untilLost();
      reports.clear();
    }
  }

  @LoopTest
  @Spec("PROTO-12")
  void failureAfterAbortIsReportedAllTheSame(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Witness near = new Witness();
    near.on(
        "data",
        () -> {
          near.transport().abort();
          throw new IllegalStateException("late");
        });
    TlsPeer peer = serve(near);
    peer.sendPlain("data");
    near.untilLost();
    assertThat(near.lostWith()).isNull();
    assertThat(reports).hasSize(1);
  }

  @LoopTest
  @Spec({"TLS-9", "PROTO-9"})
  void resetBelowReachesTheProtocol(MemoryNetwork network) throws Exception {
    MemoryNetwork.Pair pair = pair();
    TlsPeer peer = plain(TlsPeer.server(null), pair.second());
    Witness near = new Witness();
    connect(near, pair.first(), Tls.connecting());
    network.reset(pair.second());
    near.untilLost();
    assertThat(near.trail).containsExactly("made", "lost");
    assertThat(near.lostWith()).isInstanceOf(ConnectionResetException.class);
    peer.untilLost();
  }

  // ---- what it says of itself

  @LoopTest
  @Spec("TLS-36")
  void closingAndReadingFollowTheTransportBelow() throws Exception {
    Witness near = new Witness();
    serve(near);
    Transport transport = near.transport();
    assertThat(transport.isClosing()).isFalse();
    assertThat(transport.isReading()).isTrue();
    transport.close();
    assertThat(transport.isClosing()).isTrue();
    assertThat(transport.isReading()).isFalse();

    MemoryNetwork.Pair pair = pair();
    Witness plainNear = plain(new Witness(), pair.first());
    TlsPeer peer = plain(TlsPeer.client(null), pair.second());
    Transport below = plainNear.transport();
    Witness upgraded = new Witness();
    var upgrading = createTask(() -> getRunningLoop().startTls(below, upgraded, Tls.serving()));
    peer.shakeHands();
    Transport above = upgrading.await();
    assertThat(above.isClosing()).isFalse();
    assertThat(above.isReading()).isTrue();
    below.close();
    assertThat(above.isClosing()).isTrue();
    assertThat(above.isReading()).isFalse();
    upgraded.untilLost();
    assertThat(upgraded.trail).containsExactly("lost");
    assertThat(upgraded.lostWith()).isNull();
  }
}
