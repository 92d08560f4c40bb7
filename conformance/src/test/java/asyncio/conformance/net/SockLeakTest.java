package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.DatagramOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real descriptors of sockets and datagram endpoints: none is left, however things end. */
@EnabledOnOs(OS.LINUX)
class SockLeakTest {
  private static final int REPETITIONS = 100;

  private interface Round {
    void run(ChannelEventLoop loop) throws Exception;
  }

  private static void inManyRounds(Engine engine, Round round) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          round.run(loop); // makes what the loop keeps
          turns(3);
          List<String> before = SocketLeakTest.sockets();
          for (int i = 0; i < REPETITIONS; i++) {
            round.run(loop);
          }
          turns(3);
          assertThat(SocketLeakTest.sockets()).isEqualTo(before);
        });
  }

  private static void cancel(Task<?> task) {
    task.cancel();
    assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
  }

  @EachEngine
  @Spec({"SOCK-12", "SOCK-14"})
  void cancelledOperationsKeepNothing(Engine engine) throws Exception {
    inManyRounds(
        engine,
        loop -> {
          try (var listener = Sockets.listen();
              var pair = Sockets.pair();
              var datagrams = Sockets.datagrams()) {
            var tasks =
                List.of(
                    createTask(() -> loop.sockAccept(listener)),
                    createTask(() -> loop.sockRecv(pair.client(), 1)),
                    createTask(() -> loop.sockRecvfrom(datagrams, 1)));
            turn();
            tasks.forEach(SockLeakTest::cancel);
          }
        });
  }

  @EachEngine
  @Spec("SOCK-9")
  void failedConnectsKeepNothing(Engine engine) throws Exception {
    inManyRounds(
        engine,
        loop -> {
          SocketChannel channel = Sockets.open();
          var address = Sockets.unusedTcpAddress();
          assertThatThrownBy(() -> loop.sockConnect(channel, address))
              .isInstanceOf(ConnectException.class);
          assertThat(channel.isOpen()).isFalse();
        });
  }

  @EachEngine
  @Spec({"DG-9", "DG-21"})
  void endpointsThatAreClosedKeepNothing(Engine engine) throws Exception {
    inManyRounds(
        engine,
        loop -> {
          var options = DatagramOptions.local("127.0.0.1", 0);
          var endpoint = loop.createDatagramEndpoint(DatagramWitness::new, options);
          var own = (InetSocketAddress) endpoint.transport().getExtraInfo("sockname");
          endpoint.transport().sendTo(bytes("x"), own);
          endpoint.protocol().untilReceived(1);
          assertThatThrownBy(() ->
                  loop.createDatagramEndpoint(
                      DatagramWitness::new, DatagramOptions.local("127.0.0.1", own.getPort())))
              .isInstanceOf(IOException.class);
          endpoint.transport().close();
          var opening =
              createTask(() -> loop.createDatagramEndpoint(DatagramWitness::new, options));
          turn();
          cancel(opening);
        });
  }

  @EachEngine
  @Spec({"SENDFILE-8", "SENDFILE-15"})
  void filesThatAreNotSentToTheirEndKeepNothing(Engine engine, @TempDir Path folder)
      throws Exception {
    Path path = folder.resolve("file");
    Files.write(path, new byte[20_000_000]);
    int[] before = new int[1];
    inManyRounds(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = FileChannel.open(path)) {
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(2);
            cancel(sending);
          }
          int now = Sockets.openDescriptors();
          before[0] = before[0] == 0 ? now : before[0];
          assertThat(now).isLessThanOrEqualTo(before[0] + 2); // those closed by the next poll
        });
  }
}
