package asyncio.conformance.net;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.conformance.Spec;
import asyncio.net.ReadTransport;
import asyncio.net.Transport;
import asyncio.net.WriteTransport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** How the life of a stream connection begins and ends. */
interface LifeContract extends Contract {

  // ---- the beginning

  @LoopTest
  @Spec({"TR-1", "TR-47"})
  default void transportServesExactlyOneProtocol() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    assertThat(transport).isInstanceOf(ReadTransport.class).isInstanceOf(WriteTransport.class);
    assertThat(transport.getProtocol()).isSameAs(ends.near());
    assertThat(ends.far().transport().getProtocol()).isSameAs(ends.far());
    assertThat(ends.far().transport()).isNotSameAs(transport);
    assertThat(transport.getClass().getConstructors())
        .as("the loop makes it, nobody else")
        .isEmpty();
  }

  @LoopTest
  @Spec({"TR-2", "PROTO-1"})
  default void connectionIsMadeBeforeTheCallReturns() throws Exception {
    Ends ends = connect();
    assertThat(ends.near().trail).containsExactly("made");
    assertThat(ends.far().trail).containsExactly("made");
  }

  @LoopTest
  @Spec("TR-5")
  default void readingPausedInConnectionMadeBeginsWhenItIsResumed() throws Exception {
    Ends ends = new Ends(new Witness(), new Witness());
    ends.near().on("made", () -> ends.near().transport().pauseReading());
    connect(ends.near(), ends.far());
    assertThat(ends.near().transport().isReading()).isFalse();
    ends.far().write("early");
    turns(5);
    assertThat(ends.near().trail).containsExactly("made");

    ends.near().transport().resumeReading();
    ends.near().untilReceived(5);
    assertThat(ends.near().text()).isEqualTo("early");
  }

  // ---- the end

  @LoopTest
  @Spec({"TR-8", "PROTO-8", "PROACTOR-8"})
  default void closeSendsWhatWasWrittenFirst() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    long written = ends.near().fill();
    ends.near().transport().close();
    turns(5);
    assertThat(ends.near().trail).doesNotContain("lost");

    ends.far().transport().resumeReading();
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isNull();
    ends.far().untilLost();
    assertThat(ends.far().receivedCount()).isEqualTo(written);
    assertThat(ends.far().trail).containsExactly("made", "data", "eof", "lost");
    assertThat(ends.far().lostWith()).isNull();
  }

  @LoopTest
  @Spec({"TR-8", "PROACTOR-8"})
  default void closeStopsReadingAtOnce() throws Exception {
    Ends ends = connect();
    ends.far().write("unread");
    ends.near().transport().close();
    assertThat(ends.near().transport().isReading()).isFalse();
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec({"TR-10", "TR-15"})
  default void secondCloseChangesNothing() throws Exception {
    Ends ends = connect();
    ends.near().transport().close();
    ends.near().transport().close();
    ends.near().untilLost();
    ends.near().transport().close();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "lost");

    Ends full = connect();
    full.far().transport().pauseReading();
    full.near().fill();
    full.near().transport().close();
    full.near().transport().close();
    full.far().transport().resumeReading();
    full.near().untilLost();
    turns(5);
    assertThat(full.near().count("lost")).isEqualTo(1);
  }

  @LoopTest
  @Spec({"TR-12", "PROTO-8", "PROACTOR-9"})
  default void abortDropsWhatWasNotSent() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    byte[] data = new byte[tooMuch()];
    ends.near().transport().write(data);
    ends.near().transport().abort();
    assertThat(ends.near().trail).as("not inside the call").doesNotContain("lost");
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isNull();
    assertThat(ends.near().transport().getWriteBufferSize()).isZero();

    ends.far().transport().resumeReading();
    ends.far().untilLost();
    assertThat(ends.far().receivedCount()).isLessThan(data.length);
  }

  @LoopTest
  @Spec({"TR-13", "TR-15", "PROACTOR-9"})
  default void abortAfterCloseEndsTheWaitForTheBuffer() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().fill();
    ends.near().transport().close();
    turns(5);
    assertThat(ends.near().isLost()).isFalse();

    ends.near().transport().abort();
    ends.near().transport().abort();
    ends.near().untilLost();
    turns(5);
    assertThat(ends.near().trail).containsOnlyOnce("lost").endsWith("lost");
    assertThat(ends.near().lostWith()).isNull();
  }

  @LoopTest
  @Spec({"TR-14", "TR-16"})
  default void lostTransportTakesAllCallsAndDoesNothing() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.close();
    ends.near().untilLost();
    transport.close();
    transport.abort();
    transport.pauseReading();
    transport.resumeReading();
    transport.write(new byte[10]);
    transport.writeLines(List.of(ByteBuffer.allocate(10)));
    transport.setWriteBufferLimits(0);
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(transport.getWriteBufferSize()).isZero();
    assertThat(transport.isClosing()).isTrue();
    assertThat(transport.isReading()).isFalse();
  }

  @LoopTest
  @Spec("TR-15")
  default void connectionLostComesOnceAlsoWhenBothEndsEndIt() throws Exception {
    Ends ends = connect();
    ends.near().on("lost", () -> ends.near().transport().abort());
    ends.near().on("eof", () -> ends.near().transport().close());
    ends.far().on("lost", () -> ends.far().transport().close());
    ends.near().transport().close();
    ends.far().transport().close();
    ends.near().transport().abort();
    ends.far().transport().abort();
    ends.near().untilLost();
    ends.far().untilLost();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(ends.far().trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec("TR-16")
  default void closingIsSeenAtOnceAndForGood() throws Exception {
    Ends ends = connect();
    assertThat(ends.near().transport().isClosing()).isFalse();
    ends.near().transport().close();
    assertThat(ends.near().transport().isClosing()).isTrue();
    ends.near().untilLost();
    assertThat(ends.near().transport().isClosing()).isTrue();
    ends.far().untilLost();
    assertThat(ends.far().transport().isClosing()).as("ended by the peer").isTrue();

    Ends aborted = connect();
    aborted.near().transport().abort();
    assertThat(aborted.near().transport().isClosing()).isTrue();
    aborted.near().untilLost();
    assertThat(aborted.near().transport().isClosing()).isTrue();
  }

  @LoopTest
  @Spec("TR-16")
  default void fatalErrorIsClosingBeforeConnectionLost(LoopProbe probe) throws Exception {
    probe.expectErrors();
    Ends ends = connect();
    List<Boolean> closing = new ArrayList<>();
    ends.near().on("lost", () -> closing.add(ends.near().transport().isClosing()));
    ends.near()
        .on(
            "data",
            () -> {
              getRunningLoop().callSoon(() -> closing.add(ends.near().transport().isClosing()));
              throw new IllegalStateException("no");
            });
    ends.far().write("x");
    ends.near().untilLost();
    assertThat(closing).containsExactly(true, true);
  }

  @LoopTest
  @Spec({"TR-17", "PROTO-16"})
  default void connectionLostThatRaisesIsReportedAndAllIsReleased(LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = connect();
    ends.near()
        .on(
            "lost",
            () -> {
              throw new IllegalStateException("from connectionLost");
            });
    ends.near().transport().close();
    ends.near().untilLost();
    turn();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).hasMessage("from connectionLost");
    assertThat(ends.near().transport().getProtocol()).isNull();
    ends.far().untilTold("eof");
  }

  @LoopTest
  @Spec("TR-17")
  default void protocolIsLetGoOfAfterConnectionLost() throws Exception {
    Ends ends = connect();
    List<Object> inside = new ArrayList<>();
    ends.near().on("lost", () -> inside.add(ends.near().transport().getProtocol()));
    ends.near().transport().close();
    ends.near().untilLost();
    turn();
    assertThat(inside).as("while it runs").containsExactly(ends.near());
    assertThat(ends.near().transport().getProtocol()).isNull();
  }

  @LoopTest
  @Spec("TR-19")
  default void openTransportIsKnownToTheInstruments(EventLoop loop) throws Exception {
    List<Object> open = new ArrayList<>();
    Instrument instrument =
        new Instrument() {
          @Override
          public void resourceOpened(EventLoop of, Object resource) {
            open.add(resource);
          }

          @Override
          public void resourceClosed(EventLoop of, Object resource) {
            open.remove(resource);
          }
        };
    loop.addInstrument(instrument);
    Ends ends = connect();
    assertThat(open).isNotEmpty();
    ends.near().transport().close();
    ends.near().untilLost();
    ends.far().untilLost();
    turns(5);
    assertThat(open).isEmpty();
    loop.removeInstrument(instrument);
  }

  @LoopTest
  @Spec("PROTO-25")
  default void connectionLostMayUseOtherTransports() throws Exception {
    Ends first = connect();
    Ends second = connect();
    Ends third = connect();
    first
        .near()
        .on(
            "lost",
            () -> {
              second.near().write("from the lost one");
              second.near().transport().close();
              third.near().transport().abort();
              first.near().transport().write(new byte[1]);
            });
    first.near().transport().close();
    second.far().untilLost();
    second.near().untilLost();
    third.near().untilLost();
    assertThat(second.far().text()).isEqualTo("from the lost one");
    assertThat(second.near().trail).containsExactly("made", "lost");
  }
}
