package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a program says, line by line, to be compared with what the Python program of the same name
 * said.
 *
 * <p>The Python programs, their recorded output, and how to record it again are in {@code
 * src/test/resources/asyncio/conformance/transcripts}.
 */
public final class Transcript {

  /** A program as the main coroutine of a loop. */
  @FunctionalInterface
  public interface Program {
    void run(ClockLoop loop, Transcript out) throws Exception;
  }

  private final List<String> lines = new ArrayList<>();

  /**
   * Says a line: the text forms of the words with blanks between them; truth values as Python
   * writes them.
   */
  public void print(Object... words) {
    List<String> texts = new ArrayList<>();
    for (Object word : words) {
      texts.add(word instanceof Boolean truth ? truth(truth) : String.valueOf(word));
    }
    lines.add(String.join(" ", texts));
  }

  public static String truth(boolean value) {
    return value ? "True" : "False";
  }

  /** The message of a cancellation. */
  public static String why(CancelledError e) {
    return e.reason() == null ? "none" : e.reason().toString();
  }

  /** Runs {@code program} on a fresh loop and compares. */
  public static void compare(Engine engine, String name, Program program) {
    var out = new Transcript();
    OnLoop.run(engine, loop -> program.run(loop, out));
    out.compare(name);
  }

  /** Compares what was said with the recording. */
  public void compare(String name) {
    List<String> recorded = recorded(name);
    for (int i = 0; i < Math.min(lines.size(), recorded.size()); i++) {
      assertThat(lines.get(i))
          .as(
              "line %d of %s.txt, after:%n%s%n",
              i + 1, name, String.join("\n", lines.subList(Math.max(0, i - 5), i)))
          .isEqualTo(recorded.get(i));
    }
    assertThat(lines).as(name).containsExactlyElementsOf(recorded);
  }

  private static List<String> recorded(String name) {
    try (InputStream in = Transcript.class.getResourceAsStream("transcripts/" + name + ".txt")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
