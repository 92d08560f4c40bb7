package asyncio.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal of a live display: its other screen, single keys without Return, its size.
 *
 * <p>The JDK has no way to ask for these; {@code stty}, which is part of POSIX, has. Ctrl-C stays a
 * signal, and a shutdown hook puts everything back.
 */
final class Terminal implements AutoCloseable {
  private static final String OTHER_SCREEN = "\033[?1049h\033[?25l";
  private static final String FIRST_SCREEN = "\033[?25h\033[?1049l";
  private static final String HOME = "\033[H";
  private static final String END_OF_LINE = "\033[K";
  private static final String END_OF_SCREEN = "\033[J";
  private static final int ROWS = 24;
  private static final int COLUMNS = 80;

  private final PrintWriter out;
  private final String saved;
  private final Thread hook = new Thread(this::restore, "asyncio-terminal");
  private boolean restored;

  private Terminal(PrintWriter out, String saved) {
    this.out = out;
    this.saved = saved;
  }

  /** Whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // null again since JDK 25, if there is none
  static boolean isThere() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Takes the terminal over. */
  static Terminal take(PrintWriter out) {
    Terminal terminal = new Terminal(out, stty("-g"));
    Runtime.getRuntime().addShutdownHook(terminal.hook);
    stty("-icanon", "-echo", "min", "1");
    out.print(OTHER_SCREEN);
    out.flush();
    return terminal;
  }

  /** Shows these lines, as far as they fit. */
  void show(List<String> lines) {
    String[] size = stty("size").split(" ");
    int rows = number(size, 0, ROWS);
    int columns = number(size, 1, COLUMNS);
    StringBuilder screen = new StringBuilder(HOME);
    for (int i = 0; i < Math.min(rows, lines.size()); i++) {
      String line = lines.get(i);
      screen
          .append(i == 0 ? "" : "\r\n")
          .append(line, 0, Math.min(columns, line.length()))
          .append(END_OF_LINE);
    }
    out.print(screen.append(END_OF_SCREEN));
    out.flush();
  }

  private static int number(String[] size, int index, int otherwise) {
    try {
      int number = Integer.parseInt(size[index]);
      return number > 0 ? number : otherwise;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return otherwise;
    }
  }

  /** Gives the answer in one line; nothing if there is no such program. */
  private static String stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectErrorStream(true)
              .start();
      try (InputStream answer = process.getInputStream()) {
        String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor(1, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : "";
      }
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook is running
    }
    restore();
  }

  private synchronized void restore() {
    if (restored) {
      return;
    }
    restored = true;
    out.print(FIRST_SCREEN);
    out.flush();
    if (!saved.isEmpty()) {
      stty(saved);
    }
  }
}
