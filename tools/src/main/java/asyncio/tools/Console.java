package asyncio.tools;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The standard streams of the command. */
final class Console {
  private Console() {}

  /**
   * A writer in UTF-8, whatever the locale: the trees are drawn with box characters, and a locale
   * that is not set, as in many containers, would turn them into question marks.
   */
  static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
