package asyncio.conformance.net;

import static asyncio.Asyncio.await;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Transcript;
import asyncio.net.BrokenPipeException;
import asyncio.net.BufferedProtocol;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/**
 * A transport and its peer, as a random generator tells: the smallest difference from CPython in
 * the order of calls, or in the sizes of buffers, shows in every line that follows.
 */
class TranscriptTransportChaosTest {
  private static final int CAPACITY = 1000;
  private static final int STEPS = 50;
  private static final int SEEDS = 60;

  /** The same program as transportchaos.py. */
  private static final class Program {
    private final VirtualTimeLoop loop;
    private final Transcript out;
    private final Future<@Nullable Void> done;
    private int x;
    private int iterations;
    private int started;
    private int sent;
    private int told;
    private int steps;
    private boolean farOpen = true;
    private boolean farReset;
    private boolean isLost;
    private boolean eofKept;
    private boolean wasClosed;
    private boolean resuming;
    private SocketChannel far;
    private SocketChannel near;
    private Transport transport;
    private StreamProtocol[] protocols;
    private int current;

    Program(VirtualTimeLoop loop, Transcript out, int seed) {
      this.loop = loop;
      this.out = out;
      this.x = seed;
      this.done = loop.createFuture();
      loop.addInstrument(
          new Instrument() {
            @Override
            public void iterationBegun(EventLoop of) {
              iterations++;
            }
          });
    }

    private int below(int n) {
      x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
      return (x >> 8) % n;
    }

    private void say(String text) {
      out.print(iterations - started + ": " + text);
    }

    private String state() {
      long size = transport.getWriteBufferSize();
      String word =
          transport.isClosing() ? "closing" : transport.isReading() ? "reading" : "paused";
      return word + ", " + size + " kept";
    }

    // ---- the calls of the protocol

    private void react(String name) throws Exception {
      int choice = below(8);
      if (choice < 3) {
        nearOp();
      } else if (choice == 3) {
        nearOp();
        nearOp();
      } else if (choice == 4 && below(6) == 0) {
        if (below(2) != 0) {
          throw new IllegalStateException("oops in " + name);
        }
        throw new IOException("system oops in " + name);
      }
    }

    private void made(Transport given) throws Exception {
      started = iterations;
      transport = given;
      say("made");
      react("made");
    }

    private void data(String name, ByteBuffer data) throws Exception {
      say(name + " " + data.remaining() + " " + sum(data));
      react(name);
    }

    private boolean eof() throws Exception {
      boolean keeps = below(2) == 0;
      eofKept = keeps;
      wasClosed |= !keeps;
      say("eof, keeps open: " + Transcript.truth(keeps));
      react("eof");
      return keeps;
    }

    private void pause() throws Exception {
      say("pause");
      react("pause");
    }

    private void resume() throws Exception {
      say("resume at " + transport.getWriteBufferSize());
      boolean outer = resuming;
      resuming = true;
      try {
        react("resume");
      } finally {
        resuming = outer;
      }
    }

    private void lost(@Nullable Throwable exception) throws Exception {
      boolean ofNetwork =
          exception instanceof ConnectionResetException || exception instanceof BrokenPipeException;
      say(
          "lost: "
              + (exception == null
                  ? "None"
                  : ofNetwork ? "network error" : exception.getMessage()));
      isLost = true;
      react("lost");
    }

    private static int sum(ByteBuffer data) {
      int sum = 0;
      for (int i = data.position(); i < data.limit(); i++) {
        sum += data.get(i) & 0xFF;
      }
      return sum;
    }

    // ---- what is done with the transport

    private static byte[] bytes(int from, int factor, int count) {
      byte[] data = new byte[count];
      for (int i = 0; i < count; i++) {
        data[i] = (byte) ((from + i) * factor % 251);
      }
      return data;
    }

    private void write(int count) {
      byte[] data = bytes(sent, 31, count);
      sent += count;
      try {
        transport.write(data);
      } catch (IllegalStateException e) {
        say("write " + count + " refused");
        return;
      }
      if (farReset || !farOpen) {
        transport.getWriteBufferSize();
      }
      say("wrote " + count);
    }

    private void nearOp() {
      int op = below(16);
      boolean writes = op < 5 || op == 13;
      if ((resuming && (farReset || wasClosed) && writes)
          || (isLost && wasClosed && (writes || op == 11))) {
        op = 15;
      }
      switch (op) {
        case 0, 1, 2, 3, 4 -> write(below(3) == 0 ? below(2 * CAPACITY) : below(CAPACITY / 4));
        case 5 -> {
          transport.pauseReading();
          say("pause_reading");
        }
        case 6, 7 -> {
          if (!eofKept) {
            transport.resumeReading();
            say("resume_reading");
          }
        }
        case 8 -> {
          int high = below(800);
          int low = below(2) != 0 ? below(high + 1) : high / 4;
          say("limits " + low + " " + high);
          transport.setWriteBufferLimits(low, high);
        }
        case 9 -> {
          if (below(12) == 0) {
            transport.writeEof();
            say("write_eof");
          }
        }
        case 10 -> {
          if (below(10) == 0 && !(resuming && transport.getWriteBufferSize() == 0)) {
            wasClosed = true;
            transport.close();
            say("close");
          }
        }
        case 11 -> {
          if (below(16) == 0 && !resuming) {
            transport.abort();
            say("abort");
          }
        }
        case 12 -> {
          int number = below(100);
          loop.callSoon(() -> say("callback " + number));
        }
        case 13 -> {
          write(1 + below(20));
          write(1 + below(20));
          write(1 + below(20));
        }
        case 14 -> {
          current = 1 - current;
          transport.setProtocol(protocols[current]);
          say("protocol " + current);
        }
        default -> {}
      }
      if (below(2) != 0) {
        say(state());
      }
    }

