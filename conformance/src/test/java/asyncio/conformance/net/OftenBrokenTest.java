package asyncio.conformance.net;

import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Spec;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;

/**
 * The behaviours of transports that are broken most often, many times each: the first eight of the
 * list at the end of docs/spec/io.md.
 */
class OftenBrokenTest {

  @Nested
  @LoopTest(realTime = true)
  class OnTcp extends Repeated {
    OnTcp() {
      super(Wire.TCP);
    }
  }

  @Nested
  @LoopTest(realTime = true)
  class OnUnixSockets extends Repeated {
    OnUnixSockets() {
      super(Wire.UNIX);
    }
  }

  @Nested
  @LoopTest
  class InMemory extends Repeated {
    InMemory() {
      super(Wire.MEMORY);
    }
  }

  /** The tests, on one wire. */
  abstract static class Repeated extends SocketSubject {
    private static final int ROUNDS = 100;

    /** What a protocol may be told, in order: P for pause, R for resume. */
    private static final Pattern LEGAL =
        Pattern.compile("made( (data|pause|resume))*( eof)?.* lost");

    Repeated(Wire wire) {
      super(wire);
    }

    @Override
    public int tooMuch() {
      return wire() == Wire.UNIX ? 400_000 : 200_000;
    }

    /** Whatever is done within whichever call, each protocol is told what is legal. */
    @LoopTest
    @Spec({"TR-15", "TR-41", "PROTO-1", "PROTO-2", "PROTO-3", "PROTO-4", "FLOW-14", "FLOW-15"})
    void callsAreLegalWhateverIsDoneInThem(LoopProbe probe) throws Exception {
      probe.expectErrors();
      for (int round = 0; round < ROUNDS; round++) {
        Random random = new Random(round);
        Ends ends = new Ends(new Witness(), new Witness());
        for (Witness witness : List.of(ends.near(), ends.far())) {
          if (random.nextBoolean()) {
            witness.keepOpen();
          }
          for (String word : List.of("made", "data", "eof", "pause", "resume", "lost")) {
            witness.on(
                word,
                () -> {
                  if (random.nextInt(3) == 0) {
                    act(witness, random, true);
                  }
                });
          }
        }
        connect(ends.near(), ends.far());
        for (int i = 0; i < 30; i++) {
          act(random.nextBoolean() ? ends.near() : ends.far(), random, false);
          if (random.nextInt(3) == 0) {
            turns(1);
          }
        }
        ends.near().transport().abort();
        ends.far().transport().abort();
        ends.near().untilLost();
        ends.far().untilLost();
        turns(3);
        for (Witness witness : List.of(ends.near(), ends.far())) {
          assertLegal(witness, round);
        }
      }
    }

    private void act(Witness witness, Random random, boolean mayRaise) {
      Transport transport = witness.transport();
      switch (random.nextInt(mayRaise ? 22 : 21)) {
        case 0, 1, 2, 3 -> write(transport, 1 + random.nextInt(1000));
        case 4 -> write(transport, tooMuch());
        case 5 -> transport.pauseReading();
        case 6, 7, 8, 9 -> transport.resumeReading();
        case 10 -> transport.setWriteBufferLimits(random.nextInt(3000));
        case 11 -> {
          if (random.nextInt(6) == 0) {
            transport.close();
          }
        }
        case 12 -> {
          if (random.nextInt(12) == 0) {
            transport.abort();
          }
        }
        case 13 -> {
          if (random.nextInt(6) == 0) {
            transport.writeEof();
          }
        }
        case 14 -> {
          if (random.nextInt(6) == 0) {
            transport.close();
            transport.close();
            transport.abort();
          }
        }
        case 21 -> {
          if (random.nextInt(4) == 0) {
            throw new IllegalStateException("raised in a call");
          }
        }
        default -> transport.getWriteBufferSize();
      }
    }

    private static void write(Transport transport, int count) {
      if (transport.isClosing()) {
        return; // so many warnings else
      }
      try {
        transport.write(new byte[count]);
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("after write_eof()");
      }
    }

