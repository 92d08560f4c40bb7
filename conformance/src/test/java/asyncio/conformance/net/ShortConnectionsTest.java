package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.Connection;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.Transport;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Very many connections, one after the other: each is connected, echoes a few bytes and ends.
 *
 * <p>{@code -Dasyncio.connections=1000000} makes as many as that.
 */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class ShortConnectionsTest {
  private static final int COUNT = Integer.getInteger("asyncio.connections", 4_000);

  /** What is in use at some moment. */
  private record Use(long descriptors, long heap, long direct) {
    static Use now() throws Exception {
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      long direct =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum();
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return new Use(open.count(), heap, direct);
      }
    }
  }

  /** Sends back what comes, and ends with its peer. */
  private static final class Echo implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport made) {
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }

  private static final class Client implements Protocol {
    final Future<@Nullable Void> answered;
    final Future<@Nullable Void> lost;

    Client(EventLoop loop) {
      answered = loop.createFuture();
      lost = loop.createFuture();
    }

    @Override
    public void connectionMade(Transport transport) {
      transport.write(new byte[100]);
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      if (!answered.isDone()) {
        answered.setResult(null);
      }
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      lost.setResult(null);
    }
  }

  private static void connect(EventLoop loop, InetSocketAddress server, int number)
      throws Exception {
    Connection<Client> connection =
        loop.createConnection(
            () -> new Client(loop), server.getAddress().getHostAddress(), server.getPort());
    await(connection.protocol().answered);
    switch (number % 3) {
      case 0 -> connection.transport().abort();
      case 1 -> connection.transport().writeEof(); // and the server ends it
      default -> connection.transport().close();
    }
    await(connection.protocol().lost);
  }

  @EachEngine
  @Spec({"TR-17", "TR-15"})
  void manyShortConnectionsLeaveNothing(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Server server = loop.createServer(Echo::new, "127.0.0.1", 0);
              var address = (InetSocketAddress) server.sockets().getFirst().getsockname();
              for (int i = 0; i < COUNT / 4; i++) {
                connect(loop, address, i); // until everything is loaded and compiled
              }
              Use before = Use.now();
              for (int i = 0; i < COUNT; i++) {
                connect(loop, address, i);
              }
              Turns.turns(3);
              Use after = Use.now();
              System.out.printf("%d connections: %s, then %s%n", COUNT, before, after);
              assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + 2);
              assertThat(after.direct()).isLessThanOrEqualTo(before.direct() + (1 << 20));
              assertThat(after.heap()).isLessThan(before.heap() + (4 << 20));
              server.close();
              server.waitClosed();
            }));
  }
}
