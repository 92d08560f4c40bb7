package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.openUnixConnection;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.startServer;
import static asyncio.Asyncio.startUnixServer;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.conformance.LibraryModule;
import asyncio.conformance.Spec;
import asyncio.net.AddressOptions;
import asyncio.net.ClientHandler;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.Endpoints;
import asyncio.net.FlowControl;
import asyncio.net.GracefulShutdown;
import asyncio.net.Protocol;
import asyncio.net.ReadPipe;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.ShutdownOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.Streams;
import asyncio.net.WritePipe;
import asyncio.testkit.CancelExplorer;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Cancels every suspending method of the network at each of its suspensions: nothing may be left,
 * no channel, no task, no timer. The list of methods is that of the API, so that none is forgotten.
 */
@SuppressWarnings("try") // what is opened is there to be closed, also by hand and unused
class CancelEverywhereTest {
  private static final String HOST = "127.0.0.1";

  /** Those that are no scenario of their own, each with its reason. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "AbstractServer.waitClosed", "is Server.waitClosed",
          "ClientHandler.handle", "is the user's code",
          "StandardStreams.openInput", "needs the process's own input: StandardStreamsTest",
          "StandardStreams.openOutput", "needs the process's own output: StandardStreamsTest",
          "NetworkLoop.startTls", "needs certificates: StartTlsTest",
          "StreamWriter.startTls", "needs certificates: StartTlsTest");

  private final Map<String, Action> scenarios = new LinkedHashMap<>();
  private MemoryNetwork network;

  @LoopTest(timeout = 60)
  @Spec({"CONN-19", "CONN-28", "SOCK-12", "STREAM-14"})
  void nothingIsLeftWhereverACallIsCancelled(MemoryNetwork memory) throws Exception {
    network = memory;
    memory.everywhere().setLatency(Duration.ofMillis(5)).setMaxBytes(3);
    memory.addHost("service.test", "10.0.0.1", "10.0.0.2");
    memory.setLookupDelay(Duration.ofMillis(3));
    connections();
    endpoints();
    servers();
    pipes();
    streams();
    sockets();
    files();
    names();
    for (Map.Entry<String, Action> scenario : scenarios.entrySet()) {
      Action action = scenario.getValue();
      int suspensions;
      try {
        suspensions = CancelExplorer.exploreCoroutine(Asyncio.coroutine(action));
      } catch (AssertionError e) {
        throw new AssertionError(scenario.getKey() + ": " + e.getMessage(), e);
      }
      assertThat(suspensions).as(scenario.getKey() + " suspends").isPositive();
    }
  }

  @LoopTest
  void everySuspendingMethodHasItsScenario() {
    connections();
    endpoints();
    servers();
    pipes();
    streams();
    sockets();
    files();
    names();
    Set<String> covered = new TreeSet<>(scenarios.keySet());
    covered.addAll(ELSEWHERE.keySet());

    assertThat(covered).containsExactlyInAnyOrderElementsOf(suspendingMethods());
  }

  private static Set<String> suspendingMethods() {
    Set<String> names = new TreeSet<>();
    for (Class<?> type : LibraryModule.named("asyncio").classesOfExportedPackages()) {
      if (type == EventLoop.class) {
        addSuspending(names, type, "get(addr|name)info");
      } else if (type == Asyncio.class) {
        addSuspending(names, type, "open.*|start.*");
      } else if (type.getPackageName().equals("asyncio.net")) {
        addSuspending(names, type, ".*");
      }
    }
    return names;
  }

  private static void addSuspending(Set<String> names, Class<?> type, String pattern) {
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(type.getModifiers() & method.getModifiers())
          && method.isAnnotationPresent(Suspends.class)
          && method.getName().matches(pattern)) {
        names.add(type.getSimpleName() + "." + method.getName());
      }
    }
  }

  // ---- what scenarios share

  private static int port(Server server) {
    return ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] data = reader.read(100); data.length > 0; data = reader.read(100)) {
        writer.write(data);
        writer.drain();
      }
    }
  }

  private interface WithStreams {
    void use(Streams streams) throws Exception;
  }

  /** On a connection to a server that behaves like {@code handler}. */
  private static void connected(ClientHandler handler, WithStreams body) throws Exception {
    try (Server server = startServer(handler, HOST, 0)) {
      try (Streams streams = openConnection(HOST, port(server))) {
        body.use(streams);
      }
    }
  }

