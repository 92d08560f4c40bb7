package asyncio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.examples.Launcher.Result;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each program of this folder, and of its folders, with the launcher, on both engines, and
 * compares what it prints with {@code expected/NAME.txt}, or {@code expected/NAME.ENGINE.txt} where
 * the engines differ. There, an ellipsis (…) stands for any text within a line. Its input is {@code
 * expected/NAME.in.txt}, or nothing. Files without a {@code main} are parts of programs beside
 * them.
 */
class ProgramsTest {
  private static final Path EXAMPLES = Launcher.ROOT.resolve("examples");
  private static final Pattern CLASS_PATH = Pattern.compile("run[\\s*]+-cp ([^}]+) examples/");
  private static final Pattern JAR = Pattern.compile("\\S+\\.jar");

  /**
   * Programs that serve until they are stopped; {@link ServersTest}, or another program, runs them.
   */
  static final Set<String> SERVERS =
      Set.of("heritage/TwistedEchoServer.java", "grid/SecondMember.java");

  static Stream<Arguments> programsAndEngines() throws IOException {
    try (Stream<Path> top = Files.list(EXAMPLES);
        Stream<Path> heritage = Files.list(EXAMPLES.resolve("heritage"));
        Stream<Path> stack = Files.list(EXAMPLES.resolve("stack/rpc"));
        Stream<Path> grid = Files.list(EXAMPLES.resolve("grid"))) {
      return Stream.of(top, heritage, stack, grid)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".java"))
          .filter(ProgramsTest::isProgram)
          .map(file -> EXAMPLES.relativize(file).toString())
          .filter(name -> !SERVERS.contains(name))
          .sorted()
          .toList()
          .stream()
          .flatMap(
              name -> Stream.of("direct", "portable").map(engine -> Arguments.of(name, engine)));
    }
  }

  private static boolean isProgram(Path file) {
    try {
      return Files.readString(file).contains("void main(");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    Path input = EXAMPLES.resolve("expected").resolve(name + ".in.txt");
    String typed = Files.exists(input) ? Files.readString(input) : "";
    Result result = new Launcher().input(typed).run(arguments.toArray());

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out().lines())
        .as("output, against %s", expected)
        .zipSatisfy(Files.readAllLines(expected), ProgramsTest::matches);
  }

  /**
   * A program that needs other libraries says how to run it: {@code run -cp NAME.jar examples/…},
   * or several jars. They are on the class path of these tests.
   */
  private static List<String> librariesOf(Path program) throws IOException {
    Matcher needed = CLASS_PATH.matcher(Files.readString(program));
    if (!needed.find()) {
      return List.of();
    }
    String jars =
        JAR.matcher(needed.group(1))
            .results()
            .map(jar -> onClassPath(jar.group()))
            .collect(Collectors.joining(File.pathSeparator));
    return List.of("-cp", jars);
  }

  private static String onClassPath(String jar) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(File.separator + jar))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not a test dependency: " + jar));
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
    String program = expected.toString().replaceAll("(\\.\\w+)?\\.txt$", ".java");
    assertThat(EXAMPLES.resolve(program)).exists();
  }

  static List<Path> expectedOutputs() throws IOException {
    Path folder = EXAMPLES.resolve("expected");
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
  }
}
