package asyncio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.examples.Launcher.Result;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each program of this folder with the launcher, on both engines, and compares what it prints
 * with {@code expected/NAME.txt}, or {@code expected/NAME.ENGINE.txt} where the engines differ.
 * There, an ellipsis (…) stands for any text within a line.
 */
class ProgramsTest {
  private static final Path EXAMPLES = Launcher.ROOT.resolve("examples");
  private static final Pattern CLASS_PATH = Pattern.compile("run -cp (\\S+\\.jar)");

  static Stream<Arguments> programsAndEngines() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .sorted()
          .toList()
          .stream()
          .flatMap(
              name -> Stream.of("direct", "portable").map(engine -> Arguments.of(name, engine)));
    }
  }

  @ParameterizedTest(name = "{0} on the {1} engine")
  @MethodSource("programsAndEngines")
  void printsWhatItShould(String program, String engine) throws Exception {
    String name = program.replaceAll("\\.java$", "");
    Path ofEngine = EXAMPLES.resolve("expected").resolve(name + "." + engine + ".txt");
    Path expected =
        Files.exists(ofEngine) ? ofEngine : EXAMPLES.resolve("expected").resolve(name + ".txt");

    List<Object> arguments = new ArrayList<>(List.of("run", "-Dasyncio.engine=" + engine));
    arguments.addAll(librariesOf(EXAMPLES.resolve(program)));
    arguments.add(EXAMPLES.resolve(program));
    Result result = new Launcher().run(arguments.toArray());

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out().lines())
        .as("output, against %s", expected)
        .zipSatisfy(Files.readAllLines(expected), ProgramsTest::matches);
  }

  /**
   * A program that needs another library says how to run it: {@code run -cp NAME.jar}. The jar is
   * on the class path of these tests.
   */
  private static List<String> librariesOf(Path program) throws IOException {
    Matcher needed = CLASS_PATH.matcher(Files.readString(program));
    if (!needed.find()) {
      return List.of();
    }
    String jar =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(File.separator + needed.group(1)))
            .findFirst()
            .orElseThrow(() -> new AssertionError("not a test dependency: " + needed.group(1)));
    return List.of("-cp", jar);
  }

  private static void matches(String line, String expected) {
    String pattern =
        Stream.of(expected.split("…", -1))
            .map(Pattern::quote)
            .reduce((a, b) -> a + ".*" + b)
            .orElseThrow();
    assertThat(line).matches(pattern);
  }

  @ParameterizedTest
  @MethodSource("expectedOutputs")
  void everyExpectedOutputHasItsProgram(Path expected) {
    String program = expected.getFileName().toString().replaceAll("(\\.\\w+)?\\.txt$", ".java");
    assertThat(EXAMPLES.resolve(program)).exists();
  }

  static List<Path> expectedOutputs() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES.resolve("expected"))) {
      return files.sorted().toList();
    }
  }
}
