package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.tools.Cli.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The interactive shell, through pipes and in a terminal. */
class ReplTest {
  private static final String PROMPT = "jshell> ";
  private static final String CTRL_C = "\003";
  private static final String CTRL_D = "\004";

  /** The line before, as the key upwards. */
  private static final String CTRL_P = "\020";

  @TempDir Path home;

  private Cli cli;

  @BeforeEach
  void inAHomeOfItsOwn() {
    engine("direct");
  }

  private void engine(String engine) {
    cli =
        new Cli()
            .with("HOME", home.toString())
            .with(
                "JDK_JAVA_OPTIONS",
                "-Djava.util.prefs.userRoot="
                    + home
                    + " -Djava.io.tmpdir="
                    + home
                    + " -Dasyncio.engine="
                    + engine);
  }

  /** What the shell answers to each line. */
  private List<String> answers(String... lines) throws Exception {
    Result result = cli.input(String.join("\n", lines) + "\n").run("repl", "-s");
    assertThat(result.err().replaceAll("NOTE: Picked up .*\n", "")).isEmpty();
    assertThat(result.status()).isZero();
    // Without the prompts; an input that came early may be echoed, so answers begin with a new
    // line.
    return result.out().replace("-> ", "").lines().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "portable"})
  @Spec("GRAPH-27")
  void suspendingCallsWorkAtThePrompt(String engine) throws Exception {
    engine(engine);
    assertThat(
            answers(
                "void say(Object text) { System.out.println(\"\\n> \" + text); }",
                "say(sleep(millis(1), \"slept\"))",
                "var queue = new Queue<Integer>()",
                "var producer = createTask(() -> { sleep(millis(1)); queue.put(7); })",
                "say(queue.get())",
                "say(await(gather(createTask(() -> 1), createTask(() -> 2))))",
                "say(producer.isDone())",
                "say(Engine.preferred())",
                "say(currentTask().name().startsWith(\"prompt-\"))"))
        .filteredOn(line -> line.startsWith("> "))
        .containsExactly(
            "> slept",
            "> 7",
            "> [1, 2]",
            "> true",
            "> " + engine.toUpperCase(Locale.ROOT),
            "> true");
  }

  @Test
  @Spec("GRAPH-27")
  void allSnippetsAreTasksOfOneLoopThatGoesOnBetweenThem() throws Exception {
    assertThat(
            answers(
                "var loop = getRunningLoop()",
                "var ticks = new int[1]",
                "var ticker = createTask(() -> { while (true) { sleep(millis(1)); ticks[0]++; } })",
                "int now = ticks[0]; boolean went = false;",
                // The next line is compiled on another thread, for many times a millisecond.
                "int later = ticks[0]",
                "System.out.println(\"\\n> \" + (later > now) + \" \" + (loop == getRunningLoop()))",
                // Context variables keep their values from one snippet to the next.
                "var user = new ContextVar<String>(\"user\")",
                "var _ = user.set(\"me\")",
                "System.out.println(\"\\n> \" + user.get())"))
        .contains("> true true", "> me");
  }

  @Test
  void exceptionIsShownAsJShellDoesAndTheSessionGoesOnToItsExitStatus() throws Exception {
    Result result =
        cli.input(
                "void f() { sleep(millis(1)); throw new IllegalStateException(\"no\"); }\n"
                    + "f()\nint x = true\n1 + 1\n/exit 3\n")
            .run("repl");
    assertThat(result.out())
        .contains("|  Exception java.lang.IllegalStateException: no\n|        at f (#1:1)\n")
        .contains("incompatible types")
        .contains("==> 2");
    assertThat(result.status()).isEqualTo(3);
  }

  @Test
  void endOfTheSessionCancelsWhatStillRunsAndLeavesNoFilesBehind() throws Exception {
    assertThat(
            answers(
                "var task = createTask(() -> { try { sleep(seconds(1000)); } finally {"
                    + " System.out.println(\"\\n> cleaned up\"); } })",
                "sleep(seconds(0))"))
        .contains("> cleaned up");
    assertThat(temporaryFiles()).isEmpty();
  }

  private List<Path> temporaryFiles() throws IOException {
    try (var files = Files.list(home)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("asyncio-repl"))
          .toList();
    }
  }

  @Test
  void filesAndOptionsGoToJShell() throws Exception {
    Path file = Files.writeString(home.resolve("start.jsh"), "int answer = 42;\n");
    Result result = cli.input("System.out.println(\"\\n> \" + answer)\n").run("repl", "-s", file);
    assertThat(result.out()).contains("> 42\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "portable"})
  @Spec("GRAPH-27")
  void ctrlCCancelsTheInputAndNotTheSession(String engine) throws Exception {
    engine(engine);
    try (Pty terminal = Pty.start(cli, "repl")) {
      terminal.await(PROMPT);
      terminal.type("var ticks = new int[1]\r");
      terminal.await("ticks ==>[^$]*" + PROMPT);
      terminal.type(
          "var ticker = createTask(() -> { while (true) { sleep(millis(1)); ticks[0]++; } })\r");
      terminal.await("ticker ==>[^$]*" + PROMPT);

      for (String waiting :
          List.of(
              "sleep(seconds(1000));", // waits in the library
              "Thread.sleep(1_000_000);", // blocks in the JDK
              "while (true) {}")) { // computes
        terminal.type("{ System.out.println(\"on\" + \"ce\"); " + waiting + " }\r");
        terminal.await("\nonce");
        terminal.type(CTRL_C);
        terminal.await(PROMPT);
      }

      terminal.type("await(createTask(() -> 40 + 2))\r");
      terminal.await("==> 42[^$]*" + PROMPT);
      terminal.type("ticker.isDone()\r");
      terminal.await("==> false[^$]*" + PROMPT);
      terminal.type(CTRL_D);
      assertThat(terminal.exitStatus()).isZero();
    }
  }

  @Test
  void ctrlCAtThePromptDropsTheLineAndHistoryIsKeptForTheNextSession() throws Exception {
    try (Pty first = Pty.start(cli, "repl")) {
      first.await(PROMPT);
      first.type("int x = " + CTRL_C);
      first.await(PROMPT);
      first.type("\"remem\" + \"bered\"\r");
      first.await("==> \"remembered\"[^$]*" + PROMPT);
      first.type(CTRL_D);
      assertThat(first.exitStatus()).isZero();
    }
    try (Pty second = Pty.start(cli, "repl")) {
      second.await(PROMPT);
      second.type(CTRL_P + "\r");
      second.await("==> \"remembered\"");
      second.type(CTRL_D);
      assertThat(second.exitStatus()).isZero();
    }
  }
}
