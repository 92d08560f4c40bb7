package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Payload.assertInOrder;
import static asyncio.conformance.net.Sockets.bytes;
import static asyncio.conformance.net.Sockets.text;
import static asyncio.conformance.net.Turns.turn;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.SendfileNotAvailableException;
import asyncio.net.SendfileOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on sockets of the program's: SENDFILE-9 to SENDFILE-15. */
class SockSendfileTest {
  private static final int SIZE = 1_500_000;
  private static final SendfileOptions ALL = SendfileOptions.DEFAULT;

  private Path path;

  @BeforeEach
  void writeFile(@TempDir Path folder) throws IOException {
    path = folder.resolve("file");
    Files.write(path, Payload.part(0, SIZE));
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(path);
  }

  /** Reads up to the end-of-file. */
  private static Task<byte[]> receiveAll(EventLoop loop, SocketChannel channel) {
    return loop.createTask(() -> {
      var received = new ByteArrayOutputStream();
      for (; ; ) {
        byte[] bytes = loop.sockRecv(channel, 100_000);
        if (bytes.length == 0) {
          return received.toByteArray();
        }
        received.writeBytes(bytes);
      }
    });
  }

  @EachEngine
  @Spec({"SENDFILE-9", "SENDFILE-2"})
  void fileIsSentAndItsPositionIsBehindIt(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            file.position(77); // does not matter
            var received = receiveAll(loop, pair.server());
            assertThat(loop.sockSendfile(pair.client(), file)).isEqualTo(SIZE);
            assertThat(file.position()).isEqualTo(SIZE);
            pair.client().shutdownOutput();
            assertInOrder(received.await(), SIZE);
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-9", "SENDFILE-2"})
  void partOfAFileIsSent(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            var received = receiveAll(loop, pair.server());
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(1000).withCount(2000)))
                .isEqualTo(2000);
            assertThat(file.position()).isEqualTo(3000);
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(SIZE - 10)))
                .isEqualTo(10);
            assertThat(
                    loop.sockSendfile(
                        pair.client(), file, ALL.withOffset(SIZE - 5).withCount(Long.MAX_VALUE)))
                .isEqualTo(5);
            pair.client().shutdownOutput();
            byte[] bytes = received.await();
            assertThat(bytes).hasSize(2015).startsWith(Payload.part(1000, 2000));
            assertThat(bytes).endsWith(Payload.part(SIZE - 5, 5));
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-9")
  void fileGoesBetweenOtherSends(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            var received = receiveAll(loop, pair.server());
            loop.sockSendall(pair.client(), bytes("before"));
            loop.sockSendfile(pair.client(), file);
            loop.sockSendall(pair.client(), bytes("after"));
            pair.client().shutdownOutput();
            byte[] bytes = received.await();
            assertThat(bytes).startsWith(bytes("before").array()).endsWith(bytes("after").array());
            assertInOrder(Arrays.copyOfRange(bytes, 6, 6 + SIZE), SIZE);
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-10", "SENDFILE-13"})
  void fallbackReadsLargeBlocksInTheExecutor(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var received = receiveAll(loop, pair.server());
            var file = new BytesChannel(Payload.part(0, SIZE));
            assertThat(loop.sockSendfile(pair.client(), file)).isEqualTo(SIZE);
            assertThat(file.position()).isEqualTo(SIZE);
            assertThat(file.asked).containsOnly(256 * 1024);
            pair.client().shutdownOutput();
            assertInOrder(received.await(), SIZE);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-10")
  void fallbackHonoursOffsetAndCount(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var received = receiveAll(loop, pair.server());
            var file = new BytesChannel(Payload.part(0, SIZE));
            var options = ALL.withOffset(1000).withCount(300_000);
            assertThat(loop.sockSendfile(pair.client(), file, options)).isEqualTo(300_000);
            assertThat(file.position()).isEqualTo(301_000);
            assertThat(file.asked).containsExactly(256 * 1024, 300_000 - 256 * 1024);
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(SIZE - 3)))
                .isEqualTo(3);
            pair.client().shutdownOutput();
            assertThat(received.await())
                .hasSize(300_003)
                .startsWith(Payload.part(1000, 300_000))
                .endsWith(Payload.part(SIZE - 3, 3));
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-11")
  void nothingIsSentOfAnEmptyFileOrFromItsEnd(Engine engine) throws Exception {
    Path empty = path.resolveSibling("empty");
    Files.createFile(empty);
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var emptyFile = FileChannel.open(empty);
              var file = open()) {
            assertThat(loop.sockSendfile(pair.client(), emptyFile)).isZero();
            assertThat(loop.sockSendfile(pair.client(), new BytesChannel(new byte[0]))).isZero();
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(SIZE))).isZero();
            assertThat(file.position()).isEqualTo(SIZE);
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(SIZE + 1L))).isZero();
            pair.client().shutdownOutput();
            assertThat(loop.sockRecv(pair.server(), 1)).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-12")
  void wrongArgumentsAreRefusedFirst(Engine engine) throws Exception {
    assertThatThrownBy(() -> ALL.withOffset(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset must be a non-negative integer");
    for (long count : new long[] {0, -1}) {
      assertThatThrownBy(() -> ALL.withCount(count))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("count must be a positive integer");
    }
    OnRealLoop.run(
        engine,
        loop -> {
          try (var blocking = SocketChannel.open();
              var file = open()) {
            assertThatThrownBy(() -> loop.sockSendfile(blocking, file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the socket must be non-blocking");
          }
          try (var pair = Sockets.pair();
              var writeOnly = FileChannel.open(path, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> loop.sockSendfile(pair.client(), writeOnly))
                .isInstanceOf(NonReadableChannelException.class);
          }
        });
  }

  @Test
  @Spec("SENDFILE-12")
  void kindsOfArgumentsAreTheCompilers() {
    String before =
        "EventLoop loop = null; java.nio.channels.SocketChannel stream = null;"
            + " java.nio.channels.FileChannel file = null; try { ";
    String after = " } catch (java.io.IOException e) {}";
    Snippet.accepts(before + "loop.sockSendfile(stream, file);" + after);
    Snippet.rejects(before + "loop.sockSendfile(stream, \"text\");" + after);
    Snippet.rejects(
        before
            + "java.nio.channels.DatagramChannel datagrams = null;"
            + " loop.sockSendfile(datagrams, file);"
            + after);
    Snippet.rejects("asyncio.net.SendfileOptions.DEFAULT.withCount(1.5);");
    Snippet.rejects("asyncio.net.SendfileOptions.DEFAULT.withOffset(\"1\");");
  }

  @EachEngine
  @Spec("SENDFILE-13")
  void fileThatIsNotRealNeedsTheFallback(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var file = new BytesChannel(new byte[10]);
            assertThatThrownBy(
                    () -> loop.sockSendfile(pair.client(), file, ALL.withFallback(false)))
                .isInstanceOf(SendfileNotAvailableException.class)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("allow the fallback");
            assertThat(file.asked).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-13")
  void fifoIsSentAsItComes(Engine engine) throws Exception {
    Path fifo = path.resolveSibling("fifo");
    new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var both =
                  FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            both.write(bytes("through a pipe"));
            assertThatThrownBy(
                    () -> loop.sockSendfile(pair.client(), both, ALL.withFallback(false)))
                .isInstanceOf(SendfileNotAvailableException.class);
            assertThat(loop.sockSendfile(pair.client(), both, ALL.withCount(14))).isEqualTo(14);
            assertThat(text(loop.sockRecv(pair.server(), 100))).isEqualTo("through a pipe");
            assertThatThrownBy(() -> loop.sockSendfile(pair.client(), both, ALL.withOffset(1)))
                .isInstanceOf(IOException.class);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-14")
  void errorOfTheFirstCallMeansThatItIsNotAvailable(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = new ScriptedFile(open())) {
            file.goodTransfers = 0;
            assertThatThrownBy(
                    () -> loop.sockSendfile(pair.client(), file, ALL.withFallback(false)))
                .isInstanceOf(SendfileNotAvailableException.class)
                .hasCause(file.failure);
            assertThat(file.reads).isZero();

            var received = receiveAll(loop, pair.server());
            assertThat(loop.sockSendfile(pair.client(), file)).isEqualTo(SIZE);
            assertThat(file.reads).isPositive();
            pair.client().shutdownOutput();
            assertInOrder(received.await(), SIZE);
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-14", "SENDFILE-2"})
  void errorAfterSomeBytesIsRaisedAsItIs(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = new ScriptedFile(open())) {
            file.goodTransfers = 2;
            file.mostAtOnce = 1000;
            file.readFails = true;
            assertThatThrownBy(() -> loop.sockSendfile(pair.client(), file)).isSameAs(file.failure);
            assertThat(file.position()).isEqualTo(2000);
            pair.client().shutdownOutput();
            assertInOrder(receiveAll(loop, pair.server()).await(), 2000);
          }
        });
  }

  @EachEngine
  @Spec({"SENDFILE-15", "SENDFILE-2"})
  void cancelledCallLeavesThePositionBehindWhatWasSent(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(3);
            sending.cancel();
            assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
            turn();
            assertThat(pair.client().isRegistered()).isFalse();
            long sent = file.position();
            assertThat(sent).isPositive();

            var received = receiveAll(loop, pair.server());
            assertThat(loop.sockSendfile(pair.client(), file, ALL.withOffset(sent)))
                .isEqualTo(SIZE - sent);
            pair.client().shutdownOutput();
            assertInOrder(received.await(), SIZE);
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-15")
  void cancelledCallPutsThePositionBackThatARunningReadMoves(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair()) {
            var reading = new CountDownLatch(1);
            var mayRead = new CountDownLatch(1);
            var done = new CountDownLatch(1);
            var file =
                new BytesChannel(new byte[100]) {
                  @Override
                  public int read(ByteBuffer target) throws IOException {
                    reading.countDown();
                    await(mayRead);
                    return super.read(target);
                  }

                  @Override
                  public BytesChannel position(long position) throws IOException {
                    super.position(position);
                    if (mayRead.getCount() == 0) {
                      done.countDown();
                    }
                    return this;
                  }
                };
            var sending =
                createTask(() -> loop.sockSendfile(pair.client(), file, ALL.withOffset(7)));
            turn();
            await(reading);
            sending.cancel();
            assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
            mayRead.countDown();
            await(done);
            assertThat(file.position()).isEqualTo(7);
          }
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @EachEngine
  @Spec("SENDFILE-8")
  void peerThatIsGoneIsAnErrorOfTheConnection(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(3);
            pair.server().close(); // with data unread: a reset
            assertThatThrownBy(() -> sending.await(IOException.class))
                .isInstanceOf(BrokenPipeException.class);
            assertThat(file.position()).isPositive().isLessThan(SIZE);
            assertThat(file.isOpen()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec("SENDFILE-15")
  void closingTheSocketEndsTheCall(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(3);
            pair.client().close();
            assertThatThrownBy(() -> sending.await(IOException.class))
                .isInstanceOf(ClosedChannelException.class);
            assertThat(file.position()).isPositive().isLessThan(SIZE);
          }
        });
  }

  @EachEngine
  void fileThatShrinksMeanwhileEndsWhereItEnds(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file =
                  FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(3);
            file.truncate(1000);
            var received = receiveAll(loop, pair.server());
            long sent = sending.await();
            assertThat(sent).isLessThan(SIZE);
            assertThat(file.position()).isLessThanOrEqualTo(sent);
            pair.client().shutdownOutput();
            assertThat(received.await()).hasSize((int) sent);
          }
        });
  }

  @EachEngine
  void interruptFlagThatIsSetClosesNothing(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            var small = ALL.withCount(1000); // does not suspend, which would take the flag
            Thread.currentThread().interrupt();
            assertThat(loop.sockSendfile(pair.client(), file, small)).isEqualTo(1000);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.isOpen()).isTrue();
            assertThat(pair.client().isOpen()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec("SOCK-15")
  void secondSendIsRefusedWhileTheFileWaits(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var pair = Sockets.pair();
              var file = open()) {
            pair.client().setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
            var sending = createTask(() -> loop.sockSendfile(pair.client(), file));
            turns(3);
            assertThatThrownBy(() -> loop.sockSendall(pair.client(), new byte[1]))
                .isInstanceOf(IllegalStateException.class);
            sending.cancel();
          }
        });
  }
}
