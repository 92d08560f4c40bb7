package asyncio.conformance.heritage;

import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Spec;
import asyncio.net.ChunkProtocol;
import asyncio.net.FramedProtocol;
import asyncio.net.LengthPrefixProtocol;
import asyncio.net.LimitOverrunException;
import asyncio.net.LineProtocol;
import asyncio.net.NetstringProtocol;
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

/** Lines and other framings, as users of Twisted know them. */
@LoopTest
class FramingTest {
  private final List<String> trail = new ArrayList<>();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static void feed(FramedProtocol protocol, String... pieces) throws Exception {
    for (String piece : pieces) {
      protocol.dataReceived(ByteBuffer.wrap(bytes(piece)));
    }
  }

  /** Writes down its lines; one that says RAW switches to raw mode, for three bytes. */
  private class Lines extends LineProtocol {
    @Override
    protected void lineReceived(byte[] line) throws Exception {
      trail.add("line " + text(line));
      if (text(line).equals("RAW")) {
        setRawMode();
      } else if (text(line).equals("PAUSE")) {
        transport().pauseReading();
      }
    }

    @Override
    protected void rawDataReceived(ByteBuffer data) throws Exception {
      byte[] three = new byte[3];
      data.get(three);
      trail.add("raw " + text(three));
      setLineMode(data);
    }

    @Override
    protected void lineLengthExceeded(byte[] beginning) throws Exception {
      trail.add("too long " + beginning.length);
      super.lineLengthExceeded(beginning);
    }
  }

  private record Wire(Transport transport, SocketChannel far) {
    static Wire of(MemoryNetwork network, FramedProtocol protocol) throws IOException {
      MemoryNetwork.Pair pair = network.pair();
      pair.second().configureBlocking(false);
      return new Wire(
          getRunningLoop()
              .connectAcceptedSocket(() -> protocol, pair.first(), ServerOptions.DEFAULT)
              .transport(),
          pair.second());
    }

    String received() throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(1000);
      far.read(buffer);
      return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }

