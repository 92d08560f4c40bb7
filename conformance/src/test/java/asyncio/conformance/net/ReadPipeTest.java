package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.Task;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.BufferedProtocol;
import asyncio.net.ReadTransport;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** PIPE: the end of a pipe that is read. */
@Timeout(30)
class ReadPipeTest {
  @TempDir Path folder;

  @EachPipe
  @Spec({"PIPE-1", "PIPE-2"})
  void theProtocolHearsOfDataThenOfTheEndThenOfTheLoss(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events =
              new EventTrail(loop) {
                @Override
                public boolean eofReceived() {
                  super.eofReceived();
                  return true; // which a socket would take for the wish to stay open
                }
              };
          var pipe = loop.connectReadPipe(() -> events, ends.source());
          assertThat(events.trail).containsExactly("made");
          assertThat(pipe.protocol()).isSameAs(events);
          assertThat(pipe.transport()).isSameAs(events.transport);
          if (ends.source() instanceof SelectableChannel channel) {
            assertThat(channel.isBlocking()).isFalse();
          }

          ends.put("one");
          events.awaitEvent("data one");
          ends.put("two");
          events.awaitEvent("data two");
          ends.sink().close();
          events.awaitEvent("lost");
          assertThat(events.trail).containsExactly("made", "data one", "data two", "eof", "lost");
          assertThat(events.lostWith).isNull();
          assertThat(ends.source().isOpen()).isFalse();
          assertThat(pipe.transport().getProtocol()).isNull();
        });
  }

  @EachPipe
  @Spec("PIPE-2")
  void allDataPrecedesTheEnd(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          byte[] bytes = new byte[1_000_000];
          new java.util.Random(7).nextBytes(bytes);
          Thread writer =
              Thread.ofPlatform()
                  .start(() -> {
                    try {
                      ByteBuffer rest = ByteBuffer.wrap(bytes);
                      while (rest.hasRemaining()) {
                        ends.sink().write(rest);
                      }
                      ends.sink().close();
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
          var events = new EventTrail(loop);
          loop.connectReadPipe(() -> events, ends.source());
          events.awaitEvent("lost");
          assertThat(events.received.toByteArray()).isEqualTo(bytes);
          assertThat(events.trail).endsWith("data", "eof", "lost");
          writer.join();
        });
  }

  @EachPipe
  void bytesGoStraightIntoTheBufferOfABufferedProtocol(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var lost = loop.<String>createFuture();
          var protocol =
              new BufferedProtocol() {
                final ByteBuffer small = ByteBuffer.allocate(3);
                final StringBuilder text = new StringBuilder();

                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                  return small.clear();
                }

                @Override
                public void bufferUpdated(int count) {
                  text.append(new String(small.array(), 0, count, StandardCharsets.UTF_8));
                }

                @Override
                public void connectionLost(Throwable exception) {
                  lost.setResult(text.toString());
                }
              };
          loop.connectReadPipe(() -> protocol, ends.source());
          ends.put("more than it takes");
          ends.sink().close();
          assertThat(lost.await()).isEqualTo("more than it takes");
        });
  }

  @EachEngine
  @Spec("PIPE-1")
  void regularFilesAndDatagramsAreRefused(Engine engine) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "text");
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = FileChannel.open(file)) {
            assertThatThrownBy(() -> loop.connectReadPipe(() -> new EventTrail(loop), channel))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("regular file");
            assertThat(channel.isOpen()).isTrue();
          }
          try (var channel = DatagramChannel.open()) {
            assertThatThrownBy(() -> loop.connectReadPipe(() -> new EventTrail(loop), channel))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no stream of bytes");
          }
          var closed = PipeEnds.open(PipeEnds.Kind.SELECTED);
          closed.close();
          assertThatThrownBy(
                  () -> loop.connectReadPipe(() -> new EventTrail(loop), closed.source()))
              .isInstanceOf(ClosedChannelException.class);
        });
  }

  @EachEngine
  @Spec("PIPE-1")
  @DisabledOnOs(OS.WINDOWS)
  void whatIsNoPipeIsRefusedByItsPathToo(Engine engine) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "text");
    OnRealLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(() -> loop.connectReadPipe(() -> new EventTrail(loop), file))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining(file + " is no FIFO");
          assertThatThrownBy(() ->
                  loop.connectReadPipe(() -> new EventTrail(loop), folder.resolve("not there")))
              .isInstanceOf(NoSuchFileException.class);
        });
  }

  @EachEngine
  @Spec("PIPE-1")
  @DisabledOnOs(OS.WINDOWS)
  void aCharacterDeviceIsOpenedByItsPath(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var events = new EventTrail(loop);
          loop.connectReadPipe(() -> events, Path.of("/dev/null"));
          events.awaitEvent("lost");
          assertThat(events.trail).containsExactly("made", "eof", "lost");
          var zeros = new EventTrail(loop);
          var pipe = loop.connectReadPipe(() -> zeros, Path.of("/dev/zero"));
          assertThat(zeros.awaitBytes(100)).startsWith(new byte[100]);
          pipe.transport().close();
          zeros.awaitEvent("lost");
        });
  }

  @EachEngine
  @Spec("PIPE-1")
  @DisabledOnOs(OS.WINDOWS)
  void aFifoIsOpenedWhenItsOtherEndIsAndTheLoopGoesOnMeanwhile(Engine engine) throws Exception {
    Path fifo = Fifos.make(folder.resolve("fifo"));
    OnRealLoop.run(
        engine,
        loop -> {
          var reading = new EventTrail(loop);
          var opening = createTask(() -> loop.connectReadPipe(() -> reading, fifo));
          sleep(millis(0));
          assertThat(opening.isDone()).isFalse();
          var writing = new EventTrail(loop);
          var write = loop.connectWritePipe(() -> writing, fifo);
          var read = opening.await();
          write.transport().write("through it".getBytes(StandardCharsets.UTF_8));
          reading.awaitEvent("data through it");
          write.transport().close();
          reading.awaitEvent("lost");
          writing.awaitEvent("lost");
          assertThat(writing.trail).containsExactly("made", "lost");
          assertThat(read.transport().isClosing()).isTrue();
        });
  }

  @EachEngine
  @DisabledOnOs(OS.WINDOWS)
  void theOpeningOfAFifoCanBeCancelledAndLeavesNoThread(Engine engine) throws Exception {
    Path fifo = Fifos.make(folder.resolve("fifo"));
    OnRealLoop.run(
        engine,
        loop -> {
          var before = Fifos.pipeThreads();
          Task<?> opening =
              createTask(() -> {
                loop.connectReadPipe(() -> new EventTrail(loop), fifo);
              });
          sleep(millis(0));
          opening.cancel();
          assertThatThrownBy(opening::await).isInstanceOf(CancelledError.class);
          for (Thread thread : Fifos.pipeThreads()) {
            if (!before.contains(thread)) {
              thread.join(20_000);
              assertThat(thread.isAlive()).isFalse();
            }
          }
        });
  }

  @EachEngine
  @Spec("PIPE-3")
  void aReadErrorIsReportedAndEndsTheTransport(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = Loops.collectReports(loop);
          var failure = new IOException("the device is gone");
          var failing =
              new ReadableByteChannel() {
                volatile boolean closed;

                @Override
                public int read(ByteBuffer target) throws IOException {
                  throw failure;
                }

                @Override
                public boolean isOpen() {
                  return !closed;
                }

                @Override
                public void close() {
                  closed = true;
                }
              };
          loop.runUntilComplete(() -> {
            var events = new EventTrail(loop);
            var pipe = loop.connectReadPipe(() -> events, failing);
            events.awaitEvent("lost");
            assertThat(events.trail).containsExactly("made", "lost");
            assertThat(events.lostWith).isSameAs(failure);
            assertThat(failing.closed).isTrue();
            assertThat(reports).hasSize(1);
            assertThat(reports.getFirst().exception()).isSameAs(failure);
            assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isSameAs(pipe.transport());
            assertThat(reports.getFirst().get(ErrorContext.PROTOCOL)).isSameAs(events);
          });
        });
  }

  @EachEngine
  @Spec("PIPE-3")
  void aReadThatFindsNothingIsNoError(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          // Both are found readable in one poll; whichever is first takes the other's bytes.
          var pipes = List.of(Pipe.open(), Pipe.open());
          List<EventTrail> trails = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            Pipe other = pipes.get(1 - i);
            trails.add(
                new EventTrail(loop) {
                  @Override
                  public void dataReceived(ByteBuffer data) {
                    try {
                      other.source().read(ByteBuffer.allocate(100));
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                    super.dataReceived(data);
                  }
                });
          }
          for (int i = 0; i < 2; i++) {
            EventTrail trail = trails.get(i);
            loop.connectReadPipe(() -> trail, pipes.get(i).source());
          }
          sleep(millis(0));
          for (Pipe pipe : pipes) {
            pipe.sink().write(ByteBuffer.wrap(new byte[] {'x'}));
          }
          loop.callSoon(() -> {}); // nothing waits any more
          sleep(millis(1));
          sleep(millis(1));
          assertThat(trails.get(0).trail.size() + trails.get(1).trail.size()).isEqualTo(3);
          for (int i = 0; i < 2; i++) {
            pipes.get(i).sink().close();
            trails.get(i).awaitEvent("lost");
            assertThat(trails.get(i).lostWith).isNull();
          }
        });
  }

  @EachPipe
  @Spec("PIPE-5")
  void closeDiscardsWhatWasNotReadAndASecondOneDoesNothing(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          var pipe = loop.connectReadPipe(() -> events, ends.source());
          ends.put("unread");
          pipe.transport().close();
          assertThat(pipe.transport().isClosing()).isTrue();
          assertThat(events.trail).containsExactly("made");
          pipe.transport().close();
          events.awaitEvent("lost");
          pipe.transport().close();
          sleep(millis(0));
          assertThat(events.trail).containsExactly("made", "lost");
          assertThat(events.lostWith).isNull();
          assertThat(ends.source().isOpen()).isFalse();
          ends.sink().close();
        });
  }

  @EachPipe
  void pausedReadingLeavesTheBytesInThePipe(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          ReadTransport transport = loop.connectReadPipe(() -> events, ends.source()).transport();
          ends.put("one");
          events.awaitEvent("data one");
          transport.pauseReading();
          assertThat(transport.isReading()).isFalse();
          ends.put("two");
          ends.sink().close();
          for (int i = 0; i < 3; i++) {
            sleep(millis(1));
          }
          assertThat(events.trail).containsExactly("made", "data one");
          transport.resumeReading();
          events.awaitEvent("lost");
          assertThat(events.trail).containsExactly("made", "data one", "data two", "eof", "lost");
        });
  }

  @EachPipe
  void aReadPipeDoesNotWrite(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var ends = PipeEnds.open(kind)) {
            var events = new EventTrail(loop);
            loop.connectReadPipe(() -> events, ends.source());
            assertThat(events.transport.canWriteEof()).isFalse();
            assertThatThrownBy(() -> events.transport.write(new byte[1]))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("only reads");
            assertThatThrownBy(() -> events.transport.writeEof())
                .isInstanceOf(UnsupportedOperationException.class);
            assertThat(events.transport.getExtraInfo("pipe")).isSameAs(ends.source());
            assertThat(events.transport.getExtraInfo("peername", "none")).isEqualTo("none");
            events.transport.close();
            events.awaitEvent("lost");
          }
        });
  }

  @EachPipe
  @Spec("PIPE-13")
  void aStreamReaderDeliversAllAndThenTheEnd(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var reader = new StreamReader();
          loop.connectReadPipe(() -> new StreamReaderProtocol(reader), ends.source());
          ends.put("first line\nsecond");
          assertThat(reader.readUtf8Line()).isEqualTo("first line");
          ends.put(" line\nrest");
          ends.sink().close();
          assertThat(reader.readUtf8Line()).isEqualTo("second line");
          assertThat(new String(reader.readAll(), StandardCharsets.UTF_8)).isEqualTo("rest");
          assertThat(reader.atEof()).isTrue();
        });
  }

  @EachPipe
  void theCallbacksSeeTheContextOfTheCaller(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var name = new ContextVar<String>("name");
          var ends = PipeEnds.open(kind);
          var events =
              new EventTrail(loop) {
                @Override
                public void dataReceived(ByteBuffer data) {
                  add("data in " + name.get());
                }

                @Override
                public void connectionLost(Throwable exception) {
                  add("lost in " + name.get());
                }
              };
          name.set("caller");
          loop.connectReadPipe(() -> events, ends.source());
          name.set("changed");
          ends.put("x");
          ends.sink().close();
          events.awaitEvent("lost in caller");
          assertThat(events.trail)
              .containsExactly("made", "data in caller", "eof", "lost in caller");
        });
  }

  @EachPipe
  void aLoopThatIsClosedClosesItsPipes(Engine engine, PipeEnds.Kind kind) throws Exception {
    var ends = PipeEnds.open(kind);
    OnRealLoop.run(
        engine,
        loop -> {
          loop.connectReadPipe(() -> new EventTrail(loop), ends.source());
        });
    assertThat(ends.source().isOpen()).isFalse();
    ends.sink().close();
  }

  @EachEngine
  void aPipeThatNobodyReadsIsNotReadAhead(Engine engine) throws Exception {
    Path fifo = Fifos.make(folder.resolve("fifo"));
    try (var both = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      OnRealLoop.run(
          engine,
          loop -> {
            var events =
                new EventTrail(loop) {
                  @Override
                  public void dataReceived(ByteBuffer data) {
                    super.dataReceived(data);
                    transport.pauseReading();
                  }
                };
            var pipe = loop.connectReadPipe(() -> events, fifo);
            both.write(ByteBuffer.wrap("taken".getBytes(StandardCharsets.UTF_8)));
            events.awaitEvent("data taken");
            both.write(ByteBuffer.wrap("more".getBytes(StandardCharsets.UTF_8)));
            both.write(ByteBuffer.wrap(" still".getBytes(StandardCharsets.UTF_8)));
            pipe.transport().close();
            events.awaitEvent("lost");
          });
      ByteBuffer left = ByteBuffer.allocate(100);
      both.read(left);
      assertThat(new String(left.array(), 0, left.position(), StandardCharsets.UTF_8))
          .isEqualTo("more still");
    }
  }
}
