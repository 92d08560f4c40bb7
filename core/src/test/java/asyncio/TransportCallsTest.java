package asyncio;

import static asyncio.ScriptedSocket.fail;
import static asyncio.ScriptedSocket.give;
import static asyncio.ScriptedSocket.take;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.internal.loop.IoPoller;
import asyncio.net.BrokenPipeException;
import asyncio.net.BufferedProtocol;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the transport of a socket asks of its channel and of its poller, call by call: few calls on
 * the usual path, and none of those that the JDK answers badly.
 */
class TransportCallsTest {
  private static final int READ = IoPoller.READ;
  private static final int WRITE = IoPoller.WRITE;
  private static final int SLICE = 256 * 1024;

  private final List<String> calls = new ArrayList<>();
  private final ScriptedSocket socket = new ScriptedSocket();
  private final ScriptedPoller poller = new ScriptedPoller(socket.calls);
  private final SelectorEventLoop loop = new SelectorEventLoop(Engine.PORTABLE, poller);
  private final List<ErrorContext> reports = new ArrayList<>();
  private Transport transport;

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  /** Writes down what it is told. */
  private class Noting implements Protocol {
    @Override
    public void connectionMade(Transport made) {
      transport = made;
      calls.add("made");
    }

    @Override
    public void dataReceived(ByteBuffer data) throws Exception {
      calls.add("data " + data.remaining());
    }

    @Override
    public boolean eofReceived() {
      calls.add("eof");
      return true;
    }

    @Override
    public void pauseWriting() {
      calls.add("pause");
    }

    @Override
    public void resumeWriting() {
      calls.add("resume");
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      calls.add("lost " + (exception == null ? "" : exception.getClass().getSimpleName()));
    }
  }

  /** Makes the transport, and forgets how that was done. */
  private void serve(StreamProtocol protocol) {
    loop.setExceptionHandler((_, context) -> reports.add(context));
    loop.runUntilComplete(() -> {
      transport =
          loop.connectAcceptedSocket(() -> protocol, socket, ServerOptions.DEFAULT).transport();
    });
    forget();
  }

  private void forget() {
    calls.clear();
    socket.calls.clear();
    socket.bytesOffered = 0;
  }

  private void runOnce() {
    loop.stop();
    loop.runForever();
  }

  /** Does something in a callback, and says what the channel was asked for in that iteration. */
  private List<String> within(Runnable action) {
    socket.calls.clear();
    loop.callSoon(action);
    runOnce();
    return List.copyOf(socket.calls);
  }

  private List<String> ready(int operations) {
    socket.calls.clear();
    poller.ready(socket, operations);
    runOnce();
    return List.copyOf(socket.calls);
  }

  // ---- the usual path

  @Test
  void channelIsRegisteredOnceForItsWholeLife() {
    loop.runUntilComplete(() -> {
      loop.connectAcceptedSocket(Noting::new, socket, ServerOptions.DEFAULT);
      transport.pauseReading();
      transport.resumeReading();
      transport.close();
    });
    runOnce();
    assertThat(socket.calls)
        .containsExactly(
            "TCP_NODELAY true",
            "register",
            "interest 1",
            "interest 0",
            "interest 1",
            "interest 0",
            "release",
            "close");
  }

  @Test
  void readIsOneCall() {
    serve(new Noting());
    socket.reads.add(give(10));
    assertThat(ready(READ)).containsExactly("read 65536");
    assertThat(calls).containsExactly("data 10");
  }

  @Test
  void smallWriteIsOneCallAndNoInterest() {
    serve(new Noting());
    assertThat(within(() -> transport.write(new byte[10]))).containsExactly("write 10");
    assertThat(within(() -> transport.write(ByteBuffer.allocateDirect(10))))
        .containsExactly("write 10");
  }

  @Test
  void writesOfOneIterationAreTwoCalls() {
    serve(new Noting());
    List<String> asked =
        within(() -> {
          for (int i = 0; i < 1000; i++) {
            transport.write(new byte[10]);
          }
        });
    assertThat(asked).containsExactly("write 10", "write 9990");
  }

