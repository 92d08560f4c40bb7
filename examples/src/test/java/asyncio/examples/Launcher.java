package asyncio.examples;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Calls the launcher as a user's shell would, with only the environment that is given here.
 *
 * <p>It uses the classes that Maven compiled for this test run, so it builds nothing itself unless
 * asked to.
 */
final class Launcher {
  /** The folder that holds the parent pom and the launcher. */
  static final Path ROOT = findRoot();

  private static final String JDK = System.getProperty("java.home");

  private Path script = ROOT.resolve("asyncio");
  private Path folder = ROOT;
  private String input = "";
  private final Map<String, String> environment = new HashMap<>();

  /** What a finished process left behind. */
  record Result(int exitCode, String out, String err) {}

  Launcher() {
    environment.put("PATH", System.getenv("PATH"));
    environment.put("ASYNCIO_JAVA_HOME", JDK);
    environment.put("ASYNCIO_MODULE_PATH", libraryClasses().toString());
  }

  Launcher script(Path script) {
    this.script = script;
    return this;
  }

  Launcher in(Path folder) {
    this.folder = folder;
    return this;
  }

  Launcher input(String input) {
    this.input = input;
    return this;
  }

  Launcher with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Launcher without(String variable) {
    environment.remove(variable);
    return this;
  }

  /** Starts the launcher; its output can be read, what it logs is dropped. */
  Process startPiped(Object... arguments) throws IOException {
    return builder(arguments).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private ProcessBuilder builder(Object... arguments) {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  /** Starts the launcher; its output goes to two files in {@code outputs}. */
  Process start(Path outputs, Object... arguments) throws IOException {
    var builder = builder(arguments);
    builder.redirectOutput(outputs.resolve("out").toFile());
    builder.redirectError(outputs.resolve("err").toFile());
    return builder.start();
  }

  Result run(Object... arguments) throws IOException, InterruptedException {
    Path outputs = Files.createTempDirectory("launcher");
    try {
      Process process = start(outputs, arguments);
      try (var stdin = process.outputWriter()) {
        stdin.write(input);
      } catch (IOException e) {
        // the program ended without reading all of it
      }
      if (!process.waitFor(50, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(
            "still running after 50 s: "
                + List.of(arguments)
                + "\n"
                + Files.readString(outputs.resolve("err")));
      }
      return new Result(
          process.exitValue(),
          Files.readString(outputs.resolve("out")),
          Files.readString(outputs.resolve("err")));
    } finally {
      for (String name : List.of("out", "err")) {
        Files.deleteIfExists(outputs.resolve(name));
      }
      Files.delete(outputs);
    }
  }

  /** Where the classes of the library are: a folder, or a jar. */
  static Path libraryClasses() {
    try {
      return Path.of(
          asyncio.Asyncio.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Path findRoot() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("asyncio"))
          && Files.isDirectory(folder.resolve("core"))) {
        return folder;
      }
    }
    throw new AssertionError("no launcher above " + Path.of("").toAbsolutePath());
  }
}
