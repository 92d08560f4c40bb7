package asyncio.conformance.stream;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.openUnixConnection;
import static asyncio.Asyncio.startServer;
import static asyncio.Asyncio.startUnixServer;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.text;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.ClientHandler;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.Streams;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Streams on connections; subclasses say on which kind of network. */
abstract class StreamConnectionContract {
  private static final String HOST = "127.0.0.1";

  /** A name for a UNIX socket that nobody uses. */
  abstract Path unixPath();

  /** Opens a channel of the network. */
  abstract SocketChannel openChannel(EventLoop loop) throws IOException;

  abstract ServerSocketChannel openServerChannel(EventLoop loop) throws IOException;

  static int port(Server server) {
    return ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
  }

  private static void echoLines(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
        writer.drain();
      }
    }
  }

  private static void assertEchoes(Streams streams) throws IOException {
    streams.writer().writeUtf8("hello\nworld\n");
    assertThat(streams.reader().readUtf8Line()).isEqualTo("hello");
    assertThat(streams.reader().readUtf8Line()).isEqualTo("world");
    streams.writer().writeEof();
    assertThat(streams.reader().readAll()).isEmpty();
    streams.close();
    streams.writer().waitClosed();
  }

  // ---- opening

  @LoopTest
  @Spec({"STREAM-1", "STREAM-3"})
  void clientAndServerTalk() throws Exception {
    Server server = startServer(StreamConnectionContract::echoLines, HOST, 0);
    try (var _ = server.scope()) {
      Streams streams = openConnection(HOST, port(server));
      assertThat(streams.writer().getExtraInfo("peername"))
          .isEqualTo(server.sockets().getFirst().getsockname());
      assertEchoes(streams);
    }
  }

  @LoopTest
  @Spec("STREAM-1")
  void optionsReachTheConnection(EventLoop loop) throws Exception {
    Server server =
        startServer(
            StreamConnectionContract::echoLines,
            List.of(HOST),
            "0",
            ServerOptions.DEFAULT.withBacklog(5));
    try (var _ = server.scope()) {
      Streams streams =
          openConnection(
              HOST,
              port(server),
              ConnectOptions.DEFAULT.withLimit(123).withLocalAddress("127.0.0.2", 0));
      assertThat(streams.reader().toString()).contains("limit=123");
      assertThat(((InetSocketAddress) streams.writer().getExtraInfo("sockname")).getHostString())
          .isEqualTo("127.0.0.2");
      assertEchoes(streams);
      SocketChannel channel = openChannel(loop);
      channel.configureBlocking(true);
      channel.connect(new InetSocketAddress(HOST, port(server)));
      channel.configureBlocking(false);
      assertEchoes(openConnection(ConnectOptions.DEFAULT.withSocket(channel)));
    }
  }

  @LoopTest
  @Spec("STREAM-1")
  void failuresAreThoseOfTheConnection() throws Exception {
    Server server = startServer(StreamConnectionContract::echoLines, HOST, 0);
    int port = port(server);
    server.close();
    server.waitClosed();
    assertThrows(IOException.class, () -> openConnection(HOST, port))
        .hasMessageContaining("" + port);
    assertThrows(
        IllegalArgumentException.class,
        () -> openConnection(HOST, port, ConnectOptions.DEFAULT.withServerHostname("name")));
  }

  @LoopTest
  @Spec("STREAM-1")
  void openingCanBeCancelled(LoopProbe probe) throws Exception {
    Server server = startServer(StreamConnectionContract::echoLines, HOST, 0);
    try (var _ = server.scope()) {
      Task<Streams> opening = createTask(() -> openConnection(HOST, port(server)));
      Texts.turn();
      opening.cancel();
      assertThrows(CancelledError.class, () -> await(opening));
    }
    probe.runUntilAllBlocked();
  }

  @LoopTest
  @Spec({"STREAM-2", "STREAM-3"})
  void clientAndServerTalkOverAUnixSocket() throws Exception {
    Path path = unixPath();
    try (var _ = startUnixServer(StreamConnectionContract::echoLines, path).scope()) {
      assertEchoes(openUnixConnection(path));
      Streams limited = openUnixConnection(path, ConnectOptions.DEFAULT.withLimit(7));
      assertThat(limited.reader().toString()).contains("limit=7");
      assertEchoes(limited);
    }
    assertThrows(IOException.class, () -> openUnixConnection(path));
  }

  // ---- serving

  @LoopTest
  @Spec("STREAM-3")
  void eachConnectionHasATaskOfItsOwn(LoopProbe probe) throws Exception {
    List<String> trail = probe.trail();
    ClientHandler handler =
        (reader, writer) -> {
          try (writer) {
            String name = reader.readUtf8Line();
            trail.add(name + " begins");
            writer.writeUtf8("ok\n");
            reader.readLine();
            trail.add(name + " ends");
            writer.writeUtf8("ok\n");
          }
        };
    Server server = startServer(handler, HOST, 0, ServerOptions.DEFAULT.withLimit(100));
    try (var _ = server.scope();
        Streams one = openConnection(HOST, port(server));
        Streams other = openConnection(HOST, port(server))) {
      for (Streams streams : List.of(one, other, other, one)) {
        streams.writer().writeUtf8(streams == one ? "one\n" : "other\n");
        streams.reader().readLine();
      }
    }
    assertThat(trail).containsExactly("one begins", "other begins", "other ends", "one ends");
  }

  @LoopTest
  @Spec("STREAM-3")
  void callbackMayHandTheStreamsOn(EventLoop loop) throws Exception {
    Future<Streams> connected = loop.createFuture();
    ClientHandler handler =
        ClientHandler.callback((reader, writer) -> {
          assertThat(currentTask()).isNull();
          connected.setResult(new Streams(reader, writer));
        });
    Server server = startServer(handler, HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server));
        Streams accepted = await(connected)) {
      client.writer().writeUtf8("question\n");
      assertThat(accepted.reader().readUtf8Line()).isEqualTo("question");
      accepted.writer().writeUtf8("answer\n");
      assertThat(client.reader().readUtf8Line()).isEqualTo("answer");
    }
  }

  @LoopTest
  @Spec({"STREAM-3", "STREAM-1"})
  void serverTakesAChannelThatIsBound(EventLoop loop) throws Exception {
    ServerSocketChannel channel = openServerChannel(loop);
    channel.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
    Server server =
        startServer(StreamConnectionContract::echoLines, ServerOptions.DEFAULT.withSocket(channel));
    try (var _ = server.scope()) {
      assertEchoes(openConnection(HOST, port(server)));
    }
  }

  @LoopTest
  @Spec("STREAM-4")
  void failureOfAHandlerIsReportedAndCloses(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    var failure = new IllegalStateException("bug");
    Server server =
        startServer(
            (reader, _) -> {
              reader.readLine();
              throw failure;
            },
            HOST,
            0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server))) {
      client.writer().writeUtf8("go\n");
      assertThat(client.reader().readAll()).isEmpty(); // it was closed
    }
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().message())
        .isEqualTo("Unhandled exception in client_connected_cb");
    assertThat(reports.getFirst().exception()).isSameAs(failure);
    assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isNotNull();
  }

  @LoopTest
  @Spec("STREAM-5")
  void cancelledHandlerCloses(EventLoop loop) throws Exception {
    Future<Task<?>> handling = loop.createFuture();
    Server server =
        startServer(
            (reader, _) -> {
              handling.setResult(currentTask());
              reader.readLine();
            },
            HOST,
            0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server))) {
      await(handling).cancel();
      assertThat(client.reader().readAll()).isEmpty();
    }
    assertThat(handling.result().isCancelled()).isTrue();
  }

  @LoopTest
  @Spec("STREAM-6")
  void failureOfACallbackIsReportedAndLeavesTheConnectionOpen(EventLoop loop, LoopProbe probe)
      throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    Future<Streams> connected = loop.createFuture();
    var failure = new IllegalStateException("bug");
    Server server =
        startServer(
            ClientHandler.callback((reader, writer) -> {
              connected.setResult(new Streams(reader, writer));
              throw failure;
            }),
            HOST,
            0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server));
        Streams accepted = await(connected)) {
      client.writer().writeUtf8("question\n");
      assertThat(accepted.reader().readUtf8Line()).isEqualTo("question");
    }
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().exception()).isSameAs(failure);
  }

  // ---- bytes

  @LoopTest
  @Spec({"STREAM-10", "STREAM-11", "STREAM-32"})
  void muchDataArrivesWholeThroughSmallLimits() throws Exception {
    byte[] data = new byte[3_000_000];
    new Random(1).nextBytes(data);
    ClientHandler handler =
        (reader, writer) -> {
          try (writer) {
            byte[] received = reader.readExactly(data.length); // far above the limit
            for (int i = 0; i < data.length; i += 10_000) {
              writer.write(Arrays.copyOfRange(received, i, i + 10_000));
              writer.drain();
            }
          }
        };
    Server server = startServer(handler, HOST, 0, ServerOptions.DEFAULT.withLimit(1000));
    try (var _ = server.scope();
        Streams client =
            openConnection(HOST, port(server), ConnectOptions.DEFAULT.withLimit(1000))) {
      Task<byte[]> reading = createTask(() -> client.reader().readAll());
      client.writer().write(data);
      client.writer().drain();
      assertThat(await(reading)).isEqualTo(data);
    }
  }

  @LoopTest
  @Spec({"STREAM-36", "STREAM-37", "STREAM-38"})
  void closingEndsBothSidesThoughDataWasNotRead(EventLoop loop) throws Exception {
    Future<String> seen = loop.createFuture();
    Server server =
        startServer(
            (reader, writer) -> {
              writer.writeUtf8("never read\n");
              seen.setResult(text(reader.readAll()));
              writer.close();
            },
            HOST,
            0);
    try (var _ = server.scope()) {
      Streams client = openConnection(HOST, port(server));
      assertThat(text(client.reader().readExactly(5))).isEqualTo("never");
      client.writer().writeUtf8("farewell");
      client.writer().close();
      assertThat(client.writer().isClosing()).isTrue();
      client.writer().waitClosed();
      client.writer().waitClosed();
      assertThat(text(client.reader().readAll())).isEqualTo(" read\n"); // then the end
      assertThat(client.reader().atEof()).isTrue();
      assertThat(await(seen)).isEqualTo("farewell");
    }
  }

  @LoopTest
  @Spec("STREAM-40")
  void writerOutlivesTheEndOfTheOtherDirection() throws Exception {
    ClientHandler handler =
        (reader, writer) -> {
          try (writer) {
            byte[] all = reader.readAll();
            writer.write(all);
            writer.drain();
          }
        };
    Server server = startServer(handler, HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server))) {
      client.writer().write(bytes("all of it"));
      client.writer().writeEof();
      assertThat(text(client.reader().readAll())).isEqualTo("all of it");
    }
  }

  @LoopTest
  @Spec("STREAM-34")
  void writingWithoutEndToAPeerThatHasGoneEnds() throws Exception {
    Server server = startServer((_, writer) -> writer.transport().abort(), HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, port(server))) {
      byte[] data = new byte[10_000];
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              client.writer().write(data);
              client.writer().drain();
            }
          });
    }
    assertThat(allTasks()).containsExactly(currentTask());
  }
}
