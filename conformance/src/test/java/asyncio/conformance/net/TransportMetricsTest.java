package asyncio.conformance.net;

import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.conformance.EachEngine;
import asyncio.inspect.TransportCounts;
import asyncio.inspect.TransportInfo;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.Transport;
import asyncio.testkit.VirtualTimeLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a loop counts of its transports. */
class TransportMetricsTest {
  private static final String SERVER = "192.0.2.1";

  private static final class Silent implements Protocol {}

  /** Takes nothing until it is told to. */
  private static final class Deaf implements Protocol {
    @Override
    public void connectionMade(Transport transport) {
      transport.pauseReading();
    }
  }

  private interface Test {
    void run(EventLoop loop) throws Exception;
  }

  private static void inMemory(Engine engine, Test test) {
    VirtualTimeLoop loop = new VirtualTimeLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        test.run(loop);
        return null;
      });
    } finally {
      loop.close();
    }
  }

  private static TransportInfo client(EventLoop loop) {
    return TransportInfo.of(loop).stream()
        .filter(each -> "/192.0.2.1:80".equals(each.peer()))
        .findFirst()
        .orElseThrow();
  }

  private static TransportInfo server(EventLoop loop) {
    return TransportInfo.of(loop).stream()
        .filter(each -> "/192.0.2.1:80".equals(each.local()))
        .findFirst()
        .orElseThrow();
  }

  @EachEngine
  void bytesOfBothEndsAreCounted(Engine engine) {
    inMemory(
        engine,
        loop -> {
          try (var _ = loop.createServer(Silent::new, SERVER, 80).scope()) {
            var client = loop.createConnection(Silent::new, SERVER, 80);
            client.transport().write(bytes("hello"));
            client.transport().write(bytes(", world"));
            sleep(Duration.ofSeconds(1));

            assertThat(loop.metrics().transports()).isEqualTo(new TransportCounts(2, 0, 0, 12, 12));
            TransportInfo info = client(loop);
            assertThat(info.kind()).isEqualTo("socket");
            assertThat(info.peer()).isEqualTo("/192.0.2.1:80");
            assertThat(info.protocol()).isEqualTo(Silent.class.getName());
            assertThat(info.sent()).isEqualTo(12);
            assertThat(info.received()).isZero();
            assertThat(info.fill()).isZero();
            assertThat(info.reading()).isTrue();
            assertThat(info.writingPaused()).isFalse();
            TransportInfo other = server(loop);
            assertThat(other.local()).isEqualTo("/192.0.2.1:80");
            assertThat(other.peer()).isEqualTo(info.local());
            assertThat(other.received()).isEqualTo(12);
            assertThat(other.number()).isNotEqualTo(info.number());
            client.transport().close();
          }
          sleep(Duration.ofSeconds(1));

          assertThat(loop.metrics().transports()).isEqualTo(new TransportCounts(0, 0, 0, 12, 12));
          assertThat(TransportInfo.of(loop)).isEmpty();
        });
  }

  @EachEngine
  void whatCouldNotBeSentIsTheFillOfTheBuffer(Engine engine) {
    inMemory(
        engine,
        loop -> {
          Server server = loop.createServer(Deaf::new, SERVER, 80);
          try (var _ = server.scope()) {
            var client = loop.createConnection(Silent::new, SERVER, 80);
            client.transport().setWriteBufferLimits(100, 500_000);
            client.transport().write(ByteBuffer.allocate(2_000_000));
            sleep(Duration.ofSeconds(1));

            TransportInfo info = client(loop);
            assertThat(info.buffered()).isEqualTo(client.transport().getWriteBufferSize());
            assertThat(info.buffered() + info.sent()).isEqualTo(2_000_000);
            assertThat(info.writingPaused()).isTrue();
            assertThat(info.highMark()).isEqualTo(500_000);
            assertThat(info.fill()).isEqualTo(info.buffered() / 500_000.0).isGreaterThan(1);
            assertThat(server(loop).reading()).isFalse();
            assertThat(loop.metrics().transports().paused()).isEqualTo(1);
            assertThat(loop.metrics().transports().buffered()).isEqualTo(info.buffered());
            client.transport().abort();
            server.abortClients(); // who read nothing, and so would not notice
          }
        });
  }

  @EachEngine
  void datagramsAreCounted(Engine engine) {
    inMemory(
        engine,
        loop -> {
          SocketAddress at = new InetSocketAddress(SERVER, 53);
          var receiver =
              loop.createDatagramEndpoint(
                  () -> new DatagramProtocol() {}, DatagramOptions.local(SERVER, 53));
          var sender =
              loop.createDatagramEndpoint(
                  () -> new DatagramProtocol() {}, DatagramOptions.remote(SERVER, 53));
          sender.transport().sendTo(bytes("12345"), at);
          sleep(Duration.ofSeconds(1));

          assertThat(loop.metrics().transports()).isEqualTo(new TransportCounts(2, 0, 0, 5, 5));
          List<TransportInfo> infos = TransportInfo.of(loop);
          assertThat(infos.getFirst().kind()).isEqualTo("datagram");
          assertThat(infos.getFirst().peer()).isNull();
          assertThat(infos.getFirst().received()).isEqualTo(5);
          assertThat(infos.getLast().peer()).isEqualTo("/192.0.2.1:53");
          assertThat(infos.getLast().sent()).isEqualTo(5);
          receiver.transport().close();
          sender.transport().close();
        });
  }

  @EachEngine
  void operationsOnChannelsOfTheProgramAreCountedToo(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var one = Sockets.datagrams();
              var other = Sockets.datagrams()) {
            loop.sockSendall(pair.client(), bytes("hello"));
            loop.sockRecv(pair.server(), 3);
            loop.sockRecvInto(pair.server(), ByteBuffer.allocate(9));
            loop.sockSendto(one, bytes("1234567"), other.getLocalAddress());
            loop.sockRecvfrom(other, 100);
            loop.sockSendto(one, bytes("12"), other.getLocalAddress());
            loop.sockRecvfromInto(other, ByteBuffer.allocate(9));

            assertThat(loop.metrics().transports()).isEqualTo(new TransportCounts(0, 0, 0, 14, 14));
          }
        });
  }

  @EachEngine
  void aTlsConnectionShowsTheProtocolOnTopAndTheBytesOnTheWire(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          List<TransportInfo> ends = new ArrayList<>();
          Server server = loop.createServer(Servers.Echo::new, "127.0.0.1", 0, Tls.serving());
          try (var _ = server.scope()) {
            int port = Servers.port(server);
            var streams = openConnection("127.0.0.1", port, Tls.connecting());
            streams.writer().write(bytes("hello"));
            streams.reader().readExactly(5);

            ends.addAll(TransportInfo.of(loop));
            streams.writer().close();
            streams.writer().waitClosed();
          }

          assertThat(ends).hasSize(2);
          for (TransportInfo end : ends) {
            assertThat(end.protocol()).doesNotContain("Tls");
            assertThat(end.sent()).isGreaterThan(5);
            assertThat(end.received()).isGreaterThan(5);
          }
        });
  }
}
