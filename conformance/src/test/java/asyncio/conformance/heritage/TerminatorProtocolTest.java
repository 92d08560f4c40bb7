package asyncio.conformance.heritage;

import static asyncio.Asyncio.getRunningLoop;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import asyncio.ChannelEventLoop;
import asyncio.Future;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.Server;
import asyncio.net.TerminatorProtocol;
import asyncio.net.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HER: input that is cut by a terminator, and queued output, as asynchat has them. */
class TerminatorProtocolTest {
  private final List<String> trail = new ArrayList<>();

  /** Writes down what it hears; collected bytes in angle brackets. */
  private class Chat extends TerminatorProtocol {

    @Override
    protected void collectIncomingData(ByteBuffer data) {
      trail.add("<" + ISO_8859_1.decode(data) + ">");
    }

    @Override
    protected void foundTerminator() throws Exception {
      trail.add("found");
    }

    Chat until(String terminator) {
      setTerminator(terminator.getBytes(ISO_8859_1));
      return this;
    }

    Chat untilCount(long count) {
      setTerminator(count);
      return this;
    }

    Chat receive(String... pieces) throws Exception {
      for (String piece : pieces) {
        dataReceived(ByteBuffer.wrap(piece.getBytes(ISO_8859_1)));
      }
      return this;
    }
  }

  /** Writes down what it is told to do, and asks to pause after each write if it is to. */
  private final class Wire implements Transport {
    Chat pausing;

    @Override
    public void write(ByteBuffer data) {
      trail.add(
          data.remaining() > 20 ? data.remaining() + " bytes" : ISO_8859_1.decode(data).toString());
      data.position(data.limit());
      if (pausing != null) {
        pausing.pauseWriting();
      }
    }

    @Override
    public void close() {
      trail.add("closed");
    }

