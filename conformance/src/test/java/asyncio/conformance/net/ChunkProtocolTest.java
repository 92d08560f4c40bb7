package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Future;
import asyncio.conformance.Spec;
import asyncio.net.ChunkProtocol;
import asyncio.net.LimitOverrunException;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Chunks between delimiters (PEP 3153). */
@LoopTest
class ChunkProtocolTest {
  private final List<String> chunks = new ArrayList<>();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private ChunkProtocol protocol(String delimiter) {
    return new ChunkProtocol(bytes(delimiter), chunk -> chunks.add(text(chunk)));
  }

  private static void feed(ChunkProtocol protocol, String... pieces) throws Exception {
    for (String piece : pieces) {
      protocol.dataReceived(ByteBuffer.wrap(bytes(piece)));
    }
  }

  @LoopTest
  @Spec({"CHUNK-1", "HER-95"})
  void theCallableGetsEachCompleteChunkInOrder() throws Exception {
    feed(protocol("\r\n"), "one\r\ntwo\r\nthr");

    assertThat(chunks).containsExactly("one", "two");
  }

  @LoopTest
  @Spec({"CHUNK-2", "HER-95"})
  void howTheBytesWereCutMakesNoDifference() throws Exception {
    String stream = "a||bc|d||||e|f||";
    List<String> expected = List.of("a", "bc|d", "", "e|f");
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      chunks.clear();
      ChunkProtocol protocol = protocol("||");
      for (int at = 0; at < stream.length(); ) {
        int end = Math.min(stream.length(), at + 1 + random.nextInt(4));
        feed(protocol, stream.substring(at, end));
        at = end;
      }
      assertThat(chunks).as("round %d", round).isEqualTo(expected);
    }
  }

  @LoopTest
  @Spec({"CHUNK-3", "HER-95"})
  void anEmptyDelimiterIsRefusedAndTwoInARowGiveAnEmptyChunk() throws Exception {
    assertThatThrownBy(() -> protocol("")).isInstanceOf(IllegalArgumentException.class);
    ChunkProtocol protocol = protocol("\n");
    assertThatThrownBy(() -> protocol.setDelimiter(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    feed(protocol, "\n\n");

    assertThat(chunks).containsExactly("", "");
  }

  @LoopTest
  @Spec("CHUNK-4")
  void matchesAreFoundFromLeftToRightAndDoNotOverlap() throws Exception {
    feed(protocol("--"), "a---b--");

    assertThat(chunks).containsExactly("a", "-b");
  }

  /** A connection in memory: the protocol's transport, and the other end as a channel. */
  private record Wire(Transport transport, SocketChannel far) {
    static Wire of(MemoryNetwork network, ChunkProtocol protocol) throws IOException {
      MemoryNetwork.Pair pair = network.pair();
      pair.second().configureBlocking(false);
      return new Wire(
          getRunningLoop()
              .connectAcceptedSocket(() -> protocol, pair.first(), ServerOptions.DEFAULT)
              .transport(),
          pair.second());
    }

    void send(String text) throws IOException {
      far.write(ByteBuffer.wrap(bytes(text)));
    }

    void end(LoopProbe probe) throws IOException {
      transport.close();
      probe.runUntilAllBlocked();
      far.close();
    }
  }

  @LoopTest
  @Spec({"CHUNK-5", "HER-96"})
  void aChunkIsWrittenWithItsDelimiter(MemoryNetwork network, LoopProbe probe) throws IOException {
    ChunkProtocol protocol = protocol("\r\n");
    assertThatThrownBy(() -> protocol.writeChunk(bytes("early")))
        .isInstanceOf(IllegalStateException.class);
    Wire wire = Wire.of(network, protocol);
    protocol.writeChunk(bytes("hello"));
    ByteBuffer received = ByteBuffer.allocate(100);
    int first = wire.far().read(received);

    assertThat(first).as("in one write").isEqualTo(7);
    assertThat(new String(received.array(), 0, 7, StandardCharsets.UTF_8)).isEqualTo("hello\r\n");
    wire.end(probe);
  }

  @LoopTest
  @Spec({"CHUNK-6", "HER-97"})
  void whatFollowsTheLastDelimiterGoesToTheHandlerForTheRest() throws Exception {
    ChunkProtocol dropping = protocol(";");
    feed(dropping, "a;rest");
    assertThat(dropping.eofReceived()).isFalse();
    assertThat(chunks).containsExactly("a");

    ChunkProtocol keeping = protocol(";");
    keeping.setRestHandler(rest -> chunks.add("rest " + text(rest)));
    feed(keeping, "b;tail");
    keeping.eofReceived();
    assertThat(chunks).containsExactly("a", "b", "rest tail");
  }

  @LoopTest
  @Spec({"CHUNK-7", "HER-97"})
  void aChunkThatIsTooLongEndsTheConnection(MemoryNetwork network, LoopProbe probe)
      throws IOException {
    Future<@Nullable Throwable> lost = new Future<>();
    ChunkProtocol protocol =
        new ChunkProtocol(bytes("\n"), chunk -> chunks.add(text(chunk))) {
          @Override
          public void connectionLost(@Nullable Throwable exception) {
            lost.setResult(exception);
          }
        };
    protocol.setLimit(8);
    Wire wire = Wire.of(network, protocol);
    wire.send("12345678\n123456789");

    assertThat(await(lost)).isInstanceOf(LimitOverrunException.class);
    assertThat(chunks).containsExactly("12345678");
    wire.far().close();
  }

  @LoopTest
  @Spec({"CHUNK-7", "HER-97"})
  void aHandlerForExcessKeepsTheConnectionAndTheRestOfTheChunkIsDropped() throws Exception {
    ChunkProtocol protocol = protocol("\n");
    protocol.setLimit(4);
    protocol.setExcessHandler(beginning -> chunks.add("excess " + text(beginning)));
    feed(protocol, "123456", "789", "\nok\n", "abcdefgh\nok\n");

    assertThat(chunks).containsExactly("excess 123456", "ok", "excess abcdefgh", "ok");
  }

  @LoopTest
  @Spec("CHUNK-8")
  void noChunkIsDeliveredWhileTheTransportIsPausedOrClosing(MemoryNetwork network, LoopProbe probe)
      throws IOException {
    Transport[] transport = new Transport[1];
    ChunkProtocol protocol =
        new ChunkProtocol(
            bytes("\n"),
            chunk -> {
              chunks.add(text(chunk));
              if (text(chunk).equals("pause")) {
                transport[0].pauseReading();
              } else if (text(chunk).equals("close")) {
                transport[0].close();
              }
            });
    Wire wire = Wire.of(network, protocol);
    transport[0] = wire.transport();
    wire.send("a\npause\nb\npause\nclose\nnever\n");
    probe.runUntilAllBlocked();
    assertThat(chunks).containsExactly("a", "pause");

    wire.transport().resumeReading();
    assertThat(chunks).as("not inside the call").containsExactly("a", "pause");
    probe.runUntilAllBlocked();
    assertThat(chunks).containsExactly("a", "pause", "b", "pause");

    wire.transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(chunks).containsExactly("a", "pause", "b", "pause", "close");
    wire.far().close();
  }

  @LoopTest
  @Spec({"CHUNK-8", "HER-99"})
  void whatTheCallableThrowsEndsTheConnectionAsFromDataReceived(
      MemoryNetwork network, LoopProbe probe) throws IOException {
    List<String> reports = new ArrayList<>();
    getRunningLoop().setExceptionHandler((_, context) -> reports.add(context.message()));
    Wire wire =
        Wire.of(
            network,
            new ChunkProtocol(
                bytes("\n"),
                chunk -> {
                  throw new IllegalArgumentException(text(chunk));
                }));
    wire.send("bad\nworse\n");
    probe.runUntilAllBlocked();

    assertThat(reports).containsExactly("Fatal error: protocol.data_received() call failed.");
    assertThat(wire.transport().isClosing()).isTrue();
    wire.far().close();
  }

  @LoopTest
  @Spec("CHUNK-9")
  void callableAndDelimiterMayBeReplacedInsideACall() throws Exception {
    ChunkProtocol[] self = new ChunkProtocol[1];
    self[0] =
        new ChunkProtocol(
            bytes("\n"),
            chunk -> {
              chunks.add("first " + text(chunk));
              self[0].setDelimiter(bytes(";"));
              self[0].setHandler(next -> chunks.add("second " + text(next)));
            });
    feed(self[0], "a\nb\nc;d;");

    assertThat(chunks).containsExactly("first a", "second b\nc", "second d");
  }

  /** Counts what the search looks at: doubling the chunk doubles the work, byte by byte. */
  @LoopTest
  @Spec({"CHUNK-10", "HER-100"})
  void aLongChunkThatComesByteByByteTakesLinearTime() throws Exception {
    int size = 10_000_000;
    List<Integer> sizes = new ArrayList<>();
    ChunkProtocol protocol = new ChunkProtocol(bytes("\r\n"), chunk -> sizes.add(chunk.length));
    protocol.setLimit(2 * size);
    byte[] one = {'x'};
    for (int i = 0; i < size; i++) { // with a quadratic search this does not end within the limit
      protocol.dataReceived(ByteBuffer.wrap(one));
    }
    feed(protocol, "\r\n");

    assertThat(sizes).containsExactly(size);
  }
}
