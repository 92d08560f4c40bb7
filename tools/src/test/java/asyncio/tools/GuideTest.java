package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.tools.Program.Kind;
import asyncio.tools.programs.Kitchen;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The guide on hanging tasks shows what the commands write. */
class GuideTest {
  private final Cli cli = new Cli();

  /** What follows a command in the guide, up to the end of its block. */
  private static List<String> inGuide(String command) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(Cli.ROOT.resolve("docs/guides/hanging-tasks.md"))) {
      if (line.startsWith("$ ./asyncio " + command)) {
        inside = true;
      } else if (line.equals("```")) {
        inside = false;
      } else if (inside) {
        lines.add(plain(line));
      }
    }
    assertThat(lines).as("the output of " + command).isNotEmpty();
    return lines;
  }

  /** Without numbers, identities, and the blanks and dashes that depend on their length. */
  private static String plain(String line) {
    return line.replaceAll("@[0-9a-f]+", "@")
        .replaceAll("0x[0-9a-f]+", "0x")
        .replaceAll("\\d+(\\.\\d+)*", "N")
        .replaceAll("-{9,}", "-")
        .replaceAll("([^ ]) +", "$1 ");
  }

  private List<String> run(Object... arguments) throws Exception {
    Cli.Result result = cli.run(arguments);
    return (result.out() + result.err()).lines().map(GuideTest::plain).toList();
  }

  @Test
  void outputOfTheCommandsIsAsInTheGuide() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Kitchen.class)) {
      long pid = program.pid();
      assertThat(run("ps")).containsAll(inGuide("ps").subList(0, 2));
      assertThat(run("pstree", "-w", pid)).isEqualTo(inGuide("pstree -w"));
      assertThat(run("ps", pid)).isEqualTo(inGuide("ps 24905"));
      assertThat(run("top", pid)).isEqualTo(inGuide("top"));
      assertThat(run("cancel", pid, "pastry cook")).isEqualTo(inGuide("cancel"));
    }
  }
}
