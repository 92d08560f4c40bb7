package asyncio.conformance.stream;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.feed;
import static asyncio.conformance.stream.Texts.text;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.IncompleteReadException;
import asyncio.net.LimitOverrunException;
import asyncio.net.StreamReader;
import asyncio.testkit.LoopTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** What tasks get out of a reader. */
class StreamReaderTest {

  private static StreamReader reader(String... pieces) {
    var reader = new StreamReader();
    feed(reader, pieces);
    return reader;
  }

  private static StreamReader ended(String... pieces) {
    StreamReader reader = reader(pieces);
    reader.feedEof();
    return reader;
  }

  // ---- read

  @LoopTest
  @Spec("STREAM-15")
  void zeroBytesAreThereAtOnce() throws Exception {
    assertThat(new StreamReader().read(0)).isEmpty();
    StreamReader reader = reader("line\n");
    assertThat(reader.read(0)).isEmpty();
    assertThat(text(reader.read(5))).isEqualTo("line\n");
  }

  @LoopTest
  @Spec("STREAM-15")
  void readGivesWhatIsThereUpToSoMany() throws Exception {
    StreamReader reader = reader("line1", "line2");
    assertThat(text(reader.read(5))).isEqualTo("line1");
    assertThat(text(reader.read(1000))).isEqualTo("line2");
  }

