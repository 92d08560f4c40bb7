package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.ConnectOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Real descriptors: however a call ends, what it opened is closed when it returns. */
@EnabledOnOs(OS.LINUX)
class SocketLeakTest {
  private static final int REPETITIONS = 50;

  /** The sockets of this process, by inode. */
  static List<String> sockets() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      List<String> sockets = new ArrayList<>();
      for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:")) {
            sockets.add(target);
          }
        } catch (IOException e) {
          // closed meanwhile: the one of this listing
        }
      }
      sockets.sort(null);
      return sockets;
    }
  }

  /** A listener whose queue is full, so that further connects hang. */
  private static final class FullListener implements AutoCloseable {
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final List<SocketChannel> clients = new ArrayList<>();

    FullListener() throws IOException {
      listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1);
      boolean connected = true;
      while (connected) {
        SocketChannel client = SocketChannel.open();
        clients.add(client);
        client.configureBlocking(false);
        client.connect(listener.getLocalAddress());
        long giveUp = System.nanoTime() + 100_000_000;
        do {
          connected = client.finishConnect();
        } while (!connected && System.nanoTime() < giveUp);
      }
    }

    int port() throws IOException {
      return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
      for (SocketChannel client : clients) {
        client.close();
      }
      listener.close();
    }
  }

  /** Has the host {@code all} stand for the loopback at several ports. */
  private static ChannelEventLoop loopWithHost(Engine engine, List<Integer> ports) {
    return new ChannelEventLoop(engine, LoopKind.preferred()) {
      @Override
      public List<AddressInfo> getaddrinfo(
          @Nullable String host, @Nullable String service, AddressOptions options)
          throws UnknownHostException {
        if (!"all".equals(host)) {
          return super.getaddrinfo(host, service, options);
        }
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        return ports.stream()
            .map(port ->
                new AddressInfo(
                    StandardProtocolFamily.INET,
                    asyncio.net.SocketType.STREAM,
                    6,
                    null,
                    new InetSocketAddress(loopback, port)))
            .toList();
      }
    };
  }

  @EachEngine
  @Spec({"CONN-19", "CONN-23", "CONN-28"})
  void losersOfARaceAreClosedWhenTheCallReturns(Engine engine) throws Exception {
    List<Integer> ports = new ArrayList<>();
    List<String> trail = new ArrayList<>();
    var loop = loopWithHost(engine, ports);
    try (var full = new FullListener()) {
      var eyeballs = ConnectOptions.DEFAULT.withHappyEyeballs(millis(1));
      loop.runUntilComplete(() -> {
        List<TrailProtocol> served = new ArrayList<>();
        Supplier<TrailProtocol> factory =
            () -> {
              served.add(new TrailProtocol("", trail));
              return served.getLast();
            };
        try (var server = loop.createServer(factory, "127.0.0.1", 0);
            var _ = server.scope()) {
          ports.addAll(List.of(full.port(), full.port(), port(server)));
          List<String> before = sockets();
          for (int i = 0; i < REPETITIONS; i++) {
            var connection =
                loop.createConnection(() -> new TrailProtocol("", trail), "all", 80, eyeballs);
            List<String> during = sockets();
            during.removeAll(before);
            assertThat(during).as("our end, and perhaps the server's").hasSizeBetween(1, 2);
            connection.transport().write(new byte[1]);
            connection.transport().close();
            await(connection.protocol().lost);
            while (served.size() <= i) {
              Loops.sleepOneIteration();
            }
            await(served.get(i).lost);
            Loops.sleepOneIteration();
            Loops.sleepOneIteration();
            assertThat(sockets()).isEqualTo(before);
          }
          ports.removeLast(); // now nobody answers
          for (int i = 0; i < REPETITIONS; i++) {
            var call = createTask(() -> loop.createConnection(SILENT, "all", 80, eyeballs));
            sleep(millis(i % 4)); // different things are under way each time
            call.cancel();
            assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
            assertThat(sockets()).isEqualTo(before);
          }
        }
      });
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("CONN-19")
  void connectsThatFailLeaveNothing(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              int port;
              try (var server = loop.createServer(SILENT, "127.0.0.1", 0);
                  var _ = server.scope()) {
                port = port(server);
              }
              List<String> before = sockets();
              for (int i = 0; i < REPETITIONS; i++) {
                assertThatThrownBy(() -> loop.createConnection(SILENT, "127.0.0.1", port))
                    .isInstanceOf(IOException.class);
                assertThat(sockets()).isEqualTo(before);
              }
            }));
  }

  @EachEngine
  @Spec({"SRV-26", "SRV-38"})
  void portsAreFreeWhenCloseReturns(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              var first = loop.createServer(SILENT, "127.0.0.1", 0);
              int port = port(first);
              first.close();
              List<String> before = sockets();
              for (int i = 0; i < REPETITIONS; i++) {
                var server = loop.createServer(SILENT, "127.0.0.1", port);
                assertThat(sockets()).hasSize(before.size() + 1);
                server.close();
                assertThat(sockets()).isEqualTo(before);
              }
            }));
  }

  @EachEngine
  @Spec("SRV-38")
  void closingALoopWithOpenServersAndConnectionsClosesAllOfTheirSockets(Engine engine)
      throws Exception {
    List<String> before = sockets();
    for (int i = 0; i < 10; i++) {
      var loop = LoopKind.preferred().newLoop(engine);
      int iterations = i;
      loop.runUntilComplete(() -> {
        var server = loop.createServer(SILENT, null, 0);
        for (int n = 0; n < 3; n++) {
          loop.createConnection(SILENT, "127.0.0.1", port(server));
        }
        for (int n = 0; n < iterations; n++) {
          Loops.sleepOneIteration(); // how far the server has come is different each time
        }
      });
      loop.close();
      assertThat(sockets()).as("after " + iterations + " iterations").isEqualTo(before);
    }
  }
}
