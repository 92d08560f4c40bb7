package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A network in memory under a loop in virtual time. */
class MemoryNetworkTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 80);

  private static void readable(EventLoop loop, SelectableChannel channel) {
    Future<@Nullable Void> ready = loop.createFuture();
    loop.addReader(
        channel,
        () -> {
          loop.removeReader(channel);
          ready.setResult(null);
        });
    await(ready);
  }

  private static void writable(EventLoop loop, SelectableChannel channel) {
    Future<@Nullable Void> ready = loop.createFuture();
    loop.addWriter(
        channel,
        () -> {
          loop.removeWriter(channel);
          ready.setResult(null);
        });
    await(ready);
  }

  private static ServerSocketChannel listen(MemoryNetwork network) throws IOException {
    ServerSocketChannel server = network.openServerSocketChannel();
    server.configureBlocking(false);
    server.bind(SERVER);
    return server;
  }

  private static SocketChannel connect(VirtualTimeLoop loop) throws IOException {
    SocketChannel client = loop.network().openSocketChannel();
    client.configureBlocking(false);
    assertThat(client.connect(SERVER)).isFalse();
    writable(loop, client);
    assertThat(client.finishConnect()).isTrue();
    return client;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(SocketChannel channel, int limit) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(limit);
    int count = channel.read(buffer);
    return count < 0 ? "end" : StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  @LoopTest
  void connectionCarriesBytesBothWays(VirtualTimeLoop loop) throws IOException {
    try (var server = listen(loop.network());
        var client = connect(loop)) {
      readable(loop, server);
      try (var accepted = server.accept()) {
        accepted.configureBlocking(false);
        client.write(bytes("ping"));
        readable(loop, accepted);
        assertThat(read(accepted, 10)).isEqualTo("ping");
        accepted.write(bytes("pong"));
        readable(loop, client);
        assertThat(read(client, 10)).isEqualTo("pong");
        assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
        assertThat(client.getRemoteAddress()).isEqualTo(SERVER);
      }
    }
    assertThat(loop.time()).isZero();
  }

  @LoopTest
  void latencyAndConnectDelayPassInVirtualTime(VirtualTimeLoop loop) throws IOException {
    loop.network().at(SERVER).setLatency(seconds(10)).setConnectDelay(seconds(100));
    try (var server = listen(loop.network());
        var client = connect(loop)) {
      assertThat(loop.time()).isEqualTo(seconds(100).toNanos());
      try (var accepted = server.accept()) {
        accepted.configureBlocking(false);
        client.write(bytes("ping"));
        assertThat(read(accepted, 10)).isEmpty();
        readable(loop, accepted);
        assertThat(loop.time()).isEqualTo(seconds(110).toNanos());
        assertThat(read(accepted, 10)).isEqualTo("ping");
        accepted.write(bytes("pong"));
        assertThat(read(client, 10)).isEqualTo("pong"); // the other direction has none
      }
    }
  }
}
