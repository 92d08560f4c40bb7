package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Payload.assertInOrder;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.SendfileNotAvailableException;
import asyncio.net.SendfileOptions;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on transports: SENDFILE-1 to SENDFILE-8. */
class SendfileTest {
  private static final int SIZE = 1_500_000;
  private static final SendfileOptions ALL = SendfileOptions.DEFAULT;

  private Path path;

  @BeforeEach
  void writeFile(@TempDir Path folder) throws IOException {
    path = folder.resolve("file");
    Files.write(path, Payload.part(0, SIZE));
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(path);
  }

  /** A connection: who sends files, and who receives them. */
  private record Ends(Witness near, Witness far) {
    Transport transport() {
      return near.transport();
    }

    void close() {
      near.transport().close();
      far.transport().close();
      near.untilLost();
      far.untilLost();
      turn();
    }
  }

  private interface Body {
    void run(ChannelEventLoop loop, Ends ends) throws Exception;
  }

  private static void plain(Engine engine, Body body) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = new Ends(new Witness(), new Witness());
          var pair = Sockets.pair();
          pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
          loop.connectAcceptedSocket(ends::near, pair.client(), ServerOptions.DEFAULT);
          loop.connectAcceptedSocket(ends::far, pair.server(), ServerOptions.DEFAULT);
          body.run(loop, ends);
          ends.close();
        });
  }

  private static void tls(Engine engine, Body body) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = new Ends(new Witness(), new Witness());
          var pair = Sockets.pair();
          pair.server().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
          var server =
              createTask(
                  () -> loop.connectAcceptedSocket(ends::near, pair.server(), Tls.serving()));
          loop.createConnection(ends::far, Tls.connecting().withSocket(pair.client()));
          await(server);
          body.run(loop, ends);
          ends.close();
        });
  }

  /** On a plain connection, and on one with TLS. */
  private static void each(Engine engine, Body body) throws Exception {
    plain(engine, body);
    tls(engine, body);
  }

  @EachEngine
  @Spec({"SENDFILE-1", "SENDFILE-2", "SENDFILE-6"})
  void fileIsSentAsAWholeOrInPart(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            assertThat(loop.sendfile(ends.transport(), file)).isEqualTo(SIZE);
            assertThat(file.position()).isEqualTo(SIZE);
            ends.far().untilReceived(SIZE);
            assertInOrder(ends.far().received(), SIZE);

            var part = ALL.withOffset(1000).withCount(20_000);
            assertThat(loop.sendfile(ends.transport(), file, part)).isEqualTo(20_000);
            assertThat(file.position()).isEqualTo(21_000);
            ends.far().untilReceived(SIZE + 20_000);
            assertThat(ends.far().received()).endsWith(Payload.part(1000, 20_000));
            assertThat(loop.sendfile(ends.transport(), file, ALL.withOffset(SIZE))).isZero();
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-3")
  void fileGoesBehindWhatWasWrittenAndBeforeWhatIs(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            byte[] before = Payload.part(7, 3_000_000);
            ends.transport().write(before); // more than fits
            loop.sendfile(ends.transport(), file);
            ends.transport().write(bytes("after"));
            ends.far().untilReceived(before.length + SIZE + 5);
            byte[] received = ends.far().received();
            assertThat(received).startsWith(before).endsWith(bytes("after").array());
            assertInOrder(Arrays.copyOfRange(received, before.length, before.length + SIZE), SIZE);
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-4", "TR-35"})
  void nobodyElseWritesMeanwhile(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open();
              var other = open()) {
            ends.far().transport().pauseReading();
            var sending = createTask(() -> loop.sendfile(ends.transport(), file));
            turns(5);
            assertThat(sending.isDone()).isFalse();
            assertThatThrownBy(() -> ends.transport().write(bytes("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sendfile is in progress");
            assertThatThrownBy(() -> ends.transport().writeLines(List.of(bytes("x"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sendfile is in progress");
            assertThatThrownBy(() -> loop.sendfile(ends.transport(), other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sendfile is in progress");
            ends.far().transport().resumeReading();
            sending.await();
            ends.transport().write(bytes("y"));
            ends.far().untilReceived(SIZE + 1);
            assertInOrder(Arrays.copyOf(ends.far().received(), SIZE), SIZE);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-4")
  void readingIsPausedAndRestored(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().transport().pauseReading();
            var sending = createTask(() -> loop.sendfile(ends.transport(), file));
            turns(5);
            assertThat(ends.transport().isReading()).isFalse();
            ends.far().write("question");
            turns(5);
            assertThat(ends.near().receivedCount()).isZero();
            ends.far().transport().resumeReading();
            sending.await();
            assertThat(ends.transport().isReading()).isTrue();
            ends.near().untilReceived(8);
            assertThat(ends.near().text()).isEqualTo("question");

            ends.transport().pauseReading();
            loop.sendfile(ends.transport(), file);
            assertThat(ends.transport().isReading()).as("as it was").isFalse();
            ends.far().untilReceived(2 * SIZE);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-5")
  void closingTransportSendsNothing(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.transport().close();
            assertThatThrownBy(() -> loop.sendfile(ends.transport(), file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Transport is closing");
            ends.far().untilLost();
            assertThat(ends.far().receivedCount()).isZero();
          }
        });
  }

  @Test
  @Spec("SENDFILE-5")
  void transportOfDatagramsIsNoneToWriteFilesTo() {
    String before =
        "EventLoop loop = null; java.nio.channels.FileChannel file = null;"
            + " asyncio.net.DatagramTransport datagrams = null;"
            + " asyncio.net.Transport stream = null; try { ";
    String after = " } catch (java.io.IOException e) {}";
    Snippet.accepts(before + "loop.sendfile(stream, file);" + after);
    Snippet.rejects(before + "loop.sendfile(datagrams, file);" + after);
  }

  @EachEngine
  @Spec("SENDFILE-6")
  void fileInMemoryIsReadInBlocksAndWrittenWithFlowControl(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          var file = new BytesChannel(Payload.part(0, SIZE));
          ends.transport().setWriteBufferLimits(1000, 4000);
          assertThat(loop.sendfile(ends.transport(), file)).isEqualTo(SIZE);
          assertThat(file.asked).containsOnly(16 * 1024);
          assertThat(file.position()).isEqualTo(SIZE);
          ends.far().untilReceived(SIZE);
          assertInOrder(ends.far().received(), SIZE);
          assertThat(ends.near().trail).as("it was not its business").containsExactly("made");
        });
  }

  @EachEngine
  @Spec("SENDFILE-6")
  void protocolThatWasPausedBeforeIsResumed(Engine engine) throws Exception {
    tls(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().transport().pauseReading();
            byte[] much = Payload.part(0, 3_000_000);
            ends.transport().write(much);
            assertThat(ends.near().trail).containsExactly("made", "pause");
            var sending = createTask(() -> loop.sendfile(ends.transport(), file));
            turns(5);
            ends.far().transport().resumeReading();
            sending.await();
            ends.far().untilReceived(much.length + SIZE);
            ends.near().untilTold("resume");
            assertThat(ends.near().trail).containsExactly("made", "pause", "resume");
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-7", "SENDFILE-6"})
  void fallbackCanBeRuledOut(Engine engine) throws Exception {
    tls(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            assertThatThrownBy(() -> loop.sendfile(ends.transport(), file, ALL.withFallback(false)))
                .isInstanceOf(SendfileNotAvailableException.class)
                .hasMessageContaining("allow the fallback");
            ends.transport().write(bytes("still there"));
            ends.far().untilReceived(11);
          }
        });
    plain(
        engine,
        (loop, ends) -> {
          var memory = new BytesChannel(new byte[10]);
          assertThatThrownBy(() -> loop.sendfile(ends.transport(), memory, ALL.withFallback(false)))
              .isInstanceOf(SendfileNotAvailableException.class);
          try (var file = open()) {
            assertThat(loop.sendfile(ends.transport(), file, ALL.withFallback(false)))
                .isEqualTo(SIZE);
          }
          ends.far().untilReceived(SIZE);
          assertInOrder(ends.far().received(), SIZE);
        });
  }

  @EachEngine
  @Spec({"SENDFILE-8", "SENDFILE-2"})
  void peerThatClosesInTheMiddleIsAnErrorOfTheConnection(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().on("data", () -> ends.far().transport().abort());
            assertThatThrownBy(() -> loop.sendfile(ends.transport(), file))
                .isInstanceOf(SocketException.class);
            assertThat(ends.transport().isClosing()).isTrue();
            assertThat(file.position()).isPositive().isLessThan(SIZE);
            assertThat(file.isOpen()).isTrue();
            ends.near().untilLost();
            assertThat(ends.near().lostWith()).isInstanceOf(IOException.class);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-8")
  void peerThatClosesWhenItHasAllIsNoError(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far()
                .on(
                    "data",
                    () -> {
                      if (ends.far().receivedCount() == SIZE) {
                        ends.far().transport().close();
                      }
                    });
            assertThat(loop.sendfile(ends.transport(), file)).isEqualTo(SIZE);
            ends.near().untilLost();
            assertInOrder(ends.far().received(), SIZE);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-15")
  void cancelledCallLeavesTheConnectionUsable(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().transport().pauseReading();
            var sending = createTask(() -> loop.sendfile(ends.transport(), file));
            turns(20);
            assertThat(sending.isDone()).isFalse();
            sending.cancel();
            assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
            assertThat(ends.transport().isReading()).isTrue();
            ends.far().transport().resumeReading();
            ends.transport().write(bytes("after"));
            ends.far().until(() -> ends.far().text().endsWith("after"));
            int sent = ends.far().receivedCount() - 5;
            assertThat(file.position()).isLessThanOrEqualTo(sent);
            assertInOrder(Arrays.copyOf(ends.far().received(), sent), sent);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-8")
  void transportThatIsClosedMeanwhileEndsTheCall(Engine engine) throws Exception {
    each(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().transport().pauseReading();
            var sending = createTask(() -> loop.sendfile(ends.transport(), file));
            turns(5);
            ends.transport().abort();
            assertThatThrownBy(() -> sending.await(IOException.class))
                .isInstanceOf(SocketException.class);
            ends.near().untilLost();
            assertThat(ends.near().lostWith()).isNull();
          }
        });
  }

  @EachEngine
  void fileIsNotSentAfterTheEndOfWriting(Engine engine) throws Exception {
    plain(
        engine,
        (loop, ends) -> {
          try (var file = open()) {
            ends.far().keepOpen();
            ends.transport().writeEof();
            assertThatThrownBy(() -> loop.sendfile(ends.transport(), file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("after write_eof()");
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-6")
  void pipeTakesAFileBlockByBlock(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var pipe = Pipe.open();
          pipe.sink().configureBlocking(false);
          pipe.source().configureBlocking(false);
          var near = new Witness();
          var writing = loop.connectWritePipe(() -> near, pipe.sink());
          var far = new Witness();
          loop.connectReadPipe(() -> far, pipe.source());
          try (var file = open()) {
            assertThat(loop.sendfile(writing.transport(), file)).isEqualTo(SIZE);
            far.untilReceived(SIZE);
            assertInOrder(far.received(), SIZE);
          }
          writing.transport().close();
          far.untilLost();
          near.untilLost();
        });
  }
}
