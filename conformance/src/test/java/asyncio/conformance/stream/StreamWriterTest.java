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
import asyncio.net.ConnectionResetException;
import asyncio.net.FlowControl;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.net.StreamWriter;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Writers, and what their protocol tells them and the reader of the same connection. */
class StreamWriterTest {
  private final FakeTransport transport = new FakeTransport();
  private final List<String> trail = new ArrayList<>();

  /** A connection without sockets. */
  private record Ends(StreamReader reader, StreamReaderProtocol protocol, StreamWriter writer) {}

  private Ends connect(FakeTransport transport) throws Exception {
    var reader = new StreamReader();
    var protocol = new StreamReaderProtocol(reader);
    protocol.connectionMade(transport);
    return new Ends(reader, protocol, new StreamWriter(transport, protocol, reader));
  }

  private Ends connect() throws Exception {
    return connect(transport);
  }

  private Task<?> drainer(StreamWriter writer, String name) {
    return createTask(() -> {
      try {
        writer.drain();
        trail.add(name + " drained");
      } catch (IOException e) {
        trail.add(name + " " + e.getMessage());
      }
    });
  }

  @LoopTest
  @Spec("STREAM-31")
  void methodsDelegateToTheTransport() throws Exception {
    StreamWriter writer = connect().writer();
    writer.write(bytes("abc"));
    writer.write(ByteBuffer.wrap(bytes("xdefx"), 1, 3));
    writer.writeUtf8("ghi");
    writer.writeLines(List.of(ByteBuffer.wrap(bytes("j\n")), ByteBuffer.wrap(bytes("k\n"))));
    writer.writeEof();
    assertThat(writer.canWriteEof()).isTrue();
    assertThat(writer.isClosing()).isFalse();
    writer.close();
    assertThat(writer.isClosing()).isTrue();
    assertThat(transport.trail)
        .containsExactly(
            "write abc",
            "write def",
            "write ghi",
            "lines",
            "write j\n",
            "write k\n",
            "eof",
            "close");
    assertThat(writer.getExtraInfo("peername")).isEqualTo("nobody");
    assertThat(writer.getExtraInfo("cipher")).isNull();
    assertThat(writer.getExtraInfo("cipher", "none")).isEqualTo("none");
    assertThat(writer.transport()).isSameAs(transport);
  }

  @LoopTest
  @Spec("STREAM-31")
  void writerIsAResource() throws Exception {
    try (StreamWriter writer = connect().writer()) {
      writer.writeUtf8("grün");
    }
    assertThat(transport.trail).containsExactly("write grün", "close");
  }

  // ---- drain

  @LoopTest
  @Spec("STREAM-32")
  void drainReturnsAtOnceUnlessPaused() throws Exception {
    Ends ends = connect();
    createTask(() -> trail.add("another task"));
    ends.writer().drain();
    ends.protocol().pauseWriting();
    ends.protocol().resumeWriting();
    ends.writer().drain();
    assertThat(trail).isEmpty();
    turn();
  }

