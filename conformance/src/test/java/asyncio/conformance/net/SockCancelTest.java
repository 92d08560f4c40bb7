package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static asyncio.conformance.net.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Operations that do not come to their end: SOCK-12 to SOCK-16. */
class SockCancelTest {
  private final List<String> trail = new ArrayList<>();

  private static void assertCancelled(Task<?> task) {
    assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
  }

  @EachEngine
  @Spec({"SOCK-12", "SOCK-13"})
  void receiveRightAfterACancelledOneIsNotDisturbed(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            for (int i = 0; i < 100; i++) {
              var old = createTask(() -> loop.sockRecv(pair.server(), 10));
              turn();
              old.cancel();
              var fresh = createTask(() -> text(loop.sockRecv(pair.server(), 10)));
              turn();
              pair.client().write(bytes("data"));
              assertThat(fresh.await()).isEqualTo("data");
              assertCancelled(old);
            }
          }
        });
  }

  @EachEngine
  @Spec("PROACTOR-14")
  void bufferOfACancelledReceiveIsFreeAtOnceAndTheChannelUsable(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            var old = createTask(() -> loop.sockRecvInto(pair.server(), buffer));
            turn();
            old.cancel();
            assertCancelled(old);
            pair.client().write(bytes("data"));
            turn();
            assertThat(buffer.position()).isZero();
            assertThat(buffer.array()).containsOnly(0);
            assertThat(text(loop.sockRecv(pair.server(), 10))).isEqualTo("data");
          }
        });
  }

  @EachEngine
  @Spec({"SOCK-12", "SOCK-13"})
  void receiveCancelledWhenItsDataHasComeLeavesThemToTheNext(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var old = createTask(() -> loop.sockRecv(pair.server(), 10));
            turn();
            pair.client().write(bytes("data"));
            turn(); // the poll has woken the task, whose turn comes behind ours
            assertThat(old.isDone()).isFalse();
            old.cancel();
            assertThat(text(loop.sockRecv(pair.server(), 10))).isEqualTo("data");
            assertCancelled(old);

            var next = createTask(() -> text(loop.sockRecv(pair.server(), 10)));
            turn();
            pair.client().write(bytes("more"));
            assertThat(next.await()).isEqualTo("more");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-12")
  void readerRightAfterACancelledReceiveIsNotDisturbed(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var old = createTask(() -> loop.sockRecv(pair.server(), 10));
            turn();
            old.cancel();
            loop.addReader(
                pair.server(),
                () -> {
                  trail.add("readable");
                  loop.removeReader(pair.server());
                });
            assertCancelled(old);
            pair.client().write(bytes("data"));
            while (trail.isEmpty()) {
              turn();
            }
            assertThat(trail).containsExactly("readable");
            assertThat(text(loop.sockRecv(pair.server(), 10))).isEqualTo("data");
          }
        });
  }

  @LoopTest
  @Spec("SOCK-12")
  void sendRightAfterACancelledOneIsNotDisturbed(VirtualTimeLoop loop, LoopProbe probe)
      throws IOException {
    loop.network().setBufferSizes(10, 10);
    var pair = loop.network().pair();
    try (var channel = pair.first();
        var peer = pair.second()) {
      var data = ByteBuffer.allocate(30);
      var old = createTask(() -> loop.sockSendall(channel, data));
      probe.runUntilAllBlocked();
      old.cancel();
      assertThat(data.remaining()).isEqualTo(10);
      var fresh = createTask(() -> loop.sockSendall(channel, bytes("end")));
      assertCancelled(old);
      StringBuilder received = new StringBuilder();
      while (received.length() < 23) {
        received.append(text(loop.sockRecv(peer, 100)));
      }
      fresh.await();
      assertThat(received.toString()).isEqualTo("\0".repeat(20) + "end");
    }
  }

  @LoopTest
  @Spec("SOCK-12")
  void cancelledOperationLeavesTheSelectorWithTheNextPoll(VirtualTimeLoop loop, LoopProbe probe)
      throws IOException {
    var pair = loop.network().pair();
    try (var _ = pair.first();
        var channel = pair.second()) {
      var receiving = createTask(() -> loop.sockRecv(channel, 1));
      probe.runUntilAllBlocked();
      assertThat(channel.isRegistered()).isTrue();
      receiving.cancel();
      probe.runUntilAllBlocked();
      assertThat(channel.isRegistered()).isFalse();
      channel.configureBlocking(true);
    }
  }

  @EachEngine
  @Spec("SOCK-12")
  void channelLeavesTheSelectorWithThePollAfterItsLastOperation(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var receiving = createTask(() -> loop.sockRecv(pair.server(), 1));
            turn();
            pair.client().write(bytes("x"));
            receiving.await();
            turn();
            assertThat(pair.server().isRegistered()).isFalse();
            pair.server().configureBlocking(true);
            pair.server().configureBlocking(false);
            var again = createTask(() -> loop.sockRecv(pair.server(), 1));
            turn();
            pair.client().write(bytes("y"));
            assertThat(text(again.await())).isEqualTo("y");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-14")
  void newSocketsAreNotAffectedByThoseWhoseDescriptorsTheyGet(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          int before = Sockets.openDescriptors();
          for (int i = 0; i < 200; i++) {
            var old = Sockets.pair();
            var receiving = createTask(() -> loop.sockRecv(old.server(), 1));
            loop.addReader(old.client(), () -> trail.add("reader of the old one"));
            turn();
            if (i % 2 == 0) {
              receiving.cancel();
              loop.removeReader(old.client());
              old.close();
            } else {
              loop.removeReader(old.client());
              old.close();
              assertThatThrownBy(() -> receiving.await(IOException.class))
                  .isInstanceOf(ClosedChannelException.class);
            }
            try (var fresh = Sockets.pair()) {
              fresh.client().write(bytes("new"));
              assertThat(text(loop.sockRecv(fresh.server(), 10))).isEqualTo("new");
              var next = createTask(() -> text(loop.sockRecv(fresh.server(), 10)));
              turn();
              fresh.client().write(bytes("next"));
              assertThat(next.await()).isEqualTo("next");
            }
          }
          turn();
          assertThat(trail).isEmpty();
          assertThat(Sockets.openDescriptors()).isLessThanOrEqualTo(before);
        });
  }

  @LoopTest
  @Spec("SOCK-15")
  void oneReceiveAndOneSendMayWaitAtTheSameTime(VirtualTimeLoop loop, LoopProbe probe)
      throws IOException {
    loop.network().setBufferSizes(10, 10);
    var pair = loop.network().pair();
    try (var channel = pair.first();
        var peer = pair.second()) {
      var sending = createTask(() -> loop.sockSendall(channel, new byte[100]));
      var receiving = createTask(() -> text(loop.sockRecv(channel, 10)));
      probe.runUntilAllBlocked();
      loop.sockSendall(peer, bytes("hello"));
      assertThat(receiving.await()).isEqualTo("hello");
      assertThat(sending.isDone()).isFalse();
      for (int received = 0; received < 100; ) {
        received += loop.sockRecv(peer, 100).length;
      }
      sending.await();
    }
  }

  @LoopTest
  @Spec("SOCK-15")
  void secondReceiveOrSendIsRefused(VirtualTimeLoop loop, LoopProbe probe) throws IOException {
    loop.network().setBufferSizes(10, 10);
    var pair = loop.network().pair();
    try (var channel = pair.first();
        var peer = pair.second()) {
      var sending = createTask(() -> loop.sockSendall(channel, new byte[100]));
      var receiving = createTask(() -> text(loop.sockRecv(channel, 10)));
      probe.runUntilAllBlocked();
      assertThatThrownBy(() -> loop.sockRecv(channel, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("waited for already")
          .hasMessageContaining("wait to read");
      assertThatThrownBy(() -> loop.sockSendall(channel, new byte[1]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("wait to write");
      assertThatThrownBy(() -> loop.addReader(channel, () -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("waited for already");

      peer.write(bytes("hello"));
      turn(); // now it is woken, and has not received
      assertThat(receiving.isDone()).isFalse();
      assertThatThrownBy(() -> loop.sockRecv(channel, 1)).isInstanceOf(IllegalStateException.class);
      assertThat(receiving.await()).isEqualTo("hello");
      sending.cancel();
    }
  }

  @LoopTest
  @Spec("SOCK-15")
  void receiveIsRefusedWhereAReaderIsSet(VirtualTimeLoop loop) throws IOException {
    var pair = loop.network().pair();
    try (var channel = pair.first();
        var _ = pair.second()) {
      loop.addReader(channel, () -> {});
      assertThatThrownBy(() -> loop.sockRecv(channel, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("waited for already");
      loop.sockSendall(channel, bytes("x"));
      assertThat(loop.removeReader(channel)).isTrue();
    }
  }

  @EachEngine
  @Spec("SOCK-16")
  void closingAChannelFailsWhatWaitsForIt(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var pair = Sockets.pair();
          var listener = Sockets.listen();
          var datagrams = Sockets.datagrams();
          var full = ByteBuffer.allocate(64 * 1024 * 1024);
          List<Task<?>> waiting =
              List.of(
                  createTask(() -> loop.sockRecv(pair.server(), 1)),
                  createTask(() -> loop.sockSendall(pair.server(), full)),
                  createTask(() -> loop.sockAccept(listener)),
                  createTask(() -> loop.sockRecvfrom(datagrams, 1)));
          turn();
          turn();
          loop.callSoon(() -> {
            try {
              pair.close();
              listener.close();
              datagrams.close();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
          for (Task<?> task : waiting) { // nothing else wakes the loop
            assertThatThrownBy(() -> task.await(IOException.class))
                .isInstanceOf(ClosedChannelException.class);
          }
        });
  }

  @LoopTest
  @Spec("SOCK-16")
  void closingAChannelFailsItsConnect(VirtualTimeLoop loop, LoopProbe probe) throws IOException {
    var client = loop.network().openSocketChannel();
    client.configureBlocking(false);
    var address = new InetSocketAddress("192.0.2.1", 80);
    loop.network().at(address).setConnectDelay(Duration.ofDays(1));
    var connecting = createTask(() -> loop.sockConnect(client, address));
    probe.runUntilAllBlocked();
    client.close();
    assertThatThrownBy(() -> connecting.await(IOException.class))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(loop.time()).isZero();
  }

  @EachEngine
  @Spec("SOCK-16")
  void operationOnAClosedChannelFails(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var pair = Sockets.pair();
          pair.close();
          assertThatThrownBy(() -> loop.sockRecv(pair.server(), 1))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> loop.sockSendall(pair.server(), new byte[1]))
              .isInstanceOf(ClosedChannelException.class);
        });
  }
}
