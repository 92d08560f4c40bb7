package asyncio.bench;

import asyncio.bench.Peer.NotHere;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The programs that a benchmark needs: compiles C and Go into a folder of its own, finds
 * interpreters that have a module, and starts JVMs as this one.
 */
final class Toolbox implements AutoCloseable {
  private final Path sources;
  private final Path folder;
  private final Set<String> compiled = new HashSet<>();
  private final Map<String, String> interpreters = new HashMap<>();

  /**
   * @param sources the folder {@code benchmarks/src}
   */
  Toolbox(Path sources) {
    this.sources = sources;
    try {
      this.folder = Files.createTempDirectory("asyncio-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A source file, by its path under {@code benchmarks/src/main}. */
  String source(String path) {
    return sources.resolve("main").resolve(path).toString();
  }

  /** A place for a temporary file. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** The program made of {@code main/c/NAME.c}. */
  String c(String name, String... libraries) throws NotHere {
    List<String> command = new ArrayList<>(List.of("cc", "-O2", "-o", target(name)));
    command.add(source("c/" + name + ".c"));
    command.addAll(List.of(libraries));
    return compile(name, command);
  }

  /** The program made of {@code main/go/NAME.go}. */
  String go(String name) throws NotHere {
    return compile(
        "go-" + name,
        List.of("go", "build", "-o", target("go-" + name), source("go/" + name + ".go")));
  }

  private String target(String name) {
    return file(name).toString();
  }

  private String compile(String name, List<String> command) throws NotHere {
    if (!compiled.contains(name)) {
      if (!isOnPath(command.getFirst())) {
        throw new NotHere(command.getFirst() + " is not installed");
      }
      if (run(command, Redirect.INHERIT) != 0) {
        throw new NotHere("it does not compile here");
      }
      compiled.add(name);
    }
    return target(name);
  }

  /** A Python that can import the module, the one on the path first. */
  String python(String module) throws NotHere {
    String found = interpreters.computeIfAbsent(module, this::findPython);
    if (found.isEmpty()) {
      throw new NotHere("no Python here has the module " + module);
    }
    return found;
  }

  private String findPython(String module) {
    return Stream.of("python3.14", "python3.13", "python3", "/usr/bin/python3")
        .filter(Toolbox::isOnPath)
        .filter(python -> run(List.of(python, "-c", "import " + module), Redirect.DISCARD) == 0)
        .findFirst()
        .orElse("");
  }

  /** Node, with its garbage collector in reach. */
  List<String> node(String script) throws NotHere {
    if (!isOnPath("node")) {
      throw new NotHere("node is not installed");
    }
    return List.of("node", "--expose-gc", source("js/" + script));
  }

  /** A JVM like this one that runs {@code type}, which may be missing from this build. */
  List<String> java(String type, List<String> options) throws NotHere {
    try {
      Class.forName(type, false, Toolbox.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new NotHere("it is not part of this build (profile peers)");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--module-path=" + System.getProperty("jdk.module.path"),
            "--add-modules=asyncio",
            "--add-opens=java.base/java.lang=asyncio,ALL-UNNAMED",
            "--enable-native-access=asyncio,ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.util.logging.config.file=/dev/null"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), type));
    return command;
  }

  /** A process on one core, if cores can be chosen; its errors go where ours go. */
  static ProcessBuilder pinned(int core, List<String> command) {
    List<String> all = new ArrayList<>();
    if (Runtime.getRuntime().availableProcessors() > 1 && isOnPath("taskset")) {
      all.addAll(List.of("taskset", "-c", Integer.toString(core)));
    }
    all.addAll(command);
    return new ProcessBuilder(all).redirectError(Redirect.INHERIT);
  }

  static boolean isOnPath(String program) {
    if (program.contains(File.separator)) {
      return Files.isExecutable(Path.of(program));
    }
    @Nullable String path = System.getenv("PATH");
    return path != null
        && Stream.of(path.split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static int run(List<String> command, Redirect errors) {
    try {
      return new ProcessBuilder(command)
          .redirectOutput(Redirect.DISCARD)
          .redirectError(errors)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
