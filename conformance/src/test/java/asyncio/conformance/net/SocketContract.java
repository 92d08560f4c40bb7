package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.Connection;
import asyncio.net.ConnectionResetException;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import asyncio.net.TransportSocket;
import asyncio.net.WriteBufferLimits;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;

/** What holds for the transports of sockets, and not for layers on top of them. */
abstract class SocketContract extends SocketSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {

  SocketContract(Wire wire) {
    super(wire);
  }

  private Witness serveNear(Wire.Channels channels) throws Exception {
    Witness near = new Witness();
    own(serve(near, channels.near()));
    own(channels.far());
    channels.far().configureBlocking(false);
    return near;
  }

  // ---- the beginning

  @LoopTest
  @Spec({"TR-2", "TR-3"})
  void bytesThatWereThereBeforeComeAfterConnectionMade() throws Exception {
    Wire.Channels channels = wire().open(loop());
    ByteBuffer early = ByteBuffer.wrap(Witness.bytes("early"));
    while (early.hasRemaining()) {
      channels.far().write(early);
    }
    Witness near = new Witness();
    near.on("made", () -> getRunningLoop().callSoon(() -> near.trail.add("soon")));
    Task<?> connecting =
        createTask(() -> {
          own(serve(near, channels.near()));
          near.trail.add("returned");
        });
    own(channels.far());
    near.untilReceived(5);
    asyncio.Asyncio.await(connecting);
    assertThat(near.trail).startsWith("made").contains("returned", "data");
    assertThat(near.text()).isEqualTo("early");
  }

  @LoopTest
  @Spec({"TR-6", "TR-15"})
  void abortInConnectionMadeIsHonoured() throws Exception {
    for (boolean aborts : new boolean[] {true, false}) {
      Ends ends = new Ends(new Witness(), new Witness());
      ends.near()
          .on(
              "made",
              () -> {
                if (aborts) {
                  ends.near().transport().abort();
                } else {
                  ends.near().transport().close();
                }
              });
      connect(ends.near(), ends.far());
      ends.near().untilLost();
      turns(5);
      assertThat(ends.near().trail).containsExactly("made", "lost");
      assertThat(ends.near().lostWith()).isNull();
      ends.far().untilLost();
    }
  }

