package asyncio.conformance;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Transcript.truth;
import static java.nio.charset.StandardCharsets.US_ASCII;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Task;
import asyncio.net.ConnectionResetException;
import asyncio.net.IncompleteReadException;
import asyncio.net.LimitOverrunException;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.net.StreamWriter;
import asyncio.net.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Readers that are fed by hand, and tasks that drain, compared line by line with what CPython 3.13
 * printed for the same program.
 */
class TranscriptStreamsTest {
  private static final int SEEDS = 24;
  private static final int STEPS = 150;
  private static final int[] LIMITS = {1, 3, 8, 20};
  private static final String[] SEPARATORS = {"\n", "a", "ab", "bab", "aab\n"};

  private static final class FakeTransport implements Transport {
    private final Transcript out;
    boolean ended;

    FakeTransport(Transcript out) {
      this.out = out;
    }

    @Override
    public void pauseReading() {
      out.print("  pause");
    }

    @Override
    public void resumeReading() {
      if (!ended) {
        out.print("  resume");
      }
    }

    @Override
    public boolean isClosing() {
      return false;
    }

    @Override
    public String toString() {
      return "<fake>";
    }
  }

  private static String show(byte[] data) {
    return show(new String(data, US_ASCII));
  }

  private static String show(String data) {
    return "[" + data.replace('\n', '/') + "]";
  }

  /** The same program as streams.py. */
  private static final class Program {
    private final Transcript out;
    private final StreamReader reader;
    private final FakeTransport transport;
    private @Nullable Task<String> task;
    private boolean ended;
    private int reads;
    private String state = "";
    private int x;

    Program(Transcript out, int seed) {
      this.out = out;
      this.x = seed;
      this.reader = new StreamReader(LIMITS[below(4)]);
      this.transport = new FakeTransport(out);
      reader.setTransport(transport);
    }

    private int below(int n) {
      x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
      return (x >> 8) % n;
    }

    private String piece() {
      var piece = new StringBuilder();
      for (int length = below(11); length > 0; length--) {
        piece.append("ab\nc".charAt(below(4)));
      }
      return piece.toString();
    }

    private String read() throws IOException {
      int kind = below(6);
      int n = below(12);
      reads++;
      try {
        return switch (kind) {
          case 0 -> "read " + n + " " + show(reader.read(n));
          case 1 -> "exactly " + n + " " + show(reader.readExactly(n));
          case 2 -> {
            String separator = SEPARATORS[n % 5];
            yield "until "
                + show(separator)
                + " "
                + show(reader.readUntil(separator.getBytes(US_ASCII)));
          }
          case 3 -> {
            String one = SEPARATORS[n % 5];
            String other = SEPARATORS[(n + 1 + n / 5) % 5];
            yield "any "
                + show(one)
                + show(other)
                + " "
                + show(reader.readUntilAny(one.getBytes(US_ASCII), other.getBytes(US_ASCII)));
          }
          default -> "line " + show(line());
        };
      } catch (IncompleteReadException e) {
        return "incomplete "
            + show(e.partial())
            + " "
            + (e.expected() == null ? "undefined" : e.expected());
      } catch (LimitOverrunException e) {
        return "overrun " + e.consumed() + " " + notFound(e);
      } catch (LineTooLong e) {
        return "line too long " + notFound(e.getCause());
      }
    }

    /** Python's error is of another kind here. */
    private byte[] line() throws IOException {
      try {
        return reader.readLine();
      } catch (LimitOverrunException e) {
        throw new LineTooLong(e);
      }
    }

    private static String notFound(Throwable overrun) {
      return truth(overrun.getMessage().contains("not "));
    }