  @Test
  void linesAreOneCall() {
    serve(new Noting());
    assertThat(
            within(() ->
                transport.writeLines(
                    List.of(
                        ByteBuffer.allocate(10),
                        ByteBuffer.allocate(0),
                        ByteBuffer.allocateDirect(20)))))
        .containsExactly("write 30");
    // A header and a body that does not fit: the first call is filled up.
    assertThat(
            within(() ->
                transport.writeLines(
                    List.of(ByteBuffer.allocate(100), ByteBuffer.allocate(100_000)))))
        .containsExactly("write 65536", "write 34564");
  }

  @Test
  void writeWhileSomethingIsKeptAsksNothing() {
    serve(new Noting());
    socket.writes.add(take(4));
    assertThat(within(() -> transport.write(new byte[10])))
        .containsExactly("write 10", "interest 3");
    assertThat(
            within(() -> {
              transport.write(new byte[10]);
              transport.writeLines(List.of(ByteBuffer.allocate(5)));
            }))
        .isEmpty();
    assertThat(transport.getWriteBufferSize()).isEqualTo(21);
    assertThat(ready(WRITE)).containsExactly("write 21", "interest 1");
  }

  // ---- reading

  @Test
  void moreRoomIsOfferedWhileMuchComes() {
    serve(new Noting());
    socket.reads.add(give(65536));
    socket.reads.add(give(SLICE));
    socket.reads.add(give(100_000));
    socket.reads.add(give(65535));
    socket.reads.add(give(1));
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      asked.addAll(ready(READ));
    }
    assertThat(asked)
        .containsExactly("read 65536", "read 262144", "read 262144", "read 262144", "read 65536");
    assertThat(calls)
        .containsExactly("data 65536", "data 262144", "data 100000", "data 65535", "data 1");
  }

  @Test
  void readInVainIsNoCallOfTheProtocol() {
    serve(new Noting());
    assertThat(ready(READ)).containsExactly("read 65536");
    assertThat(calls).isEmpty();
    assertThat(poller.interest(socket)).isEqualTo(READ);
  }

  @Test
  void endOfFileEndsTheInterestInReading() {
    serve(new Noting());
    socket.reads.add(_ -> -1);
    assertThat(ready(READ)).containsExactly("read 65536", "interest 0");
    assertThat(calls).containsExactly("eof");
    assertThat(
            within(() -> {
              transport.pauseReading();
              transport.resumeReading();
            }))
        .isEmpty();
  }

  @Test
  void bufferOfTheProtocolIsReadIntoDirectlyOrThroughTheLoops() {
    for (ByteBuffer buffer :
        List.of(
            ByteBuffer.allocate(100),
            ByteBuffer.allocateDirect(100),
            ByteBuffer.allocate(1 << 20))) {
      var received = new Buffered(buffer);
      var rig = new TransportCallsTest();
      rig.serve(received);
      rig.socket.reads.add(target -> {
        target.put(new byte[] {1, 2, 3});
        return 3;
      });
      assertThat(rig.ready(READ)).containsExactly("read " + Math.min(SLICE, buffer.capacity()));
      assertThat(received.updates).containsExactly(3);
      assertThat(buffer.get(2)).isEqualTo((byte) 3);
      assertThat(buffer.position()).isEqualTo(3);
      assertThat(rig.socket.sawHeapBuffer).isFalse();
      rig.closeLoop();
    }
  }

  private static class Buffered implements BufferedProtocol {
    final ByteBuffer buffer;
    final List<Object> updates = new ArrayList<>();

    Buffered(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      return buffer;
    }

    @Override
    public void bufferUpdated(int count) {
      updates.add(count);
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      updates.add(String.valueOf(exception));
    }
  }

  /** A read into no room gives 0 for ever, and never the end. */
  @Test
  void bufferWithoutRoomDoesNotReachTheChannel() {
    var protocol = new Buffered(ByteBuffer.allocate(0));
    serve(protocol);
    assertThat(ready(READ)).containsExactly("interest 0");
    runOnce();
    assertThat(protocol.updates.toString()).contains("get_buffer() returned an empty buffer");
    assertThat(reports).hasSize(1);
  }

  @Test
  void bufferThatCannotBeWrittenToEndsTheConnection() {
    Arena closed = Arena.ofConfined();
    ByteBuffer dead = closed.allocate(100).asByteBuffer();
    closed.close();
    var protocol = new Buffered(dead);
    serve(protocol);
    socket.reads.add(target -> {
      target.put((byte) 1);
      return 1;
    });
    ready(READ);
    runOnce();
    assertThat(protocol.updates).hasSize(1);
    assertThat(protocol.updates.getFirst().toString()).contains("IllegalStateException");
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().message()).isEqualTo("Fatal read error on socket transport");
    assertThat(socket.isOpen()).isFalse();
  }

  // ---- writing

  /** The JDK copies what it is given before it knows how much is taken. */
  @Test
  void largeWriteReachesTheChannelInSlicesOutsideTheHeap() {
    serve(new Noting());
    int size = 32 << 20;
    socket.writes.add(take(SLICE));
    socket.writes.add(take(65536));
    within(() -> transport.write(new byte[size]));
    assertThat(socket.calls).containsExactly("write 262144", "write 262144", "interest 3");
    int rounds = 0;
    while (transport.getWriteBufferSize() > 0) {
      socket.writes.clear();
      socket.writes.add(take(65536));
      ready(WRITE);
      rounds++;
    }
    assertThat(rounds).isEqualTo((size - SLICE - 65536) / 65536);
    assertThat(socket.largestOffer).isEqualTo(SLICE);
    assertThat(socket.sawHeapBuffer).isFalse();
  }

  @Test
  void turnOfALargeBufferIsBounded() {
    serve(new Noting());
    socket.writes.add(take(0));
    within(() -> transport.write(new byte[8 << 20]));
    assertThat(ready(WRITE)).hasSize(4).allMatch("write 262144"::equals);
    assertThat(transport.getWriteBufferSize()).isEqualTo((8 << 20) - 4 * SLICE);
  }

  @Test
  void largeDirectBufferIsSentInSlicesToo() {
    serve(new Noting());
    within(() -> transport.write(ByteBuffer.allocateDirect(1_000_000)));
    assertThat(socket.calls)
        .containsExactly("write 262144", "write 262144", "write 262144", "write 213568");
  }

  @Test
  void noHeapBufferReachesTheChannel() {
    serve(new Noting());
    for (int size : new int[] {1, 1000, 100_000, 1_000_000}) {
      for (int limit : new int[] {0, size / 2, size}) {
        socket.writes.add(take(limit));
        within(() -> {
          transport.write(new byte[size]);
          transport.write(ByteBuffer.allocate(size).asReadOnlyBuffer());
          transport.write(ByteBuffer.allocate(size + 7).position(7));
          transport.writeLines(List.of(ByteBuffer.allocate(size), ByteBuffer.allocate(3)));
        });
        while (transport.getWriteBufferSize() > 0) {
          ready(WRITE);
        }
      }
    }
    assertThat(socket.sawHeapBuffer).isFalse();
    assertThat(socket.largestOffer).isLessThanOrEqualTo(SLICE);
  }

  /** After shutdownOutput the JDK's write throws something else: it is not asked. */
  @Test
  void writeEofReachesTheChannelOnceAndLast() {
    serve(new Noting());
    socket.writes.add(take(4));
    assertThat(
            within(() -> {
              transport.write(new byte[10]);
              transport.writeEof();
              transport.writeEof();
            }))
        .containsExactly("write 10", "interest 3");
    assertThat(ready(WRITE)).containsExactly("write 6", "interest 1", "shutdownOutput");
  }

  @Test
  void writesBetweenTwoRunsAreSentAtOnce() {
    serve(new Noting());
    transport.write(new byte[1]);
    transport.write(new byte[2]);
    assertThat(socket.calls).containsExactly("write 1", "write 2");
    assertThat(within(() -> transport.write(new byte[3]))).containsExactly("write 3");
  }

  // ---- errors

  @Test
  void firstErrorIsTheLast() {
    serve(new Noting());
    socket.writes.add(fail(new IOException("Connection reset by peer")));
    socket.reads.add(_ -> -1); // as the JDK has it after that
    loop.callSoon(() -> transport.write(new byte[1]));
    poller.ready(socket, READ);
    runOnce();
    runOnce();
    assertThat(calls).containsExactly("lost BrokenPipeException");
    assertThat(socket.calls).containsExactly("write 1", "interest 0", "release", "close");
    assertThat(reports).isEmpty();
  }

  @Test
  void errorsAreToldByTheirOriginAndNameThePeer() {
    List<Throwable> lost = new ArrayList<>();
    var protocol =
        new Noting() {
          @Override
          public void connectionLost(@Nullable Throwable exception) {
            lost.add(exception);
          }
        };
    serve(protocol);
    var cause = new SocketException("Connection reset");
    socket.reads.add(fail(cause));
    ready(READ);
    runOnce();
    assertThat(lost.getFirst())
        .isInstanceOf(ConnectionResetException.class)
        .hasMessage("connection with localhost/127.0.0.1:2 is broken: Connection reset")
        .hasCause(cause);

    var rig = new TransportCallsTest();
    rig.serve(protocol);
    rig.socket.writes.add(fail(new IOException()));
    rig.within(() -> rig.transport.write(new byte[1]));
    rig.runOnce();
    assertThat(lost.getLast())
        .isInstanceOf(BrokenPipeException.class)
        .hasMessage("cannot send to localhost/127.0.0.1:2: IOException");
    rig.closeLoop();
  }

  @Test
  void channelsUncheckedExceptionsEndTheConnectionToo() {
    serve(new Noting());
    socket.reads.add(_ -> {
      throw new NotYetConnectedException();
    });
    ready(READ);
    runOnce();
    assertThat(calls).containsExactly("lost ConnectionResetException");
    assertThat(socket.isOpen()).isFalse();

    var rig = new TransportCallsTest();
    rig.serve(rig.new Noting());
    rig.socket.writes.add(_ -> {
      throw new IllegalStateException("a channel gone mad");
    });
    rig.within(() -> rig.transport.write(new byte[1]));
    rig.runOnce();
    assertThat(rig.calls).containsExactly("lost IllegalStateException");
    assertThat(rig.reports.getFirst().message()).isEqualTo("Fatal write error on socket transport");
    rig.closeLoop();
  }

  @Test
  void errorOfJoinedWritesEndsTheConnectionAndSparesTheOthers() {
    serve(new Noting());
    socket.writes.add(take(1));
    socket.writes.add(_ -> {
      throw new IllegalStateException("a channel gone mad");
    });
    var other = new TransportCallsTest();
    ScriptedSocket otherSocket = other.socket;
    Transport[] second = new Transport[1];
    loop.runUntilComplete(() -> {
      second[0] =
          loop.connectAcceptedSocket(() -> new Protocol() {}, otherSocket, ServerOptions.DEFAULT)
              .transport();
    });
    // The handler writes to the other one while the failed batch is being sent.
    loop.setExceptionHandler((_, _) -> {
      second[0].write(new byte[20]);
      second[0].write(new byte[30]);
    });
    otherSocket.calls.clear();
    within(() -> {
      transport.write(new byte[1]);
      transport.write(new byte[2]);
    });
    runOnce();
    assertThat(calls).containsExactly("lost IllegalStateException");
    assertThat(otherSocket.calls).containsExactly("write 20", "write 30");
    other.closeLoop();
  }

  // ---- the end

  @Test
  void closedBehindIsToldOnce() throws IOException {
    serve(new Noting());
    socket.close();
    poller.tellClosed(socket);
    runOnce();
    assertThat(calls).containsExactly("lost " + ClosedChannelException.class.getSimpleName());
  }

  @Test
  void closedLoopClosesTheChannelAndTellsNobody() {
    serve(new Noting());
    loop.close();
    assertThat(socket.isOpen()).isFalse();
    assertThat(calls).isEmpty();
    transport.write(new byte[1]);
    transport.close();
    transport.abort();
    assertThat(transport.getProtocol()).isNull();
  }
}
