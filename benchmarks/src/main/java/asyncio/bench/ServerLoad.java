package asyncio.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a load generator saw of a server, and the CPU time that the server took for it.
 *
 * @param cpuSeconds between the generator's lines {@code begin} and {@code end}
 * @param said the numbers on its last line
 */
record ServerLoad(double cpuSeconds, Map<String, Long> said) {
  private static final double TICKS = 100; // a second, in /proc; the same on every Linux

  /** Tells how many seconds of CPU time a process has had. */
  @FunctionalInterface
  interface CpuClock {
    double seconds(Process process) throws IOException;
  }

  long value(String name) {
    return Objects.requireNonNull(said.get(name), name);
  }

  /** Runs a generator on its core; null if it has given up, which it says itself. */
  static @Nullable ServerLoad put(Process server, CpuClock clock, List<String> generator)
      throws Exception {
    Process load = Toolbox.pinned(1, generator).start();
    double begin = 0;
    double cpu = 0;
    try (BufferedReader out = load.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        switch (line) {
          case "begin" -> begin = clock.seconds(server);
          case "end" -> cpu = clock.seconds(server) - begin;
          default -> {
            return new ServerLoad(cpu, parse(line));
          }
        }
      }
      return null;
    } finally {
      load.destroyForcibly().waitFor();
    }
  }

  private static Map<String, Long> parse(String line) {
    Map<String, Long> values = new HashMap<>();
    for (String part : line.split(" ", -1)) {
      String[] pair = part.split("=", -1);
      values.put(pair[0], Long.parseLong(pair[1]));
    }
    return values;
  }

  // ---- clocks

  /** Of all threads. */
  static double cpuSeconds(Process process) throws IOException {
    return ticks(folder(process)) / TICKS;
  }

  /**
   * Of all threads of a JVM but the compilers, which go on for long after a short warm-up. The JVM
   * must not end some of them meanwhile: {@code -XX:-UseDynamicNumberOfCompilerThreads}.
   */
  static double cpuSecondsWithoutCompilers(Process process) throws IOException {
    long ticks = ticks(folder(process));
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(folder(process).resolve("task"))) {
      for (Path thread : threads) {
        try {
          if (Files.readString(thread.resolve("comm")).contains("Compiler")) {
            ticks -= ticks(thread);
          }
        } catch (NoSuchFileException e) {
          // it has ended, and was none of them
        }
      }
    }
    return ticks / TICKS;
  }

  private static Path folder(Process process) {
    return Path.of("/proc/" + process.pid());
  }

  private static long ticks(Path folder) throws IOException {
    String stat = Files.readString(folder.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