  private interface WithChannels {
    void use(EventLoop loop, SocketChannel near, SocketChannel far) throws Exception;
  }

  /** On the two ends of a connection without transports. */
  private Action channels(WithChannels body) {
    return () -> {
      MemoryNetwork.Pair pair = network.pair();
      try (SocketChannel near = pair.first();
          SocketChannel far = pair.second()) {
        near.configureBlocking(false);
        far.configureBlocking(false);
        body.use(getRunningLoop(), near, far);
      }
    };
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  // ---- the scenarios

  private void connections() {
    scenarios.put(
        "NetworkLoop.createConnection",
        () -> {
          EventLoop loop = getRunningLoop();
          try (Server server = loop.createServer(Servers.Echo::new, "10.0.0.2", 0)) {
            Connection<?> connection =
                loop.createConnection(
                    () -> new Protocol() {},
                    "service.test",
                    port(server),
                    ConnectOptions.DEFAULT.withHappyEyeballs(Duration.ofMillis(1)));
            connection.transport().close();
          }
        });
    scenarios.put(
        "NetworkLoop.connectAcceptedSocket",
        () -> {
          MemoryNetwork.Pair pair = network.pair();
          try (SocketChannel near = pair.first();
              SocketChannel far = pair.second()) {
            getRunningLoop()
                .connectAcceptedSocket(() -> new Protocol() {}, near, ServerOptions.DEFAULT)
                .transport()
                .close();
          }
        });
    scenarios.put(
        "NetworkLoop.createUnixConnection",
        () -> {
          EventLoop loop = getRunningLoop();
          Path path = Path.of("/cancel.sock");
          try (Server server = loop.createUnixServer(Servers.Echo::new, path)) {
            loop.createUnixConnection(() -> new Protocol() {}, path).transport().close();
          }
        });
    scenarios.put(
        "ClientEndpoint.connect",
        () -> {
          try (Server server = startServer(CancelEverywhereTest::echo, HOST, 0)) {
            Endpoints.clientFromString("tcp:" + HOST + ":" + port(server))
                .connect(() -> new Protocol() {})
                .transport()
                .close();
          }
        });
  }

  private void endpoints() {
    scenarios.put(
        "NetworkLoop.createDatagramEndpoint",
        () ->
            getRunningLoop()
                .createDatagramEndpoint(
                    () -> new DatagramProtocol() {}, DatagramOptions.remote("service.test", 80))
                .transport()
                .close());
  }

  private void servers() {
    scenarios.put(
        "NetworkLoop.createServer",
        () ->
            getRunningLoop()
                .createServer(Servers.SILENT, "service.test", 0, ServerOptions.DEFAULT)
                .close());
    scenarios.put(
        "NetworkLoop.sharePort",
        () ->
            getRunningLoop()
                .sharePort("service.test", 0, SharedPort.Spread.ROUND_ROBIN, ServerOptions.DEFAULT)
                .close());
    scenarios.put(
        "NetworkLoop.createUnixServer",
        () -> {
          sleep(Duration.ZERO); // it does not suspend by itself
          getRunningLoop().createUnixServer(Servers.SILENT, Path.of("/cancel.sock")).close();
        });
    scenarios.put(
        "ServerEndpoint.listen",
        () ->
            Endpoints.serverFromString("tcp:0:interface=service.test")
                .listen(Servers.SILENT)
                .close());
    scenarios.put(
        "Server.serveForever",
        () -> {
          Server server = startServer(CancelEverywhereTest::echo, HOST, 0);
          var closing = getRunningLoop().callLater(seconds(1), server::close);
          try {
            server.serveForever();
          } finally {
            closing.cancel();
            server.close();
          }
        });
    scenarios.put(
        "Server.waitClosed",
        () -> {
          try (Server server = startServer(CancelEverywhereTest::echo, HOST, 0)) {
            try (Streams streams = openConnection(HOST, port(server))) {
              streams.writer().writeUtf8("hello");
            }
            server.close();
            server.waitClosed();
          }
        });
    scenarios.put(
        "Scope.close",
        () -> {
          Server server = startServer(CancelEverywhereTest::echo, HOST, 0);
          try (var _ = server.scope()) {
            openConnection(HOST, port(server)).close();
          }
        });
    scenarios.put(
        "GracefulShutdown.serve",
        () -> {
          GracefulShutdown shutdown = new GracefulShutdown(ShutdownOptions.DEFAULT.withSignals());
          Server server = startServer(CancelEverywhereTest::echo, HOST, 0);
          var request = getRunningLoop().callLater(seconds(1), () -> shutdown.request("the test"));
          try {
            shutdown.serve(server);
          } finally {
            request.cancel();
          }
        });
  }

  private void pipes() {
    scenarios.put(
        "NetworkLoop.connectReadPipe",
        () -> {
          Pipe pipe = network.openPipe();
          try (Pipe.SinkChannel sink = pipe.sink();
              Pipe.SourceChannel source = pipe.source()) {
            ReadPipe<?> read = getRunningLoop().connectReadPipe(() -> new Protocol() {}, source);
            read.transport().close();
          }
        });
    scenarios.put(
        "NetworkLoop.connectWritePipe",
        () -> {
          EventLoop loop = getRunningLoop();
          Pipe pipe = network.openPipe();
          try (Pipe.SinkChannel sink = pipe.sink();
              Pipe.SourceChannel source = pipe.source()) {
            WritePipe<?> write = loop.connectWritePipe(() -> new Protocol() {}, sink);
            write.transport().close();
          }
        });
  }

  private void streams() {
    scenarios.put(
        "Asyncio.openConnection",
        () -> {
          try (Server server = startServer(CancelEverywhereTest::echo, HOST, 0)) {
            openConnection(HOST, port(server)).close();
          }
        });
    scenarios.put(
        "Asyncio.startServer",
        () -> startServer(CancelEverywhereTest::echo, "service.test", 0).close());
    Path path = Path.of("/cancel-streams.sock");
    scenarios.put(
        "Asyncio.openUnixConnection",
        () -> {
          try (Server server = startUnixServer(CancelEverywhereTest::echo, path)) {
            openUnixConnection(path).close();
          }
        });
    scenarios.put(
        "Asyncio.startUnixServer",
        () -> {
          sleep(Duration.ZERO); // it does not suspend by itself
          startUnixServer(CancelEverywhereTest::echo, path).close();
        });
    ClientHandler greets =
        (reader, writer) -> {
          try (writer) {
            writer.writeUtf8("hello\nworld\n");
            writer.drain();
          }
        };
    reading("read", greets, reader -> reader.read(100));
    reading("readAll", greets, StreamReader::readAll);
    reading("readExactly", greets, reader -> reader.readExactly(10));
    reading("readLine", greets, StreamReader::readLine);
    reading("readUtf8Line", greets, StreamReader::readUtf8Line);
    reading("readUntil", greets, reader -> reader.readUntil(new byte[] {'w'}));
    reading(
        "readUntilAny", greets, reader -> reader.readUntilAny(new byte[] {'w'}, new byte[] {'l'}));
    scenarios.put("StreamWriter.drain", () -> connected(CancelEverywhereTest::echo, this::fill));
    scenarios.put(
        "StreamWriter.waitClosed",
        () ->
            connected(
                CancelEverywhereTest::echo,
                streams -> {
                  streams.writer().writeUtf8("a few bytes");
                  streams.writer().close();
                  streams.writer().waitClosed();
                }));
    scenarios.put(
        "FlowControl.drain",
        () -> {
          EventLoop loop = getRunningLoop();
          FlowControl flow = new FlowControl(loop);
          flow.pauseWriting();
          var resume = loop.callLater(seconds(1), flow::resumeWriting);
          try {
            flow.drain();
          } finally {
            resume.cancel();
          }
        });
    scenarios.put(
        "FlowControl.waitClosed",
        () -> {
          EventLoop loop = getRunningLoop();
          FlowControl flow = new FlowControl(loop);
          var lost = loop.callLater(seconds(1), () -> flow.connectionLost(null));
          try {
            flow.waitClosed();
          } finally {
            lost.cancel();
          }
        });
  }

  private void fill(Streams streams) throws IOException {
    streams.writer().transport().setWriteBufferLimits(0, 0);
    streams.writer().write(new byte[20]);
    streams.writer().drain();
    streams.reader().readExactly(20);
  }

  private interface Reading {
    Object from(StreamReader reader) throws Exception;
  }

  private void reading(String method, ClientHandler greets, Reading reading) {
    scenarios.put(
        "StreamReader." + method,
        () -> connected(greets, streams -> reading.from(streams.reader())));
  }

  private void sockets() {
    scenarios.put(
        "SocketLoop.sockAccept",
        listening((loop, listener) -> {
          SocketChannel client = network.openSocketChannel();
          try (client) {
            client.configureBlocking(false);
            client.connect(listener.getLocalAddress());
            loop.sockAccept(listener).channel().close();
          }
        }));
    scenarios.put(
        "SocketLoop.sockConnect",
        listening((loop, listener) -> {
          try (SocketChannel client = network.openSocketChannel()) {
            client.configureBlocking(false);
            loop.sockConnect(client, listener.getLocalAddress());
          }
        }));
    scenarios.put(
        "SocketLoop.sockRecv",
        channels((loop, near, far) -> {
          far.write(bytes("hi"));
          loop.sockRecv(near, 100);
        }));
    scenarios.put(
        "SocketLoop.sockRecvInto",
        channels((loop, near, far) -> {
          far.write(bytes("hi"));
          loop.sockRecvInto(near, ByteBuffer.allocate(10));
        }));
    scenarios.put(
        "SocketLoop.sockSendall",
        channels((loop, near, far) -> {
          var reads =
              createTask(() -> {
                for (int left = 400_000; left > 0; ) {
                  left -= loop.sockRecv(far, 100_000).length;
                }
              });
          network.everywhere().setMaxBytes(100_000);
          try {
            loop.sockSendall(near, new byte[400_000]);
            await(shield(reads));
          } finally {
            network.everywhere().setMaxBytes(3);
            reads.cancel();
          }
        }));
    scenarios.put("SocketLoop.sockRecvfrom", datagrams((loop, in) -> loop.sockRecvfrom(in, 100)));
    scenarios.put(
        "SocketLoop.sockRecvfromInto",
        datagrams((loop, in) -> loop.sockRecvfromInto(in, ByteBuffer.allocate(100))));
    scenarios.put(
        "SocketLoop.sockSendto",
        datagrams((loop, in) -> {
          int port = ((InetSocketAddress) in.getLocalAddress()).getPort();
          return loop.sockSendto(
              in, bytes("x"), InetSocketAddress.createUnresolved("service.test", port));
        }));
  }

  private interface WithListener {
    void use(EventLoop loop, ServerSocketChannel listener) throws Exception;
  }

  private Action listening(WithListener body) {
    return () -> {
      try (ServerSocketChannel listener = network.openServerSocketChannel()) {
        listener.configureBlocking(false);
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0));
        body.use(getRunningLoop(), listener);
      }
    };
  }

  private interface WithDatagrams {
    Object use(EventLoop loop, DatagramChannel in) throws Exception;
  }

  private Action datagrams(WithDatagrams body) {
    return () -> {
      try (DatagramChannel in = network.openDatagramChannel()) {
        in.configureBlocking(false);
        in.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0));
        in.send(bytes("x"), in.getLocalAddress());
        body.use(getRunningLoop(), in);
      }
    };
  }

  private void files() {
    scenarios.put(
        "NetworkLoop.sendfile",
        () ->
            connected(
                CancelEverywhereTest::echo,
                streams -> {
                  try (FileChannel file = file()) {
                    streams.writer().writeUtf8("first ");
                    getRunningLoop().sendfile(streams.writer().transport(), file);
                    streams.reader().readExactly(20);
                  }
                }));
    scenarios.put(
        "SocketLoop.sockSendfile",
        channels((loop, near, far) -> {
          try (FileChannel file = file()) {
            loop.sockSendfile(near, file);
            sleep(Duration.ZERO); // the network may have taken it all at once
          }
        }));
  }

  /** Ten bytes or so, in a file that is gone when it is closed. */
  private static FileChannel file() throws IOException {
    Path path = Files.createTempFile("asyncio", ".txt");
    FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    file.write(bytes("some file content"));
    return file.position(0);
  }

  private void names() {
    scenarios.put(
        "EventLoop.getaddrinfo",
        () -> getRunningLoop().getaddrinfo("service.test", 80, AddressOptions.DEFAULT));
    scenarios.put(
        "EventLoop.getnameinfo",
        () ->
            getRunningLoop()
                .getnameinfo(new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 80)));
  }
}
