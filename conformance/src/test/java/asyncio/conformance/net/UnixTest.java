package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.conformance.net.Servers.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Connections and servers on UNIX domain sockets, which have files. */
@DisabledOnOs(OS.WINDOWS)
class UnixTest {
  @TempDir private Path directory;
  private Path path;
  private final List<String> trail = new ArrayList<>();

  @BeforeEach
  void chooseAPath() {
    path = directory.resolve("socket");
  }

  private static void assertRefused(String fragment, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fragment);
  }

  private ServerSocketChannel listen() throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(path));
  }

  @EachEngine
  @Spec("UNIX-1")
  void clientAndServerTalkOverAPath(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createUnixServer(Servers.Echo::new, path);
              var _ = server.scope()) {
            assertThat(server.sockets().getFirst().getsockname())
                .isEqualTo(UnixDomainSocketAddress.of(path));
            assertThat(server.sockets().getFirst().family()).isEqualTo(StandardProtocolFamily.UNIX);
            var connection =
                loop.createUnixConnection(
                    () ->
                        new TrailProtocol("", trail) {
                          @Override
                          public void dataReceived(ByteBuffer data) {
                            super.dataReceived(data);
                            transport().close();
                          }
                        },
                    path);
            trail.add("returned");
            assertThat(connection.transport().getExtraInfo("peername"))
                .isEqualTo(UnixDomainSocketAddress.of(path));
            connection.transport().write("hello".getBytes());
            await(connection.protocol().lost);
          }
        });
    assertThat(trail).containsExactly("made", "returned", "data hello", "lost");
  }

  @EachEngine
  @Spec("UNIX-1")
  void aNetworkInMemoryHasPathsWithoutFiles(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createUnixServer(SILENT, path).scope()) {
            assertThat(path).doesNotExist();
            loop.createUnixConnection(SILENT, path).transport().close();
          }
          assertThatThrownBy(() -> loop.createUnixConnection(SILENT, path))
              .isInstanceOf(ConnectException.class);
        });
  }

  @EachEngine
  @Spec("UNIX-1")
  void aPathThatIsTooLongOrEmptyIsRefusedWithItsLength(Engine engine) throws Exception {
    Path tooLong = Path.of("/tmp/" + "x".repeat(102));
    OnRealLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(() -> loop.createUnixServer(SILENT, tooLong))
              .isInstanceOf(SocketException.class)
              .hasMessageContaining("106 bytes at most, this one 107: " + tooLong);
          assertThatThrownBy(() -> loop.createUnixConnection(SILENT, tooLong))
              .isInstanceOf(SocketException.class)
              .hasMessageContaining("106 bytes at most");
          assertRefused("path: is empty", () -> loop.createUnixServer(SILENT, Path.of("")));
          assertRefused("path: is empty", () -> loop.createUnixConnection(SILENT, Path.of("")));
        });
  }

  @EachEngine
  @Spec("UNIX-2")
  void eitherAPathOrASocketIsToBeGiven(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          assertRefused(
              "no path and socket were specified",
              () -> loop.createUnixConnection(SILENT, null, ConnectOptions.DEFAULT));
          assertRefused(
              "path was not specified, and no socket specified",
              () -> loop.createUnixServer(SILENT, null, ServerOptions.DEFAULT));
          try (var listener = listen();
              var socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertRefused(
                "path and socket can not be specified at the same time",
                () ->
                    loop.createUnixConnection(
                        SILENT, path, ConnectOptions.DEFAULT.withSocket(socket)));
            assertRefused(
                "path and socket can not be specified at the same time",
                () ->
                    loop.createUnixServer(
                        SILENT, path, ServerOptions.DEFAULT.withSocket(listener)));
            assertThat(socket.isOpen()).isTrue();
            assertThat(listener.isOpen()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec("UNIX-2")
  void aSocketOfAnotherFamilyIsRefused(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          String text = "A UNIX Domain Stream Socket was expected";
          try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            try (var socket = SocketChannel.open(listener.getLocalAddress())) {
              assertRefused(
                  text,
                  () ->
                      loop.createUnixServer(
                          SILENT, null, ServerOptions.DEFAULT.withSocket(listener)));
              assertRefused(
                  text,
                  () ->
                      loop.createUnixConnection(
                          SILENT, null, ConnectOptions.DEFAULT.withSocket(socket)));
            }
          }
        });
  }

  @EachEngine
  @Spec("UNIX-3")
  void timesForTlsAreRefusedForAServerWithoutTls(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          assertRefused(
              "tlsHandshakeTimeout is only meaningful with TLS",
              () ->
                  loop.createUnixServer(
                      SILENT, path, ServerOptions.DEFAULT.withTlsHandshakeTimeout(seconds(1))));
          assertRefused(
              "tlsShutdownTimeout is only meaningful with TLS",
              () ->
                  loop.createUnixServer(
                      SILENT, path, ServerOptions.DEFAULT.withTlsShutdownTimeout(seconds(1))));
          assertThat(path).doesNotExist();
        });
  }

  @EachEngine
  @Spec("UNIX-4")
  void aMissingPathAndOneWhereNobodyListensAreToldApart(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(() -> loop.createUnixConnection(SILENT, path))
              .isInstanceOf(NoSuchFileException.class)
              .hasMessageContaining(path.toString())
              .hasCauseInstanceOf(SocketException.class);
          listen().close();
          assertThat(path).exists();
          assertThatThrownBy(() -> loop.createUnixConnection(SILENT, path))
              .isInstanceOf(ConnectException.class)
              .hasMessageContaining(path.toString());
        });
  }

  @EachEngine
  @Spec("UNIX-4")
  void aConnectWaitsForRoomInAFullQueue(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var options = ServerOptions.DEFAULT.withBacklog(1).withStartServing(false);
          try (var server = loop.createUnixServer(SILENT, path, options);
              var _ = server.scope()) {
            List<SocketChannel> waiting = fillQueue();
            var call = createTask(() -> loop.createUnixConnection(SILENT, path));
            Loops.sleepOneIteration();
            assertThat(call.isDone()).isFalse();
            server.startServing();
            await(call).transport().close();
            for (SocketChannel each : waiting) {
              each.close();
            }
          }
        });
  }

  private List<SocketChannel> fillQueue() throws IOException {
    List<SocketChannel> waiting = new ArrayList<>();
    while (true) {
      SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        client.configureBlocking(false);
        client.connect(UnixDomainSocketAddress.of(path));
        waiting.add(client);
      } catch (SocketException e) {
        return waiting; // full
      }
    }
  }

  @EachEngine
  @Spec("UNIX-4")
  void aConnectGivesUpIfTheQueueStaysFull(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            List<SocketChannel> waiting = fillQueue();
            assertThatThrownBy(() -> loop.createUnixConnection(SILENT, path))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("its queue is full")
                .hasCauseInstanceOf(SocketException.class);
            var call = createTask(() -> loop.createUnixConnection(SILENT, path));
            Loops.sleepOneIteration();
            call.cancel();
            assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
            for (SocketChannel each : waiting) {
              each.close();
            }
          }
        });
  }

  @EachEngine
  @Spec("UNIX-5")
  void theFileOfASocketThatIsGoneIsReplaced(Engine engine) throws Exception {
    listen().close();
    OnRealLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createUnixServer(SILENT, path).scope()) {
            loop.createUnixConnection(SILENT, path).transport().close();
          }
        });
  }

  @EachEngine
  @Spec("UNIX-5")
  void aFileOfAnotherKindIsInUseAndStays(Engine engine) throws Exception {
    Files.writeString(path, "precious");
    Path fifo = directory.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    OnRealLoop.run(
        engine,
        loop -> {
          for (Path taken : List.of(path, fifo)) {
            assertThatThrownBy(() -> loop.createUnixServer(SILENT, taken))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("Address " + taken + " is already in use")
                .hasCauseInstanceOf(BindException.class);
          }
        });
    assertThat(path).hasContent("precious");
    assertThat(fifo).exists();
  }

  @EachEngine
  @Spec("UNIX-6")
  void whatBindingMeetsLeavesTheCallAndTheSocketIsClosed(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          List<String> before = SocketLeakTest.sockets();
          Path nowhere = directory.resolve("no/such/directory");
          assertThatThrownBy(() -> loop.createUnixServer(SILENT, nowhere))
              .isInstanceOf(SocketException.class)
              .hasMessageContaining(nowhere.toString())
              .hasCauseInstanceOf(SocketException.class);
          assertThat(SocketLeakTest.sockets()).isEqualTo(before);
        });
  }

  @EachEngine
  @Spec("UNIX-7")
  void closingTheServerRemovesTheFile(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var server = loop.createUnixServer(SILENT, path);
          assertThat(path).exists();
          server.close();
          assertThat(path).doesNotExist();

          var onSocket =
              loop.createUnixServer(SILENT, null, ServerOptions.DEFAULT.withSocket(listen()));
          loop.createUnixConnection(SILENT, path).transport().close();
          assertThat(path).exists();
          onSocket.close();
          assertThat(path).doesNotExist();
        });
  }

  @EachEngine
  @Spec("UNIX-8")
  void closingTheServerRemovesNothingElse(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var gone = loop.createUnixServer(SILENT, path);
          Files.delete(path);
          gone.close();

          var kept =
              loop.createUnixServer(SILENT, path, ServerOptions.DEFAULT.withCleanupSocket(false));
          kept.close();
          assertThat(path).exists();

          for (int i = 0; i < 50; i++) {
            var replaced = loop.createUnixServer(SILENT, path);
            var replacing = loop.createUnixServer(SILENT, path); // takes the path away
            replaced.close();
            assertThat(path).exists();
            loop.createUnixConnection(SILENT, path).transport().close();
            replacing.close();
            assertThat(path).doesNotExist();
          }

          var overwritten = loop.createUnixServer(SILENT, path);
          Files.delete(path);
          Files.writeString(path, "another file");
          overwritten.close();
          assertThat(path).hasContent("another file");
        });
  }

  @EachEngine
  @Spec("UNIX-9")
  void whatThePeerSentBeforeItVanishedIsDelivered(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = listen()) {
            var peer = SocketChannel.open(UnixDomainSocketAddress.of(path));
            var connection =
                loop.connectAcceptedSocket(
                    () -> new TrailProtocol("", trail), listener.accept(), ServerOptions.DEFAULT);
            peer.write(ByteBuffer.wrap("last words".getBytes()));
            peer.close();
            await(connection.protocol().lost);
          }
        });
    assertThat(trail).containsExactly("made", "data last words", "eof", "lost");
  }

  @EachEngine
  @Spec("UNIX-10")
  void aWriterWhosePeerIsGoneIsToldOnce(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = listen()) {
            var peer = SocketChannel.open(UnixDomainSocketAddress.of(path));
            var connection =
                loop.connectAcceptedSocket(
                    () -> new TrailProtocol("", trail), listener.accept(), ServerOptions.DEFAULT);
            var transport = connection.transport();
            transport.pauseReading(); // else it would see the end-of-file first
            peer.close();
            while (!connection.protocol().lost.isDone()) {
              transport.write(new byte[1000]);
              Loops.sleepOneIteration();
            }
            transport.write(new byte[1000]);
            Loops.sleepOneIteration();
          }
        });
    assertThat(trail).containsExactly("made", "lost BrokenPipeException");
  }
}
