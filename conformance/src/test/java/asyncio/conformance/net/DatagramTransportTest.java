package asyncio.conformance.net;

import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramTransport;
import asyncio.net.Protocol;
import asyncio.net.WriteBufferLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the transport of a datagram endpoint does: DG-3, and DG-11 to DG-23. */
class DatagramTransportTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.0.1", 53);

  private final DatagramWitness server = new DatagramWitness();
  private final DatagramWitness client = new DatagramWitness();

  private interface Body {
    void run(NamesLoop loop, DatagramTransport transport) throws Exception;
  }

  /** Gives {@code body} a client without a peer, in memory, and a server at {@link #SERVER}. */
  private void withClient(Engine engine, Body body) {
    with(engine, DatagramOptions.local("10.0.0.2", 5000), body);
  }

  /** The same, with a client whose peer the server is. */
  private void withConnected(Engine engine, Body body) {
    with(engine, DatagramOptions.remote("10.0.0.1", 53), body);
  }

  private void with(Engine engine, DatagramOptions options, Body body) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.createDatagramEndpoint(() -> server, DatagramOptions.local("10.0.0.1", 53));
          loop.createDatagramEndpoint(() -> client, options);
          body.run(loop, client.transport());
          client.transport().abort();
          server.transport().abort();
        });
  }

  private static void block(NamesLoop loop, boolean blocked) {
    loop.network().at(SERVER).setWritesBlocked(blocked);
  }

  // ---- empty datagrams

  @EachEngine
  @Spec("DG-3")
  void emptyDatagramsAreSentAndReceived(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          loop.createDatagramEndpoint(() -> server, DatagramOptions.local("127.0.0.1", 0));
          loop.createDatagramEndpoint(() -> client, DatagramOptions.local("127.0.0.1", 0));
          var address = (InetSocketAddress) server.transport().getExtraInfo("sockname");
          client.transport().sendTo(bytes(""), address);
          client.transport().sendTo(bytes("x"), address);
          client.transport().sendTo(bytes(""), address);
          server.untilReceived(3);
          assertThat(server.received()).containsExactly("", "x", "");

          var peer =
              DatagramOptions.remote("127.0.0.1", address.getPort())
                  .withLocalAddress("127.0.0.1", 0);
          var connected = loop.createDatagramEndpoint(DatagramWitness::new, peer);
          var back = (InetSocketAddress) connected.transport().getExtraInfo("sockname");
          server.transport().sendTo(bytes(""), back);
          connected.protocol().untilReceived(1);
          assertThat(connected.protocol().trail).containsExactly("made", "got ");
          for (var each : List.of(server, client, connected.protocol())) {
            each.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("DG-3")
  void connectedEndpointRefusesToSendAnEmptyOneAndSaysSo(Engine engine) {
    withConnected(
        engine,
        (_, transport) -> {
          transport.sendTo(bytes(""));
          assertThat(client.trail).containsExactly("made", "error SocketException");
          assertThat(client.thrown.getFirst()).hasMessageContaining("empty datagram");
          transport.sendTo(bytes("x"));
          server.untilReceived(1);
        });
  }

  // ---- sending

  @EachEngine
  @Spec("DG-11")
  void datagramIsSentAtOnceIfNothingIsQueued(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          try (var receiver = loop.network().openDatagramChannel()) {
            receiver.configureBlocking(false);
            receiver.bind(new InetSocketAddress("10.0.0.3", 53));
            transport.sendTo(bytes("now"), receiver.getLocalAddress());
            ByteBuffer buffer = ByteBuffer.allocate(10);
            assertThat(receiver.receive(buffer)).isEqualTo(transport.getExtraInfo("sockname"));
            assertThat(text(buffer.flip())).isEqualTo("now");
          }
        });
  }

  @EachEngine
  @Spec("DG-11")
  void datagramsThatWouldBlockAreQueuedWithTheirAddresses(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          var other = new DatagramWitness();
          loop.createDatagramEndpoint(() -> other, DatagramOptions.local("10.0.0.3", 53));
          block(loop, true);
          transport.sendTo(bytes("1"), SERVER);
          transport.sendTo(bytes("2"), new InetSocketAddress("10.0.0.3", 53));
          transport.sendTo(bytes("3"), SERVER);
          turns(3);
          assertThat(server.received()).isEmpty();
          assertThat(other.received()).as("behind the first one, which is blocked").isEmpty();
          assertThat(transport.getWriteBufferSize()).isEqualTo(3 * (1 + 8));

          block(loop, false);
          server.untilReceived(2);
          assertThat(server.received()).containsExactly("1", "3");
          assertThat(other.received()).containsExactly("2");
          assertThat(transport.getWriteBufferSize()).isZero();
          other.transport().close();
        });
  }

  @EachEngine
  @Spec("DG-11")
  void anyKindOfBufferIsSent(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          ByteBuffer direct = ByteBuffer.allocateDirect(8).put(bytes("__direct")).position(2);
          ByteBuffer sliced = bytes("--readonly--").position(2).limit(10).asReadOnlyBuffer();
          transport.sendTo(direct, SERVER);
          transport.sendTo(sliced, SERVER);
          transport.sendTo("array".getBytes(), SERVER);
          server.untilReceived(3);
          assertThat(server.received()).containsExactly("direct", "readonly", "array");
          assertThat(direct.hasRemaining()).isFalse();
          assertThat(sliced.hasRemaining()).isFalse();
        });
  }

  @EachEngine
  @Spec("DG-12")
  void bytesAreThoseOfTheTimeOfTheCall(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          block(loop, true);
          for (ByteBuffer buffer :
              new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocateDirect(3)}) {
            buffer.put(bytes("old")).flip();
            transport.sendTo(buffer, SERVER);
            buffer.clear().put(bytes("new"));
          }
          block(loop, false);
          server.untilReceived(2);
          assertThat(server.received()).containsExactly("old", "old");
        });
  }

  @EachEngine
  @Spec("DG-13")
  void whatIsNoBytesIsRefused(Engine engine) {
    withClient(
        engine,
        (_, transport) ->
            assertThatThrownBy(() -> transport.sendTo((ByteBuffer) null, SERVER))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("data"));
    Snippet.rejects("asyncio.net.DatagramTransport transport = null; transport.sendTo(\"text\");");
  }

  @EachEngine
  @Spec("DG-14")
  void connectedEndpointSendsToItsPeerOnly(Engine engine) {
    withConnected(
        engine,
        (_, transport) -> {
          transport.sendTo(bytes("1"));
          transport.sendTo(bytes("2"), SERVER);
          var other = new InetSocketAddress("10.0.0.1", 54);
          refuses("Invalid address", () -> transport.sendTo(bytes("3"), other));
          server.untilReceived(2);
          transport.close();
          refuses("Invalid address", () -> transport.sendTo(bytes("4"), other));
          turns(3);
          refuses("Invalid address", () -> transport.sendTo(bytes("5"), other));
          assertThat(server.received()).containsExactly("1", "2");
        });
  }

  private static void refuses(String fragment, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fragment);
  }

  @EachEngine
  @Spec("DG-15")
  void endpointWithoutPeerNeedsAnAddress(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          refuses("say where to send", () -> transport.sendTo(bytes("x")));
          transport.sendTo(bytes("y"), SERVER);
          server.untilReceived(1);
          assertThat(client.trail).containsExactly("made");
        });
  }

  @EachEngine
  @Spec("DG-16")
  void hostNameIsRefusedAndNotLookedUp(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          loop.name("server.example", "10.0.0.1");
          refuses(
              "DNS lookup",
              () ->
                  transport.sendTo(
                      bytes("x"), InetSocketAddress.createUnresolved("server.example", 53)));
          assertThat(loop.lookUps).isEmpty();
        });
  }

  // ---- errors

  @EachEngine
  @Spec({"DG-17", "PROACTOR-12"})
  void unreachablePortIsAnErrorThatTheEndpointOutlives(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var nobody = (InetSocketAddress) Sockets.unusedUdpAddress();
          loop.createDatagramEndpoint(
              () -> client, DatagramOptions.remote("127.0.0.1", nobody.getPort()));
          client.transport().sendTo(bytes("anybody?"));
          client.until(() -> client.trail.size() == 2);
          assertThat(client.trail).containsExactly("made", "error PortUnreachableException");
          assertThat(client.thrown.getFirst()).isInstanceOf(PortUnreachableException.class);

          loop.createDatagramEndpoint(
              () -> server, DatagramOptions.local("127.0.0.1", nobody.getPort()));
          client.transport().sendTo(bytes("somebody"));
          server.untilReceived(1);
          server.transport().sendTo(bytes("me"), server.senders.getFirst());
          client.untilReceived(1);
          client.transport().close();
          server.transport().close();
        });
  }

  @EachEngine
  @Spec({"DG-17", "PROACTOR-12"})
  void errorOfSendingIsToldWithinTheCallAndTheEndpointGoesOn(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          var data = ByteBuffer.allocate(70_000);
          transport.sendTo(data, SERVER);
          assertThat(data.hasRemaining()).isFalse();
          transport.sendTo(new byte[300_000], SERVER);
          transport.sendTo(bytes("x"), new InetSocketAddress("::1", 53));
          assertThat(client.trail)
              .containsExactly(
                  "made",
                  "error SocketException",
                  "error SocketException",
                  "error SocketException");
          assertThat(client.thrown.getLast()).hasMessageContaining("cannot send to");
          transport.sendTo(bytes("fine"), SERVER);
          server.untilReceived(1);
        });
  }

  @EachEngine
  @Spec({"DG-17", "PROACTOR-12"})
  void errorOfReceivingIsToldAndTheEndpointGoesOn(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.createDatagramEndpoint(() -> client, DatagramOptions.remote("10.0.0.1", 53));
          client.transport().sendTo(bytes("nobody there"));
          client.until(() -> client.trail.size() == 2);
          assertThat(client.trail).containsExactly("made", "error PortUnreachableException");
          loop.createDatagramEndpoint(() -> server, DatagramOptions.local("10.0.0.1", 53));
          client.transport().sendTo(bytes("somebody"));
          server.untilReceived(1);
          client.transport().close();
          server.transport().close();
        });
  }

  @EachEngine
  @Spec({"DG-17", "DG-3", "DG-20"})
  void errorsInManyRoundsLeaveTheEndpointAsItWas(Engine engine) {
    withConnected(
        engine,
        (loop, transport) -> {
          for (int i = 0; i < 100; i++) {
            block(loop, i % 2 == 0);
            transport.sendTo(bytes("a" + i));
            transport.sendTo(bytes("")); // an error, at once or in its turn
            transport.sendTo(bytes("b" + i));
            block(loop, false);
            server.untilReceived(2 * i + 2);
            assertThat(transport.getWriteBufferSize()).isZero();
          }
          assertThat(client.thrown).hasSize(100);
          assertThat(server.received()).endsWith("a98", "b98", "a99", "b99");
        });
  }

  @EachEngine
  @Spec("DG-18")
  void otherFailureOfSendingEndsTheEndpointAndIsReported(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          DatagramChannel channel = loop.network().openDatagramChannel();
          channel.connect(SERVER);
          loop.createDatagramEndpoint(() -> client, DatagramOptions.DEFAULT.withSocket(channel));
          channel.disconnect(); // behind the transport's back
          client.transport().sendTo(bytes("x"));
          assertThat(client.transport().isClosing()).isTrue();
          client.untilLost();
          assertThat(client.trail).containsExactly("made", "lost NotYetConnectedException");
          assertThat(loop.reports).hasSize(1);
          var report = loop.reports.removeFirst();
          assertThat(report.message()).isEqualTo("Fatal write error on datagram transport");
          assertThat(report.exception()).isInstanceOf(NotYetConnectedException.class);
          assertThat(report.get("transport")).isSameAs(client.transport());
          assertThat(report.get("protocol")).isSameAs(client);
        });
  }

  @EachEngine
  @Spec("DG-18")
  void otherFailureInTheQueueEndsTheEndpointToo(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          DatagramChannel channel = loop.network().openDatagramChannel();
          loop.createDatagramEndpoint(() -> client, DatagramOptions.DEFAULT.withSocket(channel));
          block(loop, true);
          client.transport().setWriteBufferLimits(0);
          client.transport().sendTo(bytes("1"), SERVER);
          client.transport().sendTo(bytes("2"), SERVER);
          channel.connect(new InetSocketAddress("10.0.0.9", 9)); // behind the transport's back
          block(loop, false);
          client.untilLost();
          assertThat(client.trail)
              .as("writing is not resumed")
              .containsExactly("made", "pause", "lost AlreadyConnectedException");
          assertThat(loop.reports.removeFirst().exception())
              .isInstanceOf(AlreadyConnectedException.class);
          assertThat(loop.reports).isEmpty();
          assertThat(client.transport().getWriteBufferSize()).isZero();
        });
  }

  @EachEngine
  @Spec("DG-18")
  void channelThatOthersCloseEndsTheEndpointWithoutAReport(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          DatagramChannel channel = DatagramChannel.open().bind(Sockets.anyPort());
          loop.createDatagramEndpoint(() -> client, DatagramOptions.DEFAULT.withSocket(channel));
          channel.close();
          while (!client.transport().isClosing()) {
            turn();
          }
          client.untilLost();
          assertThat(client.trail).containsExactly("made", "lost ClosedChannelException");
          assertThat(client.thrown.getLast()).isInstanceOf(ClosedChannelException.class);
        });
  }

  @EachEngine
  @Spec("DG-19")
  void restOfTheQueueIsSentAfterAnErrorAndWritingIsResumed(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          transport.setWriteBufferLimits(0);
          block(loop, true);
          transport.sendTo(bytes("before"), SERVER);
          transport.sendTo(bytes("wrong family"), new InetSocketAddress("::1", 53));
          transport.sendTo(bytes("too long" + "!".repeat(70_000)), SERVER);
          transport.sendTo(bytes("after"), SERVER);
          assertThat(client.trail).containsExactly("made", "pause");
          block(loop, false);
          server.untilReceived(2);
          assertThat(server.received()).containsExactly("before", "after");
          assertThat(client.trail)
              .containsExactly(
                  "made", "pause", "error SocketException", "error SocketException", "resume");
          assertThat(transport.getWriteBufferSize()).isZero();
        });
  }

  // ---- flow control

  @EachEngine
  @Spec("DG-20")
  void sizeCountsEightBytesMoreForEachDatagramAndReturnsToZero(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          assertThat(transport.getWriteBufferLimits()).isEqualTo(WriteBufferLimits.DEFAULT);
          transport.setWriteBufferLimits(20, 30);
          block(loop, true);
          transport.sendTo(bytes("12"), SERVER);
          assertThat(transport.getWriteBufferSize()).isEqualTo(10);
          transport.sendTo(bytes(""), SERVER);
          assertThat(transport.getWriteBufferSize()).isEqualTo(18);
          transport.sendTo(bytes("3456"), SERVER);
          assertThat(transport.getWriteBufferSize()).isEqualTo(30);
          assertThat(client.trail).as("as much as the mark").containsExactly("made");
          transport.sendTo(bytes(""), SERVER);
          assertThat(transport.getWriteBufferSize()).isEqualTo(38);
          assertThat(client.trail).containsExactly("made", "pause");
          transport.sendTo(bytes("7"), SERVER);
          assertThat(client.trail).as("only once").containsExactly("made", "pause");

          block(loop, false);
          server.untilReceived(5);
          assertThat(server.received()).containsExactly("12", "", "3456", "", "7");
          assertThat(client.trail).containsExactly("made", "pause", "resume");
          assertThat(transport.getWriteBufferSize()).isZero();
        });
  }

  @EachEngine
  @Spec("DG-20")
  void limitsAreThoseOfStreams(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          refuses("must be >=", () -> transport.setWriteBufferLimits(2, 1));
          transport.setWriteBufferLimits(100);
          assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(25, 100));
          block(loop, true);
          transport.sendTo(bytes("12"), SERVER);
          transport.setWriteBufferLimits(1, 9);
          assertThat(client.trail).as("inside the call").containsExactly("made", "pause");
          transport.resetWriteBufferLimits();
          assertThat(transport.getWriteBufferLimits()).isEqualTo(WriteBufferLimits.DEFAULT);
          block(loop, false);
          server.untilReceived(1);
          assertThat(client.trail).containsExactly("made", "pause", "resume");
        });
  }

  @EachEngine
  @Spec("DG-20")
  void sendInsideResumeWritingKeepsTheOrder(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          transport.setWriteBufferLimits(9, 10);
          block(loop, true);
          client.on("resume", () -> transport.sendTo(bytes("last"), SERVER));
          transport.sendTo(bytes("1"), SERVER);
          transport.sendTo(bytes("2"), SERVER);
          transport.sendTo(bytes("3"), SERVER);
          block(loop, false);
          server.untilReceived(4);
          assertThat(server.received()).containsExactly("1", "2", "3", "last");
        });
  }

  // ---- the end

  @EachEngine
  @Spec("DG-21")
  void closeSendsTheQueueFirst(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          block(loop, true);
          transport.sendTo(bytes("1"), SERVER);
          transport.sendTo(bytes("2"), SERVER);
          transport.close();
          transport.close();
          assertThat(transport.isClosing()).isTrue();
          server.transport().sendTo(bytes("too late"), new InetSocketAddress("10.0.0.2", 5000));
          turns(3);
          assertThat(client.trail).containsExactly("made");
          block(loop, false);
          client.untilLost();
          server.untilReceived(2);
          assertThat(server.received()).containsExactly("1", "2");
          turns(3);
          assertThat(client.trail).containsExactly("made", "lost");
          assertThat(transport.getProtocol()).isNull();
        });
  }

  @EachEngine
  @Spec("DG-21")
  void closeWithoutAQueueEndsInTheNextIteration(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          transport.close();
          assertThat(client.trail).containsExactly("made");
          turn();
          assertThat(client.trail).containsExactly("made", "lost");
          transport.close();
          transport.abort();
          turns(2);
          assertThat(client.trail).containsExactly("made", "lost");
        });
  }

  @EachEngine
  @Spec("DG-21")
  void abortDropsTheQueue(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          transport.setWriteBufferLimits(0);
          block(loop, true);
          transport.sendTo(bytes("1"), SERVER);
          transport.close();
          transport.abort();
          assertThat(transport.getWriteBufferSize()).isZero();
          block(loop, false);
          client.untilLost();
          turns(3);
          assertThat(server.received()).isEmpty();
          assertThat(client.trail).containsExactly("made", "pause", "lost");
        });
  }

  @EachEngine
  @Spec("DG-21")
  void closeInsideACallbackStopsReceiving(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          server.on("got", () -> server.transport().close());
          transport.sendTo(bytes("1"), SERVER);
          transport.sendTo(bytes("2"), SERVER);
          server.untilLost();
          assertThat(server.trail).containsExactly("made", "got 1", "lost");
        });
  }

  @EachEngine
  @Spec("DG-22")
  void sendAfterTheEndIsDroppedWithAWarningFromTheFifthOn(Engine engine) {
    List<Consumer<DatagramTransport>> ends =
        List.of(DatagramTransport::close, DatagramTransport::abort);
    for (var end : ends) {
      var fresh = new DatagramTransportTest();
      fresh.withClient(
          engine,
          (_, transport) -> {
            end.accept(transport);
            try (var log = new LogCapture()) {
              for (int i = 1; i <= 4; i++) {
                transport.sendTo(bytes("dropped"), SERVER);
              }
              turn();
              assertThat(warnings(log)).isEmpty();
              transport.sendTo(bytes("dropped"), SERVER);
              transport.sendTo(bytes("dropped"), SERVER);
              turn();
              assertThat(warnings(log)).hasSize(2);
            }
            assertThatThrownBy(() -> transport.sendTo((byte[]) null, SERVER))
                .isInstanceOf(NullPointerException.class);
            turns(3);
            assertThat(fresh.server.received()).isEmpty();
          });
    }
  }

  private static List<String> warnings(LogCapture log) {
    return log.texts(Level.WARNING).stream()
        .filter(text -> text.contains("socket.send() raised exception"))
        .toList();
  }

  @EachEngine
  @Spec("DG-23")
  void failureOfTheProtocolIsReportedAndTheEndpointStaysOpen(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          var reports = collectReports(loop);
          server.on(
              "got",
              () -> {
                throw new IllegalArgumentException("bad datagram");
              });
          transport.sendTo(bytes("1"), SERVER);
          transport.sendTo(bytes("2"), SERVER);
          server.untilReceived(2);
          assertThat(reports).hasSize(2);
          assertThat(reports.getFirst().exception()).hasMessage("bad datagram");
          assertThat(reports.getFirst().get("protocol")).isSameAs(server);

          client.on(
              "error",
              () -> {
                throw new IOException("bad error");
              });
          transport.sendTo(new byte[70_000], SERVER);
          assertThat(reports).hasSize(3);
          assertThat(reports.getLast().exception()).hasMessage("bad error");
          transport.sendTo(bytes("3"), SERVER);
          server.untilReceived(3);
          loop.setExceptionHandler(null);
        });
  }

  @EachEngine
  void protocolCanBeReplacedByOneOfItsKind(Engine engine) {
    withClient(
        engine,
        (_, transport) -> {
          var other = new DatagramWitness();
          server.transport().setProtocol(other);
          assertThat(server.transport().getProtocol()).isSameAs(other);
          transport.sendTo(bytes("1"), SERVER);
          other.untilReceived(1);
          assertThat(server.trail).containsExactly("made");
          assertThatThrownBy(() -> transport.setProtocol(new Protocol() {}))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("no DatagramProtocol");
        });
  }

  @EachEngine
  void manyDatagramsDoNotKeepOthersWaiting(Engine engine) {
    withClient(
        engine,
        (loop, transport) -> {
          List<Integer> received = new ArrayList<>();
          for (int i = 0; i < 500; i++) {
            transport.sendTo(bytes("x"), SERVER);
          }
          countPerTurn(loop, received);
          server.untilReceived(500);
          assertThat(received).allMatch(each -> each <= 32).contains(1, 2, 4, 8, 16, 32);
        });
  }

  private void countPerTurn(EventLoop loop, List<Integer> counts) {
    int before = server.received().size();
    loop.callSoon(() -> {
      counts.add(server.received().size() - before);
      if (server.received().size() < 500) {
        countPerTurn(loop, counts);
      }
    });
  }
}