  @LoopTest
  @Spec("STREAM-15")
  void readWaitsForTheFirstByteOnly() {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.read(30));
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "data");
    assertThat(text(await(read))).isEqualTo("data");
  }

  @LoopTest
  @Spec("STREAM-15")
  void readAtTheEndIsEmpty() throws Exception {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.read(1024));
    turn();
    reader.feedEof();
    assertThat(await(read)).isEmpty();
    assertThat(reader.read(1)).isEmpty();
  }

  @LoopTest
  @Spec("STREAM-16")
  void readToTheEndHasNoLimit() throws Exception {
    var reader = new StreamReader(3);
    var transport = new FakeTransport();
    reader.setTransport(transport);
    Task<byte[]> read = createTask(() -> reader.read(-1));
    Task<byte[]> waiting = read;
    turn();
    for (String piece : List.of("chunk1-of-many\n", "chunk2", "x".repeat(1000))) {
      feed(reader, piece);
      turn();
      assertThat(waiting.isDone()).isFalse();
    }
    reader.feedEof();
    assertThat(text(await(read))).isEqualTo("chunk1-of-many\nchunk2" + "x".repeat(1000));
    assertThat(transport.trail).contains("pause").endsWith("resume");
    assertThat(text(ended("abc").readAll())).isEqualTo("abc");
    assertThat(ended().readAll()).isEmpty();
  }

  @LoopTest
  @Spec("STREAM-16")
  void failureEndsAReadToTheEnd() {
    var reader = reader("abc");
    Task<byte[]> read = createTask(reader::readAll);
    turn();
    feed(reader, "def");
    turn();
    var failure = new SocketException("broken");
    reader.setException(failure);
    turn();
    assertThat(read.exception()).isSameAs(failure);
    assertThrows(SocketException.class, () -> reader.read(1)).isSameAs(failure);
  }

  // ---- readExactly

  @LoopTest
  @Spec("STREAM-17")
  void exactlySoManyInOnePiece() throws Exception {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.readExactly(10));
    turn();
    feed(reader, "abcd");
    turn();
    feed(reader, "efg");
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "hijklm");
    assertThat(text(await(read))).isEqualTo("abcdefghij");
    assertThat(text(reader.readExactly(3))).isEqualTo("klm");
  }

  @LoopTest
  @Spec("STREAM-17")
  void noneAndLessThanNone() throws Exception {
    StreamReader reader = reader("line\n");
    assertThat(reader.readExactly(0)).isEmpty();
    assertThrows(IllegalArgumentException.class, () -> reader.readExactly(-1))
        .hasMessageContaining("-1");
    assertThat(text(reader.read(100))).isEqualTo("line\n");
  }

  @LoopTest
  @Spec("STREAM-18")
  void endBeforeSoMany() throws Exception {
    StreamReader reader = reader("abcd");
    Task<byte[]> read = createTask(() -> reader.readExactly(10));
    turn();
    feed(reader, "ef");
    reader.feedEof();
    var thrown =
        assertThrows(IncompleteReadException.class, () -> await(read, IOException.class)).actual();
    assertThat(thrown)
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("6")
        .hasMessageContaining("10");
    assertThat(text(thrown.partial())).isEqualTo("abcdef");
    assertThat(thrown.expected()).isEqualTo(10);
    assertThat(reader.atEof()).isTrue();
    assertThat(reader.read(1)).isEmpty();
  }

  @LoopTest
  @Spec({"STREAM-18", "STREAM-24"})
  void exceptionsCanBeSerialized() throws Exception {
    var incomplete = (IncompleteReadException) copy(new IncompleteReadException(bytes("abc"), 10));
    assertThat(incomplete.partial()).isEqualTo(bytes("abc"));
    assertThat(incomplete.expected()).isEqualTo(10);
    var overrun = (LimitOverrunException) copy(new LimitOverrunException("message", 42));
    assertThat(overrun).hasMessage("message");
    assertThat(overrun.consumed()).isEqualTo(42);
  }

  private static Object copy(Object original) throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(original);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }

  // ---- readUntil

  @LoopTest
  @Spec("STREAM-19")
  void upToAndIncludingTheSeparator() throws Exception {
    StreamReader reader = reader("lineAAA", "otherAAAxxx");
    assertThat(text(reader.readUntil(bytes("AAA")))).isEqualTo("lineAAA");
    assertThat(text(reader.readUntil(bytes("AAA")))).isEqualTo("otherAAA");
    assertThat(text(reader.read(100))).isEqualTo("xxx");
  }

  @LoopTest
  @Spec("STREAM-19")
  void separatorThatIsCutIsFound() throws Exception {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.readUntil(bytes("aaa")));
    for (String piece : List.of("QWERTY", "aa", "xxa", "a")) {
      turn();
      feed(reader, piece);
    }
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "aZ");
    assertThat(text(await(read))).isEqualTo("QWERTYaaxxaaa");
    assertThat(text(reader.read(9))).isEqualTo("Z");
  }

  @LoopTest
  @Spec("STREAM-19")
  void separatorThatOverlapsItself() throws Exception {
    StreamReader reader = reader("aabaabaaab");
    assertThat(text(reader.readUntil(bytes("aab")))).isEqualTo("aab");
    assertThat(text(reader.readUntil(bytes("aaab")))).isEqualTo("aabaaab");
  }

  @LoopTest
  @Spec("STREAM-20")
  void separatorMustNotBeEmpty() {
    StreamReader failed = reader("x");
    failed.setException(new SocketException("broken"));
    for (StreamReader reader : List.of(reader("x"), failed)) { // before anything else
      assertThrows(IllegalArgumentException.class, () -> reader.readUntil(new byte[0]))
          .hasMessageContaining("separator");
    }
  }

  @LoopTest
  @Spec("STREAM-20")
  void separatorOfAnyBytes() throws Exception {
    StreamReader reader = reader("a\r\n", "b\0\u00ff\u0080c");
    assertThat(text(reader.readUntil(new byte[] {'\r'}))).isEqualTo("a\r");
    assertThat(text(reader.readUntil(new byte[] {0}))).isEqualTo("\nb\0");
    assertThat(text(reader.readUntil(new byte[] {-1, -128}))).isEqualTo("\u00ff\u0080");
  }

  // ---- several separators

  private static String untilAny(StreamReader reader, String... separators) throws IOException {
    byte[][] all = new byte[separators.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = bytes(separators[i]);
    }
    return text(reader.readUntilAny(all));
  }

  @LoopTest
  @Spec("STREAM-21")
  void separatorsMustBeSomeAndNotEmpty() {
    StreamReader reader = reader("x");
    assertThrows(IllegalArgumentException.class, () -> untilAny(reader))
        .hasMessageContaining("at least one");
    for (String[] separators : new String[][] {{""}, {"", "a"}, {"a", ""}, {"abc", "", "ab"}}) {
      assertThrows(IllegalArgumentException.class, () -> untilAny(reader, separators));
    }
  }

  @LoopTest
  @Spec("STREAM-21")
  void firstEndWins() throws Exception {
    StreamReader reader = reader("some data", "\r", "\n", "other\n", "\r", "rest");
    assertThat(untilAny(reader, "\n", "\r")).isEqualTo("some data\r");
    assertThat(untilAny(reader, "\r", "\n")).isEqualTo("\n");
    assertThat(untilAny(reader, "\r\n", "\n")).isEqualTo("other\n");
    assertThat(untilAny(reader, "\r\n", "r", "\r")).isEqualTo("\r");
    assertThat(untilAny(reader, "rest", "es")).isEqualTo("res");
  }

  @LoopTest
  @Spec("STREAM-21")
  void longerOneThatIsCutIsFound() throws Exception {
    var reader = new StreamReader();
    Task<String> read = createTask(() -> untilAny(reader, "A", "long separator"));
    turn();
    feed(reader, "data, then a long sep");
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "arator, then A");
    assertThat(await(read)).isEqualTo("data, then a long separator");
    assertThat(untilAny(reader, "A", "long separator")).isEqualTo(", then A");
  }

  @LoopTest
  @Spec("STREAM-21")
  void separatorsLongerThanWhatIsThere() throws Exception {
    var reader = new StreamReader();
    Task<String> read = createTask(() -> untilAny(reader, "very long separator", "ab"));
    for (String piece : List.of("a", "x", "a")) {
      turn();
      feed(reader, piece);
    }
    turn();
    feed(reader, "b");
    assertThat(await(read)).isEqualTo("axab");
  }

  @LoopTest
  @Spec("STREAM-21")
  void shortestOfThoseThatEndTogetherDecidesTheLimit() throws Exception {
    var reader = new StreamReader(3);
    feed(reader, "abc\r\n");
    LimitOverrunException thrown =
        assertThrows(LimitOverrunException.class, () -> untilAny(reader, "\r\n", "\n")).actual();
    assertThat(thrown.consumed()).isEqualTo(4); // before "\n", not before "\r\n"
    assertThat(untilAny(reader, "\r\n")).isEqualTo("abc\r\n");
  }

  // ---- the end without a separator

  @LoopTest
  @Spec("STREAM-22")
  void endWithoutSeparator() throws Exception {
    StreamReader reader = reader("some dataAA");
    Task<byte[]> read = createTask(() -> reader.readUntil(bytes("AAA")));
    turn();
    reader.feedEof();
    IncompleteReadException thrown =
        assertThrows(IncompleteReadException.class, () -> await(read, IOException.class)).actual();
    assertThat(thrown).hasMessageContaining("undefined");
    assertThat(text(thrown.partial())).isEqualTo("some dataAA");
    assertThat(thrown.expected()).isNull();
    assertThat(reader.read(1)).isEmpty();
  }

  @LoopTest
  @Spec("STREAM-22")
  void separatorBeforeTheEndIsFoundAfterIt() throws Exception {
    StreamReader reader = ended("aAb");
    assertThat(text(reader.readUntil(bytes("A")))).isEqualTo("aA");
    assertThrows(IncompleteReadException.class, () -> reader.readUntil(bytes("A")));
  }

  // ---- the limit

  @LoopTest
  @Spec("STREAM-23")
  void separatorBehindTheLimit() throws Exception {
    var reader = new StreamReader(3);
    feed(reader, "some dataAA");
    LimitOverrunException thrown =
        assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("AA"))).actual();
    assertThat(thrown)
        .hasMessageContaining("Separator is found, but chunk is longer than limit")
        .hasMessageContaining("3");
    assertThat(thrown.consumed()).isEqualTo(9);
    assertThat(text(reader.readExactly(9))).isEqualTo("some data");
    assertThat(text(reader.readUntil(bytes("AA")))).isEqualTo("AA");
  }

  @LoopTest
  @Spec("STREAM-23")
  void exactlyTheLimitIsAllowed() throws Exception {
    var reader = new StreamReader(3);
    feed(reader, "abcAAabcd\nabc\nabcdA");
    assertThat(text(reader.readUntil(bytes("AA")))).isEqualTo("abcAA");
    assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("\n")));
    reader.readExactly(5);
    assertThat(text(reader.readUntil(bytes("\n")))).isEqualTo("abc\n");
    assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("A")));
  }

  @LoopTest
  @Spec("STREAM-24")
  void noSeparatorWithinTheLimit() throws Exception {
    var reader = new StreamReader(3);
    Task<byte[]> read = createTask(() -> reader.readUntil(bytes("AAA")));
    turn();
    feed(reader, "abcAA"); // three, and two that may begin a separator
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "b");
    LimitOverrunException thrown =
        assertThrows(LimitOverrunException.class, () -> await(read, IOException.class)).actual();
    assertThat(thrown).hasMessageContaining("Separator is not found, and chunk exceed the limit");
    assertThat(thrown.consumed()).isEqualTo(6 + 1 - 3);
    assertThat(text(reader.readExactly(thrown.consumed()))).isEqualTo("abcA");
    feed(reader, "AAAc"); // nothing was lost: the search goes on behind it
    assertThat(text(reader.readUntil(bytes("AAA")))).isEqualTo("AbAAA");
  }

  @LoopTest
  @Spec("STREAM-24")
  void longestSeparatorDecidesWhatCanBeRead() {
    var reader = new StreamReader(3);
    feed(reader, "abcdefgh");
    LimitOverrunException thrown =
        assertThrows(LimitOverrunException.class, () -> untilAny(reader, "X", "WXYZ")).actual();
    assertThat(thrown.consumed()).isEqualTo(8 + 1 - 4);
  }

  @LoopTest
  @Spec("STREAM-24")
  void endBehindTheLimitIsAnOverrunToo() {
    var reader = new StreamReader(3);
    feed(reader, "abcdef");
    reader.feedEof();
    assertThrows(LimitOverrunException.class, () -> reader.readUntil(bytes("X")));
  }

  // ---- lines

  @LoopTest
  @Spec("STREAM-25")
  void linesOneByOne() throws Exception {
    StreamReader reader = reader("chunk1 ", "chunk2 ", "chunk3\nchunk4");
    assertThat(text(reader.readLine())).isEqualTo("chunk1 chunk2 chunk3\n");
    Task<byte[]> read = createTask(reader::readLine);
    turn();
    feed(reader, " ends\n\nlast");
    assertThat(text(await(read))).isEqualTo("chunk4 ends\n");
    assertThat(text(reader.readLine())).isEqualTo("\n");
    reader.feedEof();
    assertThat(text(reader.readLine())).isEqualTo("last");
    assertThat(reader.readLine()).isEmpty();
  }

  @LoopTest
  @Spec("STREAM-25")
  void lineThatIsThereDoesNotSuspend() throws Exception {
    StreamReader reader = reader("line1\nline2\n");
    List<String> trail = new ArrayList<>();
    createTask(() -> trail.add("another task"));
    assertThat(text(reader.readLine()) + text(reader.readLine())).isEqualTo("line1\nline2\n");
    assertThat(trail).isEmpty();
    turn();
  }

  @LoopTest
  @Spec("STREAM-26")
  void lineOverTheLimitIsDroppedAndTheNextStays() throws Exception {
    var reader = new StreamReader(3);
    feed(reader, "li", "ne1\n", "ok\nline3\n");
    LimitOverrunException thrown =
        assertThrows(LimitOverrunException.class, reader::readLine).actual();
    assertThat(thrown.consumed()).isEqualTo(5);
    assertThat(text(reader.readLine())).isEqualTo("ok\n");
    assertThrows(LimitOverrunException.class, reader::readUtf8Line);
    assertThat(reader).hasToString("<StreamReader limit=3>");
  }

  @LoopTest
  @Spec("STREAM-26")
  void lineOverTheLimitWithoutItsEndDropsAll() throws Exception {
    var reader = new StreamReader(7);
    Task<byte[]> read = createTask(reader::readLine);
    turn();
    feed(reader, "chunk1 ");
    turn();
    assertThat(read.isDone()).isFalse();
    feed(reader, "chunk2");
    assertThrows(LimitOverrunException.class, () -> await(read, IOException.class));
    assertThat(reader).hasToString("<StreamReader limit=7>");
    feed(reader, "chunk3\n");
    assertThat(text(reader.readLine())).isEqualTo("chunk3\n");
  }

  @LoopTest
  @Spec("STREAM-26")
  void lineOfExactlyTheLimitPasses() throws Exception {
    var reader = new StreamReader(5);
    feed(reader, "12345\n");
    assertThat(text(reader.readLine())).isEqualTo("12345\n");
  }

  @LoopTest
  @Spec("STREAM-27")
  void iterationGivesTheLines() {
    StreamReader reader = reader("line1\nline2\n");
    Task<List<String>> lines =
        createTask(() -> {
          List<String> got = new ArrayList<>();
          for (byte[] line : reader) {
            got.add(text(line));
          }
          return got;
        });
    turn();
    feed(reader, "line3");
    turn();
    reader.feedEof();
    assertThat(await(lines)).containsExactly("line1\n", "line2\n", "line3");
    Iterator<byte[]> none = reader.iterator();
    assertThat(none.hasNext()).isFalse();
    assertThrows(NoSuchElementException.class, none::next);
  }

  @LoopTest
  @Spec("STREAM-27")
  void leavingALoopLosesNothing() throws Exception {
    StreamReader reader = reader("line1\nline2\nline3\n");
    for (byte[] line : reader) {
      if (text(line).equals("line2\n")) {
        break;
      }
    }
    assertThat(text(reader.readLine())).isEqualTo("line3\n");
  }

  @LoopTest
  @Spec("STREAM-27")
  void failureEndsAnIteration() {
    StreamReader reader = reader("line1\n");
    Iterator<byte[]> lines = reader.iterator();
    lines.next();
    var failure = new SocketException("broken");
    reader.setException(failure);
    assertThrows(UncheckedIOException.class, lines::hasNext).hasCause(failure);
  }

  @LoopTest
  void linesOfText() throws Exception {
    var reader = new StreamReader();
    reader.feedData("grün\r\n\n\r\na\rb\nend\r".getBytes(StandardCharsets.UTF_8));
    reader.feedEof();
    assertThat(reader.utf8Lines()).containsExactly("grün", "", "", "a\rb", "end\r");
    assertThat(reader.readUtf8Line()).isNull();
    StreamReader odd = ended("\u00ff!\n"); // no UTF-8
    assertThat(odd.readUtf8Line()).isEqualTo("\ufffd!");
  }

  // ---- cost

  @LoopTest
  @Spec("STREAM-28")
  void searchIsLinear() throws Exception {
    // Searches that began anew each time would look at 10^10 bytes, and not end in time.
    int size = 1 << 20;
    var reader = new StreamReader(size);
    Task<byte[]> read = createTask(() -> reader.readUntilAny(bytes("xyz"), bytes("A--B")));
    byte[] one = bytes("A");
    for (int i = 0; i < size; i++) {
      reader.feedData(one);
      if (i % 64 == 0) {
        turn();
      }
    }
    feed(reader, "--B");
    assertThat(await(read)).hasSize(size + 3);
  }

  @LoopTest
  @Spec("STREAM-29")
  void resultsAreIndependentCopies() throws Exception {
    byte[] source = bytes("abc\nd");
    var reader = new StreamReader();
    reader.feedData(source);
    source[0] = 'X';
    byte[] line = reader.readLine();
    assertThat(text(line)).isEqualTo("abc\n");
    feed(reader, "efghijklmnop\n");
    line[0] = 'Y';
    byte[] next = reader.readLine();
    assertThat(text(next)).isEqualTo("defghijklmnop\n");
    feed(reader, "12345");
    byte[] all = reader.read(5); // all that is there
    feed(reader, "67890");
    assertThat(text(all)).isEqualTo("12345");
    assertThat(text(next)).isEqualTo("defghijklmnop\n");
    all[0] = 'Z';
    assertThat(text(reader.readExactly(5))).isEqualTo("67890");
  }
}
