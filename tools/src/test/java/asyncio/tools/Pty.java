package asyncio.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command in a real terminal, which {@code script} of util-linux provides: what is typed, and
 * what appears, without the sequences that move the cursor.
 */
final class Pty implements AutoCloseable {
  private static final Pattern CONTROL =
      Pattern.compile("\033\\[[0-9;?]*[a-zA-Z]|\033[=>]|\033\\][^\007]*\007|[\r\007]");

  private final Process process;
  private final StringBuilder raw = new StringBuilder();
  private int seen;

  private Pty(Process process) {
    this.process = process;
  }

  static Pty start(Cli cli, Object... arguments) throws IOException, InterruptedException {
    assumeTrue(isThere(), "needs the program script of util-linux");
    StringBuilder command = new StringBuilder("stty rows 40 cols 160; exec ");
    for (String word : cli.with("TERM", "xterm").builder(arguments).command()) {
      command.append('\'').append(word).append("' ");
    }
    ProcessBuilder builder = cli.builder();
    builder.command("script", "-qec", command.toString(), "/dev/null");
    Process process = builder.redirectErrorStream(true).start();
    // Reading from it cannot be interrupted: what hangs is ended, and then shown.
    process.onExit().orTimeout(40, TimeUnit.SECONDS).exceptionally(_ -> killed(process));
    return new Pty(process);
  }

  private static Process killed(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    return process.destroyForcibly();
  }

  private static boolean isThere() throws InterruptedException {
    try {
      Process version = new ProcessBuilder("script", "--version").start();
      String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return version.waitFor() == 0 && text.contains("util-linux");
    } catch (IOException e) {
      return false;
    }
  }

  void type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Waits until a text appears, behind what was awaited before; returns it. */
  String await(String regex) throws IOException {
    Pattern pattern = Pattern.compile(regex);
    byte[] buffer = new byte[8192];
    InputStream output = process.getInputStream();
    for (; ; ) {
      String text = text();
      Matcher matcher = pattern.matcher(text);
      if (matcher.find(Math.min(seen, text.length()))) {
        seen = matcher.end();
        return matcher.group();
      }
      int count = output.read(buffer);
      if (count < 0) {
        throw new AssertionError("ended before /" + regex + "/ appeared:\n" + text());
      }
      raw.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
    }
  }

  /** Everything that has appeared. */
  String text() {
    return CONTROL.matcher(raw).replaceAll("");
  }

  /** Everything, with the sequences. */
  String raw() {
    return raw.toString();
  }

  int exitStatus() throws IOException, InterruptedException {
    raw.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
    return process.waitFor();
  }

  @Override
  public void close() {
    killed(process);
  }
}
