package asyncio.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Calls {@code ./asyncio} as a shell would, on the classes of this test run. */
final class Cli {
  /** The folder that holds the parent pom and the launcher. */
  static final Path ROOT = findRoot();

  private final List<String> prefix = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private String input = "";

  /** What a finished command left behind. */
  record Result(int status, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  Cli() {
    environment.put("PATH", System.getenv("PATH"));
    environment.put("ASYNCIO_JAVA_HOME", System.getProperty("java.home"));
    environment.put("ASYNCIO_MODULE_PATH", Program.COMMANDS);
  }

  /** Words that go before the command: the name of another program, and its arguments. */
  Cli under(String... words) {
    prefix.addAll(List.of(words));
    return this;
  }

  Cli with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Cli input(String input) {
    this.input = input;
    return this;
  }

  ProcessBuilder builder(Object... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(ROOT.resolve("asyncio").toString());
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  Result run(Object... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile("cli", ".out");
    Path err = Files.createTempFile("cli", ".err");
    try {
      Process process =
          builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      try (var stdin = process.outputWriter()) {
        stdin.write(input);
      } catch (IOException e) {
        // it ended without reading all of it
      }
      if (!process.waitFor(50, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(
            "still running after 50 s: " + List.of(arguments) + "\n" + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
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