    private void step() {
      int op = below(12);
      if (op < 5) {
        String data = piece();
        if (!ended) {
          out.print("feed", show(data));
          reader.feedData(data.getBytes(US_ASCII));
        }
      } else if (op < 9) {
        if (task == null) {
          task = createTask(this::read);
        }
      } else if (op == 9) {
        if (task != null) {
          out.print("cancel");
          task.cancel();
        }
      } else if (op == 10 && below(20) == 0 && !ended) {
        end();
      }
      for (int turns = below(4); turns > 0; turns--) {
        sleep(seconds(0));
      }
      look();
    }

    private void end() {
      out.print("end");
      ended = true;
      transport.ended = true;
      reader.feedEof();
    }

    private void look() {
      if (task != null && task.isDone()) {
        out.print(reads, task.isCancelled() ? "cancelled" : task.result());
        task = null;
      }
      if (task == null) {
        String now = reader + " " + truth(reader.atEof());
        if (ended) {
          now = now.replace(" paused", "");
        }
        if (!now.equals(state)) {
          state = now;
          out.print(now);
        }
      }
    }

    void run() throws IOException {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      while (task != null) {
        if (!ended) {
          end();
        }
        sleep(seconds(0));
        look();
      }
      reader.setException(new IOException("broken"));
      for (Action read :
          List.<Action>of(
              () -> reader.read(0),
              () -> reader.read(1),
              () -> reader.readExactly(1),
              reader::readLine,
              () -> reader.readUntil(new byte[] {'a'}))) {
        try {
          read.run();
        } catch (Exception e) {
          out.print("failed", e.getMessage());
        }
      }
    }
  }

  private static final class LineTooLong extends RuntimeException {
    private static final long serialVersionUID = 1;

    LineTooLong(LimitOverrunException cause) {
      super(cause);
    }
  }

  private static void attempt(String name, Action call, Transcript out) throws Exception {
    out.print(name, "begins");
    try {
      call.run();
      out.print(name, "returns");
    } catch (CancelledError e) {
      out.print(name, "cancelled");
      throw e;
    } catch (IOException e) {
      out.print(name, "fails", e instanceof ConnectionResetException);
    }
  }

  private static void drains(boolean paused, boolean lost, boolean failure, Transcript out)
      throws Exception {
    out.print("-- drains, paused", truth(paused) + ", lost", truth(lost) + ", failure", failure);
    var reader = new StreamReader();
    var protocol = new StreamReaderProtocol(reader);
    var transport = new FakeTransport(out);
    protocol.connectionMade(transport);
    var writer = new StreamWriter(transport, protocol, reader);
    if (paused) {
      protocol.pauseWriting();
    }
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "drain " + i;
      tasks.add(createTask(() -> attempt(name, writer::drain, out)));
    }
    tasks.add(createTask(() -> attempt("read", () -> reader.read(1), out)));
    tasks.add(createTask(() -> attempt("closed", writer::waitClosed, out)));
    sleep(seconds(0));
    sleep(seconds(0));
    out.print("all begun");
    tasks.get(1).cancel();
    if (lost) {
      protocol.connectionLost(failure ? new IOException("broken") : null);
    } else if (paused) {
      protocol.resumeWriting();
    }
    for (int i = 0; i < 3; i++) {
      sleep(seconds(0));
      out.print("turn");
    }
    List<Task<?>> late = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String name = "late drain " + i;
      late.add(createTask(() -> attempt(name, writer::drain, out)));
    }
    Asyncio.wait(late);
    tasks.forEach(Task::cancel);
    Asyncio.wait(tasks);
  }

  @EachEngine
  void streams(asyncio.Engine engine) {
    Transcript.compare(
        engine,
        "streams",
        (_, out) -> {
          for (int seed = 1; seed <= SEEDS; seed++) {
            out.print("-- seed " + seed);
            new Program(out, seed).run();
          }
          for (boolean paused : new boolean[] {false, true}) {
            for (boolean lost : new boolean[] {false, true}) {
              for (boolean failure : new boolean[] {false, true}) {
                if (lost || !failure) {
                  drains(paused, lost, failure, out);
                }
              }
            }
          }
        });
  }
}
