package asyncio.conformance.net;

import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ErrorContext;
import asyncio.conformance.Spec;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Flow control of a stream connection. */
interface FlowContract extends Contract {

  // ---- the marks

  @LoopTest
  @Spec("FLOW-2")
  default void oneMarkGivesTheOther() throws Exception {
    Transport transport = connect().near().transport();
    WriteBufferLimits atFirst = transport.getWriteBufferLimits();
    transport.setWriteBufferLimits(WriteBufferLimits.ofLow(16385));
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(16385, 65540));
    transport.setWriteBufferLimits(WriteBufferLimits.ofLow(0));
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(0, 0));
    transport.setWriteBufferLimits(WriteBufferLimits.ofHigh(1023));
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(255, 1023));
    transport.setWriteBufferLimits(7);
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(1, 7));
    transport.setWriteBufferLimits(0);
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(0, 0));
    transport.setWriteBufferLimits(WriteBufferLimits.ofLow(Integer.MAX_VALUE));
    assertThat(transport.getWriteBufferLimits().high()).isEqualTo(Integer.MAX_VALUE);
    transport.resetWriteBufferLimits();
    assertThat(transport.getWriteBufferLimits()).isEqualTo(atFirst);
  }

  @LoopTest
  @Spec("FLOW-3")
  default void impossibleMarksAreRefusedAndTheOldOnesStay() throws Exception {
    Transport transport = connect().near().transport();
    transport.setWriteBufferLimits(10, 20);
    for (Runnable call :
        List.<Runnable>of(
            () -> transport.setWriteBufferLimits(21, 20),
            () -> transport.setWriteBufferLimits(-1, 20),
            () -> transport.setWriteBufferLimits(-1),
            () -> transport.setWriteBufferLimits(WriteBufferLimits.ofLow(-1)),
            () -> transport.setWriteBufferLimits(WriteBufferLimits.ofHigh(-4)))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be >= low");
    }
    assertThat(transport.getWriteBufferLimits()).isEqualTo(new WriteBufferLimits(10, 20));
  }

  @LoopTest
  @Spec("FLOW-4")
  default void marksAreToldAsLowAndHigh() throws Exception {
    Transport transport = connect().near().transport();
    transport.setWriteBufferLimits(10, 20);
    assertThat(transport.getWriteBufferLimits().low()).isEqualTo(10);
    assertThat(transport.getWriteBufferLimits().high()).isEqualTo(20);
  }

  // ---- pausing and resuming

  /** Whatever is written and read: the calls alternate, and come when the size says so. */
  @LoopTest
  @Spec({"PROTO-4", "FLOW-5", "FLOW-6", "FLOW-7", "FLOW-8", "FLOW-18"})
  default void callsAlternateAndComeWithTheSize() throws Exception {
    Ends ends = connect();
    Witness near = ends.near();
    Transport transport = near.transport();
    transport.setWriteBufferLimits(2_000, 10_000);
    List<String> wrong = new ArrayList<>();
    boolean[] paused = new boolean[1];
    near.on(
        "pause",
        () -> {
          if (paused[0] || transport.getWriteBufferSize() <= 10_000) {
            wrong.add("paused at " + transport.getWriteBufferSize());
          }
          paused[0] = true;
        });
    near.on(
        "resume",
        () -> {
          if (!paused[0] || transport.getWriteBufferSize() > 2_000) {
            wrong.add("resumed at " + transport.getWriteBufferSize());
          }
          paused[0] = false;
        });
    Random random = new Random(1);
    long written = 0;
    while (near.count("resume") < 20) {
      if (paused[0]) {
        ends.far().transport().resumeReading();
        turn();
      } else {
        ends.far().transport().pauseReading();
        int size = 1 + random.nextInt(9_000);
        long before = transport.getWriteBufferSize();
        transport.write(Payload.part(written, size));
        written += size;
        if (before + size > 10_000 && transport.getWriteBufferSize() > 10_000 && !paused[0]) {
          wrong.add("not paused at " + transport.getWriteBufferSize());
        }
      }
    }
    ends.far().transport().resumeReading();
    ends.far().untilReceived((int) written);
    assertThat(wrong).isEmpty();
    Payload.assertInOrder(ends.far().received(), written);
    assertThat(near.trail.subList(1, near.trail.size()).stream().distinct())
        .containsExactly("pause", "resume");
  }

  @LoopTest
  @Spec({"FLOW-6", "FLOW-8"})
  default void pauseComesInsideTheWriteAndOnce() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().fill();
    assertThat(ends.near().trail).doesNotContain("pause");
    ends.near().transport().write(new byte[tooMuch()]);
    assertThat(ends.near().trail).containsExactly("made", "pause");
    ends.near().transport().write(new byte[tooMuch()]);
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "pause");
  }

  @LoopTest
  @Spec("FLOW-11")
  default void lowerMarksPauseInsideTheCall() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().transport().setWriteBufferLimits(10 * tooMuch());
    ends.near().fill();
    ends.near().transport().write(new byte[tooMuch()]);
    assertThat(ends.near().trail).containsExactly("made");
    ends.near().transport().setWriteBufferLimits(tooMuch() / 2);
    assertThat(ends.near().trail).containsExactly("made", "pause");

    Ends other = connect();
    other.far().transport().pauseReading();
    other.near().transport().setWriteBufferLimits(10 * tooMuch());
    other.near().fill();
    other.near().transport().write(new byte[tooMuch()]);
    other.near().transport().resetWriteBufferLimits();
    turns(2);
    assertThat(other.near().count("pause"))
        .isEqualTo(other.near().transport().getWriteBufferLimits().high() < tooMuch() ? 1 : 0);
  }

  @LoopTest
  @Spec("FLOW-12")
  default void higherMarksAloneDoNotResume() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().transport().write(new byte[tooMuch()]);
    ends.near().untilStuck();
    assertThat(ends.near().trail).containsExactly("made", "pause");
    ends.near().transport().setWriteBufferLimits(10 * tooMuch(), 10 * tooMuch());
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "pause");

    ends.far().transport().resumeReading();
    ends.near().untilTold("resume");
  }

  @LoopTest
  @Spec("FLOW-13")
  default void withoutAMarkEveryKeptBytePausesUntilNoneIsLeft() throws Exception {
    Ends ends = connect();
    ends.near().transport().setWriteBufferLimits(0);
    List<Long> sizes = new ArrayList<>();
    ends.near().on("resume", () -> sizes.add(ends.near().transport().getWriteBufferSize()));
    ends.far().transport().pauseReading();
    ends.near().fill();
    assertThat(ends.near().trail).containsExactly("made", "pause");
    ends.far().transport().resumeReading();
    ends.near().untilTold("resume");
    assertThat(sizes).containsExactly(0L);
  }

  @LoopTest
  @Spec("FLOW-14")
  default void abortedWhilePausedIsNotResumed() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().transport().write(new byte[tooMuch()]);
    ends.near().transport().abort();
    ends.far().transport().resumeReading();
    ends.near().untilLost();
    ends.far().untilLost();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "pause", "lost");

    Ends inside = connect();
    inside.far().transport().pauseReading();
    inside.near().on("pause", () -> inside.near().transport().abort());
    inside.near().transport().write(new byte[tooMuch()]);
    assertThat(inside.near().transport().isClosing()).isTrue();
    inside.far().transport().resumeReading();
    inside.near().untilLost();
    inside.far().untilLost();
    turns(5);
    assertThat(inside.near().trail).containsExactly("made", "pause", "lost");
  }

  @LoopTest
  @Spec("FLOW-15")
  default void resumeWritingMayEndTheTransport() throws Exception {
    for (String way : List.of("close", "abort", "close twice", "close and abort")) {
      for (int low : new int[] {0, 1000}) {
        Ends ends = connect();
        Transport transport = ends.near().transport();
        transport.setWriteBufferLimits(low, 2000);
        ends.near()
            .on(
                "resume",
                () -> {
                  if (way.startsWith("close")) {
                    transport.close();
                  }
                  if (way.endsWith("twice")) {
                    transport.close();
                  }
                  if (way.endsWith("abort")) {
                    transport.abort();
                  }
                  ends.near().trail.add("ended");
                });
        ends.far().transport().pauseReading();
        transport.write(new byte[tooMuch()]);
        ends.far().transport().resumeReading();
        ends.near().untilLost();
        ends.far().untilLost();
        turns(5);
        assertThat(ends.near().trail)
            .as(way + " at " + low)
            .containsExactly("made", "pause", "resume", "ended", "lost");
        if (!way.endsWith("abort")) {
          assertThat(ends.far().receivedCount()).isEqualTo(tooMuch());
        }
      }
    }
  }

  @LoopTest
  @Spec("FLOW-15")
  default void writesInResumeWritingKeepTheOrder() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.setWriteBufferLimits(1000, 2000);
    int[] rounds = new int[1];
    long[] written = {tooMuch()};
    ends.near()
        .on(
            "resume",
            () -> {
              if (rounds[0]++ < 3) {
                for (int size : new int[] {1, 100, tooMuch() / 2}) {
                  transport.write(Payload.part(written[0], size));
                  written[0] += size;
                }
              } else {
                transport.close();
              }
            });
    transport.write(Payload.part(0, tooMuch()));
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), written[0]);
  }

  @LoopTest
  @Spec("FLOW-16")
  default void resumeWritingMayWriteToOthers() throws Exception {
    Ends first = connect();
    Ends paused = connect();
    Ends closed = connect();
    paused.far().transport().pauseReading();
    paused.near().transport().write(Payload.part(0, tooMuch()));
    closed.near().transport().close();
    first
        .near()
        .on(
            "resume",
            () -> {
              paused.near().transport().write(Payload.part(tooMuch(), 100));
              closed.near().transport().write(new byte[100]);
            });
    first.far().transport().pauseReading();
    first.near().transport().write(new byte[tooMuch()]);
    first.far().transport().resumeReading();
    first.near().untilTold("resume");
    closed.near().untilLost();
    paused.far().transport().resumeReading();
    paused.far().untilReceived(tooMuch() + 100);
    Payload.assertInOrder(paused.far().received(), tooMuch() + 100);
    assertThat(closed.near().trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec({"FLOW-18", "PROTO-22"})
  default void readingAndWritingAreIndependent() throws Exception {
    Ends ends = connect();
    ends.near().transport().pauseReading();
    ends.far().transport().pauseReading();
    ends.near().transport().write(Payload.part(0, tooMuch()));
    assertThat(ends.near().count("pause")).isEqualTo(1);

    // Paused for reading, it flushes.
    ends.far().transport().resumeReading();
    ends.near().untilTold("resume");
    ends.far().untilReceived(tooMuch());

    // Paused for writing, it delivers.
    ends.far().transport().pauseReading();
    ends.near().transport().write(new byte[tooMuch()]);
    assertThat(ends.near().count("pause")).isEqualTo(2);
    ends.near().transport().resumeReading();
    ends.far().write("hello");
    ends.near().untilReceived(5);
    assertThat(ends.near().text()).isEqualTo("hello");
    assertThat(ends.near().count("resume")).isEqualTo(1);
  }

  @LoopTest
  @Spec("PROTO-15")
  default void failuresOfTheCallsAreReportedAndTheConnectionGoesOn(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = connect();
    for (String word : List.of("pause", "resume")) {
      ends.near()
          .on(
              word,
              () -> {
                throw new IllegalStateException("cannot " + word);
              });
    }
    ends.far().transport().pauseReading();
    ends.near().transport().write(Payload.part(0, tooMuch()));
    ends.far().transport().resumeReading();
    ends.near().untilTold("resume");
    ends.near().transport().write(Payload.part(tooMuch(), 100));
    ends.near().transport().close();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), tooMuch() + 100);
    assertThat(ends.near().lostWith()).isNull();
    assertThat(reports.stream().map(ErrorContext::message))
        .containsExactly("protocol.pause_writing() failed", "protocol.resume_writing() failed");
    assertThat(reports.getFirst().exception()).hasMessage("cannot pause");
    assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isSameAs(ends.near().transport());
    assertThat(reports.getFirst().get(ErrorContext.PROTOCOL)).isSameAs(ends.near());
  }
}