  @LoopTest
  @Spec("STREAM-32")
  void allWhoDrainAreReleased(LoopProbe probe) throws Exception {
    Ends ends = connect();
    ends.protocol().pauseWriting();
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tasks.add(drainer(ends.writer(), "task " + i));
    }
    probe.runUntilAllBlocked();
    assertThat(probe.describeTasks()).contains("stream drain");
    assertThat(trail).isEmpty();
    tasks.get(1).cancel();
    turn();
    ends.protocol().resumeWriting();
    assertThat(trail).isEmpty();
    turn();
    assertThat(trail)
        .containsExactly("task 0 drained", "task 2 drained", "task 3 drained", "task 4 drained");
    ends.protocol().pauseWriting();
    Task<?> next = drainer(ends.writer(), "next");
    probe.runUntilAllBlocked();
    assertThat(next.isDone()).isFalse();
    ends.protocol().resumeWriting();
    await(next);
  }

  @LoopTest
  @Spec("STREAM-33")
  void drainThrowsTheReadersException() throws Exception {
    Ends ends = connect();
    ends.protocol().pauseWriting(); // it would wait for ever
    var failure = new SocketException("broken");
    ends.reader().setException(failure);
    assertThrows(SocketException.class, ends.writer()::drain).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-34")
  void drainOnAClosingTransportTakesOneIteration() throws Exception {
    Ends ends = connect();
    createTask(() -> trail.add("another task"));
    ends.writer().drain();
    assertThat(trail).isEmpty();
    ends.writer().close();
    ends.writer().drain();
    assertThat(trail).containsExactly("another task");
  }

  @LoopTest
  @Spec("STREAM-34")
  void loopOfWriteAndDrainNoticesTheLoss(EventLoop loop) throws Exception {
    Ends ends = connect();
    ends.writer().close();
    loop.callSoon(() -> ends.protocol().connectionLost(null));
    assertThrows(
        ConnectionResetException.class,
        () -> {
          while (true) {
            ends.writer().writeUtf8("more");
            ends.writer().drain();
          }
        });
    assertThat(transport.trail).containsExactly("close", "write more");
  }

  @LoopTest
  @Spec("STREAM-35")
  void drainAfterTheLoss() throws Exception {
    Ends ends = connect();
    ends.protocol().connectionLost(null);
    assertThrows(ConnectionResetException.class, ends.writer()::drain)
        .hasMessageContaining("Connection lost");
  }

  @LoopTest
  @Spec("STREAM-35")
  void drainDuringTheLoss(LoopProbe probe) throws Exception {
    for (Throwable failure : new Throwable[] {null, new SocketException("broken")}) {
      Ends ends = connect();
      ends.protocol().pauseWriting();
      drainer(ends.writer(), "one");
      drainer(ends.writer(), "two");
      probe.runUntilAllBlocked();
      ends.protocol().connectionLost(failure);
      probe.runUntilAllBlocked();
    }
    assertThat(trail).containsExactly("one drained", "two drained", "one broken", "two broken");
  }

  @LoopTest
  void drainOutsideATaskFailsAtOnce(EventLoop loop) throws Exception {
    StreamWriter writer = connect().writer();
    loop.callSoon(() -> {
      assertThrows(IllegalStateException.class, writer::drain).hasMessageContaining("drain()");
      assertThrows(IllegalStateException.class, writer::waitClosed)
          .hasMessageContaining("waitClosed()");
      trail.add("refused");
    });
    turn();
    assertThat(trail).containsExactly("refused");
  }

  // ---- the end

  @LoopTest
  @Spec("STREAM-36")
  void waitClosedWaitsForTheLossAnyNumberOfTimes(LoopProbe probe) throws Exception {
    Ends ends = connect();
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "task " + i;
      tasks.add(
          createTask(() -> {
            ends.writer().waitClosed();
            trail.add(name);
          }));
    }
    ends.writer().close();
    probe.runUntilAllBlocked();
    assertThat(probe.describeTasks()).contains("stream close");
    tasks.get(1).cancel(); // disturbs nobody
    turn();
    assertThat(trail).isEmpty();
    ends.protocol().connectionLost(null);
    turn();
    assertThat(trail).containsExactly("task 0", "task 2");
    ends.writer().waitClosed();
    ends.writer().waitClosed();
    assertThat(tasks.get(1).isCancelled()).isTrue();
  }

  @LoopTest
  @Spec("STREAM-36")
  void waitClosedThrowsWhatTheConnectionWasLostWith() throws Exception {
    Ends ends = connect();
    Task<?> waiting = createTask(() -> ends.writer().waitClosed());
    turn();
    var failure = new SocketException("broken");
    ends.protocol().connectionLost(failure);
    assertThrows(SocketException.class, () -> await(waiting, IOException.class)).isSameAs(failure);
    assertThrows(SocketException.class, ends.writer()::waitClosed).isSameAs(failure);
    assertThrows(SocketException.class, ends.writer()::waitClosed).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-36")
  void waitForTheEndCanBeCancelled() throws Exception {
    Ends ends = connect();
    Task<?> waiting = createTask(() -> ends.writer().waitClosed());
    turn();
    waiting.cancel();
    assertThrows(CancelledError.class, () -> await(waiting));
    ends.protocol().connectionLost(null);
    ends.writer().waitClosed();
  }

  @LoopTest
  @Spec("STREAM-37")
  void unreadDataDoesNotDelayTheEnd() throws Exception {
    Ends ends = connect();
    ends.protocol().dataReceived(ByteBuffer.wrap(bytes("never read")));
    ends.writer().close();
    ends.protocol().connectionLost(null);
    ends.writer().waitClosed();
    assertThat(ends.reader().atEof()).isFalse();
  }

  @LoopTest
  @Spec({"STREAM-38", "STREAM-39"})
  void lossGivesTheReaderAnEnd() throws Exception {
    Ends ends = connect();
    ends.protocol().dataReceived(ByteBuffer.wrap(bytes("abc")));
    Task<byte[]> read = createTask(() -> ends.reader().readAll());
    turn();
    ends.writer().close();
    ends.protocol().connectionLost(null);
    assertThat(text(await(read))).isEqualTo("abc");
    assertThat(ends.reader().read(1)).isEmpty();
    assertThat(ends.reader().atEof()).isTrue();
  }

  @LoopTest
  @Spec("STREAM-39")
  void lossWithAFailureGivesTheReaderTheFailure() throws Exception {
    Ends ends = connect();
    var failure = new SocketException("broken");
    ends.protocol().connectionLost(failure);
    assertThat(ends.reader().exception()).isSameAs(failure);
    assertThat(ends.reader().atEof()).isFalse();
    assertThrows(SocketException.class, () -> ends.reader().read(1)).isSameAs(failure);
  }

  @LoopTest
  @Spec("STREAM-40")
  void endOfFileLeavesAPlainConnectionOpen() throws Exception {
    Ends plain = connect();
    feed(plain.reader(), "abc");
    assertThat(plain.protocol().eofReceived()).isTrue();
    assertThat(text(plain.reader().readAll())).isEqualTo("abc");
    plain.writer().writeUtf8("still here");
    plain.writer().drain();
    Ends overTls = connect(new FakeTransport(true));
    assertThat(overTls.protocol().eofReceived()).isFalse();
    assertThat(overTls.reader().atEof()).isTrue();
  }

  @LoopTest
  @Spec("STREAM-10")
  void protocolGivesTheReaderItsTransport() throws Exception {
    Ends ends = connect();
    ends.protocol().dataReceived(ByteBuffer.wrap(new byte[2 * 65536 + 1]));
    assertThat(transport.trail).containsExactly("pause");
    assertThat(ends.reader().readExactly(65537)).hasSize(65537);
    assertThat(transport.trail).containsExactly("pause", "resume");
  }

  // ---- without a reader

  @LoopTest
  @Spec({"STREAM-32", "STREAM-35"})
  void flowControlAloneIsEnoughForAWriter(EventLoop loop, LoopProbe probe) throws Exception {
    var protocol = new FlowControl(loop);
    var writer = new StreamWriter(transport, protocol, null);
    protocol.pauseWriting();
    drainer(writer, "first");
    probe.runUntilAllBlocked();
    assertThat(trail).isEmpty();
    protocol.resumeWriting();
    turn();
    assertThat(trail).containsExactly("first drained");
    protocol.connectionLost(null);
    writer.waitClosed();
    assertThrows(ConnectionResetException.class, writer::drain);
    assertThat(writer).hasToString("<StreamWriter transport=<fake>>");
  }

  @LoopTest
  void textFormShowsBothEnds() throws Exception {
    assertThat(connect().writer())
        .hasToString("<StreamWriter transport=<fake> reader=<StreamReader transport=<fake>>>");
  }
}
