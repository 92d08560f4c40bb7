package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.tools.Cli.Result;
import asyncio.tools.Program.Kind;
import asyncio.tools.programs.Circle;
import asyncio.tools.programs.Locks;
import asyncio.tools.programs.OtherLoader;
import asyncio.tools.programs.Waiting;
import asyncio.tools.programs.WithoutLibrary;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands, on programs that run in JVMs of their own and prepared nothing. */
class OutsideViewTest {
  private final Cli cli = new Cli();

  @ParameterizedTest
  @EnumSource(Kind.class)
  @Spec({"GRAPH-19", "GRAPH-20", "GRAPH-25", "GRAPH-26"})
  void tableShowsTheTasksOfAProgramThatPreparedNothing(Kind kind) throws Exception {
    try (Program program = Program.start(kind, Waiting.class)) {
      Result result = cli.run("ps", program.pid());

      assertThat(result.err()).isEmpty();
      assertThat(result.status()).isZero();
      assertThat(result.lines().getFirst())
          .matches(
              "tid +task id +task name +coroutine stack +awaiter chain +awaiter name +awaiter id");
      assertThat(result.lines())
          .anySatisfy(line ->
              assertThat(line)
                  .matches(
                      "\\d+ +0x[0-9a-f]+ +Task-1 +" + "Waiting.album -> Waiting.main.lambda +0x0"))
          .anySatisfy(line ->
              assertThat(line)
                  .matches(
                      "\\d+ +0x[0-9a-f]+ +second +Waiting.pause -> Waiting.play +"
                          + "Waiting.album -> Waiting.main.lambda +Task-1 +0x[0-9a-f]+"));
      program.assertUndisturbed();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CLASS_PATH_DIRECT", "MODULE_PATH_PORTABLE"})
  @Spec({"GRAPH-21", "GRAPH-23"})
  void treeShowsWhoAwaitsWhomWithSourceLines(Kind kind) throws Exception {
    try (Program program = Program.start(kind, Waiting.class)) {
      Result result = cli.run("pstree", program.pid());

      assertThat(result.err()).isEmpty();
      assertThat(result.status()).isZero();
      assertThat(result.out().replaceAll("java:\\d+", "java:N"))
          .isEqualTo(
              """
              └── (T) Task-1
                  └── Waiting.main.lambda Waiting.java:N
                      └── Waiting.album Waiting.java:N
                          ├── (T) first
                          │   └── Waiting.play Waiting.java:N
                          │       └── Waiting.pause Waiting.java:N
                          └── (T) second
                              └── Waiting.play Waiting.java:N
                                  └── Waiting.pause Waiting.java:N

              └── (T) holder
                  └── Waiting.main.lambda Waiting.java:N
                      └── Waiting.pause Waiting.java:N

              └── (T) waiter
              """);
    }
  }

  @Test
  void whatTheTasksWaitForIsShownIfAskedFor() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class)) {
      assertThat(cli.run("pstree", "--waits", program.pid()).out())
          .containsPattern("\\(T\\) waiter\\n +└── <- Lock@[0-9a-f]+.*, held by holder\\n");
      assertThat(cli.run("ps", "-w", program.pid()).lines())
          .anySatisfy(
              line -> assertThat(line).matches(".* waiter .*Lock@[0-9a-f]+.*held by holder"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CLASS_PATH_DIRECT", "CLASS_PATH_PORTABLE"})
  @Spec("GRAPH-24")
  void tasksThatAwaitEachOtherAreNamedInPlaceOfATree(Kind kind) throws Exception {
    try (Program program = Program.start(kind, Circle.class)) {
      Result tree = cli.run("pstree", program.pid());
      assertThat(tree.out()).isEmpty();
      assertThat(tree.err())
          .startsWith("asyncio: tasks await each other in a circle")
          .containsAnyOf("cycle: here -> there -> here", "cycle: there -> here -> there");
      assertThat(tree.status()).isEqualTo(1);

      Result table = cli.run("ps", program.pid());
      assertThat(table.status()).isZero();
      assertThat(table.lines())
          .anySatisfy(line -> assertThat(line).matches(".* here .* there +0x[0-9a-f]+"));
    }
  }

  @Test
  void deadlockOverLocksIsNamedBelowTheTrees() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Locks.class)) {
      Result result = cli.run("pstree", program.pid());
      assertThat(result.status()).isZero();
      assertThat(result.err()).startsWith("asyncio: deadlock: philosopher -[Lock@");
    }
  }

  @Test
  void dumpIsOneJsonDocument() throws Exception {
    try (Program program = Program.start(Kind.MODULE_PATH_DIRECT, Locks.class)) {
      JsonObject all =
          JsonParser.parseString(cli.run("dump", program.pid()).out()).getAsJsonObject();
      assertThat(all.get("process").getAsJsonObject().get("pid").getAsLong())
          .isEqualTo(program.pid());
      assertThat(all.get("cycles").getAsJsonArray()).hasSize(1);
      assertThat(all.get("tasks").getAsJsonArray()).hasSize(5);
      assertThat(all.get("metrics").getAsJsonArray()).hasSize(1);
      assertThat(cli.run("dump", "-c", program.pid()).lines()).hasSize(1);
    }
  }