    void end(LoopProbe probe) throws IOException {
      transport.close();
      probe.runUntilAllBlocked();
      far.close();
    }
  }

  @LoopTest
  @Spec({"HER-42", "HER-98"})
  void eachCompleteLineIsDeliveredWithoutItsEnd() throws Exception {
    feed(new Lines(), "ab", "c\r", "\nd\r\n\r\ne");
    assertThat(trail).containsExactly("line abc", "line d", "line ");

    trail.clear();
    feed(
        new ChunkProtocol(bytes("\r\n"), chunk -> trail.add("line " + text(chunk))),
        "ab",
        "c\r",
        "\nd\r\n\r\ne");
    assertThat(trail).containsExactly("line abc", "line d", "line ");
  }

  @LoopTest
  @Spec("HER-42")
  void theDelimiterMayChangeInMidStream() throws Exception {
    feed(
        new Lines() {
          @Override
          protected void lineReceived(byte[] line) throws Exception {
            super.lineReceived(line);
            setDelimiter(bytes(";"));
          }
        },
        "one\r\ntwo;three\r\n;");

    assertThat(trail).containsExactly("line one", "line two", "line three\r\n");
  }

  @LoopTest
  @Spec("HER-43")
  void aLineIsSentWithItsEnd(MemoryNetwork network, LoopProbe probe) throws IOException {
    Lines lines = new Lines();
    Wire wire = Wire.of(network, lines);
    lines.sendLine(bytes("one"));
    lines.sendLineUtf8("two");
    probe.runUntilAllBlocked();

    assertThat(wire.received()).isEqualTo("one\r\ntwo\r\n");
    wire.end(probe);
  }

  @LoopTest
  @Spec("HER-44")
  void aLineThatIsTooLongClosesTheConnection(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    String longest = "x".repeat(16_384);
    Lines lines = new Lines();
    Wire wire = Wire.of(network, lines);
    feed(lines, longest + "\r\n");
    assertThat(trail).containsExactly("line " + longest);
    assertThat(wire.transport().isClosing()).isFalse();

    trail.clear();
    feed(lines, longest + "y\r\n");
    assertThat(trail).containsExactly("too long 16385");
    assertThat(wire.transport().isClosing()).isTrue();
    probe.runUntilAllBlocked();
    wire.far().close();

    trail.clear();
    feed(new Lines(), longest + "yz");
    assertThat(trail).as("without its end").containsExactly("too long 16385");
  }

  @LoopTest
  @Spec("HER-45")
  void rawModeTakesWhatFollowsTheLineAndGivesTheRestBack() throws Exception {
    feed(new Lines(), "RAW\r\nxyzline2\r\n");
    assertThat(trail).containsExactly("line RAW", "raw xyz", "line line2");

    trail.clear();
    feed(new Lines(), "RAW\r\n", "abcRAW\r\ndefend\r\n");
    assertThat(trail).containsExactly("line RAW", "raw abc", "line RAW", "raw def", "line end");
  }

  @LoopTest
  @Spec("HER-46")
  void noLineIsDeliveredWhilePaused(MemoryNetwork network, LoopProbe probe) throws IOException {
    Wire wire = Wire.of(network, new Lines());
    wire.far().write(ByteBuffer.wrap(bytes("a\r\nPAUSE\r\nb\r\nc\r\n")));
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("line a", "line PAUSE");

    wire.transport().resumeReading();
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("line a", "line PAUSE", "line b", "line c");
    wire.end(probe);
  }

  @LoopTest
  @Spec("HER-47")
  void lengthsOfThreeSizesStandInFrontOfMessages(MemoryNetwork network, LoopProbe probe)
      throws Exception {
    for (int bits : new int[] {8, 16, 32}) {
      trail.clear();
      LengthPrefixProtocol protocol =
          new LengthPrefixProtocol(bits, message -> trail.add(text(message)));
      Wire wire = Wire.of(network, protocol);
      protocol.writeMessage(bytes("hello"));
      protocol.writeMessage(bytes(""));
      probe.runUntilAllBlocked();
      String sent = wire.received();
      assertThat(sent).hasSize(2 * bits / 8 + 5).endsWith("\0".repeat(bits / 8));
      assertThat(sent.charAt(bits / 8 - 1)).isEqualTo((char) 5);

      for (char one : sent.toCharArray()) { // byte by byte
        feed(protocol, String.valueOf(one));
      }
      assertThat(trail).containsExactly("hello", "");
      wire.end(probe);
    }
    assertThatThrownBy(() -> new LengthPrefixProtocol(24, _ -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LengthPrefixProtocol(8, _ -> {}).writeMessage(new byte[256]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @LoopTest
  @Spec("HER-47")
  void netstringsAreReadAndWritten(MemoryNetwork network, LoopProbe probe) throws Exception {
    NetstringProtocol protocol = new NetstringProtocol(message -> trail.add(text(message)));
    Wire wire = Wire.of(network, protocol);
    protocol.writeMessage(bytes("hello"));
    probe.runUntilAllBlocked();
    assertThat(wire.received()).isEqualTo("5:hello,");
    feed(protocol, "5:he", "llo,0:,1", "0:0123456789,");

    assertThat(trail).containsExactly("hello", "", "0123456789");
    wire.end(probe);
    for (String bad : List.of("x:", ":", "01:a,", "1:ab", "99999999999:")) {
      assertThatThrownBy(() -> feed(new NetstringProtocol(_ -> {}), bad))
          .as(bad)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(bad);
    }
  }

  @LoopTest
  @Spec("HER-47")
  void aMessageOverTheLimitIsRefusedBeforeItIsThere() {
    LengthPrefixProtocol prefixed = new LengthPrefixProtocol(32, _ -> trail.add("message"));
    prefixed.setLimit(10);
    assertThatThrownBy(() -> feed(prefixed, "\0\0\0\13"))
        .isInstanceOf(LimitOverrunException.class)
        .hasMessageContaining("11 bytes");
    NetstringProtocol netstrings = new NetstringProtocol(_ -> trail.add("message"));
    netstrings.setLimit(10);
    assertThatThrownBy(() -> feed(netstrings, "11:")).isInstanceOf(LimitOverrunException.class);

    assertThat(trail).isEmpty();
  }
}
