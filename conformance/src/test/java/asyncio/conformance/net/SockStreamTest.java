package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.noSuspend;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static asyncio.conformance.net.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Receiving and sending on stream channels of the program's: SOCK-1 to SOCK-5. */
class SockStreamTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 80);

  @EachEngine
  @Spec("SOCK-2")
  void receiveGivesWhatIsThereUpToTheCountAndNothingAtTheEnd(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            pair.client().write(bytes("hello"));
            assertThat(text(loop.sockRecv(pair.server(), 3))).isEqualTo("hel");
            assertThat(text(loop.sockRecv(pair.server(), 1000))).isEqualTo("lo");
            assertThat(loop.sockRecv(pair.server(), 0)).isEmpty();

            pair.client().shutdownOutput();
            assertThat(loop.sockRecv(pair.server(), 3)).isEmpty();
            assertThat(loop.sockRecv(pair.server(), 3)).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-2")
  void receiveWaitsUntilSomethingComes(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var received = createTask(() -> text(loop.sockRecv(pair.server(), 10)));
            turn();
            assertThat(received.isDone()).isFalse();
            pair.client().write(bytes("late"));
            assertThat(received.await()).isEqualTo("late");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-3")
  void receiveFillsABufferFromItsPosition(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          for (ByteBuffer buffer :
              new ByteBuffer[] {ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8)}) {
            try (var pair = Sockets.pair()) {
              buffer.put((byte) '>');
              pair.client().write(bytes("0123456789"));
              assertThat(loop.sockRecvInto(pair.server(), buffer)).isEqualTo(7);
              assertThat(text(buffer.flip())).isEqualTo(">0123456");

              buffer.clear();
              pair.client().close();
              assertThat(loop.sockRecvInto(pair.server(), buffer)).isEqualTo(3);
              assertThat(loop.sockRecvInto(pair.server(), buffer)).as("end-of-file").isZero();
              assertThat(buffer.position()).isEqualTo(3);
            }
          }
        });
  }

  @LoopTest
  @Spec("SOCK-3")
  void bufferWithoutRoomIsNotWaitedForAndAReadOnlyOneIsRefused(VirtualTimeLoop loop)
      throws IOException {
    var pair = loop.network().pair();
    try (var _ = pair.first();
        var channel = pair.second()) {
      var full = ByteBuffer.allocate(0);
      assertThat(noSuspend(() -> loop.sockRecvInto(channel, full))).isZero();
      var readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
      assertThatThrownBy(() -> loop.sockRecvInto(channel, readOnly))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read-only");
      assertThatThrownBy(() -> loop.sockRecv(channel, -1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("-1");
    }
  }

  @EachEngine
  @Spec("SOCK-4")
  void sendReturnsWhenTheKernelHasTakenAllWhateverTheSize(Engine engine) throws Exception {
    byte[] sent = new byte[8 * 1024 * 1024 + 17];
    new Random(1).nextBytes(sent);
    ByteBuffer direct = ByteBuffer.allocateDirect(sent.length).put(sent).flip();
    for (ByteBuffer data : new ByteBuffer[] {ByteBuffer.wrap(sent), direct}) {
      OnRealLoop.run(
          engine,
          loop -> {
            try (var pair = Sockets.pair()) {
              var sending =
                  createTask(() -> {
                    loop.sockSendall(pair.client(), data);
                    pair.client().shutdownOutput();
                  });
              turn();
              assertThat(sending.isDone()).as("it has to wait for the receiver").isFalse();
              ByteBuffer received = ByteBuffer.allocate(sent.length);
              while (loop.sockRecvInto(pair.server(), received) > 0) {
                continue;
              }
              sending.await();
              assertThat(received.array()).isEqualTo(sent);
              assertThat(data.hasRemaining()).isFalse();
            }
          });
    }
  }

  @LoopTest
  @Spec("SOCK-4")
  void nothingIsSentAtOnceAlsoWhereNothingCanBeSent(VirtualTimeLoop loop) throws IOException {
    var pair = loop.network().pair();
    try (var _ = pair.first();
        var channel = pair.second()) {
      loop.network().of(channel).setWritesBlocked(true);
      noSuspend(() -> loop.sockSendall(channel, new byte[0]));
    }
  }

  @LoopTest
  @Spec("SOCK-4")
  void positionTellsHowMuchWasSentBeforeAFailure(VirtualTimeLoop loop, LoopProbe probe)
      throws IOException {
    loop.network().setBufferSizes(1000, 1000);
    var pair = loop.network().pair();
    try (var peer = pair.first();
        var channel = pair.second()) {
      var data = ByteBuffer.allocate(5000);
      var sending = createTask(() -> loop.sockSendall(channel, data));
      probe.runUntilAllBlocked();
      loop.network().reset(peer);
      assertThatThrownBy(() -> sending.await(IOException.class))
          .isInstanceOf(BrokenPipeException.class)
          .hasCauseInstanceOf(IOException.class);
      assertThat(data.position()).isEqualTo(2000);
    }
  }

  @LoopTest
  void receiveOfABrokenConnectionFailsWithAReset(VirtualTimeLoop loop) throws IOException {
    var pair = loop.network().pair();
    try (var _ = pair.first();
        var channel = pair.second()) {
      loop.network().reset(channel);
      assertThatThrownBy(() -> loop.sockRecv(channel, 10))
          .isInstanceOf(ConnectionResetException.class)
          .hasMessageContaining("cannot receive");
    }
  }

  @LoopTest
  @Spec("SOCK-5")
  void operationThatNeedNotWaitDoesNotSuspend(VirtualTimeLoop loop) throws IOException {
    var pair = loop.network().pair();
    try (var peer = pair.first();
        var channel = pair.second();
        var server = loop.network().openServerSocketChannel().bind(SERVER);
        var client = loop.network().openSocketChannel();
        var one = loop.network().openDatagramChannel().bind(SERVER);
        var other = loop.network().openDatagramChannel()) {
      for (var each : new SelectableChannel[] {server, client, one, other}) {
        each.configureBlocking(false);
      }
      peer.write(bytes("ab"));
      client.connect(SERVER);
      turn(); // the connect ends in a poll
      assertThat(client.finishConnect()).isTrue();

      noSuspend(() -> {
        assertThat(text(loop.sockRecv(channel, 1))).isEqualTo("a");
        assertThat(loop.sockRecvInto(channel, ByteBuffer.allocate(1))).isEqualTo(1);
        loop.sockSendall(channel, bytes("c"));
        loop.sockAccept(server).channel().close();
        assertThat(loop.sockSendto(other, bytes("d"), SERVER)).isEqualTo(1);
        assertThat(loop.sockSendto(other, bytes("ef"), SERVER)).isEqualTo(2);
        assertThat(text(loop.sockRecvfrom(one, 9).data())).isEqualTo("d");
        assertThat(loop.sockRecvfromInto(one, ByteBuffer.allocate(9)).count()).isEqualTo(2);
        loop.sockConnect(other, SERVER);
        return null;
      });
      assertThat(channel.isRegistered()).as("never waited for").isFalse();

      assertThatThrownBy(() -> noSuspend(() -> loop.sockRecv(channel, 1)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> noSuspend(() -> loop.sockAccept(server)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> noSuspend(() -> loop.sockRecvfrom(one, 1)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @EachEngine
  @Spec("SOCK-1")
  void channelInBlockingModeIsRefused(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var datagrams = Sockets.datagrams();
              var listener = Sockets.listen()) {
            SocketChannel stream = pair.client();
            stream.configureBlocking(true);
            datagrams.configureBlocking(true);
            listener.configureBlocking(true);
            var address = Sockets.anyPort();
            ByteBuffer buffer = ByteBuffer.allocate(1);
            refusesBlocking(() -> loop.sockRecv(stream, 1));
            refusesBlocking(() -> loop.sockRecvInto(stream, buffer));
            refusesBlocking(() -> loop.sockSendall(stream, buffer));
            refusesBlocking(() -> loop.sockConnect(stream, address));
            refusesBlocking(() -> loop.sockConnect(datagrams, address));
            refusesBlocking(() -> loop.sockRecvfrom(datagrams, 1));
            refusesBlocking(() -> loop.sockRecvfromInto(datagrams, buffer));
            refusesBlocking(() -> loop.sockSendto(datagrams, buffer, address));
            refusesBlocking(() -> loop.sockAccept(listener));
          }
        });
  }

  private static void refusesBlocking(ThrowingCallable operation) {
    assertThatThrownBy(operation)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the socket must be non-blocking");
  }

  @Test
  @Spec("SOCK-1")
  void socketWithTlsIsNoChannel() {
    Snippet.accepts(
        "EventLoop loop = null; java.nio.channels.SocketChannel channel = null;"
            + " try { loop.sockRecv(channel, 1); } catch (java.io.IOException e) {}");
    Snippet.rejects(
        "EventLoop loop = null; javax.net.ssl.SSLSocket socket = null;"
            + " try { loop.sockRecv(socket, 1); } catch (java.io.IOException e) {}");
  }

  @LoopTest
  void callbackCannotCallThem(VirtualTimeLoop loop, LoopProbe probe) throws IOException {
    var pair = loop.network().pair();
    try (var _ = pair.first();
        var channel = pair.second()) {
      loop.callSoon(() ->
          assertThatThrownBy(() -> loop.sockRecv(channel, 1))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("sockRecv() suspends"));
      probe.runUntilAllBlocked();
    }
  }

  @EachEngine
  void pipesAreStreamsToo(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          Pipe pipe = Pipe.open();
          pipe.source().configureBlocking(false);
          pipe.sink().configureBlocking(false);
          byte[] data = new byte[1_000_000];
          new Random(2).nextBytes(data);
          ByteBuffer received = ByteBuffer.allocate(data.length);
          gather(
                  (asyncio.Action)
                      () -> {
                        try (var sink = pipe.sink()) {
                          loop.sockSendall(sink, data);
                        }
                      },
                  () -> {
                    try (var source = pipe.source()) {
                      while (loop.sockRecvInto(source, received) > 0) {
                        continue;
                      }
                    }
                  })
              .await();
          assertThat(received.array()).isEqualTo(data);
        });
  }
}