    private static void assertLegal(Witness witness, int round) {
      String told = String.join(" ", witness.trail);
      assertThat(told).as("round %d", round).matches(LEGAL);
      assertThat(witness.trail).as("round %d", round).containsOnlyOnce("made", "lost");
      assertThat(witness.count("eof")).as("round %d: %s", round, told).isLessThanOrEqualTo(1);
      int eof = witness.trail.indexOf("eof");
      if (eof >= 0) {
        assertThat(witness.trail.lastIndexOf("data")).as(told).isLessThan(eof);
      }
      boolean paused = false;
      for (String word : witness.trail) {
        if (word.equals("pause") || word.equals("resume")) {
          assertThat(word).as("round %d: %s", round, told).isEqualTo(paused ? "resume" : "pause");
          paused = !paused;
        }
      }
    }

    /** Number 1. */
    @LoopTest
    @Spec({"TR-15", "FLOW-15"})
    void closingAgainInAnyCallLosesTheConnectionOnce(LoopProbe probe) throws Exception {
      probe.expectErrors();
      for (int round = 0; round < ROUNDS; round++) {
        for (String word : List.of("data", "pause", "resume", "eof", "lost", "error")) {
          Ends ends = connect();
          Witness near = ends.near();
          near.on(
              word.equals("error") ? "data" : word,
              () -> {
                near.transport().close();
                near.transport().close();
                if (word.equals("error")) {
                  near.transport().abort();
                  throw new IllegalStateException("while it is handled");
                }
              });
          ends.far().write("hello");
          if (word.equals("pause") || word.equals("resume")) {
            ends.far().transport().pauseReading();
            near.transport().write(new byte[tooMuch()]);
            near.transport().close();
            ends.far().transport().resumeReading();
          } else if (word.equals("eof")) {
            ends.far().transport().close();
          } else if (word.equals("lost")) {
            near.transport().close();
          }
          near.untilLost();
          ends.far().transport().abort();
          turns(2);
          assertThat(near.count("lost")).as(word).isEqualTo(1);
        }
      }
    }

