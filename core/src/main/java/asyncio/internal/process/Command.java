package asyncio.internal.process;

import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to start, with nothing left open.
 *
 * @param words what is run, and its arguments
 */
record Command(
    List<String> words, Redirect stdin, Redirect stdout, Redirect stderr, ProcessOptions options) {
  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(java.util.Locale.ROOT).startsWith("windows");

  static Command exec(List<String> command, ProcessOptions options, Redirect streams) {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(options, "options");
    if (command.isEmpty()) {
      throw new IllegalArgumentException("command is empty; its first word is the program");
    }
    List<String> words = new ArrayList<>(command);
    words.forEach(Command::checkWord);
    if (options.executable() != null) {
      words.set(0, options.executable().toString());
    }
    return of(words, options, streams);
  }

  static Command shell(String command, ProcessOptions options, Redirect streams) {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(options, "options");
    checkWord(command);
    String shell = options.executable() == null ? null : options.executable().toString();
    return of(shellWords(shell, command), options, streams);
  }

  private static List<String> shellWords(@Nullable String shell, String command) {
    return WINDOWS
        ? List.of(shell == null ? "cmd.exe" : shell, "/c", command)
        : List.of(shell == null ? "/bin/sh" : shell, "-c", command);
  }

  private static Command of(List<String> words, ProcessOptions options, Redirect streams) {
    return new Command(
        List.copyOf(words),
        Objects.requireNonNullElse(options.stdin(), streams),
        Objects.requireNonNullElse(options.stdout(), streams),
        Objects.requireNonNullElse(options.stderr(), streams),
        options);
  }

  private static void checkWord(String word) {
    Objects.requireNonNull(word, "command: a word of it");
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "command: embedded null byte in \"" + word.replace("\0", "\\0") + "\"");
    }
  }

  Redirect stream(int fd) {
    return fd == 0 ? stdin : fd == 1 ? stdout : stderr;
  }
}