    // ---- the peer

    private void farOp() throws IOException {
      int op = below(9);
      if (op < 2) {
        int count = 1 + below(300);
        int written;
        try {
          written = far.write(ByteBuffer.wrap(bytes(told, 17, count)));
        } catch (IOException e) {
          say("peer cannot send");
          return;
        }
        told += written;
        say("peer sent " + written);
      } else if (op < 6) {
        farRead(1 + below(CAPACITY));
      } else if (op == 6) {
        if (below(8) == 0) {
          far.shutdownOutput();
          say("peer ends");
        }
      } else if (op == 7) {
        if (below(12) == 0) {
          far.close();
          farOpen = false;
          say("peer closes");
        }
      } else if (below(12) == 0) {
        loop.network().reset(far);
        farReset = true;
        say("reset");
      }
    }

    private boolean farRead(int limit) {
      ByteBuffer buffer = ByteBuffer.allocate(limit);
      int count;
      try {
        count = far.read(buffer);
      } catch (IOException e) {
        say("peer got an error");
        farOpen = false;
        return false;
      }
      if (count <= 0) {
        say(count == 0 ? "peer got nothing" : "peer got the end");
        return false;
      }
      say("peer got " + count + " " + sum(buffer.flip()));
      return true;
    }

    private void step() {
      steps++;
      if (steps > STEPS) {
        if (!isLost) {
          transport.abort();
          say("abort at last");
        }
        loop.callSoon(() -> loop.callSoon(() -> done.setResult(null)));
        return;
      }
      loop.callSoon(this::step);
      if (below(2) != 0 && farOpen) {
        try {
          farOp();
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      } else {
        for (int left = 1 + below(3); left > 0; left--) {
          nearOp();
        }
      }
    }

    void run() throws Exception {
      MemoryNetwork network = loop.network();
      network.setBufferSizes(CAPACITY - 400, 400);
      MemoryNetwork.Pair pair = network.pair();
      near = pair.first();
      far = pair.second();
      protocols = new StreamProtocol[] {new Plain(this), new Buffered(this, 1 + below(200))};
      current = below(2);
      loop.connectAcceptedSocket(() -> protocols[current], near, ServerOptions.DEFAULT);
      say("connected");
      loop.callSoon(this::step);
      await(done);
      while (farOpen && farRead(CAPACITY)) {
        // until there is no more
      }
      far.close();
    }

    void report(ErrorContext context) {
      String message = context.message();
      say(
          "reported "
              + (message.startsWith("Exception in callback") ? "Exception in callback" : message)
              + ": "
              + context.exception().getMessage());
    }
  }

  private record Plain(Program program) implements Protocol {
    @Override
    public void connectionMade(Transport transport) throws Exception {
      program.made(transport);
    }

    @Override
    public void dataReceived(ByteBuffer data) throws Exception {
      program.data("data", data);
    }

    @Override
    public boolean eofReceived() throws Exception {
      return program.eof();
    }

    @Override
    public void pauseWriting() throws Exception {
      program.pause();
    }

    @Override
    public void resumeWriting() throws Exception {
      program.resume();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      program.lost(exception);
    }
  }

  private static final class Buffered implements BufferedProtocol {
    private final Program program;
    private final ByteBuffer buffer;

    Buffered(Program program, int size) {
      this.program = program;
      this.buffer = ByteBuffer.allocate(size);
    }

    @Override
    public void connectionMade(Transport transport) throws Exception {
      program.made(transport);
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      program.say("get_buffer");
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) throws Exception {
      program.data("updated", buffer.flip());
    }

    @Override
    public boolean eofReceived() throws Exception {
      return program.eof();
    }

    @Override
    public void pauseWriting() throws Exception {
      program.pause();
    }

    @Override
    public void resumeWriting() throws Exception {
      program.resume();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) throws Exception {
      program.lost(exception);
    }
  }

  @EachEngine
  void transportChaos(Engine engine) {
    var out = new Transcript();
    for (int seed = 1; seed <= SEEDS; seed++) {
      out.print("-- seed " + seed);
      var loop = new VirtualTimeLoop(engine);
      try (var log = new LogCapture()) {
        Program program = new Program(loop, out, seed);
        loop.setExceptionHandler((_, context) -> program.report(context));
        loop.runUntilComplete(program::run);
        out.print(
            log.texts(Level.WARNING).stream().filter(text -> text.contains("is dropped")).count()
                + " warnings");
      } finally {
        loop.close();
      }
    }
    out.compare("transportchaos");
  }
}
