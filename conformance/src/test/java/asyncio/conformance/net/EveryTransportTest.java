package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.LineProtocol;
import asyncio.net.Protocol;
import asyncio.net.ReadPipe;
import asyncio.net.ReadTransport;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import asyncio.net.WriteTransport;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * One protocol class, unchanged, on transports of all kinds: the meaning of the bytes is its own.
 */
class EveryTransportTest {
  private static final String LONG = "x".repeat(10_000);

  /** Asks for lines to be sent back: one class for the end that asks and the end that answers. */
  private static final class Questions extends LineProtocol {
    private final boolean answers;
    private final ArrayDeque<Future<String>> waiting = new ArrayDeque<>();
    private final Future<@Nullable Throwable> lost = new Future<>();

    Questions(boolean answers) {
      this.answers = answers;
    }

    Future<String> ask(String line) {
      Future<String> answer = new Future<>();
      waiting.add(answer);
      sendLineUtf8(line);
      return answer;
    }

    @Override
    protected void lineReceived(byte[] line) {
      if (answers) {
        sendLine(line);
      } else {
        waiting.remove().setResult(new String(line, StandardCharsets.UTF_8));
      }
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      lost.setResult(exception);
    }
  }

  /** Talks until the end, and asserts what there is to say of every kind. */
  @Suspends
  private static void assertTalks(Questions asking, @Nullable Questions answering) {
    Future<String> first = asking.ask("one");
    Future<String> second = asking.ask(LONG);
    assertThat(List.of(await(first), await(second), await(asking.ask(""))))
        .containsExactly("one", LONG, "");
    asking.transport().close();
    assertThat(await(asking.lost)).isNull();
    if (answering != null) {
      assertThat(await(answering.lost)).isNull();
    }
  }

  private static Transport serve(EventLoop loop, Wire.Channels channels, Questions... protocols)
      throws Exception {
    SocketSubject.serve(protocols[0], channels.near());
    return SocketSubject.serve(protocols[1], channels.far());
  }

  @LoopTest
  @Spec({"STACK-1", "HER-89"})
  void inMemory(EventLoop loop) throws Exception {
    Questions asking = new Questions(false);
    Questions answering = new Questions(true);
    serve(loop, Wire.MEMORY.open(loop), asking, answering);
    assertTalks(asking, answering);
  }

  @LoopTest(realTime = true)
  @Spec({"STACK-1", "HER-89"})
  void onTcp(EventLoop loop) throws Exception {
    Questions asking = new Questions(false);
    Questions answering = new Questions(true);
    serve(loop, Wire.TCP.open(loop), asking, answering);
    assertTalks(asking, answering);
  }

  @LoopTest(realTime = true)
  @DisabledOnOs(OS.WINDOWS)
  @Spec({"STACK-1", "HER-89"})
  void onAUnixSocket(EventLoop loop) throws Exception {
    Questions asking = new Questions(false);
    Questions answering = new Questions(true);
    serve(loop, Wire.UNIX.open(loop), asking, answering);
    assertTalks(asking, answering);
  }

  @LoopTest
  @Spec({"STACK-1", "HER-89"})
  void onTls(EventLoop loop) throws Exception {
    Questions asking = new Questions(false);
    Questions answering = new Questions(true);
    Wire.Channels channels = Wire.MEMORY.open(loop);
    var server =
        asyncio.Asyncio.createTask(
            () -> loop.connectAcceptedSocket(() -> answering, channels.near(), Tls.serving()));
    loop.createConnection(() -> asking, Tls.connecting().withSocket(channels.far()));
    await(server);
    assertTalks(asking, answering);
  }

  @EachPipe
  @Spec({"STACK-1", "HER-89"})
  void onAPairOfPipes(Engine engine, PipeEnds.Kind kind) throws Exception {
    PipeEnds there = PipeEnds.open(kind);
    PipeEnds back = PipeEnds.open(kind);
    OnRealLoop.run(
        engine,
        loop -> {
          Questions asking = new Questions(false);
          Questions answering = new Questions(true);
          PipePair.connect(loop, asking, back.source(), there.sink());
          PipePair.connect(loop, answering, there.source(), back.sink());
          assertTalks(asking, answering);
        });
  }

  @EachEngine
  @DisabledOnOs(OS.WINDOWS)
  @Spec({"STACK-1", "HER-89"})
  void onTheStandardStreamsOfAProcess(Engine engine) throws Exception {
    Process cat = new ProcessBuilder("cat").start();
    try {
      OnRealLoop.run(
          engine,
          loop -> {
            Questions asking = new Questions(false);
            PipePair.connect(
                loop,
                asking,
                Channels.newChannel(cat.getInputStream()),
                Channels.newChannel(new Flushing(cat.getOutputStream())));
            assertTalks(asking, null);
          });
    } finally {
      cat.destroyForcibly();
    }
  }

  /** A stream without a buffer of its own. */
  private static final class Flushing extends java.io.FilterOutputStream {
    Flushing(java.io.OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws java.io.IOException {
      out.write(bytes, offset, count);
      out.flush();
    }
  }

  /** Two pipes, one for each direction, as one transport. */
  private static final class PipePair implements Transport {
    private final Protocol protocol;
    private ReadTransport input;
    private WriteTransport output;
    private boolean lost;

    private PipePair(Protocol protocol) {
      this.protocol = protocol;
    }

    @Suspends
    static void connect(
        EventLoop loop, Protocol protocol, ReadableByteChannel source, WritableByteChannel sink)
        throws Exception {
      PipePair pair = new PipePair(protocol);
      pair.output = loop.connectWritePipe(() -> pair.new Sending(), sink).transport();
      ReadPipe<Receiving> reading = loop.connectReadPipe(() -> pair.new Receiving(), source);
      pair.input = reading.transport();
    }

    /** Hears of the input. */
    private final class Receiving implements Protocol {
      @Override
      public void connectionMade(Transport transport) throws Exception {
        input = transport;
        protocol.connectionMade(PipePair.this);
      }

      @Override
      public void dataReceived(ByteBuffer data) throws Exception {
        protocol.dataReceived(data);
      }

      @Override
      public boolean eofReceived() throws Exception {
        return protocol.eofReceived();
      }

      @Override
      public void connectionLost(@Nullable Throwable exception) throws Exception {
        lose(exception);
      }
    }

    /** Hears of the output. */
    private final class Sending implements Protocol {
      @Override
      public void pauseWriting() throws Exception {
        protocol.pauseWriting();
      }

      @Override
      public void resumeWriting() throws Exception {
        protocol.resumeWriting();
      }

      @Override
      public void connectionLost(@Nullable Throwable exception) throws Exception {
        lose(exception);
      }
    }

    private void lose(@Nullable Throwable exception) throws Exception {
      if (!lost) {
        lost = true;
        close();
        protocol.connectionLost(exception);
      }
    }

    @Override
    public void write(ByteBuffer data) {
      output.write(data);
    }

    @Override
    public void close() {
      input.close();
      output.close();
    }

    @Override
    public boolean isClosing() {
      return input.isClosing() || output.isClosing();
    }

    @Override
    public boolean isReading() {
      return input.isReading();
    }

    @Override
    public void pauseReading() {
      input.pauseReading();
    }

    @Override
    public void resumeReading() {
      input.resumeReading();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
      return output.getWriteBufferLimits();
    }

    @Override
    public long getWriteBufferSize() {
      return output.getWriteBufferSize();
    }
  }
}
