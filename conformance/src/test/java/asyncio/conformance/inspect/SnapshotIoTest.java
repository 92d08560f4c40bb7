package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createSubprocessExec;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.inspect.Snapshot;
import asyncio.inspect.TaskInfo;
import asyncio.inspect.TaskState;
import asyncio.inspect.WaitInfo;
import asyncio.inspect.WaitKind;
import asyncio.net.SocketLoop;
import asyncio.process.ProcessOptions;
import asyncio.process.Subprocess;
import asyncio.sync.Event;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a snapshot says of waits for sockets, streams and subprocesses. */
class SnapshotIoTest {

  /** What {@code code} waits for, once it waits; then it is cancelled. */
  private static WaitInfo waitOf(LoopProbe probe, Action code) {
    Task<?> task = createTask(code, TaskOptions.named("waiter"));
    WaitInfo wait = null;
    while (wait == null) {
      sleep(seconds(0));
      for (TaskInfo info : Snapshot.of(probe.loop()).tasks()) {
        if (info.name().equals("waiter") && info.state() == TaskState.WAITING) {
          wait = info.waitsFor().getFirst();
        }
      }
    }
    end(task);
    return wait;
  }

  private static void end(Task<?> task) {
    task.cancel();
    try {
      await(task);
    } catch (CancelledError expected) {
      // we asked for it
    }
  }

  private static ServerSocketChannel listen() throws Exception {
    var server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server.configureBlocking(false);
    return server;
  }

  private static SocketLoop loopOf(LoopProbe probe) {
    return probe.loop();
  }

  @LoopTest(realTime = true)
  void socketsSayWhatIsDoneWithThemAndWhose(LoopProbe probe) throws Exception {
    try (var listener = listen();
        var client = SocketChannel.open(listener.getLocalAddress())) {
      client.configureBlocking(false);
      SocketLoop loop = loopOf(probe);

      WaitInfo read = waitOf(probe, () -> loop.sockRecv(client, 10));
      assertThat(read.kind()).isEqualTo(WaitKind.SOCKET_READ);
      assertThat(read.text())
          .startsWith("socket read ")
          .contains(":" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
      assertThat(read.id()).isEqualTo("0x" + Integer.toHexString(System.identityHashCode(client)));

      WaitInfo write = waitOf(probe, () -> loop.sockSendall(client, ByteBuffer.allocate(64 << 20)));
      assertThat(write.kind()).isEqualTo(WaitKind.SOCKET_WRITE);
      assertThat(write.text()).startsWith("socket write ");

      SocketChannel server = listener.accept();
      WaitInfo accept = waitOf(probe, () -> loop.sockAccept(listener));
      assertThat(accept.kind()).isEqualTo(WaitKind.SOCKET_ACCEPT);
      assertThat(accept.text()).startsWith("socket accept ");
      server.close();
    }
  }

  @LoopTest(realTime = true)
  void streamsNameTheirPeer(LoopProbe probe) throws Exception {
    Event end = new Event();
    var server =
        startServer(
            (reader, writer) -> {
              end.await(); // reads nothing
              writer.close();
            },
            "127.0.0.1",
            0);
    InetSocketAddress address = (InetSocketAddress) server.sockets().getFirst().getsockname();
    var streams = openConnection("127.0.0.1", address.getPort());
    String peer = " with /127.0.0.1:" + address.getPort();

    WaitInfo read = waitOf(probe, () -> streams.reader().readLine());
    assertThat(read.kind()).isEqualTo(WaitKind.STREAM_READ);
    assertThat(read.text()).isEqualTo("stream data" + peer);

    streams.writer().write(new byte[64 << 20]);
    WaitInfo drain = waitOf(probe, () -> streams.writer().drain());
    assertThat(drain.kind()).isEqualTo(WaitKind.STREAM_DRAIN);
    assertThat(drain.text()).isEqualTo("stream drain" + peer);

    WaitInfo close = waitOf(probe, () -> streams.writer().waitClosed());
    assertThat(close.kind()).isEqualTo(WaitKind.STREAM_CLOSE);
    assertThat(close.text()).isEqualTo("stream close" + peer);

    end.set();
    streams.writer().transport().abort();
    WaitInfo serve = waitOf(probe, server::serveForever);
    assertThat(serve.kind()).isEqualTo(WaitKind.STREAM_CLOSE);
    assertThat(serve.text()).startsWith("end of <Server");
  }

  @EnabledOnOs({OS.LINUX, OS.MAC})
  @LoopTest(realTime = true)
  void subprocessIsNamedByItsNumber(LoopProbe probe) throws Exception {
    try (Subprocess child = createSubprocessExec(List.of("cat"), ProcessOptions.PIPES)) {
      WaitInfo wait = waitOf(probe, child::waitForExit);
      assertThat(wait.kind()).isEqualTo(WaitKind.PROCESS);
      assertThat(wait.text()).isEqualTo("process end " + child.pid());

      WaitInfo output = waitOf(probe, () -> child.stdout().readLine());
      assertThat(output.kind()).isEqualTo(WaitKind.STREAM_READ);
      child.communicate();
    }
    probe.runUntilAllBlocked(); // the end of its transport
  }

  @LoopTest
  void connectionThatIsBeingMadeNamesItsAddress(LoopProbe probe, MemoryNetwork network)
      throws Exception {
    network.everywhere().setConnectDelay(seconds(5));
    try (var _ = startServer((_, writer) -> writer.close(), "127.0.0.1", 80)) {
      WaitInfo wait = waitOf(probe, () -> openConnection("127.0.0.1", 80));
      assertThat(wait.kind()).isEqualTo(WaitKind.SOCKET_CONNECT);
      assertThat(wait.text()).isEqualTo("connection to /127.0.0.1:80");
    }
  }
}