    @Override
    public void abort() {
      trail.add("aborted");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  // ---- input

  @Test
  @Spec("HER-14")
  void bytesUpToATerminatorAreCollectedAndItsEndIsTold() throws Exception {
    new Chat().until("\r\n").receive("one\r\ntw", "o\r\n", "rest");
    assertThat(trail).containsExactly("<one>", "found", "<tw>", "<o>", "found", "<rest>");
  }

  @Test
  @Spec("HER-14")
  void aCountOfBytesEndsAPiece() throws Exception {
    new Chat().untilCount(5).receive("ab", "cdefg");
    assertThat(trail).containsExactly("<ab>", "<cde>", "found", "<fg>");
  }

  @Test
  @Spec("HER-14")
  void withoutATerminatorEverythingIsPassedOn() throws Exception {
    new Chat().receive("ab\n", "cd");
    assertThat(trail).containsExactly("<ab\n>", "<cd>");
  }

  @Test
  @Spec("HER-15")
  void aTerminatorInOneReadOrSplitOverTwoIsFound() throws Exception {
    new Chat().until("\n").receive("he", "llo\nwor", "ld\n");
    assertThat(trail).containsExactly("<he>", "<llo>", "found", "<wor>", "<ld>", "found");
    trail.clear();
    new Chat().until("\r\n").receive("ab\r", "\ncd");
    assertThat(trail).containsExactly("<ab>", "found", "<cd>");
  }

  @Test
  @Spec("HER-15")
  void onlyWhatMayBeginATerminatorIsHeldBack() throws Exception {
    new Chat().until("aab").receive("xaa", "a", "ab", "aax");
    assertThat(trail).containsExactly("<x>", "<a>", "<a>", "found", "<aax>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  @Spec("HER-15")
  void theCutsOfTheReadsDoNotMatter(int size) throws Exception {
    String input = "abababcxababcabababababc";
    Chat chat = new Chat().until("ababc");
    for (int at = 0; at < input.length(); at += size) {
      chat.receive(input.substring(at, Math.min(input.length(), at + size)));
    }
    String all = String.join("", trail).replace("<", "").replace(">", "");
    assertThat(all).isEqualTo("abfoundxfoundabababfound");
  }

  @Test
  @Spec("HER-16")
  void theTerminatorCanBeChangedWhereOneIsFound() throws Exception {
    Chat chat =
        new Chat() {
          @Override
          protected void foundTerminator() throws Exception {
            super.foundTerminator();
            setTerminator(3);
          }
        };
    chat.until("\n").receive("head\nabcdef");
    assertThat(trail).containsExactly("<head>", "found", "<abc>", "found", "<def>", "found");
  }

  @Test
  @Spec("HER-16")
  void afterACountThereIsNoTerminatorUntilOneIsSet() throws Exception {
    Chat chat = new Chat().untilCount(2).receive("abc\n");
    assertThat(trail).containsExactly("<ab>", "found", "<c\n>");
    chat.until("\n").receive("d\n");
    assertThat(trail).endsWith("<d>", "found");
  }

  @Test
  @Spec("HER-16")
  void bytesHeldBackAreLookedAtWithTheNewTerminator() throws Exception {
    Chat chat = new Chat().until("\r\n").receive("a\r");
    chat.until("\rb").receive("b");
    assertThat(trail).containsExactly("<a>", "found");
  }

  @Test
  @Spec("HER-16")
  void terminatorsThatMakeNoSenseAreRefused() {
    Chat chat = new Chat();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chat.untilCount(-1))
        .withMessageContaining("got -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chat.until(""))
        .withMessageContaining("clearTerminator()");
  }

  @Test
  @Spec("HER-17")
  void twoTerminatorsInARowCollectNothingInBetween() throws Exception {
    new Chat().until("\n").receive("a\n\n\nb\n");
    assertThat(trail).containsExactly("<a>", "found", "found", "found", "<b>", "found");
  }

  // ---- output

  private Chat connected(Wire wire) throws Exception {
    Chat chat = new Chat();
    chat.connectionMade(wire);
    return chat;
  }

  @Test
  @Spec("HER-18")
  void aBigPushIsCutIntoBlocks() throws Exception {
    connected(new Wire()).push(new byte[150_000]);
    assertThat(trail).containsExactly("65536 bytes", "65536 bytes", "18928 bytes");
  }

  @Test
  @Spec("HER-18")
  void outputGoesOutInOrderAndTheEndComesLast() throws Exception {
    Chat chat = connected(new Wire());
    List<String> blocks = new ArrayList<>(List.of("b", "c"));
    chat.push(bytes("a"));
    chat.pushWithProducer(() -> blocks.isEmpty() ? null : bytes(blocks.removeFirst()));
    chat.push(bytes("d"));
    chat.closeWhenDone();
    assertThat(trail).containsExactly("a", "b", "c", "d", "closed");
  }

  @Test
  @Spec("HER-18")
  void aProducerIsAskedWhenThereIsRoom() throws Exception {
    Wire wire = new Wire();
    Chat chat = connected(wire);
    wire.pausing = chat;
    List<String> blocks = new ArrayList<>(List.of("a", "b"));
    chat.pushWithProducer(() -> {
      trail.add("more");
      return blocks.isEmpty() ? null : bytes(blocks.removeFirst());
    });
    chat.push(bytes("c"));
    chat.closeWhenDone();
    assertThat(trail).containsExactly("more", "a");
    chat.resumeWriting();
    assertThat(trail).containsExactly("more", "a", "more", "b");
    chat.resumeWriting();
    assertThat(trail.subList(4, trail.size())).containsExactly("more", "c");
    chat.resumeWriting();
    assertThat(trail).endsWith("c", "closed");
  }

  @Test
  @Spec("HER-18")
  void whatIsPushedBeforeTheConnectionWaitsForIt() throws Exception {
    Chat chat = new Chat();
    chat.push(bytes("early"));
    assertThat(trail).isEmpty();
    chat.connectionMade(new Wire());
    assertThat(trail).containsExactly("early");
    chat.connectionLost(null);
    chat.push(bytes("late"));
    assertThat(trail).containsExactly("early");
  }

  @Test
  void aProducerThatFailsEndsTheConnection() throws Exception {
    Chat chat = connected(new Wire());
    assertThatIllegalStateException()
        .isThrownBy(() ->
            chat.pushWithProducer(() -> {
              throw new IllegalStateException("no more");
            }));
    chat.push(bytes("nothing left of the queue before"));
    assertThat(trail).startsWith("aborted");
  }

  @EachEngine
  @Spec({"HER-14", "HER-18"})
  void aConversationOverSockets(asyncio.Engine engine) throws Exception {
    Loops.with(
        engine,
        (ChannelEventLoop loop) ->
            loop.runUntilComplete(() -> {
              Server server = getRunningLoop().createServer(Answering::new, "127.0.0.1", 0);
              Future<String> answer = loop.createFuture();
              int port =
                  ((java.net.InetSocketAddress) server.sockets().getFirst().getsockname())
                      .getPort();
              loop.createConnection(() -> new Asking(answer), "127.0.0.1", port);
              assertThat(answer.await()).isEqualTo("HELLO WORLD");
              server.close();
              server.waitClosed();
            }));
  }

  /** Answers a line in capital letters, and hangs up. */
  private static final class Answering extends TerminatorProtocol {
    private final StringBuilder line = new StringBuilder();

    Answering() {
      setTerminator(bytes("\n"));
    }

    @Override
    protected void collectIncomingData(ByteBuffer data) {
      line.append(ISO_8859_1.decode(data));
    }

    @Override
    protected void foundTerminator() {
      push(bytes(line.toString().toUpperCase(java.util.Locale.ROOT)));
      closeWhenDone();
    }
  }

  private static final class Asking extends TerminatorProtocol {
    private final StringBuilder answer = new StringBuilder();
    private final Future<String> whole;

    Asking(Future<String> whole) {
      this.whole = whole;
      push(bytes("hello "));
      push(bytes("world\n"));
    }

    @Override
    protected void collectIncomingData(ByteBuffer data) {
      answer.append(ISO_8859_1.decode(data));
    }

    @Override
    protected void foundTerminator() {}

    @Override
    public void connectionLost(Throwable exception) throws Exception {
      super.connectionLost(exception);
      whole.setResult(answer.toString());
    }
  }
}