  @Test
  void taskIsCancelledByItsNameOrItsId() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Locks.class)) {
      Result named = cli.run("cancel", program.pid(), "thinker");
      assertThat(named.out()).matches("cancelled 'thinker' \\(0x[0-9a-f]+\\)\\n");
      assertThat(named.status()).isZero();
      assertThat(cli.run("ps", program.pid()).out())
          .doesNotContain("thinker")
          .doesNotContain("philosopher"); // it got its second lock

      Result ambiguous = cli.run("cancel", program.pid(), "twin");
      assertThat(ambiguous.status()).isEqualTo(1);
      assertThat(ambiguous.err())
          .matches("asyncio: 2 tasks have the name 'twin', take the id: 0x\\w+, 0x\\w+\\n");
      String id = ambiguous.err().replaceAll(".* (0x\\w+)\\n", "$1");
      assertThat(cli.run("cancel", program.pid(), id).out())
          .isEqualTo("cancelled 'twin' (" + id + ")\n");

      Result none = cli.run("cancel", program.pid(), "nobody");
      assertThat(none.err()).isEqualTo("asyncio: no task has the id or name 'nobody'\n");
      assertThat(none.status()).isEqualTo(1);
      assertThat(program.isAlive()).isTrue();
    }
  }

  @Test
  void withoutAProcessTheOnesThatUseTheLibraryAreListed() throws Exception {
    try (Program with =
            Program.start(Kind.MODULE_PATH_PORTABLE, Waiting.class, "-XX:-UsePerfData");
        Program without = Program.start(Kind.CLASS_PATH_DIRECT, WithoutLibrary.class)) {
      Result result = cli.run("ps");
      assertThat(result.status()).isZero();
      assertThat(result.lines().getFirst()).matches("pid +jdk +program");
      assertThat(result.lines())
          .anySatisfy(
              line -> assertThat(line).matches(with.pid() + " +25\\S* +" + Waiting.class.getName()))
          .noneSatisfy(line -> assertThat(line).startsWith(without.pid() + " "));
    }
  }

  @Test
  void singleFileProgramIsListedByItsFile() {
    assertThat(
            Processes.program(
                "jdk.compiler/com.sun.tools.javac.launcher.SourceLauncher /a/Chat.java -p secret"))
        .isEqualTo("/a/Chat.java");
    assertThat(Processes.program("app.Main -p secret")).isEqualTo("app.Main");
  }

  @Test
  @Spec("GRAPH-25")
  void processWithoutTheLibraryIsNamedAsSuch() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, WithoutLibrary.class)) {
      assertThat(cli.run("ps", program.pid()))
          .isEqualTo(
              new Result(
                  1,
                  "",
                  "asyncio: process %d is a JVM, but it does not use asyncio (yet)\n"
                      .formatted(program.pid())));
    }
  }

  @Test
  @Spec("GRAPH-25")
  void libraryInAClassLoaderOfItsOwnIsExplained() throws Exception {
    try (Program program =
        Program.start(
            List.of(),
            Kind.CLASS_PATH_DIRECT,
            List.of("-cp", Program.TESTS),
            OtherLoader.class,
            List.of(Program.LIBRARY + File.pathSeparator + Program.TESTS))) {
      Result result = cli.run("ps", program.pid());
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err())
          .isEqualTo(
              "asyncio: process %d has asyncio in a class loader of its own, where it cannot be found from outside\n"
                  .formatted(program.pid()));
    }
  }

  @Test
  @Spec("GRAPH-25")
  void jvmThatLetsNobodyAttachIsNamedAsSuch() throws Exception {
    try (Program program =
        Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class, "-XX:+DisableAttachMechanism")) {
      Result result = cli.run("pstree", program.pid());
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err())
          .startsWith("asyncio: process %d does not let tools attach".formatted(program.pid()));
    }
  }

  @Test
  @Spec("GRAPH-25")
  void wrongProcessIsNamedAtOnce() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Result none = cli.run("ps", ended.pid());
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).startsWith("asyncio: no process has the id " + ended.pid());

    Process sleep = new ProcessBuilder("sleep", "60").start();
    try {
      Result noJvm = cli.run("ps", sleep.pid());
      assertThat(noJvm.status()).isEqualTo(1);
      assertThat(noJvm.err())
          .isEqualTo("asyncio: process %d (sleep) is no JVM\n".formatted(sleep.pid()));
    } finally {
      sleep.destroyForcibly();
    }
  }

  @Test
  @Spec("GRAPH-25")
  void wrongCommandLineGivesTheUsage() throws Exception {
    for (List<String> arguments :
        List.of(
            List.of("pstree"),
            List.of("ps", "x"),
            List.of("cancel", "1"),
            List.of("dump", "--no-such-option", "1"))) {
      Result result = cli.run(arguments.toArray());
      assertThat(result.status()).isEqualTo(2);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("Usage: asyncio " + arguments.getFirst());
    }
  }

  @Test
  void helpOfACommandNamesItsOptions() throws Exception {
    Result result = cli.run("ps", "--help");
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("Usage: asyncio ps", "--tasks=COUNT", "--waits");
  }

  @Test
  void asManyTasksAreShownAsWereAskedFor() throws Exception {
    try (Program program = Program.start(Kind.CLASS_PATH_DIRECT, Waiting.class)) {
      Result result = cli.run("ps", "-n", 2, program.pid());
      assertThat(result.lines()).hasSize(4);
      assertThat(result.err())
          .isEqualTo("asyncio: 3 of 5 tasks are not shown; --tasks=COUNT shows more\n");
    }
  }
}