    /** Number 2. */
    @LoopTest
    @Spec({"PROTO-3", "TR-41"})
    void endOfFileComesOnceWhateverIsPaused() throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        Ends ends = connect();
        Transport transport = ends.near().transport();
        ends.near().keepOpen();
        if (round % 2 == 0) {
          ends.near()
              .on(
                  "eof",
                  () -> {
                    transport.pauseReading();
                    transport.resumeReading();
                  });
        }
        if (round % 3 == 0) {
          transport.pauseReading();
        }
        ends.far().write("data");
        ends.far().transport().writeEof();
        turns(round % 4);
        transport.resumeReading();
        ends.near().untilTold("eof");
        transport.pauseReading();
        turns(round % 2);
        transport.resumeReading();
        turns(2);
        transport.close();
        ends.near().untilLost();
        assertThat(ends.near().trail).containsExactly("made", "data", "eof", "lost");
        ends.far().untilLost();
      }
    }

    /** Number 3. */
    @LoopTest
    @Spec({"FLOW-5", "FLOW-6", "TR-30"})
    void pauseIsInsideTheCallAndNeedsMoreThanTheMark() throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        Ends ends = connect();
        Transport transport = ends.near().transport();
        ends.far().transport().pauseReading();
        transport.setWriteBufferLimits(Integer.MAX_VALUE);
        transport.write(new byte[tooMuch()]);
        ends.near().untilStuck();
        long size = transport.getWriteBufferSize();
        transport.setWriteBufferLimits(0, (int) size + 10);
        ByteBuffer ten = ByteBuffer.allocate(10);
        if (round % 2 == 0) {
          transport.write(ten);
        } else {
          transport.writeLines(List.of(ten.duplicate().limit(4), ten.duplicate().limit(6)));
        }
        assertThat(ends.near().trail).containsExactly("made");
        if (round % 2 == 0) {
          transport.writeLines(List.of(ByteBuffer.allocate(1)));
        } else {
          transport.write(new byte[1]);
        }
        assertThat(ends.near().trail).containsExactly("made", "pause");
        transport.abort();
        ends.far().transport().abort();
        ends.near().untilLost();
        ends.far().untilLost();
      }
    }

    /** Number 4. */
    @LoopTest
    @Spec("FLOW-2")
    void oneMarkGivesTheOther() throws Exception {
      Transport transport = connect().near().transport();
      for (int mark = 0; mark < 1000; mark++) {
        transport.setWriteBufferLimits(WriteBufferLimits.ofLow(mark));
        assertThat(transport.getWriteBufferLimits().high()).isEqualTo(4 * mark);
        transport.setWriteBufferLimits(WriteBufferLimits.ofHigh(mark));
        assertThat(transport.getWriteBufferLimits().low()).isEqualTo(mark / 4);
        transport.setWriteBufferLimits(mark);
        assertThat(transport.getWriteBufferLimits().low()).isEqualTo(mark / 4);
      }
    }

    /** Number 5. */
    @LoopTest
    @Spec("FLOW-14")
    void abortedWhilePausedIsLostAndNotResumed() throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        Ends ends = connect();
        Transport transport = ends.near().transport();
        ends.far().transport().pauseReading();
        if (round % 2 == 0) {
          ends.near().on("pause", transport::abort);
        }
        transport.write(new byte[tooMuch()]);
        turns(round % 3);
        ends.far().transport().resumeReading();
        turns(round % 2);
        boolean resumed = ends.near().trail.contains("resume");
        transport.abort();
        ends.near().untilLost();
        turns(2);
        List<String> expected = new ArrayList<>(List.of("made", "pause", "lost"));
        if (resumed) {
          expected.add(2, "resume"); // it was quick
        }
        assertThat(ends.near().trail).isEqualTo(expected);
        ends.far().untilLost();
      }
    }

    /** Number 6. */
    @LoopTest
    @Spec({"TR-26", "TR-27", "TR-33"})
    void writesAfterTheEndAreDroppedRefusedOrDelivered() throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        Ends closed = connect();
        closed.near().write("kept");
        closed.near().transport().close();
        closed.near().write("dropped");
        closed.far().untilLost();
        assertThat(closed.far().text()).isEqualTo("kept");

        Ends half = connect();
        half.near().transport().writeEof();
        assertThatThrownBy(() -> half.near().write("refused"))
            .isInstanceOf(IllegalStateException.class);
        half.near().transport().close();
        half.far().untilLost();
        assertThat(half.far().receivedCount()).isZero();

        Ends flushing = connect();
        flushing.far().transport().pauseReading();
        flushing.near().transport().write(Payload.part(0, tooMuch()));
        flushing.near().transport().close();
        flushing.near().transport().write(Payload.part(tooMuch(), 10));
        flushing.far().transport().resumeReading();
        flushing.far().untilLost();
        Payload.assertInOrder(flushing.far().received(), tooMuch() + 10);
      }
    }

    /** Number 7. */
    @LoopTest
    @Spec("TR-24")
    void callersArrayCanBeUsedAgain() throws Exception {
      Random random = new Random(7);
      byte[] array = new byte[100_000];
      for (int round = 0; round < 10; round++) {
        Ends ends = connect();
        long written = 0;
        while (written < 2L * tooMuch()) {
          int count = 1 + random.nextInt(random.nextBoolean() ? 100 : array.length);
          System.arraycopy(Payload.part(written, count), 0, array, 0, count);
          ends.near().transport().write(ByteBuffer.wrap(array, 0, count));
          Arrays.fill(array, (byte) 0xEE);
          written += count;
          if (random.nextInt(5) == 0) {
            turns(1);
          }
        }
        ends.near().transport().close();
        ends.far().untilLost();
        Payload.assertInOrder(ends.far().received(), written);
      }
    }

    /** Number 8. */
    @LoopTest
    @Spec("TR-13")
    void abortAfterCloseDoesNotWaitForTheReader() throws Exception {
      for (int round = 0; round < ROUNDS; round++) {
        Ends ends = connect();
        Transport transport = ends.near().transport();
        ends.far().transport().pauseReading();
        transport.write(new byte[tooMuch()]);
        transport.close();
        turns(round % 3);
        transport.abort();
        turns(2);
        assertThat(ends.near().trail).containsExactly("made", "pause", "lost");
        ends.far().transport().abort();
        ends.far().untilLost();
      }
    }
  }
}
