package asyncio.conformance.net;

import static asyncio.Asyncio.await;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.LoopKind;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Transcript;
import asyncio.net.Protocol;
import asyncio.net.ServerOptions;
import asyncio.net.Transport;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Three connections, all ends of which one loop serves, as a random generator tells: the order in
 * which real channels become ready is CPython's.
 */
class TranscriptTransportPairsTest {
  private static final int STEPS = 60;
  private static final int SEEDS = 40;

  /** The same program as transportpairs.py. */
  private static final class Program implements Instrument {
    private final ChannelEventLoop loop;
    private final Transcript out;
    private final Future<@Nullable Void> done;
    private final List<End> ends = new ArrayList<>();
    private int x;
    private int iterations;
    private int base;
    private int steps;

    Program(ChannelEventLoop loop, Transcript out, int seed) {
      this.loop = loop;
      this.out = out;
      this.x = seed;
      this.done = loop.createFuture();
      loop.addInstrument(this);
    }

    @Override
    public void iterationBegun(EventLoop of) {
      iterations++;
    }

    private int below(int n) {
      x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
      return (x >> 8) % n;
    }

    private void say(String text) {
      out.print(iterations - base + ": " + text);
    }

    private void react(End end) {
      if (below(3) == 0) {
        act(end);
      }
    }

    private void act(End end) {
      int op = below(12);
      Transport t = end.transport;
      switch (op) {
        case 0, 1, 2, 3 -> end.write(1 + below(200));
        case 4 -> {
          end.write(1);
          end.write(2);
          end.write(3);
        }
        case 5 ->
            end.say(
                "closing "
                    + Transcript.truth(t.isClosing())
                    + ", reading "
                    + Transcript.truth(t.isReading()));
        case 6, 7 -> {
          if (end.mayEnd() && !(end.peer.wasClosed || end.peer.eofWritten)) {
            t.pauseReading();
            t.resumeReading();
            end.say("pauses and resumes");
          }
        }
        case 8 -> {
          if (below(8) == 0 && !end.wasClosed) {
            t.writeEof();
            end.eofWritten = true;
            end.say("write_eof");
          }
        }
        case 9 -> {
          if (below(6) == 0 && end.mayEnd()) {
            end.wasClosed = true;
            t.close();
            end.say("close");
          }
        }
        case 10 -> {
          if (below(10) == 0 && end.mayEnd()) {
            end.wasClosed = true;
            t.abort();
            end.say("abort");
          }
        }
        default -> {
          int number = below(100);
          loop.callSoon(() -> say("callback " + number));
        }
      }
    }

    private void step() {
      steps++;
      if (steps > STEPS) {
        done.setResult(null);
        return;
      }
      loop.callSoon(this::step);
      for (int left = below(4); left > 0; left--) {
        act(ends.get(below(ends.size())));
      }
    }

    void run() throws Exception {
      base = iterations;
      for (int i = 0; i < 3; i++) {
        End near = new End(this, "near " + i);
        End far = new End(this, "far " + i);
        near.peer = far;
        far.peer = near;
        Wire.Channels channels = Wire.UNIX.open(loop);
        serve(near, channels.near());
        serve(far, channels.far());
      }
      say("connected");
      loop.callSoon(this::step);
      await(done);
      say("the end");
      for (End end : ends) {
        end.transport.close();
      }
      Turns.turns(3);
    }

    private void serve(End end, SocketChannel channel) throws Exception {
      loop.connectAcceptedSocket(() -> end, channel, ServerOptions.DEFAULT);
      ends.add(end);
    }
  }

  private static final class End implements Protocol {
    private final Program program;
    private final String name;
    private End peer;
    private Transport transport;
    private int sent;
    private int got;
    private boolean wasClosed;
    private boolean eofWritten;
    private boolean eofKept;

    End(Program program, String name) {
      this.program = program;
      this.name = name;
    }

    void say(String text) {
      program.say(name + " " + text);
    }

    @Override
    public void connectionMade(Transport made) {
      transport = made;
      say("made");
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      got += data.remaining();
      say("data " + data.remaining());
      program.react(this);
    }

    @Override
    public boolean eofReceived() {
      eofKept = program.below(2) == 0;
      wasClosed |= !eofKept;
      say("eof, keeps open: " + Transcript.truth(eofKept));
      program.react(this);
      return eofKept;
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      say("lost: " + (exception == null ? "None" : exception.getMessage()));
      program.react(this);
    }

    boolean mayEnd() {
      return peer.sent == got;
    }

    void write(int count) {
      if (!(wasClosed || eofWritten || peer.wasClosed)) {
        transport.write(new byte[count]);
        transport.getWriteBufferSize();
        sent += count;
        say("wrote " + count);
      }
    }
  }

  @EachEngine
  void transportPairs(Engine engine) {
    var out = new Transcript();
    for (int seed = 1; seed <= SEEDS; seed++) {
      out.print("-- seed " + seed);
      var loop = LoopKind.preferred().newLoop(engine);
      try {
        loop.runUntilComplete(new Program(loop, out, seed)::run);
      } finally {
        loop.close();
      }
    }
    out.compare("transportpairs");
  }
}
