package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.startServer;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.BufferedProtocol;
import asyncio.net.ConnectOptions;
import asyncio.net.ConnectionAbortedException;
import asyncio.net.ConnectionResetException;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Connections that are upgraded to TLS when they exist already. */
class StartTlsTest extends TlsLab {

  /** A plain connection of the library, with a peer by hand at its other end. */
  private record Upgradable(Witness near, TlsPeer peer, MemoryNetwork.Pair pair) {
    Transport transport() {
      return near.transport();
    }
  }

  private Upgradable connect(TlsPeer peer) throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness near = plain(new Witness(), pair.first());
    plain(peer, pair.second());
    return new Upgradable(near, peer, pair);
  }

  @Suspends
  private static Transport upgrade(Upgradable made, ServerOptions options) throws Exception {
    return getRunningLoop().startTls(made.transport(), made.near(), options);
  }

  @Suspends
  private static Transport upgrade(Upgradable made, ConnectOptions options) throws Exception {
    return getRunningLoop().startTls(made.transport(), made.near(), options);
  }

  // ---- the upgrade

  @LoopTest
  @Spec({"TLS-37", "TLS-38"})
  void clientUpgradesItsConnection() throws Exception {
    Upgradable made = connect(TlsPeer.server(null));
    made.peer().transport(); // nobody has said a word in clear
    Transport before = made.transport();
    Transport after = upgrade(made, Tls.connecting());
    assertThat(after).isNotSameAs(before);
    assertThat(after.getProtocol()).isSameAs(made.near());
    assertThat(after.getExtraInfo("sslcontext")).isSameAs(Tls.client());
    assertThat(after.getExtraInfo("peername")).isEqualTo(before.getExtraInfo("peername"));
    assertThat(made.near().trail).as("no second connectionMade").containsExactly("made");

    after.write(Witness.bytes("secret"));
    made.peer().untilPlain(6);
    made.peer().sendPlain("answer");
    made.near().untilReceived(6);
    assertThat(made.peer().plainText()).isEqualTo("secret");
    assertThat(made.near().text()).isEqualTo("answer");
    after.close();
    made.peer().untilEnd();
    made.peer().sendEnd();
    made.near().untilLost();
    assertThat(made.near().trail).containsExactly("made", "data", "lost");
    assertThat(made.near().lostWith()).isNull();
    assertThat(before.isClosing()).isTrue();
  }

  @LoopTest
  @Spec({"TLS-37", "TLS-38"})
  void serverUpgradesItsConnection() throws Exception {
    Upgradable made = connect(TlsPeer.client(null));
    Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.serving()));
    turns(2);
    made.peer().shakeHands();
    Transport after = await(upgrading);
    made.peer().sendPlain("question");
    made.near().untilReceived(8);
    after.write(Witness.bytes("answer"));
    made.peer().untilPlain(6);
    made.peer().sendEnd();
    made.near().untilLost();
    assertThat(made.near().trail).containsExactly("made", "data", "eof", "lost");
    assertThat(made.near().text()).isEqualTo("question");
  }

  /** Gathers bytes through a buffer. */
  private static final class Gatherer implements BufferedProtocol {
    final Witness inner = new Witness();
    private final ByteBuffer buffer = ByteBuffer.allocate(50_000);

    @Override
    public void connectionMade(Transport transport) throws Exception {
      inner.connectionMade(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) throws Exception {
      inner.dataReceived(buffer.flip().slice());
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      inner.connectionLost(exception);
    }
  }

  @LoopTest
  @Spec({"TLS-37", "TLS-38", "TLS-18"})
  void bufferedProtocolGoesOnWithDecryptedBytes() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Gatherer near = plain(new Gatherer(), pair.first());
    TlsPeer peer = plain(TlsPeer.client(null), pair.second());
    Task<Transport> upgrading =
        createTask(() -> getRunningLoop().startTls(near.inner.transport(), near, Tls.serving()));
    peer.shakeHands();
    await(upgrading);
    peer.sendPlain(Payload.part(0, 100_000));
    near.inner.untilReceived(100_000);
    Payload.assertInOrder(near.inner.received(), 100_000);
    assertThat(near.inner.trail).containsExactly("made", "data");
    peer.sendEnd();
    near.inner.untilLost();
  }

  @LoopTest
  @Spec({"TLS-37", "TLS-38"})
  void otherProtocolMayTakeOver() throws Exception {
    Upgradable made = connect(TlsPeer.client(null));
    Witness next = new Witness();
    Task<Transport> upgrading =
        createTask(() -> getRunningLoop().startTls(made.transport(), next, Tls.serving()));
    made.peer().shakeHands();
    await(upgrading);
    made.peer().sendPlain("for the next");
    next.untilReceived(12);
    made.peer().sendEnd();
    next.untilLost();
    assertThat(next.trail).containsExactly("data", "eof", "lost");
    assertThat(made.near().trail).containsExactly("made");
  }

  @LoopTest
  @Spec("TLS-37")
  void bothEndsOfTheLibraryUpgradeAfterSomeWords() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness server = plain(new Witness(), pair.first());
    Witness client = plain(new Witness(), pair.second());
    client.write("STARTTLS");
    server.untilReceived(8);
    server.write("go ahead");
    Task<Transport> upgrading =
        createTask(() -> getRunningLoop().startTls(server.transport(), server, Tls.serving()));
    client.untilReceived(8);
    Transport above = getRunningLoop().startTls(client.transport(), client, Tls.connecting());
    await(upgrading).write(Witness.bytes(", safely"));
    client.untilReceived(16);
    assertThat(client.text()).isEqualTo("go ahead, safely");
    above.close();
    client.untilLost();
    server.untilLost();
  }

  // ---- what cannot be

  @LoopTest
  @Spec("TLS-39")
  void optionsWithoutContextAreRefusedAndNothingChanges() throws Exception {
    Upgradable made = connect(TlsPeer.server(null));
    assertThatThrownBy(() -> upgrade(made, ConnectOptions.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLS context");
    assertThatThrownBy(() -> upgrade(made, ServerOptions.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLS context");
    assertThatThrownBy(() -> upgrade(made, ConnectOptions.tls(Tls.client())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("serverHostname");
    assertThatThrownBy(() -> upgrade(made, Tls.connecting().withTlsHandshakeTimeout(seconds(0))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(made.transport().getProtocol()).isSameAs(made.near());
    assertThat(made.transport().isReading()).isTrue();
    made.near().write("plain");
    made.peer().untilReceived(5);
  }

  /** A transport of the user's, which cannot do what an upgrade needs. */
  private static final class Limited implements Transport {
    boolean isReading = true;

    @Override
    public boolean isClosing() {
      return false;
    }

    @Override
    public void pauseReading() {
      isReading = false;
    }

    @Override
    public void resumeReading() {
      isReading = true;
    }
  }

  @LoopTest
  @Spec("TLS-39")
  void transportThatCannotBeUpgradedIsLeftAsItWas(EventLoop loop) throws Exception {
    Limited limited = new Limited();
    assertThatThrownBy(() -> loop.startTls(limited, new Witness(), Tls.connecting()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("setProtocol");
    assertThat(limited.isReading).isTrue();

    Upgradable made = connect(TlsPeer.server(null));
    made.transport().close();
    assertThatThrownBy(() -> upgrade(made, Tls.connecting()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closing");
    made.near().untilLost();
  }

  // ---- failures

  @LoopTest
  @Spec({"TLS-40", "TLS-38"})
  void failedUpgradeClosesTheConnectionAndTellsTheProtocolOnce() throws Exception {
    Upgradable made = connect(TlsPeer.server(null));
    assertThatThrownBy(() -> upgrade(made, Tls.connecting().withServerHostname("no.test")))
        .isInstanceOf(SSLException.class);
    made.near().untilLost();
    turns(5);
    assertThat(made.near().trail).containsExactly("made", "lost");
    assertThat(made.near().lostWith()).isInstanceOf(SSLException.class);
    assertThat(made.pair().first().isOpen()).isFalse();
  }

  @LoopTest
  @Spec({"TLS-40", "TLS-10"})
  void upgradeHasATimeLimit(EventLoop loop) throws Exception {
    Upgradable made = connect(TlsPeer.client(null)); // and says nothing
    long begin = loop.time();
    assertThatThrownBy(() -> upgrade(made, Tls.serving().withTlsHandshakeTimeout(seconds(7))))
        .isInstanceOf(ConnectionAbortedException.class);
    assertThat(loop.time() - begin).isEqualTo(7_000_000_000L);
    made.near().untilLost();
    assertThat(made.near().trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec({"TLS-40", "TLS-11"})
  void cancelledUpgradeClosesTheConnection() throws Exception {
    for (int distance = 1; distance < 6; distance++) {
      Upgradable made = connect(TlsPeer.client(null));
      Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.serving()));
      turns(distance);
      upgrading.cancel();
      assertThatThrownBy(() -> await(upgrading)).isInstanceOf(CancelledError.class);
      made.near().untilLost();
      assertThat(made.near().trail).containsExactly("made", "lost");
      assertThat(made.near().lostWith()).isNull();
      assertThat(made.pair().first().isOpen()).isFalse();
    }
  }

  @LoopTest
  @Spec({"TLS-40", "TLS-9"})
  void peerThatLeavesDuringTheUpgradeIsAReset() throws Exception {
    Upgradable made = connect(TlsPeer.client(null));
    Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.serving()));
    turns(2);
    made.peer().transport().close();
    assertThatThrownBy(() -> await(upgrading))
        .hasRootCauseInstanceOf(ConnectionResetException.class);
    made.near().untilLost();
    assertThat(made.near().trail).containsExactly("made", "lost");
    assertThat(made.near().lostWith()).isInstanceOf(ConnectionResetException.class);
  }

  // ---- reading

  @LoopTest
  @Spec("TLS-40")
  void nothingThatComesDuringTheExchangeOfProtocolsIsLost() throws Exception {
    Upgradable made = connect(TlsPeer.client(null));
    made.peer().begin(); // its hello is on its way already
    Transport before = made.transport();
    Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.serving()));
    made.peer().untilHandshake();
    Transport after = await(upgrading);
    assertThat(after.isReading()).isTrue();
    assertThat(before.isReading()).isTrue();
    assertThat(made.near().trail).containsExactly("made");
  }

  @LoopTest
  @Spec("TLS-40")
  void pausedConnectionIsResumedForTheHandshake() throws Exception {
    Upgradable made = connect(TlsPeer.client(null));
    made.transport().pauseReading();
    Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.serving()));
    made.peer().shakeHands();
    assertThat(await(upgrading).isReading()).isTrue();
  }

  @LoopTest
  @Spec("TLS-41")
  void helloInTheReadersBufferBelongsToTheHandshake(VirtualTimeLoop loop) throws Exception {
    Tls.bePatient(loop);
    var server =
        startServer(
            (reader, writer) -> {
              try (writer) {
                assertThat(reader.readUtf8Line()).isEqualTo("STARTTLS");
                turns(3);
                assertThat(reader.toString()).as("the hello came with it").contains("bytes");
                writer.startTls(Tls.server(), null);
                writer.write(reader.readLine());
              }
            },
            "127.0.0.1",
            25);
    try (var _ = server.scope()) {
      TlsPeer peer = TlsPeer.client(null);
      loop.createConnection(() -> peer, "127.0.0.1", 25);
      peer.write("STARTTLS\n");
      peer.shakeHands();
      peer.sendPlain("echo\n");
      peer.untilPlain(5);
      assertThat(peer.plainText()).isEqualTo("echo\n");
      peer.sendEnd();
      peer.untilLost();
    }
  }

  // ---- flow control

  @LoopTest
  @Spec("TLS-42")
  void connectionMayBeUpgradedWhileWritingIsPaused(MemoryNetwork network) throws Exception {
    Upgradable made = connect(TlsPeer.server(null));
    made.peer().beDeaf();
    network.of(made.pair().first()).setWritesBlocked(true);
    byte[] clear = new byte[200_000];
    made.transport().write(clear);
    assertThat(made.near().trail).containsExactly("made", "pause");

    Task<Transport> upgrading = createTask(() -> upgrade(made, Tls.connecting()));
    turns(5);
    network.everywhere().clear();
    network.of(made.pair().first()).clear();
    made.peer().untilReceived(clear.length);
    made.peer().hearFrom(clear.length);
    Transport after = await(upgrading);
    turns(1);
    assertThat(made.near().trail).containsExactly("made", "pause", "resume");
    after.write(Payload.part(0, 100));
    made.peer().untilPlain(100);
    assertThat(made.near().trail).containsExactly("made", "pause", "resume");
  }

  // ---- one on top of the other

  @LoopTest(timeout = 20)
  @Spec({"TLS-16", "TLS-37"})
  void tlsWorksOnTopOfTls() throws Exception {
    for (boolean paused : new boolean[] {false, true}) {
      Ends ends = connect();
      Witness server = new Witness();
      Witness client = new Witness();
      Task<Transport> upgrading =
          createTask(
              () -> getRunningLoop().startTls(ends.server().transport(), server, Tls.serving()));
      Transport inner =
          getRunningLoop().startTls(ends.client().transport(), client, Tls.connecting());
      Transport innerServer = await(upgrading);
      int count = 1_000_000;
      inner.write(Payload.part(0, count));
      innerServer.write(Payload.part(0, count));
      client.untilReceived(count);
      server.untilReceived(count);
      Payload.assertInOrder(client.received(), count);
      Payload.assertInOrder(server.received(), count);

      if (paused) {
        innerServer.pauseReading();
        inner.write(Payload.part(count, 1000));
      }
      inner.close();
      turns(20);
      innerServer.resumeReading();
      client.untilLost();
      server.untilLost();
      assertThat(client.lostWith()).isNull();
      assertThat(server.lostWith()).isNull();
      assertThat(server.receivedCount()).isEqualTo(paused ? count + 1000 : count);
      assertThat(server.trail).endsWith("eof", "lost");
      assertThat(client.trail).endsWith("lost").doesNotContain("eof");
    }
  }

  @LoopTest
  @Spec("TLS-36")
  void closingTheOneBelowClosesTheOneAbove() throws Exception {
    Ends ends = connect();
    Witness server = new Witness();
    Witness client = new Witness();
    Task<Transport> upgrading =
        createTask(
            () -> getRunningLoop().startTls(ends.server().transport(), server, Tls.serving()));
    Transport inner =
        getRunningLoop().startTls(ends.client().transport(), client, Tls.connecting());
    await(upgrading);
    ends.client().transport().close();
    assertThat(inner.isClosing()).isTrue();
    client.untilLost();
    server.untilLost();
    assertThat(client.lostWith()).isNull();
    assertThat(server.trail).containsExactly("eof", "lost");
  }
}
