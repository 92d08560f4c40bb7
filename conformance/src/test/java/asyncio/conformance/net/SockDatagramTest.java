package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.noSuspend;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Datagram channels of the program's: SOCK-6 and SOCK-7. */
class SockDatagramTest {

  @EachEngine
  @Spec("SOCK-6")
  void datagramComesWithItsSendersAddress(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var one = Sockets.datagrams();
              var other = Sockets.datagrams()) {
            var received = createTask(() -> loop.sockRecvfrom(one, 100));
            Turns.turn();
            assertThat(loop.sockSendto(other, bytes("hello"), one.getLocalAddress())).isEqualTo(5);
            assertThat(text(received.await().data())).isEqualTo("hello");
            assertThat(received.await().address()).isEqualTo(other.getLocalAddress());

            for (ByteBuffer buffer :
                new ByteBuffer[] {ByteBuffer.allocate(9), ByteBuffer.allocateDirect(9)}) {
              buffer.put((byte) '>');
              byte[] data = {'a', 'b'};
              assertThat(loop.sockSendto(one, data, other.getLocalAddress())).isEqualTo(2);
              var receipt = loop.sockRecvfromInto(other, buffer);
              assertThat(receipt.count()).isEqualTo(2);
              assertThat(receipt.address()).isEqualTo(one.getLocalAddress());
              assertThat(text(buffer.flip())).isEqualTo(">ab");
            }
          }
        });
  }

  @EachEngine
  @Spec("SOCK-6")
  void eachReceiveTakesOneDatagramAndCutsIt(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var one = Sockets.datagrams();
              var other = Sockets.datagrams()) {
            var address = one.getLocalAddress();
            var direct = ByteBuffer.allocateDirect(60_000);
            loop.sockSendto(other, bytes("long"), address);
            loop.sockSendto(other, bytes(""), address);
            loop.sockSendto(other, direct, address);
            loop.sockSendto(other, bytes("last"), address);
            assertThat(direct.hasRemaining()).isFalse();

            assertThat(text(loop.sockRecvfrom(one, 2).data())).isEqualTo("lo");
            assertThat(loop.sockRecvfrom(one, 100).data().remaining()).isZero();
            assertThat(loop.sockRecvfrom(one, 1_000_000).data().remaining()).isEqualTo(60_000);
            assertThat(loop.sockRecvfrom(one, 0).data().remaining()).isZero();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-6")
  void connectedChannelSendsAndReceivesAsAStreamDoes(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var one = Sockets.datagrams();
              var other = Sockets.datagrams()) {
            loop.sockConnect(one, other.getLocalAddress());
            loop.sockConnect(other, one.getLocalAddress());
            loop.sockSendall(one, bytes("ping"));
            assertThat(text(loop.sockRecv(other, 100))).isEqualTo("ping");
            assertThat(loop.sockSendto(other, bytes("pong"), one.getLocalAddress())).isEqualTo(4);
            assertThat(text(loop.sockRecv(one, 100))).isEqualTo("pong");
            assertThatThrownBy(() -> loop.sockSendto(one, bytes(""), other.getLocalAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("empty datagram");
            assertThatThrownBy(() -> loop.sockSendall(one, new byte[100_000]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Message too long");
          }
        });
  }

  @LoopTest
  @Spec("SOCK-6")
  void sendThatWouldBlockWaits(VirtualTimeLoop loop, LoopProbe probe) throws IOException {
    var address = new InetSocketAddress("192.0.2.1", 53);
    try (var one = loop.network().openDatagramChannel().bind(address);
        var other = loop.network().openDatagramChannel()) {
      one.configureBlocking(false);
      other.configureBlocking(false);
      loop.network().of(other).setWritesBlocked(true);
      var data = bytes("hello");
      var sending = createTask(() -> loop.sockSendto(other, data, address));
      probe.runUntilAllBlocked();
      assertThat(sending.isDone()).isFalse();
      assertThat(data.remaining()).isEqualTo(5);

      loop.network().of(other).setWritesBlocked(false);
      assertThat(sending.await()).isEqualTo(5);
      assertThat(data.hasRemaining()).isFalse();
      assertThat(text(loop.sockRecvfrom(one, 9).data())).isEqualTo("hello");
    }
  }

  @EachEngine
  @Spec("SOCK-7")
  void sendWhereNobodyListensFailsOneOperationOfAConnectedChannel(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = Sockets.datagrams()) {
            channel.connect(Sockets.unusedUdpAddress());
            loop.sockSendall(channel, bytes("anybody?"));
            assertThatThrownBy(() -> loop.sockRecvfrom(channel, 100))
                .isInstanceOf(PortUnreachableException.class);
            loop.sockSendall(channel, bytes("anybody?"));
            assertThatThrownBy(() -> loop.sockRecv(channel, 100))
                .isInstanceOf(PortUnreachableException.class);

            var again = createTask(() -> loop.sockRecvfrom(channel, 100));
            Turns.turn();
            assertThat(again.isDone()).as("it is reported once").isFalse();
            again.cancel();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-7")
  void sendWhereNobodyListensDoesNotDisturbAnUnconnectedChannel(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = Sockets.datagrams();
              var other = Sockets.datagrams()) {
            loop.sockSendto(channel, bytes("anybody?"), Sockets.unusedUdpAddress());
            loop.sockSendto(other, bytes("me"), channel.getLocalAddress());
            assertThat(text(loop.sockRecvfrom(channel, 100).data())).isEqualTo("me");

            loop.sockSendto(channel, bytes("anybody?"), Sockets.unusedUdpAddress());
            loop.sockSendto(other, bytes("me"), channel.getLocalAddress());
            assertThat(loop.sockRecvfromInto(channel, ByteBuffer.allocate(9)).count()).isEqualTo(2);
          }
        });
  }

  @EachEngine
  void addressOfAnotherFamilyIsRefused(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.configureBlocking(false);
            assertThatThrownBy(
                    () -> loop.sockSendto(channel, bytes("x"), new InetSocketAddress("::1", 9)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("another address family");
            noSuspend(() -> loop.sockConnect(channel, Sockets.unusedUdpAddress()));
          }
        });
  }
}
