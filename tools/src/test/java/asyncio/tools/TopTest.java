package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.tools.Cli.Result;
import asyncio.tools.Program.Kind;
import asyncio.tools.programs.Locks;
import asyncio.tools.programs.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopTest {
  private final Cli cli = new Cli();

  @Test
  void withoutATerminalItIsWrittenOnce() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Locks.class)) {
      Result result = cli.run("top", "-d", "0.1", program.pid());
      assertThat(result.err()).isEmpty();
      assertThat(result.status()).isZero();
      assertThat(result.out()).doesNotContain("\033");
      assertThat(result.lines().getFirst())
          .matches(Locks.class.getName() + " \\(" + program.pid() + "\\) on JDK 25\\S*");
      assertThat(result.lines())
          .contains("tasks: 5 (5 waiting)")
          .anyMatch(line -> line.matches("0x1 +direct +\\S+ +\\d+% .*"))
          .anyMatch(line -> line.startsWith("deadlock: philosopher -["))
          .anyMatch(
              line -> line.matches("3 +waiting +event .*Waiting.pause Waiting.java:\\d+ +Task-1"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"q", "\003"})
  void inATerminalItGoesOnUntilAKey(String key) throws Exception {
    try (Program program = Program.start(Kind.MODULE_PATH_PORTABLE, Waiting.class);
        Pty terminal = Pty.start(cli, "top", "-d", "0.1", program.pid())) {
      terminal.await("tasks: 5");
      terminal.await("tasks: 5");
      cli.run("cancel", program.pid(), "holder");
      terminal.await("tasks: 3"); // the waiter has got its lock
      terminal.type(key);
      int status = terminal.exitStatus();
      assertThat(status).isEqualTo(key.equals("q") ? 0 : 130);
      assertThat(terminal.raw()).startsWith("\033[?1049h").contains("\033[?1049l");
    }
  }

  @Test
  void endOfTheProcessEndsIt() throws Exception {
    Program program = Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class);
    try (Pty terminal = Pty.start(cli, "top", "-d", "0.1", program.pid())) {
      terminal.await("tasks: 5");
      long pid = program.pid();
      program.close();
      terminal.await("asyncio: process " + pid + " has ended");
      assertThat(terminal.exitStatus()).isEqualTo(1);
      try (var files = Files.list(Path.of("/tmp"))) {
        assertThat(files)
            .noneMatch(file -> file.toString().startsWith("/tmp/asyncio-inspect-" + pid + "-"));
      }
    }
  }

  @Test
  void delayOutOfRangeIsAWrongCommandLine() throws Exception {
    Result result = cli.run("top", "-d", "0", 1);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).startsWith("--delay must be from 0.1 to 20 seconds, got 0.0\nUsage:");
  }

  @Test
  void ratesAreThoseOfTheTimeBetweenTwoPictures() {
    LoopNumbers before = numbers(1_000_000_000L, 900_000_000L, 100, 10, 1000);
    LoopNumbers now = numbers(3_000_000_000L, 1_900_000_000L, 120_100, 30, 21_000);
    Report report = new Reports().task("0x4", "a", List.of("work")).build();
    List<String> lines = TopScreen.lines(report, Map.of("0x1", now), Map.of("0x1", before));
    assertThat(lines)
        .anyMatch(line -> line.matches("0x1 +direct +main +50% +60.0k +10 .* +10.0k .*"));
  }

  private static LoopNumbers numbers(
      long nanos, long idle, long callbacks, long iterations, long received) {
    return new LoopNumbers(
        nanos,
        nanos,
        idle,
        iterations,
        callbacks,
        0,
        0,
        new LoopNumbers.TaskNumbers(1, 1),
        new LoopNumbers.TransportNumbers(1, 0, received, 0));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "9999, 9999", "10000, 10.0k", "123456, 123k", "99999999, 100M"})
  void amountsAreShort(double amount, String text) {
    assertThat(TopScreen.amount(amount)).isEqualTo(text);
  }
}
