package asyncio.conformance.stream;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.feed;
import static asyncio.conformance.stream.Texts.text;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a protocol puts into a reader, and what holds the transport back. */
class StreamReaderFeedTest {

  // ---- making one

  @LoopTest
  @Spec("STREAM-7")
  void limitMustBePositive(EventLoop loop) {
    for (int limit : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> new StreamReader(limit, loop))
          .hasMessageContaining("limit")
          .hasMessageContaining("" + limit);
      assertThrows(IllegalArgumentException.class, () -> ConnectOptions.DEFAULT.withLimit(limit));
      assertThrows(IllegalArgumentException.class, () -> ServerOptions.DEFAULT.withLimit(limit));
    }
  }

  @LoopTest
  @Spec("STREAM-7")
  void limitIs64KiBAtFirst() throws Exception {
    assertThat(ConnectOptions.DEFAULT.limit()).isEqualTo(65536);
    assertThat(ServerOptions.DEFAULT.limit()).isEqualTo(65536);
    var transport = new FakeTransport();
    var reader = new StreamReader();
    reader.setTransport(transport);
    reader.feedData(new byte[2 * 65536]);
    assertThat(transport.trail).isEmpty();
    reader.feedData(new byte[1]);
    assertThat(transport.trail).containsExactly("pause");
    assertThat(reader.toString()).doesNotContain("limit");
  }

  @Test
  @Spec("STREAM-43")
  void outsideALoopOneNeedsALoopArgument() {
    assertThrows(IllegalStateException.class, StreamReader::new);
    assertThrows(IllegalStateException.class, () -> new StreamReader(10));
    EventLoop loop = asyncio.Asyncio.newEventLoop();
    try {
      var reader = new StreamReader(10, loop);
      new StreamReaderProtocol(reader);
      feed(reader, "abc\n");
      assertThat(loop.<byte[]>runUntilComplete(reader::readLine)).isEqualTo(bytes("abc\n"));
    } finally {
      loop.close();
    }
  }

  // ---- data and end

  @LoopTest
  @Spec("STREAM-8")
  void feedingAppends() throws Exception {
    var reader = new StreamReader();
    reader.feedData(new byte[0]);
    assertThat(reader.toString()).isEqualTo("<StreamReader>");
    feed(reader, "abc", "", "def");
    reader.feedData(ByteBuffer.wrap(bytes("-ghi-"), 1, 3));
    assertThat(text(reader.read(100))).isEqualTo("abcdefghi");
  }

  @LoopTest
  @Spec("STREAM-8")
  void noDataDoesNotWakeTheReader(LoopProbe probe) {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.read(1));
    turn();
    reader.feedData(new byte[0]);
    probe.runUntilAllBlocked();
    assertThat(read.isDone()).isFalse();
    feed(reader, "x");
    assertThat(await(read)).isEqualTo(bytes("x"));
  }

  @LoopTest
  @Spec("STREAM-8")
  void dataAfterTheEndIsAProgrammingError() throws Exception {
    var reader = new StreamReader();
    feed(reader, "abc");
    reader.feedEof();
    assertThrows(IllegalStateException.class, () -> feed(reader, "d"))
        .hasMessageContaining("after the end");
    assertThat(text(reader.readAll())).isEqualTo("abc");
  }

  @LoopTest
  @Spec("STREAM-9")
  void bytesBeforeTheEndStayReadable() throws Exception {
    var reader = new StreamReader();
    assertThat(reader.atEof()).isFalse();
    feed(reader, "some data\n");
    assertThat(reader.atEof()).isFalse();
    assertThat(text(reader.readLine())).isEqualTo("some data\n");
    assertThat(reader.atEof()).isFalse();
    feed(reader, "some data\n");
    reader.feedEof();
    assertThat(reader.atEof()).isFalse();
    assertThat(text(reader.readLine())).isEqualTo("some data\n");
    assertThat(reader.atEof()).isTrue();
    reader.feedEof();
    assertThat(reader.readLine()).isEmpty();
    assertThat(reader.read(1)).isEmpty();
    assertThat(reader.readAll()).isEmpty();
    assertThat(reader.atEof()).isTrue();
  }

  // ---- back-pressure

  private static StreamReader reader(FakeTransport transport, int limit) {
    var reader = new StreamReader(limit);
    reader.setTransport(transport);
    return reader;
  }

  @LoopTest
  @Spec("STREAM-10")
  void moreThanTwiceTheLimitPausesAndTheLimitResumes() throws Exception {
    var transport = new FakeTransport();
    var reader = reader(transport, 4);
    feed(reader, "12345678");
    assertThat(transport.trail).isEmpty();
    feed(reader, "9");
    assertThat(transport.trail).containsExactly("pause");
    assertThat(reader.toString()).contains("paused");
    feed(reader, "012"); // what was on the way comes all the same, and pauses nothing twice
    assertThat(transport.trail).containsExactly("pause");
    reader.readExactly(7); // 5 are left
    assertThat(transport.trail).containsExactly("pause");
    reader.read(1);
    assertThat(transport.trail).containsExactly("pause", "resume");
    assertThat(reader.toString()).doesNotContain("paused");
    reader.readExactly(4);
    assertThat(transport.trail).containsExactly("pause", "resume");
  }

  @LoopTest
  @Spec("STREAM-10")
  void everyKindOfReadResumes() throws Exception {
    for (Read read :
        List.<Read>of(
            StreamReader::readLine,
            StreamReader::readUtf8Line,
            reader -> reader.readUntil(bytes("\n")),
            reader -> reader.readUntilAny(bytes("x"), bytes("\n")),
            reader -> reader.readExactly(9),
            reader -> reader.read(9),
            reader -> reader.asInputStream().read(new byte[9]),
            reader -> reader.asInputStream().skip(9),
            reader -> reader.asChannel().read(ByteBuffer.allocate(9)))) {
      var transport = new FakeTransport();
      var reader = reader(transport, 8);
      feed(reader, "12345678\n87654321");
      assertThat(transport.trail).containsExactly("pause");
      read.from(reader);
      assertThat(transport.trail).containsExactly("pause", "resume");
    }
  }

  private interface Read {
    Object from(StreamReader reader) throws IOException;
  }

  @LoopTest
  @Spec("STREAM-10")
  void droppedLineResumesToo() throws Exception {
    var transport = new FakeTransport();
    var reader = reader(transport, 3);
    feed(reader, "1234567\n2\n");
    assertThrows(IOException.class, reader::readLine);
    assertThat(transport.trail).containsExactly("pause", "resume");
    assertThat(text(reader.readLine())).isEqualTo("2\n");
  }

  @LoopTest
  @Spec("STREAM-10")
  void transportThatCannotPauseIsUsedWithout() throws Exception {
    FakeTransport transport = FakeTransport.thatCannotPause();
    var reader = reader(transport, 1);
    feed(reader, "1234", "5678");
    assertThat(text(reader.readExactly(8))).isEqualTo("12345678");
    assertThat(transport.trail).containsExactly("asked to pause"); // once
  }

  @LoopTest
  @Spec("STREAM-10")
  void hugeLimitDoesNotOverflow() {
    var transport = new FakeTransport();
    var reader = reader(transport, Integer.MAX_VALUE);
    feed(reader, "12345");
    assertThat(transport.trail).isEmpty();
  }

  @LoopTest
  @Spec("STREAM-11")
  void waitingResumesSoThatExactReadsAboveTheLimitEnd() {
    var transport = new FakeTransport();
    var reader = reader(transport, 3);
    Task<byte[]> read = createTask(() -> reader.readExactly(20));
    turn();
    feed(reader, "1234567");
    assertThat(transport.trail).containsExactly("pause");
    turn();
    assertThat(transport.trail).containsExactly("pause", "resume");
    feed(reader, "8901234567");
    assertThat(transport.trail).containsExactly("pause", "resume", "pause");
    turn();
    feed(reader, "890");
    assertThat(text(await(read))).isEqualTo("12345678901234567890");
    assertThat(transport.trail)
        .containsExactly("pause", "resume", "pause", "resume", "pause", "resume");
  }

  @LoopTest
  void transportIsSetOnce() {
    var reader = reader(new FakeTransport(), 3);
    assertThrows(IllegalStateException.class, () -> reader.setTransport(new FakeTransport()));
  }

  // ---- failure

  @LoopTest
  @Spec("STREAM-12")
  void failureIsStored() {
    var reader = new StreamReader();
    assertThat(reader.exception()).isNull();
    var failure = new SocketException("broken");
    reader.setException(failure);
    assertThat(reader.exception()).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-12")
  void failureWakesTheWaitingTaskOnce() throws Exception {
    var reader = new StreamReader();
    var failure = new SocketException("broken");
    Task<byte[]> read = createTask(reader::readLine);
    turn();
    reader.setException(failure);
    assertThat(read.isDone()).isFalse();
    turn();
    assertThat(read.exception()).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-12")
  void failureWinsOverBufferedDataAndTheEnd() {
    var reader = new StreamReader();
    feed(reader, "line\n");
    var failure = new SocketException("broken");
    reader.setException(failure);
    reader.feedEof();
    for (Read read :
        List.<Read>of(
            r -> r.read(0),
            r -> r.read(1),
            r -> r.read(-1),
            StreamReader::readAll,
            r -> r.readExactly(0),
            r -> r.readExactly(3),
            StreamReader::readLine,
            StreamReader::readUtf8Line,
            r -> r.readUntil(bytes("n")),
            r -> r.readUntilAny(bytes("n"), bytes("\n")),
            r -> r.asInputStream().read(),
            r -> r.asInputStream().skip(1),
            r -> r.asChannel().read(ByteBuffer.allocate(1)))) {
      assertThrows(IOException.class, () -> read.from(reader)).isSameAs(failure);
    }
  }

  @LoopTest
  @Spec("STREAM-12")
  void failureThatComesBetweenWakeUpAndRunEndsTheRead(LoopProbe probe) {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(reader::readLine);
    turn();
    feed(reader, "no line");
    var failure = new SocketException("broken");
    reader.setException(failure); // the task is woken already, and would wait again
    probe.runUntilAllBlocked();
    assertThat(read.isDone()).isTrue();
    assertThat(read.exception()).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-12")
  void uncheckedFailuresAreThrownAsTheyAreOthersWrapped() {
    var unchecked = new StreamReader();
    var state = new IllegalStateException("bug");
    unchecked.setException(state);
    assertThrows(IllegalStateException.class, () -> unchecked.read(1)).isSameAs(state);
    var checked = new StreamReader();
    var other = new InterruptedException("odd");
    checked.setException(other);
    assertThrows(CompletionException.class, () -> checked.read(1)).hasCause(other);
    assertThat(checked.exception()).isSameAs(other);
  }

  // ---- who may wait

  @LoopTest
  @Spec("STREAM-13")
  void secondTaskMayNotWait() throws Exception {
    var reader = new StreamReader();
    Task<byte[]> first = createTask(reader::readLine);
    turn();
    assertThrows(IllegalStateException.class, () -> reader.readExactly(1))
        .hasMessageContaining("readExactly()")
        .hasMessageContaining("another task");
    assertThat(reader.read(0)).isEmpty(); // does not wait
    feed(reader, "line\nx");
    assertThat(await(first)).isEqualTo(bytes("line\n"));
    assertThat(text(reader.readExactly(1))).isEqualTo("x");
  }

  @LoopTest
  @Spec("STREAM-13")
  void whoIsWokenForDataThatAnotherTookDoesNotSeeAnEnd() {
    var reader = new StreamReader();
    Task<byte[]> first = createTask(() -> reader.read(10));
    turn();
    Task<byte[]> second = createTask(() -> reader.read(10));
    feed(reader, "abc"); // wakes the first, but the second is before it in the queue
    assertThat(text(await(second))).isEqualTo("abc");
    assertThat(first.isDone()).isFalse();
    feed(reader, "def");
    assertThat(text(await(first))).isEqualTo("def");
  }

  @LoopTest
  void readsOutsideATaskFailAtOnce(EventLoop loop, LoopProbe probe) throws Exception {
    var reader = new StreamReader();
    feed(reader, "line\n"); // so that it need not wait
    loop.callSoon(() -> {
      assertThrows(IllegalStateException.class, reader::readLine)
          .hasMessageContaining("readLine()")
          .hasMessageContaining("callback");
      probe.trail().add("refused");
    });
    turn();
    assertThat(probe.trail()).containsExactly("refused");
    assertThat(text(reader.readLine())).isEqualTo("line\n");
  }

  @LoopTest
  void otherThreadsAreTurnedAway(LoopProbe probe) throws Exception {
    var reader = new StreamReader();
    List<String> trail = probe.trail();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              assertThrows(IllegalStateException.class, () -> feed(reader, "x"))
                  .hasMessageContaining("callSoonThreadsafe");
              assertThrows(IllegalStateException.class, reader::feedEof);
              assertThrows(
                  IllegalStateException.class, () -> reader.setException(new IOException()));
              assertThrows(IllegalStateException.class, reader::readLine)
                  .hasMessageContaining("must be called from a task");
              trail.add("refused");
            });
    thread.join();
    assertThat(trail).containsExactly("refused");
    assertThat(reader.toString()).isEqualTo("<StreamReader>");
  }

  @LoopTest
  void tasksOfAnotherLoopAreTurnedAway(EventLoop loop) throws Exception {
    var reader = new StreamReader(10, loop);
    feed(reader, "line\n");
    Thread thread =
        Thread.ofPlatform()
            .start(() ->
                asyncio.Asyncio.run(() ->
                    assertThrows(IllegalStateException.class, reader::readLine)
                        .hasMessageContaining("another loop")));
    thread.join();
    assertThat(text(reader.readLine())).isEqualTo("line\n");
  }

  // ---- cancellation

  @LoopTest
  @Spec("STREAM-14")
  void cancelledReadsLoseNothing() throws Exception {
    for (Read read :
        List.<Read>of(
            StreamReader::readLine,
            StreamReader::readUtf8Line,
            StreamReader::readAll,
            reader -> reader.readExactly(100),
            reader -> reader.readUntil(bytes("--")),
            reader -> reader.readUntilAny(bytes("--"), bytes("++")))) {
      var reader = new StreamReader();
      feed(reader, "abc");
      Task<Object> task = createTask(() -> read.from(reader));
      turn();
      feed(reader, "def");
      turn();
      task.cancel();
      assertThrows(CancelledError.class, () -> await(task));
      feed(reader, "ghi\n");
      assertThat(reader.toString()).doesNotContain("waiter");
      assertThat(text(reader.readLine())).isEqualTo("abcdefghi\n");
    }
  }

  @LoopTest
  @Spec("STREAM-14")
  void dataForATaskThatIsCancelledBeforeItRunsStays() throws Exception {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(() -> reader.read(10));
    turn();
    feed(reader, "abc");
    read.cancel();
    assertThrows(CancelledError.class, () -> await(read));
    assertThat(text(reader.read(10))).isEqualTo("abc");
  }

  @LoopTest
  @Spec("STREAM-14")
  void failureOfATaskThatIsCancelledIsStored() {
    var reader = new StreamReader();
    Task<byte[]> read = createTask(reader::readLine);
    turn();
    read.cancel();
    turn();
    assertThat(read.isCancelled()).isTrue();
    var failure = new EOFException();
    reader.setException(failure);
    assertThrows(EOFException.class, reader::readLine).isSameAs(failure);
  }

  // ---- text

  @LoopTest
  @Spec("STREAM-30")
  void textFormShowsTheState(LoopProbe probe) {
    var reader = new StreamReader();
    assertThat(reader).hasToString("<StreamReader>");
    feed(reader, "data");
    assertThat(reader).hasToString("<StreamReader 4 bytes>");
    reader.feedEof();
    assertThat(reader).hasToString("<StreamReader 4 bytes eof>");
    assertThat(new StreamReader(123)).hasToString("<StreamReader limit=123>");
    var failed = new StreamReader();
    failed.setException(new SocketException("broken"));
    assertThat(failed).hasToString("<StreamReader exception=java.net.SocketException: broken>");
    assertThat(reader(new FakeTransport(), 65536)).hasToString("<StreamReader transport=<fake>>");
    var waited = new StreamReader();
    Task<byte[]> task = createTask(waited::readLine);
    turn();
    assertThat(waited.toString()).startsWith("<StreamReader waiter=<wait for stream data");
    assertThat(probe.describeTasks()).contains("stream data");
    task.cancel();
    turn();
    assertThat(waited).hasToString("<StreamReader>");
  }
}
