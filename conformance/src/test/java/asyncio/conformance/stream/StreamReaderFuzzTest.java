package asyncio.conformance.stream;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.text;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Coroutine;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.IncompleteReadException;
import asyncio.net.LimitOverrunException;
import asyncio.net.StreamReader;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Random reads of randomly cut data, against a model that looks at everything each time. */
class StreamReaderFuzzTest {
  private static final int SEEDS = 400;
  private static final int READS = 60;

  /** What a reader does, without its tricks. */
  private static final class Model {
    private final int limit;
    private final List<String> pieces; // what is to come
    private String buffer = "";

    Model(int limit, List<String> pieces) {
      this.limit = limit;
      this.pieces = pieces;
    }

    /** Lets more come; false at the end. */
    private boolean more() {
      if (pieces.isEmpty()) {
        return false;
      }
      buffer += pieces.removeFirst();
      return true;
    }

    private String take(int count) {
      String taken = buffer.substring(0, count);
      buffer = buffer.substring(count);
      return taken;
    }

    String read(int n) {
      if (n == 0) {
        return "";
      }
      while (buffer.isEmpty() && more()) {}
      return take(Math.min(n, buffer.length()));
    }

    String exactly(int n) {
      while (buffer.length() < n) {
        if (!more()) {
          return "incomplete " + take(buffer.length());
        }
      }
      return take(n);
    }

    String all() {
      while (more()) {}
      return take(buffer.length());
    }

    String until(List<String> separators) {
      List<String> shortestFirst =
          separators.stream().sorted(Comparator.comparingInt(String::length)).toList();
      while (true) {
        for (int end = 1; end <= buffer.length(); end++) {
          for (String separator : shortestFirst) {
            if (buffer.substring(0, end).endsWith(separator)) {
              int before = end - separator.length();
              return before > limit ? "overrun " + before : take(end);
            }
          }
        }
        int useless = buffer.length() + 1 - shortestFirst.getLast().length();
        if (useless > limit) {
          return "overrun " + useless;
        }
        if (!more()) {
          return "incomplete " + take(buffer.length());
        }
      }
    }

    String line() {
      String result = until(List.of("\n"));
      if (result.startsWith("incomplete ")) {
        return result.substring("incomplete ".length());
      }
      if (result.startsWith("overrun ")) {
        int end = buffer.indexOf('\n');
        take(end < 0 ? buffer.length() : end + 1);
      }
      return result;
    }
  }

  /** One seed: the same reads of a reader and of the model. */
  private static final class Run {
    private final Random random;
    private final Model model;
    private final StreamReader reader;
    private final List<String> pieces = new ArrayList<>();

    Run(int seed) {
      random = new Random(seed);
      int limit = random.nextInt(4) == 0 ? 1 + random.nextInt(8) : 1 + random.nextInt(200);
      for (int i = random.nextInt(60); i > 0; i--) {
        // Now and then much at once, so that the array grows, is cut down and moved.
        pieces.add(string(random.nextInt(10) == 0 ? 3000 : 12));
      }
      pieces.removeIf(String::isEmpty);
      model = new Model(limit, new ArrayList<>(pieces));
      reader = new StreamReader(limit);
    }

    private String string(int maxLength) {
      var text = new StringBuilder();
      int letters = 2 + random.nextInt(3);
      for (int length = random.nextInt(maxLength + 1); length > 0; length--) {
        text.append("ab\nc\u00e4".charAt(random.nextInt(letters)));
      }
      return text.toString();
    }

    private String separator() {
      String separator = "";
      while (separator.isEmpty()) {
        separator = string(5);
      }
      return separator;
    }

    void run() {
      List<String> before = new ArrayList<>();
      for (int i = 0; i < READS; i++) {
        Pair pair = next();
        before.add(pair.what());
        assertThat(outcome(pair.actual())).as("%s", before).isEqualTo(pair.expected());
      }
      assertThat(reader.atEof())
          .isEqualTo(model.buffer.isEmpty() && model.pieces.isEmpty() && ended);
    }

    private boolean ended;

    private record Pair(String what, String expected, Coroutine<String> actual) {}

    private Pair next() {
      int n = random.nextInt(random.nextInt(8) == 0 ? 2000 : 20);
      return switch (random.nextInt(9)) {
        case 0 -> new Pair("read " + n, model.read(n), () -> text(reader.read(n)));
        case 1 -> new Pair("exactly " + n, model.exactly(n), () -> text(reader.readExactly(n)));
        case 2 ->
            new Pair(
                "view " + n,
                model.read(n),
                () -> {
                  byte[] target = new byte[n];
                  int count = reader.asInputStream().read(target);
                  return text(target).substring(0, Math.max(0, count));
                });
        case 3 ->
            new Pair(
                "channel " + n,
                model.read(n),
                () -> {
                  var target = ByteBuffer.allocateDirect(n);
                  reader.asChannel().read(target);
                  byte[] got = new byte[target.flip().remaining()];
                  target.get(got);
                  return text(got);
                });
        case 4 -> {
          String separator = separator();
          yield new Pair(
              "until " + separator,
              model.until(List.of(separator)),
              () -> text(reader.readUntil(bytes(separator))));
        }
        case 5 -> {
          List<String> separators = List.of(separator(), separator(), separator());
          yield new Pair(
              "any " + separators,
              model.until(separators),
              () ->
                  text(
                      reader.readUntilAny(
                          separators.stream().map(Texts::bytes).toArray(byte[][]::new))));
        }
        case 6 ->
            random.nextInt(30) == 0
                ? new Pair("all", model.all(), () -> text(reader.readAll()))
                : new Pair("read 1", model.read(1), () -> text(reader.read(1)));
        default -> new Pair("line", model.line(), () -> text(reader.readLine()));
      };
    }

    /** Runs a read; feeds a piece whenever it waits. */
    private String outcome(Coroutine<String> read) {
      Task<String> task =
          createTask(() -> {
            try {
              return read.await();
            } catch (IncompleteReadException e) {
              return "incomplete " + text(e.partial());
            } catch (LimitOverrunException e) {
              return "overrun " + e.consumed();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      turn();
      while (!task.isDone()) {
        if (pieces.isEmpty()) {
          reader.feedEof();
          ended = true;
        } else {
          reader.feedData(bytes(pieces.removeFirst()));
        }
        turn();
      }
      return task.result();
    }
  }

  @LoopTest
  @Spec({
    "STREAM-15",
    "STREAM-16",
    "STREAM-17",
    "STREAM-18",
    "STREAM-19",
    "STREAM-21",
    "STREAM-22",
    "STREAM-23",
    "STREAM-24",
    "STREAM-25",
    "STREAM-26",
    "STREAM-29"
  })
  void readsGiveWhatTheModelGives() {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(seed).run();
    }
  }
}
