package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** createConnection and connectAcceptedSocket with sockets that exist. */
class ConnectSocketTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("CONN-6")
  void aConnectedSocketIsTakenOverAndClosedByItsTransport(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          var ours =
              loop.createConnection(
                  () -> new TrailProtocol("ours", trail),
                  ConnectOptions.DEFAULT.withSocket(pair.first()));
          var theirs =
              loop.createConnection(
                  () -> new TrailProtocol("theirs", trail),
                  ConnectOptions.DEFAULT.withSocket(pair.second()));
          ours.transport().write("hello".getBytes());
          ours.transport().close();
          await(theirs.protocol().lost);
          assertThat(loop.lookUps).isEmpty();
          assertThat(pair.first().isOpen()).isFalse();
        });
    assertThat(trail)
        .containsExactly(
            "ours made",
            "theirs made",
            "ours lost",
            "theirs data hello",
            "theirs eof",
            "theirs lost");
  }

  @EachEngine
  @Spec("CONN-6")
  void aSocketInBlockingModeIsTakenToo(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(Servers.Echo::new, "127.0.0.1", 0);
              var _ = server.scope()) {
            SocketChannel socket = SocketChannel.open(address(server)); // the kernel accepts
            var connection =
                loop.createConnection(
                    () -> new TrailProtocol("", trail), ConnectOptions.DEFAULT.withSocket(socket));
            assertThat(socket.isBlocking()).isFalse();
            assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            connection.transport().close();
            await(connection.protocol().lost);
          }
        });
  }

  @EachEngine
  @Spec("CONN-6")
  void aSocketOfAnotherTransportIsRefusedAndLeftToThat(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          var options = ConnectOptions.DEFAULT.withSocket(pair.first());
          var connection = loop.createConnection(() -> new TrailProtocol("", trail), options);
          assertThatThrownBy(() -> loop.createConnection(SILENT, options))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("is used by transport");
          assertThat(connection.transport().isClosing()).isFalse();
          connection.transport().close();
          pair.second().close();
        });
    assertThat(trail).containsExactly("made", "lost");
  }

  @EachEngine
  @Spec("CONN-6")
  void aSocketWhoseCallbacksWereJustRemovedIsTaken(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          loop.addReader(pair.first(), () -> {});
          Loops.sleepOneIteration();
          loop.removeReader(pair.first()); // the selector has not been asked since
          var connection =
              loop.createConnection(
                  () -> new TrailProtocol("", trail),
                  ConnectOptions.DEFAULT.withSocket(pair.first()));
          pair.second().close();
          await(connection.protocol().lost);
        });
    assertThat(trail).containsExactly("made", "eof", "lost");
  }

  @EachEngine
  @Spec({"CONN-20", "UNIX-11"})
  void aSocketGoesBackIfTheCallIsCancelledBeforeItsProtocolWasTold(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          var options = ConnectOptions.DEFAULT.withSocket(pair.first());
          var call =
              createTask(
                  () -> loop.createConnection(() -> new TrailProtocol("first", trail), options));
          loop.callSoon(call::cancel); // runs in the iteration in which the call begins
          assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);

          // It can be used in any way, at once.
          assertThat(pair.first().isOpen()).isTrue();
          assertThat(pair.first().isRegistered()).isFalse();
          pair.first().configureBlocking(true);
          var connection = loop.createConnection(() -> new TrailProtocol("second", trail), options);
          pair.second().close();
          await(connection.protocol().lost);
        });
    assertThat(trail).containsExactly("second made", "second eof", "second lost");
  }

  @EachEngine
  @Spec({"CONN-20", "UNIX-11"})
  void aSocketIsClosedIfTheCallIsCancelledAfterItsProtocolWasTold(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          var protocol = new TrailProtocol("", trail);
          var call =
              createTask(() ->
                  loop.createConnection(
                      () -> protocol, ConnectOptions.DEFAULT.withSocket(pair.first())));
          protocol.made.addDoneCallback(_ -> call.cancel());
          assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
          await(protocol.lost);
          pair.second().close();
        });
    assertThat(trail).containsExactly("made", "lost");
  }

  @EachEngine
  @Spec("UNIX-11")
  void aRealUnixSocketGoesBackIfTheCallIsCancelled(Engine engine, @TempDir Path directory)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var path = UnixDomainSocketAddress.of(directory.resolve("socket"));
          try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(path);
              var socket = SocketChannel.open(path);
              var _ = listener.accept()) {
            var call =
                createTask(() ->
                    loop.createUnixConnection(
                        () -> new TrailProtocol("", trail),
                        null,
                        ConnectOptions.DEFAULT.withSocket(socket)));
            loop.callSoon(call::cancel);
            assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
            socket.configureBlocking(true); // would throw if it were registered
          }
        });
    assertThat(trail).isEmpty();
  }

  @EachEngine
  @Spec("CONN-29")
  void aSocketThatWasAcceptedElsewhereGetsAServersTransport(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var listener = ServerSocketChannel.open()) {
            listener.bind(new java.net.InetSocketAddress("127.0.0.1", 0));
            try (var client = SocketChannel.open(listener.getLocalAddress())) {
              SocketChannel accepted = listener.accept();
              var connection =
                  loop.connectAcceptedSocket(
                      () -> new TrailProtocol("", trail), accepted, ServerOptions.DEFAULT);
              assertThat(connection.transport().getExtraInfo("peername"))
                  .isEqualTo(client.getLocalAddress());
              client.shutdownOutput();
              await(connection.protocol().lost);
              assertThat(accepted.isOpen()).isFalse();
            }
          }
        });
    assertThat(trail).containsExactly("made", "eof", "lost");
  }

  @EachEngine
  @Spec("CONN-30")
  void onlyAConnectedStreamIsAnAcceptedSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var fresh = loop.network().openSocketChannel()) {
            assertThatThrownBy(
                    () -> loop.connectAcceptedSocket(SILENT, fresh, ServerOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not connected");
          }
        });
  }
}
