package asyncio.conformance;

import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Handle;
import asyncio.Instrument;
import asyncio.LoopKind;
import asyncio.conformance.LoopIterationTest.ReadablePipe;
import asyncio.conformance.Loops.Background;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Callbacks of channels: addReader, addWriter and their removers. */
class ReadinessTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"SOCK-17", "SOCK-19"})
  void readerRunsInEachIterationUntilItIsRemoved(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            loop.addReader(pipe.source, () -> trail.add("readable"));
            runOnce(loop);
            assertThat(trail).isEmpty();

            pipe.makeReadable();
            runOnce(loop);
            runOnce(loop);
            assertThat(trail).containsExactly("readable", "readable");

            pipe.read();
            runOnce(loop);
            assertThat(trail).hasSize(2);

            pipe.makeReadable();
            assertThat(loop.removeReader(pipe.source)).isTrue();
            runOnce(loop);
            assertThat(trail).hasSize(2);
            assertThat(loop.removeReader(pipe.source)).isFalse();

            // The loop has let go of the channel, which can come back, or go elsewhere.
            pipe.source.configureBlocking(true);
            pipe.source.configureBlocking(false);
            loop.addReader(pipe.source, () -> trail.add("again"));
            runOnce(loop);
            assertThat(trail).endsWith("readable", "again");
          }
        });
  }

  @EachEngine
  @Spec({"SOCK-17", "SOCK-18", "SOCK-19"})
  void secondReaderReplacesTheFirstAndTheWriterIsIndependent(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var server = listen();
              var client = SocketChannel.open(server.getLocalAddress());
              var accepted = server.accept()) {
            client.configureBlocking(false);
            accepted.write(ByteBuffer.wrap(new byte[1]));
            loop.addReader(client, () -> trail.add("reader 1"));
            loop.addWriter(client, () -> trail.add("writer"));
            loop.addReader(client, () -> trail.add("reader 2"));
            awaitIteration(loop, () -> trail.contains("reader 2"));
            assertThat(trail).contains("writer").doesNotContain("reader 1");

            assertThat(loop.removeReader(client)).isTrue();
            trail.clear();
            runOnce(loop);
            assertThat(trail).containsExactly("writer");
            assertThat(loop.removeWriter(client)).isTrue();
            assertThat(loop.removeWriter(client)).isFalse();
            runOnce(loop);
            assertThat(trail).containsExactly("writer");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-20")
  void readerRemovedEarlierInItsIterationDoesNotRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var one = new ReadablePipe();
              var other = new ReadablePipe()) {
            one.makeReadable();
            other.makeReadable();
            // Whichever of the two is first removes the other.
            loop.addReader(
                one.source, () -> trail.add("ran, removed: " + loop.removeReader(other.source)));
            loop.addReader(
                other.source, () -> trail.add("ran, removed: " + loop.removeReader(one.source)));
            runOnce(loop);
            assertThat(trail).containsExactly("ran, removed: true");
          }
        });
  }

  @EachEngine
  @Spec("CB-14")
  void cancelledReaderIsNotQueuedAndNoLongerPolled(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            pipe.makeReadable();
            Handle[] reader = new Handle[1];
            loop.addInstrument(
                new Instrument() {
                  @Override
                  public void callbackBegun(Handle handle) {
                    reader[0] = handle;
                    trail.add("begun");
                  }
                });
            loop.addReader(pipe.source, () -> {});
            runOnce(loop);
            assertThat(trail).containsExactly("begun");

            reader[0].cancel();
            runOnce(loop);
            assertThat(trail).containsExactly("begun");
            assertThat(loop.removeReader(pipe.source)).as("it is registered no longer").isFalse();
          }
        });
  }

  @EachEngine
  void endOfAConnectIsWriteReadinessAndAcceptIsReadReadiness(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var server = listen();
              var client = SocketChannel.open()) {
            server.configureBlocking(false);
            client.configureBlocking(false);
            loop.addReader(server, () -> trail.add("acceptable"));
            assertThat(client.connect(server.getLocalAddress())).isFalse();
            loop.addWriter(
                client,
                () -> {
                  finishConnect(client);
                  trail.add("connected");
                  loop.removeWriter(client);
                });
            awaitIteration(loop, () -> trail.contains("connected"));

            // Connected, with a writer again: ordinary write readiness, and no spinning on the old
            // one.
            loop.addWriter(client, () -> trail.add("writable"));
            awaitIteration(loop, () -> trail.contains("writable"));
            assertThat(trail).contains("acceptable");
            loop.removeWriter(client);
            loop.removeReader(server);
            int[] iterations = new int[1];
            loop.addInstrument(
                new Instrument() {
                  @Override
                  public void iterationBegun(EventLoop of) {
                    iterations[0]++;
                  }
                });
            loop.callLater(Duration.ofMillis(20), loop::stop);
            loop.runForever();
            assertThat(iterations[0]).isLessThan(5);
          }
        });
  }

  @EachEngine
  void writerThatStaysThroughAConnectSeesWriteReadiness(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var server = listen();
              var client = SocketChannel.open()) {
            client.configureBlocking(false);
            assertThat(client.connect(server.getLocalAddress())).isFalse();
            loop.addWriter(
                client,
                () -> {
                  trail.add(client.isConnected() ? "writable" : "connected");
                  finishConnect(client);
                });
            awaitIteration(loop, () -> trail.contains("writable"));
            assertThat(trail).containsSubsequence("connected", "writable");
          }
        });
  }

  @EachEngine
  void channelClosedBehindTheLoopCallsItsReaderOnceMore(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe();
              var other = new ReadablePipe()) {
            List<ErrorContext> reports = collectReports(loop);
            loop.addReader(other.source, () -> trail.add("other"));
            loop.addReader(
                pipe.source,
                () -> {
                  trail.add("told");
                  pipe.read();
                });
            pipe.source.close();
            for (int i = 0; i < 4; i++) {
              runOnce(loop);
            }
            assertThat(trail).containsExactly("told");
            assertThat(reports).hasSize(1);
            assertThat(reports.getFirst().exception())
                .hasCauseInstanceOf(ClosedChannelException.class);
            assertThat(loop.removeReader(pipe.source)).isFalse();
          }
        });
  }

  @EachEngine
  void closedChannelIsReallyClosedWhenTheRunEnds(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var server = listen();
          server.configureBlocking(false);
          var address = (InetSocketAddress) server.getLocalAddress();
          loop.addReader(server, () -> {});
          runOnce(loop);
          loop.callSoon(() -> {
            loop.removeReader(server);
            close(server);
          });
          runOnce(loop);

          assertThatThrownBy(() -> SocketChannel.open(address).close())
              .isInstanceOf(SocketException.class);
        });
  }

  @EachEngine
  void closedChannelIsFlushedEvenBehindEndlessWork(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var server = listen();
          server.configureBlocking(false);
          var address = (InetSocketAddress) server.getLocalAddress();
          loop.addReader(server, () -> {});
          runOnce(loop);
          loop.callSoon(() -> {
            close(server);
            loop.callSoon(() -> { // after one more poll, which had ready work
              assertThatThrownBy(() -> SocketChannel.open(address).close())
                  .isInstanceOf(SocketException.class);
              trail.add("refused");
            });
          });
          loop.callSoon(() -> loop.callSoon(loop::stop));
          loop.runForever();
          assertThat(trail).containsExactly("refused");
        });
  }

  @EachEngine
  void callbackRunsInOneContextTheCopyOfItsRegistration(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            var name = new ContextVar<String>("name");
            pipe.makeReadable();
            loop.callSoon(() -> {
              name.set("registered");
              loop.addReader(
                  pipe.source,
                  () -> {
                    trail.add(name.get());
                    name.set("second");
                  });
            });
            runOnce(loop);
            runOnce(loop);
            runOnce(loop);
            assertThat(trail).containsExactly("registered", "second");
          }
        });
  }

  @EachEngine
  @Spec("SOCK-21")
  void refusesWhatCannotBeWaitedFor(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var blocking = listen()) {
            assertThatThrownBy(() -> loop.addReader(blocking, () -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blocking mode");
          }
          var closed = listen();
          closed.configureBlocking(false);
          closed.close();
          assertThatThrownBy(() -> loop.addReader(closed, () -> {}))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("closed");
          Snippet.rejects("EventLoop loop = null; loop.addReader(\"no channel\", () -> {});");
        });
  }

  @EachEngine
  void channelClosedWhileTheLoopWaitsForNothingElseCallsItsReader(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var pipe = new ReadablePipe();
          loop.addReader(pipe.source, loop::stop);
          loop.callSoon(() -> loop.callSoon(() -> close(pipe.source)));
          loop.runForever();
          pipe.sink.close();
        });
  }

  @EachEngine
  @Spec("SOCK-23")
  void closedLoopTakesNoCallbacksAndHasNoneToRemove(Engine engine) throws Exception {
    try (var pipe = new ReadablePipe()) {
      var loop = LoopKind.preferred().newLoop(engine);
      loop.addReader(pipe.source, () -> {});
      loop.close();
      assertRefused("Event loop is closed", () -> loop.addReader(pipe.source, () -> {}));
      assertRefused("Event loop is closed", () -> loop.addWriter(pipe.source, () -> {}));
      assertThat(loop.removeReader(pipe.source)).isFalse();
      assertThat(loop.removeWriter(pipe.source)).isFalse();
    }
  }

  @EachEngine
  @Spec({"SOCK-24", "PROACTOR-15"})
  void whatWakesTheLoopIsInternalAndClosedWithIt(Engine engine) throws Exception {
    int before = descriptors();
    var wakeUps =
        new Object() {
          int heard;
        };
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          void wakeForNothing() {
            wakeUp();
          }
        };
    try {
      loop.wakeForNothing(); // also while nobody waits
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 1000; i++) {
                  loop.wakeForNothing();
                  loop.callSoonThreadsafe(() -> wakeUps.heard++);
                }
                loop.callSoonThreadsafe(loop::stop);
              });
      loop.runForever();
      other.join();
      assertThat(wakeUps.heard).isEqualTo(1000);
    } finally {
      loop.close();
    }
    loop.wakeForNothing(); // one that comes late
    assertThat(descriptors()).isLessThanOrEqualTo(before);
  }

  /** Before it waits it looks for channels that were closed, which takes wake-ups up. */
  @EachEngine
  void wakeUpIsHeardByALoopThatHasChannels(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            loop.addReader(pipe.source, () -> {});
            try (var _ = new Background(loop)) {
              var run = new Semaphore(0);
              for (int i = 0; i < 2000; i++) {
                loop.callSoonThreadsafe(run::release);
                assertThat(run.tryAcquire(20, TimeUnit.SECONDS)).as("wake-up %d", i).isTrue();
              }
            }
            loop.removeReader(pipe.source);
          }
        });
  }

  /** How many descriptors this process has open; 0 where the system does not show it. */
  private static int descriptors() {
    String[] open = new java.io.File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  private static ServerSocketChannel listen() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void finishConnect(SocketChannel client) {
    try {
      client.finishConnect();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Runs iterations until the condition holds; the kernel may need a moment between two ends of a
   * connection.
   */
  private static void awaitIteration(EventLoop loop, java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      runOnce(loop);
    }
  }
}
