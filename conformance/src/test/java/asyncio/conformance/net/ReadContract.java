package asyncio.conformance.net;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ContextVar;
import asyncio.ErrorContext;
import asyncio.conformance.Spec;
import asyncio.net.BufferedProtocol;
import asyncio.net.DatagramProtocol;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reading from a stream connection, and what the protocol is told. */
interface ReadContract extends Contract {

  // ---- pausing

  @LoopTest
  @Spec({"TR-38", "TR-39", "TR-40", "PROACTOR-3"})
  default void pausedTransportDeliversNothingAndLosesNothing() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    assertThat(transport.isReading()).isTrue();
    transport.pauseReading();
    assertThat(transport.isReading()).isFalse();
    ends.far().write("one ");
    turns(5);
    ends.far().write("two");
    ends.far().transport().close();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made");

    transport.resumeReading();
    assertThat(transport.isReading()).isTrue();
    ends.near().untilLost();
    assertThat(ends.near().text()).isEqualTo("one two");
    assertThat(ends.near().trail).containsExactly("made", "data", "eof", "lost");
  }

  @LoopTest
  @Spec({"TR-38", "TR-39", "PROACTOR-4"})
  default void pausingAndResumingAreIdempotent() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.resumeReading();
    transport.pauseReading();
    transport.pauseReading();
    transport.resumeReading();
    transport.resumeReading();
    assertThat(transport.isReading()).isTrue();
    ends.far().write("x");
    ends.near().untilReceived(1);

    transport.close();
    transport.pauseReading();
    transport.resumeReading();
    assertThat(transport.isReading()).isFalse();
    ends.far().untilLost();
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "data", "lost");
  }

  @LoopTest
  @Spec({"TR-38", "TR-40"})
  default void pausedReaderHoldsTheWriterBack() throws Exception {
    Ends ends = connect();
    ends.near().transport().pauseReading();
    ends.far().transport().write(Payload.part(0, tooMuch()));
    turns(10);
    assertThat(ends.far().transport().getWriteBufferSize()).isPositive();
    assertThat(ends.far().trail).containsExactly("made", "pause");

    ends.near().transport().resumeReading();
    ends.near().untilReceived(tooMuch());
    ends.far().untilTold("resume");
    assertThat(ends.far().transport().getWriteBufferSize()).isZero();
    Payload.assertInOrder(ends.near().received(), tooMuch());
  }

  @LoopTest
  @Spec({"TR-38", "TR-40"})
  default void pausingInDataReceivedHoldsBackTheRest() throws Exception {
    Ends ends = connect();
    int[] calls = new int[1];
    ends.near()
        .on(
            "data",
            () -> {
              calls[0]++;
              ends.near().transport().pauseReading();
            });
    ends.far().transport().write(Payload.part(0, tooMuch()));
    ends.far().transport().close();
    while (!ends.near().trail.contains("eof")) {
      int before = calls[0];
      ends.near().until(() -> calls[0] > before || ends.near().trail.contains("eof"));
      turns(2);
      assertThat(calls[0]).isLessThanOrEqualTo(before + 1);
      if (calls[0] > 40) {
        ends.near().on("data", () -> {}); // enough of that
      }
      ends.near().transport().resumeReading();
    }
    ends.near().untilLost();
    Payload.assertInOrder(ends.near().received(), tooMuch());
  }

  @LoopTest
  @Spec({"TR-41", "PROTO-2"})
  default void nothingIsDeliveredAfterCloseOrAbort() throws Exception {
    for (boolean aborts : new boolean[] {false, true}) {
      Ends ends = connect();
      ends.near()
          .on(
              "data",
              () -> {
                if (aborts) {
                  ends.near().transport().abort();
                } else {
                  ends.near().transport().close();
                }
                ends.near().trail.add("ended");
              });
      ends.far().transport().write(Payload.part(0, tooMuch()));
      ends.far().transport().close();
      ends.near().untilLost();
      turns(5);
      assertThat(ends.near().trail).containsExactly("made", "data", "ended", "lost");
      ends.far().transport().abort();
    }
  }

  // ---- data

  @LoopTest
  @Spec({"PROTO-1", "PROTO-5", "PROTO-21", "PROACTOR-5"})
  default void piecesAreNotEmptyAndAreTheCallersOwn() throws Exception {
    List<ByteBuffer> kept = new ArrayList<>();
    int[] total = new int[1];
    Witness far = new Witness();
    connect(
        new Protocol() {
          @Override
          public void dataReceived(ByteBuffer data) {
            assertThat(data.hasRemaining()).isTrue();
            assertThat(data.remaining()).isLessThanOrEqualTo(256 * 1024);
            total[0] += data.remaining();
            kept.add(data);
          }
        },
        far);
    int size = Math.min(30_000, tooMuch() / 10);
    int count = 10 * size;
    for (int at = 0; at < count; at += size) {
      far.transport().write(Payload.part(at, size));
    }
    Turns.until(() -> total[0] == count);
    ByteBuffer all = ByteBuffer.allocate(count);
    kept.forEach(all::put);
    Payload.assertInOrder(all.array(), count);
  }

  @LoopTest
  @Spec({"PROTO-1", "PROTO-2", "PROTO-6", "PROTO-8", "PROTO-21"})
  default void endOfFileIsToldOnceAndClosesByDefault() throws Exception {
    Ends ends = connect();
    ends.far().write("last words");
    ends.far().transport().close();
    ends.near().untilLost();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "data", "eof", "lost");
    assertThat(ends.near().lostWith()).isNull();
    assertThat(ends.near().text()).isEqualTo("last words");
  }

  @LoopTest
  @Spec("PROTO-6")
  default void endOfFileSendsWhatWasWrittenFirst() throws Exception {
    Ends ends = connect();
    ends.near().on("eof", () -> ends.near().write("answer"));
    ends.far().keepOpen();
    if (!ends.far().transport().canWriteEof()) {
      return; // the other end cannot listen any more
    }
    ends.far().transport().writeEof();
    ends.far().untilTold("eof");
    assertThat(ends.far().text()).isEqualTo("answer");
    ends.near().untilLost();
  }

  @LoopTest
  @Spec({"PROTO-22", "TR-9", "PROACTOR-2"})
  default void callsAreOnTheLoopsThreadAndNeverNested() throws Exception {
    Ends ends = connect();
    int[] depth = new int[1];
    List<String> wrong = new ArrayList<>();
    for (Witness witness : List.of(ends.near(), ends.far())) {
      for (String word : List.of("data", "eof", "lost")) {
        witness.on(
            word,
            () -> {
              if (depth[0]++ > 0 || !getRunningLoop().isCurrent()) {
                wrong.add(word);
              }
              if (!witness.transport().isClosing()) {
                witness.transport().write(new byte[10]);
              }
              if (witness.receivedCount() > 1000) {
                witness.transport().abort();
              }
              if (depth[0] != 1) {
                wrong.add("nested in " + word);
              }
              depth[0]--;
            });
      }
    }
    ends.near().write("begin");
    ends.near().untilLost();
    ends.far().untilLost();
    assertThat(wrong).isEmpty();
  }

  @LoopTest
  @Spec("PROTO-24")
  default void callsSeeTheContextOfTheCreation() throws Exception {
    var where = new ContextVar<String>("where", "nowhere");
    where.set("creation");
    Set<String> seen = new LinkedHashSet<>();
    Ends ends = new Ends(new Witness(), new Witness());
    for (String word : List.of("made", "data", "eof", "lost")) {
      ends.near().on(word, () -> seen.add(word + " " + where.get()));
    }
    connect(ends.near(), ends.far());
    where.set("later");
    ends.near().transport().pauseReading();
    ends.near().transport().resumeReading();
    ends.far().write("x");
    ends.near().untilReceived(1);
    ends.far().transport().close();
    ends.near().untilLost();

    Ends closed = new Ends(new Witness(), new Witness());
    where.set("creation");
    closed.near().on("lost", () -> seen.add("lost by close " + where.get()));
    connect(closed.near(), closed.far());
    where.set("later");
    closed.near().transport().close();
    closed.near().untilLost();

    Ends flushed = new Ends(new Witness(), new Witness());
    where.set("creation");
    flushed.near().on("lost", () -> seen.add("lost by the flush " + where.get()));
    flushed.near().on("resume", () -> seen.add("resume " + where.get()));
    connect(flushed.near(), flushed.far());
    where.set("later");
    flushed.far().transport().pauseReading();
    flushed.near().transport().write(new byte[tooMuch()]);
    flushed.near().transport().close();
    flushed.far().transport().resumeReading();
    flushed.near().untilLost();
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "made creation",
            "data creation",
            "eof creation",
            "lost creation",
            "lost by close creation",
            "resume creation",
            "lost by the flush creation");
  }

  // ---- errors of the protocol

  @LoopTest
  @Spec({"PROTO-12", "PROTO-11"})
  default void failureOfDataReceivedIsReportedAndEndsTheConnection(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = connect();
    var failure = new IllegalStateException("cannot parse this");
    ends.near()
        .on(
            "data",
            () -> {
              throw failure;
            });
    ends.far().write("x");
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isSameAs(failure);
    assertThat(ends.near().trail).containsExactly("made", "data", "lost");
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().message())
        .isEqualTo("Fatal error: protocol.data_received() call failed.");
    assertThat(reports.getFirst().exception()).isSameAs(failure);
    assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isSameAs(ends.near().transport());
    assertThat(reports.getFirst().get(ErrorContext.PROTOCOL)).isSameAs(ends.near());
    ends.far().untilTold("lost");
  }

  @LoopTest
  @Spec({"PROTO-13", "PROTO-11"})
  default void failureOfEofReceivedIsReportedAndEndsTheConnection(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = connect();
    var failure = new IllegalStateException("not yet");
    ends.near()
        .on(
            "eof",
            () -> {
              throw failure;
            });
    ends.far().transport().close();
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isSameAs(failure);
    assertThat(ends.near().trail).containsExactly("made", "eof", "lost");
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().message())
        .isEqualTo("Fatal error: protocol.eof_received() call failed.");
    assertThat(reports.getFirst().exception()).isSameAs(failure);
  }

  @LoopTest
  @Spec("PROTO-14")
  default void failuresOfABufferedProtocolAreReportedAndEndTheConnection(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    var failure = new IllegalStateException("out of buffers");
    for (String method : List.of("get_buffer", "buffer_updated")) {
      List<Object> lost = new ArrayList<>();
      Witness far =
          connect(
              new BufferedProtocol() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                  fail("get_buffer");
                  return ByteBuffer.allocate(10);
                }

                @Override
                public void bufferUpdated(int count) {
                  fail("buffer_updated");
                }

                private void fail(String where) {
                  if (where.equals(method)) {
                    throw failure;
                  }
                }

                @Override
                public void connectionLost(Throwable exception) {
                  lost.add(exception);
                }
              });
      far.write("x");
      far.untilLost();
      assertThat(lost).containsExactly(failure);
      assertThat(reports).hasSize(1);
      assertThat(reports.getFirst().message())
          .isEqualTo("Fatal error: protocol." + method + "() call failed.");
      reports.clear();
    }
  }

  @LoopTest
  @Spec("PROTO-18")
  default void bufferWithoutRoomIsAFatalError(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    for (ByteBuffer useless :
        new ByteBuffer[] {
          ByteBuffer.allocate(0),
          ByteBuffer.allocate(10).limit(0),
          ByteBuffer.allocateDirect(0),
          ByteBuffer.allocate(10).asReadOnlyBuffer(),
          null
        }) {
      List<Throwable> lost = new ArrayList<>();
      Witness far =
          connect(
              new BufferedProtocol() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                  return useless;
                }

                @Override
                public void bufferUpdated(int count) {
                  lost.add(new AssertionError("updated"));
                }

                @Override
                public void connectionLost(Throwable exception) {
                  lost.add(exception);
                }
              });
      far.write("x");
      far.untilLost();
      assertThat(lost).hasSize(1);
      assertThat(lost.getFirst())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(
              useless != null && useless.isReadOnly()
                  ? "get_buffer() returned a read-only buffer"
                  : "get_buffer() returned an empty buffer");
      assertThat(reports).hasSize(1);
      assertThat(reports.getFirst().exception()).isSameAs(lost.getFirst());
      reports.clear();
    }
  }

  // ---- buffered protocols

  /** Offers a buffer of some size, and checks that the two calls alternate. */
  final class Reader implements BufferedProtocol {
    final List<String> trail = new ArrayList<>();
    final java.io.ByteArrayOutputStream received = new java.io.ByteArrayOutputStream();
    final ByteBuffer buffer;
    boolean isLent;

    Reader(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      assertThat(sizeHint).isEqualTo(-1);
      assertThat(isLent).as("bufferUpdated is missing").isFalse();
      isLent = true;
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) {
      assertThat(isLent).isTrue();
      isLent = false;
      assertThat(count).isPositive().isEqualTo(buffer.position());
      byte[] bytes = new byte[count];
      buffer.flip().get(bytes);
      received.writeBytes(bytes);
    }

    @Override
    public boolean eofReceived() {
      isLent = false; // asked for, and then there was nothing to put into it
      trail.add("eof");
      return false;
    }

    @Override
    public void connectionLost(Throwable exception) {
      trail.add("lost " + exception);
    }
  }

  @LoopTest
  @Spec({"PROTO-17", "PROTO-19", "PROTO-20", "PROACTOR-5"})
  default void bufferedProtocolGetsAllBytesThroughASmallBuffer() throws Exception {
    for (ByteBuffer buffer :
        List.of(
            ByteBuffer.allocate(100),
            ByteBuffer.allocateDirect(100),
            ByteBuffer.allocate(1),
            ByteBuffer.allocate(1 << 20),
            ByteBuffer.allocateDirect(1 << 20))) {
      Reader reader = new Reader(buffer);
      Witness far = connect(reader);
      int count = Math.min(tooMuch() / 10, buffer.capacity() * 100);
      far.transport().write(Payload.part(0, count));
      far.transport().close();
      far.untilLost();
      Turns.until(() -> reader.trail.size() == 2);
      Payload.assertInOrder(reader.received.toByteArray(), count);
      assertThat(reader.trail).containsExactly("eof", "lost null");
    }
  }

  @LoopTest
  @Spec("PROTO-17")
  default void connectionsMayShareABufferThatEachUsesUp() throws Exception {
    for (ByteBuffer buffer :
        List.of(ByteBuffer.allocate(1 << 20), ByteBuffer.allocateDirect(100))) {
      Reader one = new Reader(buffer);
      Reader two = new Reader(buffer);
      Witness farOne = connect(one);
      Witness farTwo = connect(two);
      int count = Math.min(tooMuch() / 10, buffer.capacity() * 100);
      farOne.transport().write(Payload.part(0, count));
      farTwo.transport().write(Payload.part(0, count / 2));
      farOne.transport().close();
      farTwo.transport().close();
      Turns.until(() -> one.trail.size() == 2 && two.trail.size() == 2);
      Payload.assertInOrder(one.received.toByteArray(), count);
      Payload.assertInOrder(two.received.toByteArray(), count / 2);
    }
  }

  @LoopTest
  @Spec({"PROTO-17", "TR-41"})
  default void closingInGetBufferReadsNothing() throws Exception {
    List<String> trail = new ArrayList<>();
    Witness far =
        connect(
            new BufferedProtocol() {
              private Transport transport;

              @Override
              public void connectionMade(Transport made) {
                transport = made;
              }

              @Override
              public ByteBuffer getBuffer(int sizeHint) {
                trail.add("buffer");
                transport.close();
                return ByteBuffer.allocate(10);
              }

              @Override
              public void bufferUpdated(int count) {
                trail.add("updated");
              }

              @Override
              public void connectionLost(Throwable exception) {
                trail.add("lost " + exception);
              }
            });
    far.write("x");
    far.untilLost();
    Turns.until(() -> trail.size() > 1);
    assertThat(trail).containsExactly("buffer", "lost null");
  }

  // ---- another protocol

  @LoopTest
  @Spec("TR-47")
  default void laterCallsGoToTheProtocolThatWasSet() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    ends.far().write("first");
    ends.near().untilReceived(5);

    Witness next = new Witness();
    transport.setProtocol(next);
    assertThat(transport.getProtocol()).isSameAs(next);
    turns(5);
    assertThat(next.trail).isEmpty();
    ends.far().write("second");
    next.untilReceived(6);
    transport.close();
    next.untilLost();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "data");
    assertThat(ends.near().text()).isEqualTo("first");
    assertThat(next.trail).containsExactly("data", "lost");
    assertThat(next.text()).isEqualTo("second");
  }

  @LoopTest
  @Spec("TR-48")
  default void protocolMayChangeToABufferedOneAndBack() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    Reader reader = new Reader(ByteBuffer.allocate(100));
    ends.near().on("data", () -> transport.setProtocol(reader));
    ends.far().write("p");
    ends.near().untilReceived(1);
    ends.far().write("buffered");
    Turns.until(() -> reader.received.size() == 8);
    transport.setProtocol(ends.near());
    ends.near().on("data", () -> {});
    ends.far().write("ieces");
    ends.near().untilReceived(6);
    assertThat(ends.near().text()).isEqualTo("pieces");
    assertThat(reader.received.toString()).isEqualTo("buffered");
    assertThat(reader.trail).isEmpty();
  }

  @LoopTest
  @Spec("TR-47")
  default void protocolOfAnotherKindIsRefused() throws Exception {
    Ends ends = connect();
    assertThatThrownBy(() -> ends.near().transport().setProtocol(new DatagramProtocol() {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no Protocol or BufferedProtocol");
    assertThat(ends.near().transport().getProtocol()).isSameAs(ends.near());
  }
}
