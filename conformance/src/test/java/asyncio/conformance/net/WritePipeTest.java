package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Spec;
import asyncio.net.BrokenPipeException;
import asyncio.net.FlowControl;
import asyncio.net.StreamWriter;
import asyncio.net.WriteTransport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PIPE: the end of a pipe that is written. */
@Timeout(30)
class WritePipeTest {
  /** More than any pipe or pair of sockets holds. */
  private static final int MUCH = 20_000_000;

  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads on a thread of its own what the other end has until its end, or so many bytes. */
  private static String drain(EventLoop loop, PipeEnds ends, int count) {
    Callable<String> reading =
        () -> {
          var text = new StringBuilder();
          while (text.length() < count) {
            String some = ends.get(Math.min(100_000, count - text.length()));
            if (some.isEmpty()) {
              break;
            }
            text.append(some);
          }
          return text.toString();
        };
    return loop.runInExecutor(null, reading).await();
  }

  private static WriteTransport connect(EventLoop loop, EventTrail events, PipeEnds ends)
      throws IOException {
    return loop.connectWritePipe(() -> events, ends.sink()).transport();
  }

  @EachPipe
  @Spec({"PIPE-1", "PIPE-6"})
  void whatIsWrittenArrivesAndTheProtocolHearsOfTheLoss(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          var pipe = loop.connectWritePipe(() -> events, ends.sink());
          assertThat(events.trail).containsExactly("made");
          assertThat(pipe.protocol()).isSameAs(events);
          if (ends.sink() instanceof SelectableChannel channel) {
            assertThat(channel.isBlocking()).isFalse();
          }
          pipe.transport().write(bytes("one "));
          pipe.transport().write(bytes("two "));
          assertThat(drain(loop, ends, 8)).isEqualTo("one two ");
          pipe.transport().write(bytes("three"));
          pipe.transport().close();
          pipe.transport().close();
          assertThat(drain(loop, ends, 100)).isEqualTo("three");
          events.awaitEvent("lost");
          assertThat(events.trail).containsExactly("made", "lost");
          assertThat(events.lostWith).isNull();
          assertThat(ends.sink().isOpen()).isFalse();
          assertThat(pipe.transport().getExtraInfo("pipe")).isSameAs(ends.sink());
          ends.source().close();
        });
  }

  @EachEngine
  @Spec("PIPE-1")
  void aRegularFileIsRefused(Engine engine) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "text");
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> loop.connectWritePipe(() -> new EventTrail(loop), channel))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("regular file");
          }
        });
  }

  @EachPipe
  @Spec("PIPE-7")
  void writeEofSendsAllAndClosesThePipe(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          assertThat(transport.canWriteEof()).isTrue();
          transport.write(new byte[MUCH]);
          assertThat(transport.getWriteBufferSize()).isPositive();
          transport.writeEof();
          transport.writeEof();
          assertThat(transport.isClosing()).isTrue();
          assertThat(drain(loop, ends, MUCH + 1)).hasSize(MUCH);
          events.awaitEvent("lost");
          assertThat(events.lostWith).isNull();
          assertThat(ends.sink().isOpen()).isFalse();
          ends.source().close();
        });
  }

  @EachPipe
  @Spec("PIPE-8")
  void aFullPipePausesTheProtocolAndResumesItAtTheLowMark(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          long[] sizeAtResume = {-1};
          var events =
              new EventTrail(loop) {
                @Override
                public void resumeWriting() {
                  sizeAtResume[0] = transport.getWriteBufferSize();
                  super.resumeWriting();
                }
              };
          WriteTransport transport = connect(loop, events, ends);
          transport.setWriteBufferLimits(1_000_000, 2_000_000);
          transport.write(new byte[MUCH]);
          assertThat(events.trail).containsExactly("made", "pause");
          var reading = createTask(() -> drain(loop, ends, MUCH));
          events.awaitEvent("resume");
          assertThat(sizeAtResume[0]).isBetween(1L, 1_000_000L);
          assertThat(reading.await()).hasSize(MUCH);
          assertThat(events.trail).containsExactly("made", "pause", "resume");
          transport.close();
          events.awaitEvent("lost");
          ends.source().close();
        });
  }

  @EachPipe
  @Spec({"PIPE-9", "PIPE-10"})
  void theLossOfTheReaderIsNoticedAtOnceWhileBytesWait(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          transport.write(new byte[MUCH]);
          sleep(millis(1));
          ends.source().close();
          events.awaitEvent("lost");
          assertThat(events.lostWith).isInstanceOf(BrokenPipeException.class);
          assertThat(events.trail).containsExactly("made", "pause", "lost");
          assertThat(transport.getWriteBufferSize()).isZero();
        });
  }

  @EachPipe
  @Spec({"PIPE-9", "PIPE-10"})
  void withNothingToSendItIsNoticedAtTheNextWrite(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          ends.source().close();
          if (kind == PipeEnds.Kind.SOCKET) { // which says so itself
            events.awaitEvent("lost");
            assertThat(events.lostWith).isNull();
          } else {
            transport.write(bytes("nobody reads this"));
            events.awaitEvent("lost");
            assertThat(events.lostWith).isInstanceOf(BrokenPipeException.class);
            assertThat(events.lostWith.getCause()).isInstanceOf(IOException.class);
          }
          for (int i = 0; i < 4; i++) {
            transport.write(bytes("dropped"));
          }
          assertThat(events.trail).containsExactly("made", "lost");
        });
  }

  @EachEngine
  @Spec("PIPE-10")
  void fromTheFifthDroppedWriteOnThereIsAWarning(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(PipeEnds.Kind.SELECTED);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          ends.source().close();
          transport.write(bytes("breaks it"));
          events.awaitEvent("lost");
          try (var log = new LogCapture()) {
            for (int i = 0; i < 4; i++) {
              transport.write(bytes("dropped"));
            }
            assertThat(log.texts(Level.WARNING)).isEmpty();
            transport.write(bytes("dropped"));
            transport.write(bytes("dropped"));
            assertThat(log.texts(Level.WARNING)).hasSize(2);
          }
        });
  }

  @EachPipe
  @Spec("PIPE-11")
  void whatIsWrittenAfterCloseIsDroppedAlsoWhileItStillFlushes(Engine engine, PipeEnds.Kind kind)
      throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          transport.write(new byte[MUCH]);
          transport.close();
          long size = transport.getWriteBufferSize();
          transport.write(bytes("too late"));
          assertThat(transport.getWriteBufferSize()).isEqualTo(size).isPositive();
          assertThat(drain(loop, ends, MUCH + 1)).hasSize(MUCH);
          events.awaitEvent("lost");
          ends.source().close();
        });
  }

  @EachPipe
  @Spec("PIPE-12")
  void abortDropsWhatWasNotSent(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          transport.write(new byte[MUCH]);
          transport.abort();
          assertThat(transport.getWriteBufferSize()).isZero();
          assertThat(events.trail).containsExactly("made", "pause");
          events.awaitEvent("lost");
          assertThat(events.lostWith).isNull();
          assertThat(events.trail).containsExactly("made", "pause", "lost");
          assertThat(drain(loop, ends, MUCH)).hasSizeLessThan(MUCH);
          ends.source().close();
        });
  }

  @EachPipe
  void aStreamWriterWritesToIt(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var pipe = loop.connectWritePipe(() -> new FlowControl(loop), ends.sink());
          var writer = new StreamWriter(pipe.transport(), pipe.protocol(), null);
          var reading = createTask(() -> drain(loop, ends, MUCH + 1));
          for (int sent = 0; sent < MUCH; sent += 1_000_000) {
            writer.write(new byte[1_000_000]);
            writer.drain();
            assertThat(pipe.transport().getWriteBufferSize()).isLessThan(1_100_000);
          }
          writer.close();
          writer.waitClosed();
          assertThat(reading.await()).hasSize(MUCH);
          ends.source().close();
        });
  }

  @EachPipe
  void theBytesAreTakenBeforeWriteReturns(Engine engine, PipeEnds.Kind kind) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var ends = PipeEnds.open(kind);
          var events = new EventTrail(loop);
          WriteTransport transport = connect(loop, events, ends);
          byte[] own = bytes("before");
          transport.write(own);
          java.util.Arrays.fill(own, (byte) '!');
          transport.close();
          assertThat(drain(loop, ends, 100)).isEqualTo("before");
          events.awaitEvent("lost");
          ends.source().close();
        });
  }
}