  @LoopTest
  @Spec("TR-7")
  void connectionMadeThatRaisesIsReportedAndTheTransportGoesOn(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Ends ends = new Ends(new Witness(), new Witness());
    ends.near()
        .on(
            "made",
            () -> {
              throw new IllegalStateException("from connectionMade");
            });
    connect(ends.near(), ends.far());
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).hasMessage("from connectionMade");
    ends.near().write("out");
    ends.far().write("in");
    ends.far().untilReceived(3);
    ends.near().untilReceived(2);
    ends.near().transport().close();
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "data", "lost");
    assertThat(ends.near().lostWith()).isNull();
  }

  @LoopTest
  @Spec("TR-50")
  void channelOfATransportIsRefusedToOthers(EventLoop loop) throws Exception {
    Ends ends = connect();
    assertThatThrownBy(() -> serve(new Witness(), nearChannel))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is used by transport");
    assertThatThrownBy(() -> loop.addReader(nearChannel, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is used by transport");
    assertThatThrownBy(() -> loop.addWriter(nearChannel, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is used by transport");
    assertThat(loop.removeReader(nearChannel)).isFalse();
    ends.far().write("still");
    ends.near().untilReceived(5);
  }

  // ---- the end

  @LoopTest
  @Spec({"TR-9", "TR-12"})
  void connectionLostComesInTheNextIteration() throws Exception {
    for (boolean aborts : new boolean[] {true, false}) {
      Ends ends = connect();
      List<String> trail = ends.near().trail;
      getRunningLoop()
          .callSoon(() -> {
            if (aborts) {
              ends.near().transport().abort();
            } else {
              ends.near().transport().close();
            }
            trail.add("called");
            getRunningLoop().callSoon(() -> trail.add("next iteration"));
          });
      getRunningLoop().callSoon(() -> trail.add("same iteration"));
      ends.near().untilLost();
      turn();
      assertThat(trail)
          .containsExactly("made", "called", "same iteration", "lost", "next iteration");
    }
  }

  @LoopTest
  @Spec("TR-17")
  void channelIsClosedAfterConnectionLost(LoopProbe probe) throws Exception {
    probe.expectErrors();
    for (boolean raises : new boolean[] {false, true}) {
      Ends ends = connect();
      SocketChannel channel = nearChannel;
      List<Boolean> open = new ArrayList<>();
      ends.near()
          .on(
              "lost",
              () -> {
                open.add(channel.isOpen());
                if (raises) {
                  throw new IllegalStateException("no");
                }
              });
      ends.near().transport().close();
      ends.near().untilLost();
      turn();
      open.add(channel.isOpen());
      assertThat(open).containsExactly(true, false);
    }
  }

  @LoopTest
  @Spec({"TR-8", "TR-37"})
  void lastByteSentIsTheEndOfAClosingTransport() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    ends.far().transport().pauseReading();
    transport.write(new byte[tooMuch()]);
    List<Long> sizes = new ArrayList<>();
    ends.near().on("lost", () -> sizes.add(transport.getWriteBufferSize()));
    transport.close();
    ends.far().transport().resumeReading();
    ends.near().untilLost();
    assertThat(sizes).containsExactly(0L);
    assertThat(ends.near().trail).containsExactly("made", "pause", "resume", "lost");
  }

  // ---- writing

  @LoopTest
  @Spec("TR-20")
  void smallWriteReachesTheOtherSideBeforeItReturns() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = serveNear(channels);
    near.write("now");
    assertThat(near.transport().getWriteBufferSize()).isEqualTo(wire() == Wire.TRICKLE ? 2 : 0);
    ByteBuffer read = ByteBuffer.allocate(10);
    channels.far().read(read);
    assertThat(read.position()).isEqualTo(wire() == Wire.TRICKLE ? 1 : 3);
  }

  @LoopTest
  @Spec({"TR-20", "PROACTOR-6"})
  void writesOfOneIterationHaveLeftWhenItEnds() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = serveNear(channels);
    for (int i = 0; i < 10; i++) {
      near.write("x");
    }
    while (near.transport().getWriteBufferSize() > 0) {
      turn(); // a trickle
    }
    ByteBuffer read = ByteBuffer.allocate(20);
    while (channels.far().read(read) > 0) {
      // a trickle takes some calls
    }
    assertThat(read.position()).isEqualTo(10);
  }

  @LoopTest
  @Spec({"TR-20", "TR-22"})
  void firstWriteJoinsTheOthersIfThereWereSeveralTheLastTime() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = serveNear(channels);
    near.write("a");
    near.write("b");
    turn();
    assertThat(readAll(channels)).isEqualTo("ab");

    near.write("c");
    assertThat(readAll(channels)).as("it waits for others").isEmpty();
    turn();
    assertThat(readAll(channels)).isEqualTo("c");

    near.write("d"); // and this time it was the only one
    assertThat(readAll(channels)).isEqualTo("d");
  }

  private static String readAll(Wire.Channels channels) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(20);
    while (channels.far().read(read) > 0) {
      // a trickle takes some calls
    }
    return new String(read.array(), 0, read.position(), StandardCharsets.US_ASCII);
  }

  /** What is written while the loop rests is not left to an iteration that does not come. */
  @LoopTest
  @Spec({"TR-20", "TR-22"})
  void writesOfAnInstrumentBetweenIterationsLeaveInOrder(EventLoop loop) throws Exception {
    Ends ends = connect();
    var between =
        new asyncio.Instrument() {
          int left = 5;

          @Override
          public void iterationEnded(EventLoop of) {
            if (left-- > 0) {
              ends.near().write("a");
              ends.near().write("b");
            }
          }
        };
    loop.addInstrument(between);
    turn();
    ends.far().untilReceived(10);
    loop.removeInstrument(between);
    assertThat(ends.far().text()).isEqualTo("ababababab");
  }

  @LoopTest
  @Spec({"TR-12", "TR-20"})
  void abortDropsOnlyWhatTheSystemDidNotTake() throws Exception {
    Ends ends = connect();
    ends.near().write("a");
    ends.near().write("b");
    ends.near().transport().abort();
    ends.far().untilLost();
    assertThat(ends.far().text()).isEqualTo("ab");
  }

  @LoopTest
  @Spec({"TR-16", "FLOW-9"})
  void failureOfALaterWriteOfAnIterationShowsWithTheSizeOfTheBuffer() throws Exception {
    Ends ends = connect();
    ends.near().write("a");
    ends.near().write("b");
    nearChannel.close();
    assertThat(ends.near().transport().getWriteBufferSize()).isZero();
    assertThat(ends.near().transport().isClosing()).isTrue();
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isInstanceOf(ClosedChannelException.class);
  }

  @LoopTest
  @Spec("TR-27")
  void writeDuringTheFlushOfAClosedSocketIsDelivered() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    ends.far().transport().pauseReading();
    transport.write(Payload.part(0, tooMuch()));
    transport.close();
    transport.write(Payload.part(tooMuch(), 1000));
    turns(3);
    transport.writeLines(List.of(Payload.buffer(tooMuch() + 1000, 1000)));
    ends.far().transport().resumeReading();
    ends.far().untilLost();
    Payload.assertInOrder(ends.far().received(), tooMuch() + 2000);
    ends.near().untilLost();
    assertThat(ends.near().lostWith()).isNull();
  }

  @LoopTest
  @Spec({"FLOW-1"})
  void marksAtFirst() throws Exception {
    Transport transport = connect().near().transport();
    assertThat(transport.getWriteBufferLimits())
        .isEqualTo(new WriteBufferLimits(16 * 1024, 64 * 1024));
  }

  // ---- half-close

  @LoopTest
  @Spec({"TR-31", "TR-34", "PROTO-7"})
  void writeEofEndsOneDirectionAfterTheBuffer() throws Exception {
    Ends ends = connect();
    assertThat(ends.near().transport().canWriteEof()).isTrue();
    ends.far().keepOpen();
    ends.far().transport().pauseReading();
    ends.near().transport().write(Payload.part(0, tooMuch()));
    ends.near().transport().writeEof();
    ends.far().transport().resumeReading();
    ends.far().untilTold("eof");
    Payload.assertInOrder(ends.far().received(), tooMuch());
    assertThat(ends.far().transport().isClosing()).isFalse();
    assertThat(ends.near().transport().isClosing()).isFalse();

    ends.far().write("answer");
    ends.near().untilReceived(6);
    assertThat(ends.near().text()).isEqualTo("answer");
    turns(5);
    assertThat(ends.far().trail).containsExactly("made", "data", "eof");

    ends.far().transport().close();
    ends.near().untilLost();
    ends.far().untilLost();
    assertThat(ends.near().lostWith()).isNull();
    assertThat(ends.far().lostWith()).isNull();
  }

  @LoopTest
  @Spec("TR-31")
  void writeEofWithoutABufferEndsAtOnce() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = serveNear(channels);
    near.transport().writeEof();
    assertThat(channels.far().read(ByteBuffer.allocate(10))).isEqualTo(-1);
  }

  @LoopTest
  @Spec("TR-31")
  void writeEofComesAfterTheWritesOfItsIteration() throws Exception {
    Ends ends = connect();
    ends.near().write("a");
    ends.near().write("b");
    ends.near().write("c");
    ends.near().transport().writeEof();
    ends.far().untilTold("eof");
    assertThat(ends.far().text()).isEqualTo("abc");
  }

  @LoopTest
  @Spec("TR-32")
  void writeEofIsIdempotentAndNothingWhileClosing() throws Exception {
    Ends ends = connect();
    ends.far().keepOpen();
    ends.near().transport().writeEof();
    ends.near().transport().writeEof();
    ends.far().untilTold("eof");
    ends.far().write("x");
    ends.near().untilReceived(1);
    assertThat(ends.far().trail).containsExactly("made", "eof");

    Ends closing = connect();
    closing.near().transport().close();
    closing.near().transport().writeEof();
    closing.near().transport().write(new byte[1]); // dropped, not refused
    closing.near().untilLost();
    closing.near().transport().writeEof();
    assertThat(closing.near().trail).containsExactly("made", "lost");

    Ends flushing = connect();
    flushing.far().transport().pauseReading();
    flushing.near().transport().write(Payload.part(0, tooMuch()));
    flushing.near().transport().close();
    flushing.near().transport().writeEof();
    flushing.near().transport().write(Payload.part(tooMuch(), 10));
    flushing.far().transport().resumeReading();
    flushing.far().untilLost();
    Payload.assertInOrder(flushing.far().received(), tooMuch() + 10);
  }

  @LoopTest
  @Spec({"TR-30", "TR-33"})
  void writeAfterWriteEofIsRefusedForEver() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    ends.far().keepOpen();
    transport.writeEof();
    for (int round = 0; round < 3; round++) {
      for (int size : new int[] {0, 1}) {
        assertThatThrownBy(() -> transport.write(new byte[size]))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("Cannot call write() after write_eof()");
        assertThatThrownBy(() -> transport.writeLines(List.of(ByteBuffer.allocate(size))))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("Cannot call writelines() after write_eof()");
      }
      assertThatThrownBy(() -> transport.writeLines(List.of()))
          .isInstanceOf(IllegalStateException.class);
      if (round == 0) {
        transport.close();
      } else if (!ends.near().isLost()) {
        ends.near().untilLost();
      }
    }
    assertThat(ends.near().trail).containsExactly("made", "lost");
  }

  @LoopTest
  @Spec({"PROTO-3", "PROTO-7"})
  void endOfFileIsToldOnceAlsoIfReadingIsPausedAndResumedAfterwards() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    ends.near().keepOpen();
    ends.far().transport().writeEof();
    ends.near().untilTold("eof");
    for (int i = 0; i < 3; i++) {
      transport.pauseReading();
      turns(3);
      transport.resumeReading();
      turns(3);
    }
    assertThat(ends.near().trail).containsExactly("made", "eof");
    ends.near().write("still writing");
    transport.close();
    ends.far().untilLost();
    assertThat(ends.far().text()).isEqualTo("still writing");
    assertThat(ends.near().trail).containsExactly("made", "eof", "lost");
  }

  @LoopTest
  @Spec({"TR-40", "PROTO-3"})
  void endOfFileOfAPausedTransportComesAfterTheData() throws Exception {
    Ends ends = connect();
    ends.near().keepOpen();
    ends.near().transport().pauseReading();
    ends.far().write("data");
    ends.far().transport().writeEof();
    turns(5);
    assertThat(ends.near().trail).containsExactly("made");
    ends.near().transport().resumeReading();
    ends.near().untilTold("eof");
    assertThat(ends.near().trail).containsExactly("made", "data", "eof");
    assertThat(ends.near().text()).isEqualTo("data");
  }

  // ---- errors of the connection

  @LoopTest
  @Spec({"PROTO-8", "PROTO-9", "PROTO-11", "PROACTOR-10"})
  void resetSeenWhileReadingIsFatalAndNotReported() throws Exception {
    Ends ends = connect();
    reset(ends.far());
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(ends.near().lostWith())
        .isInstanceOf(ConnectionResetException.class)
        .hasMessageContaining(addressOfPeer())
        .hasCauseInstanceOf(java.io.IOException.class);
  }

  @LoopTest
  @Spec({"TR-36", "TR-26", "PROTO-8", "PROTO-11", "PROACTOR-9"})
  void errorWhileSendingIsFatalAndDropsTheBuffer() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    transport.pauseReading(); // so that it is the writing which meets the error
    ends.far().transport().pauseReading();
    ends.near().fill();
    reset(ends.far());
    Turns.until(() -> {
      transport.write(new byte[1000]);
      return transport.isClosing();
    });
    assertThat(transport.getWriteBufferSize()).isZero();
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(ends.near().lostWith())
        .isInstanceOf(BrokenPipeException.class)
        .hasMessageContaining(addressOfPeer())
        .hasCauseInstanceOf(java.io.IOException.class);
    try (var log = new LogCapture()) {
      for (int i = 0; i < 6; i++) {
        transport.write(new byte[10]);
      }
      assertThat(log.records(Level.WARNING)).isNotEmpty();
    }
  }

  @LoopTest
  @Spec({"TR-13", "TR-36"})
  void errorDuringTheFlushOfAClosedSocketEndsIt() throws Exception {
    Ends ends = connect();
    ends.far().transport().pauseReading();
    ends.near().fill();
    ends.near().transport().write(new byte[tooMuch()]);
    ends.near().transport().close();
    turns(3);
    reset(ends.far());
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "pause", "lost");
    assertThat(ends.near().lostWith()).isInstanceOf(BrokenPipeException.class);
  }

  /** The bytes are gone when the reader's turn comes. */
  @LoopTest
  @Spec("PROTO-10")
  void readInVainIsNoErrorAndNoCall() throws Exception {
    Ends ends = connect();
    ends.far().write("x");
    getRunningLoop().callSoon(() -> stealFromNear());
    turns(5);
    assertThat(ends.near().trail).containsExactly("made");
    ends.far().write("y");
    ends.near().untilReceived(1);
    assertThat(ends.near().text()).isEqualTo("y");
  }

  private void stealFromNear() {
    try {
      assertThat(nearChannel.read(ByteBuffer.allocate(10))).isEqualTo(1);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The channel is closed when the reader's turn comes. */
  @LoopTest
  @Spec("PROTO-10")
  void otherReadErrorIsFatalInTheSameWay() throws Exception {
    Ends ends = connect();
    SocketChannel channel = nearChannel;
    ends.far().write("x");
    getRunningLoop()
        .callSoon(() -> {
          try {
            channel.close();
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(ends.near().lostWith()).isInstanceOf(ClosedChannelException.class);
  }

  @LoopTest
  @Spec("PROTO-11")
  void errorOfTheConnectionIsLoggedInDebugMode(EventLoop loop) throws Exception {
    Ends ends = connect();
    loop.setDebug(true);
    try (var log = new LogCapture()) {
      reset(ends.far());
      ends.near().untilLost();
      assertThat(log.texts(Level.FINE))
          .anySatisfy(text -> assertThat(text).contains("Fatal read error on socket transport"));
    } finally {
      loop.setDebug(false);
    }
  }

  @LoopTest
  @Spec("PROTO-11")
  void channelClosedByOthersIsAFatalError() throws Exception {
    Ends ends = connect();
    nearChannel.close();
    ends.near().untilLost();
    assertThat(ends.near().trail).containsExactly("made", "lost");
    assertThat(ends.near().lostWith()).isInstanceOf(ClosedChannelException.class);

    Ends paused = connect();
    paused.near().transport().pauseReading();
    nearChannel.close();
    paused.near().untilLost();
    assertThat(paused.near().lostWith()).isInstanceOf(ClosedChannelException.class);

    Ends writing = connect();
    nearChannel.close();
    writing.near().transport().write(new byte[1]);
    assertThat(writing.near().transport().isClosing()).isTrue();
    writing.near().untilLost();
    assertThat(writing.near().lostWith()).isInstanceOf(ClosedChannelException.class);
  }

  // ---- information

  @LoopTest
  @Spec("TR-42")
  void unknownInformationGivesTheDefault() throws Exception {
    Transport transport = connect().near().transport();
    assertThat(transport.getExtraInfo("nothing of the kind")).isNull();
    assertThat(transport.getExtraInfo("nothing of the kind", "default")).isEqualTo("default");
    assertThat(transport.getExtraInfo("sslcontext")).isNull();
    assertThat(transport.getExtraInfo("peername", "default")).isNotEqualTo("default");
  }

  @LoopTest
  @Spec({"TR-43", "TR-45"})
  void addressesAreKnownAlsoAfterTheEnd() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    Object sockname = nearChannel.getLocalAddress();
    Object peername = nearChannel.getRemoteAddress();
    var socket = (TransportSocket) transport.getExtraInfo("socket");
    assertThat(socket.isOpen()).isTrue();
    assertThat(socket).isSameAs(transport.getExtraInfo("socket"));
    transport.close();
    ends.near().untilLost();
    turn();
    assertThat(transport.getExtraInfo("sockname")).isEqualTo(sockname);
    assertThat(transport.getExtraInfo("peername")).isEqualTo(peername);
    assertThat(socket.getsockname()).isEqualTo(sockname);
    assertThat(socket.getpeername()).isEqualTo(peername);
    assertThat(socket.isOpen()).isFalse();
    assertThat(socket.toString()).contains("[closed]").contains(String.valueOf(peername));
    assertThatThrownBy(() -> socket.getOption(StandardSocketOptions.SO_SNDBUF))
        .isInstanceOf(ClosedChannelException.class);
  }

  @LoopTest
  @Spec("TR-45")
  void socketIsARestrictedView() throws Exception {
    Transport transport = connect().near().transport();
    var socket = (TransportSocket) transport.getExtraInfo("socket");
    assertThat(socket).isNotInstanceOf(java.nio.channels.Channel.class);
    assertThat(socket).isNotInstanceOf(AutoCloseable.class);
    SocketOption<Integer> size = StandardSocketOptions.SO_SNDBUF;
    assertThat(socket.supportedOptions()).contains(size);
    socket.setOption(size, 20_000);
    assertThat(socket.getOption(size)).isGreaterThanOrEqualTo(20_000);
    assertThat(socket.type()).isEqualTo(asyncio.net.SocketType.STREAM);
    assertThat(socket.family() == StandardProtocolFamily.UNIX).isEqualTo(wire() == Wire.UNIX);
    socket.setBlocking(false);
    assertThatThrownBy(() -> socket.setBlocking(true)).isInstanceOf(IllegalArgumentException.class);
  }

  @LoopTest
  @Spec("TR-46")
  void delayIsSwitchedOffOnTcp() throws Exception {
    Ends ends = connect();
    for (Witness witness : List.of(ends.near(), ends.far())) {
      var socket = (TransportSocket) witness.transport().getExtraInfo("socket");
      if (socket.getsockname() instanceof InetSocketAddress) {
        assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
      } else {
        assertThat(socket.getsockname()).isInstanceOf(UnixDomainSocketAddress.class);
      }
    }
  }

  @LoopTest
  void textTellsTheState() throws Exception {
    Ends ends = connect();
    Transport transport = ends.near().transport();
    String peer = String.valueOf(transport.getExtraInfo("peername"));
    assertThat(transport.toString())
        .startsWith("<SocketTransport")
        .contains(peer)
        .endsWith("write buffer 0>");
    transport.pauseReading();
    assertThat(transport.toString()).contains(" paused ");
    transport.close();
    assertThat(transport.toString()).contains(" closing ");
    ends.near().untilLost();
    turn();
    assertThat(transport.toString()).contains(" closed ");
  }

  /** Makes a transport of this kind by hand, as a server would that accepts elsewhere. */
  @LoopTest
  @Spec("TR-1")
  void factoryMayReturnAProtocolThatExists() throws Exception {
    Wire.Channels channels = wire().open(loop());
    Witness near = new Witness();
    Connection<Witness> connection =
        getRunningLoop().connectAcceptedSocket(() -> near, channels.near(), ServerOptions.DEFAULT);
    own(connection.transport());
    own(channels.far());
    assertThat(connection.protocol()).isSameAs(near);
    assertThat(connection.transport()).isSameAs(near.transport());
  }

  // ---- the connection's other side

  private String addressOfPeer() throws Exception {
    Object peer = nearPeer;
    return wire() == Wire.UNIX ? "/tmp/wire" : String.valueOf(peer);
  }

  /** Breaks the connection that was made last, from the far end. */
  private void reset(Witness far) throws Exception {
    switch (wire()) {
      case TCP -> {
        var socket = (TransportSocket) far.transport().getExtraInfo("socket");
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        far.transport().abort();
      }
      case UNIX -> {
        // A UNIX socket resets the other side if it is closed with something unread.
        far.transport().pauseReading();
        nearChannel.write(ByteBuffer.wrap(new byte[1]));
        far.transport().abort();
      }
      case MEMORY, TRICKLE -> Wire.network(loop()).reset(farChannel);
    }
  }
}
