package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.tools.programs.Waiting;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** A program in a JVM of its own, to be looked into; it is ready when this exists. */
final class Program implements AutoCloseable {
  static final String LIBRARY = placeOf(Asyncio.class);
  static final String TESTS = placeOf(Waiting.class);
  static final String COMMANDS =
      String.join(
          File.pathSeparator,
          LIBRARY,
          placeOf(Main.class),
          placeOf(CommandLine.class),
          placeOf(Gson.class));
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** How a program finds the library, and on which engine it runs. */
  enum Kind {
    CLASS_PATH_DIRECT("direct", "-cp", LIBRARY + File.pathSeparator + TESTS),
    CLASS_PATH_PORTABLE("portable", "-cp", LIBRARY + File.pathSeparator + TESTS),
    MODULE_PATH_DIRECT("direct", "-p", LIBRARY, "--add-modules", "asyncio", "-cp", TESTS),
    MODULE_PATH_PORTABLE("portable", "-p", LIBRARY, "--add-modules", "asyncio", "-cp", TESTS),
    /** Not even the JDK's management is among its modules. */
    FEW_MODULES(
        "portable",
        "-p",
        LIBRARY,
        "--add-modules",
        "asyncio",
        "--limit-modules",
        "java.base,asyncio",
        "-cp",
        TESTS);

    private final List<String> options = new ArrayList<>();

    Kind(String engine, String... options) {
      this.options.add("-Dasyncio.engine=" + engine);
      if (engine.equals("direct")) {
        String module = List.of(options).contains("-p") ? "asyncio" : "ALL-UNNAMED";
        this.options.addAll(List.of("--add-opens", "java.base/java.lang=" + module));
      }
      this.options.addAll(List.of(options));
    }
  }

  private final Process process;
  private final Path errors;

  private Program(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  static Program start(Kind kind, Class<?> main, String... more) throws IOException {
    return start(List.of(), kind, List.of(more), main, List.of());
  }

  static Program start(
      List<String> prefix, Kind kind, List<String> options, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(kind.options);
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    Path errors = Files.createTempFile("program", ".err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    Program program = new Program(process, errors);
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    if (!"ready".equals(line)) {
      String text = program.errors();
      program.close();
      throw new AssertionError("not ready: " + line + "\n" + text);
    }
    return program;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written to standard error so far. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Checks that it has written no warning and no exception. */
  void assertUndisturbed() throws IOException {
    // The JDK warns of its own native libraries when it loads its management that late.
    String own = "WARNING: .*(restricted|Restricted|loadLibrary|--enable-native-access).*";
    assertThat(errors().lines().filter(line -> !line.matches(own)))
        .noneMatch(line -> line.contains("WARNING") || line.contains("Exception"));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    Files.delete(errors);
  }

  static String placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
