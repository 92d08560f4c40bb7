package asyncio.conformance.net;

import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;

/** Writing to a stream connection. */
interface WriteContract extends Contract {

  @LoopTest
  @Spec({"TR-20", "TR-22", "PROACTOR-6"})
  default void bytesArriveInTheOrderOfTheCalls() throws Exception {
    Ends ends = connect();
    for (int i = 0; i < 20; i++) {
      ends.near().write(i + ",");
      if (i % 3 == 0) {
        turn();
      }
    }
    ends.near().transport().close();
    ends.far().untilLost();
    assertThat(ends.far().text()).isEqualTo("0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,");
  }

  /** Pieces of all sizes and kinds, while the reader stops and goes. */
  @LoopTest
  @Spec({"TR-21", "TR-22", "TR-28", "TR-29"})
  default void partialSendsKeepAllBytesInOrder() throws Exception {
    Ends ends = connect();
    Random random = new Random(42);
    long written = 0;
    while (written < tooMuch()) {
      int size = 1 + random.nextInt(random.nextInt(4) == 0 ? tooMuch() / 10 : 3_000);
      switch (random.nextInt(6)) {
        case 0 -> ends.near().transport().write(Payload.direct(written, size));
        case 1 -> {
          int half = size / 2;
          ends.near()
              .transport()
              .writeLines(
                  List.of(
                      Payload.buffer(written, half),
                      ByteBuffer.allocate(0),
                      Payload.direct(written + half, size - half)));
        }
        case 2 -> {
          List<ByteBuffer> pieces = new ArrayList<>();
          for (int at = 0; at < size; at += 100) {
            pieces.add(Payload.buffer(written + at, Math.min(100, size - at)));
          }
          ends.near().transport().writeLines(pieces);
        }
        default -> ends.near().transport().write(Payload.part(written, size));
      }
      written += size;
      switch (random.nextInt(8)) {
        case 0 -> turn();
        case 1 -> ends.far().transport().pauseReading();
        case 2 -> ends.far().transport().resumeReading();
        default -> {}
      }
    }
    ends.far().transport().resumeReading();
    ends.near().transport().close();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), written);
  }

  @LoopTest
  @Spec("TR-23")
  default void whatIsNoBytesIsRefusedBeforeAllElse() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.close();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> transport.write((ByteBuffer) null))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> transport.write((byte[]) null))
          .isInstanceOf(NullPointerException.class);
      ends.near().untilLost();
    }
  }

  @LoopTest
  @Spec("TR-24")
  default void callersBytesMayChangeAfterTheCall() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    byte[] array = Payload.part(0, tooMuch());
    ends.near().transport().write(array);
    assertThat(ends.near().transport().getWriteBufferSize()).as("only a part is sent").isPositive();
    java.util.Arrays.fill(array, (byte) 0);
    byte[] small = Payload.part(array.length, 10);
    ends.near().transport().write(small);
    java.util.Arrays.fill(small, (byte) 0);
    ByteBuffer direct = Payload.direct(array.length + 10, 10);
    ends.near().transport().write(direct);
    direct.clear().put(new byte[10]);
    ByteBuffer piece = Payload.buffer(array.length + 20, 10);
    ends.near().transport().writeLines(List.of(piece));
    piece.clear().put(new byte[10]);

    ends.far().transport().resumeReading();
    ends.near().transport().close();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), array.length + 30);
  }

  @LoopTest
  @Spec("TR-24")
  default void bytesOfTheSameIterationAreTakenToo() throws Exception {
    Ends ends = connect();
    byte[] array = new byte[1];
    for (byte i = 0; i < 10; i++) {
      array[0] = (byte) ('a' + i);
      ends.near().transport().write(array);
    }
    array[0] = '!';
    ends.far().untilReceived(10);
    assertThat(ends.far().text()).isEqualTo("abcdefghij");
  }

  @LoopTest
  @Spec("TR-24")
  default void writtenBufferHasNoBytesLeft() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    Transport transport = ends.near().transport();
    List<ByteBuffer> buffers = new ArrayList<>();
    for (int size : new int[] {10, 10, 100_000, 10, tooMuch(), 10}) {
      buffers.add(ByteBuffer.allocate(size));
      buffers.add(ByteBuffer.allocateDirect(size));
    }
    buffers.forEach(transport::write);
    transport.abort();
    ByteBuffer late = ByteBuffer.allocate(10);
    transport.write(late);
    ByteBuffer lateLine = ByteBuffer.allocate(10);
    transport.writeLines(List.of(lateLine));
    buffers.add(late);
    buffers.add(lateLine);
    assertThat(buffers).allMatch(buffer -> !buffer.hasRemaining());
    ends.near().untilLost();
  }

  @LoopTest
  @Spec({"TR-25", "TR-28"})
  default void nothingWrittenIsNothingDone() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.write(new byte[0]);
    transport.writeLines(List.of());
    transport.writeLines(List.of(ByteBuffer.allocate(0), ByteBuffer.allocate(0)));
    assertThat(transport.getWriteBufferSize()).isZero();
    transport.abort();
    try (var log = new LogCapture()) {
      for (int i = 0; i < 20; i++) {
        transport.write(new byte[0]);
        transport.writeLines(List.of(ByteBuffer.allocate(0)));
      }
      assertThat(drops(log)).isEmpty();
    }
    ends.near().untilLost();
    ends.far().untilLost();
    assertThat(ends.far().receivedCount()).isZero();
  }

  @LoopTest
  @Spec({"TR-26", "TR-30"})
  default void writesAfterTheLossAreDroppedWithAWarningFromTheFifthOn() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.abort();
    try (var log = new LogCapture()) {
      for (int i = 1; i <= 4; i++) {
        if (i == 2) {
          transport.writeLines(List.of(ByteBuffer.allocate(1), ByteBuffer.allocate(1)));
        } else {
          transport.write(new byte[1]);
        }
        assertThat(drops(log)).as("after %d writes", i).isEmpty();
      }
      ends.near().untilLost();
      transport.write(new byte[1]);
      assertThat(drops(log)).hasSize(1);
      transport.writeLines(List.of(ByteBuffer.allocate(1), ByteBuffer.allocate(1)));
      assertThat(drops(log)).hasSize(2);
    }
    ends.far().untilLost();
    assertThat(ends.far().receivedCount()).isZero();
    assertThat(ends.near().trail).containsExactly("made", "lost");
  }

  /** The warnings about writes that were dropped. */
  private static List<String> drops(LogCapture log) {
    return log.texts(Level.WARNING).stream().filter(text -> text.contains("is dropped")).toList();
  }

  @LoopTest
  @Spec("TR-28")
  default void linesArriveAsIfJoined() throws Exception {
    Ends ends = connect();
    ends.near()
        .transport()
        .writeLines(
            List.of(
                ByteBuffer.wrap(Witness.bytes("one ")),
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(Witness.bytes("two "))));
    ends.near().write("three ");
    ends.near().transport().writeLines(List.of(ByteBuffer.wrap(Witness.bytes("four"))));
    ends.near().transport().writeLines(List.of());
    ends.near().transport().close();
    ends.far().untilLost();
    assertThat(ends.far().text()).isEqualTo("one two three four");
  }

  @LoopTest
  @Spec({"TR-28", "FLOW-17"})
  default void linesWithAWrongOneAreNotWrittenAtAll() throws Exception {
    Ends ends = connect();
    List<ByteBuffer> lines = new ArrayList<>();
    lines.add(ByteBuffer.wrap(Witness.bytes("lost")));
    lines.add(null);
    ends.near().write("before ");
    assertThatThrownBy(() -> ends.near().transport().writeLines(lines))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> ends.near().transport().write((byte[]) null))
        .isInstanceOf(NullPointerException.class);
    ends.near().write("after");
    ends.near().transport().close();
    ends.far().untilLost();
    assertThat(ends.far().text()).isEqualTo("before after");
  }

  @LoopTest
  @Spec({"TR-30", "FLOW-6"})
  default void linesPauseTheProtocolOnceAndAtTheirEnd() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().on("pause", () -> ends.near().transport().write(Payload.part(3L * tooMuch(), 7)));
    ends.near()
        .transport()
        .writeLines(
            List.of(
                Payload.buffer(0, tooMuch()),
                Payload.buffer(tooMuch(), tooMuch()),
                Payload.buffer(2L * tooMuch(), tooMuch())));
    assertThat(ends.near().trail).containsExactly("made", "pause");

    ends.near().transport().close();
    ends.far().transport().resumeReading();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), 3L * tooMuch() + 7);
  }

  @LoopTest
  @Spec("FLOW-17")
  default void refusedWriteDisturbsNothing() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    int count = 100;
    int size = Math.min(102_400, tooMuch() / 40);
    for (int i = 0; i < count; i++) {
      ends.near().transport().write(Payload.part((long) i * size, size));
      if (i == count / 2) {
        assertThatThrownBy(() -> ends.near().transport().write((byte[]) null))
            .isInstanceOf(NullPointerException.class);
      }
    }
    ends.near().transport().close();
    ends.far().transport().resumeReading();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), (long) count * size);
  }

  @LoopTest
  default void otherThreadsAreRefused() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    Loops.onOtherThread(() -> {
      for (Runnable call :
          List.<Runnable>of(
              () -> transport.write(new byte[1]),
              () -> transport.writeLines(List.of(ByteBuffer.allocate(1))),
              transport::close,
              transport::abort,
              transport::pauseReading,
              () -> transport.setWriteBufferLimits(1))) {
        Loops.assertRefused("callSoonThreadsafe", call::run);
      }
    });
    turns(3);
    assertThat(transport.isClosing()).isFalse();
    assertThat(transport.isReading()).isTrue();
    assertThat(ends.far().receivedCount()).isZero();
  }
}
