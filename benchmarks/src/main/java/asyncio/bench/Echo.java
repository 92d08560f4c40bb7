package asyncio.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The network benchmarks: servers beside their peers and limits, each in a process of its own on
 * one core, under a load generator on the other. {@code ./asyncio bench echo|lines|bulk|conns} runs
 * them.
 *
 * <p>The figure is the server's CPU time for each request, line or GiB, or its memory for each idle
 * connection. The load is an open loop at a fixed rate: in a closed one the generator is the limit
 * and every server looks alike. Peers take turns, several times; medians are printed, with ratios
 * to the bare NIO loop.
 *
 * <p>Arguments: the benchmark; {@code --peers a,b,…}; {@code --repeats N}; {@code --seconds N};
 * {@code --warmup N}; {@code --rate N}. Needs a C compiler ({@code cc}); a peer that cannot run
 * here is named as skipped.
 */
public final class Echo {
  private static final double GIB = 1L << 30;
  private static final int WARMUP_ROUNDS = 12;
  private static final String REFERENCE = "nio";

  /** A benchmark: what load it puts on, and what it makes of the server's CPU time. */
  private enum Kind {
    ECHO(
        "CPU µs per 1 KiB request",
        "epoll,nio,netty-nio,netty-epoll,protocol,streams,sockets,blocking"),
    LINES("CPU µs per 64-byte line", "epoll,nio,netty-nio,netty-epoll,protocol,streams"),
    BULK("CPU ms per GiB", "epoll,nio,netty-nio,netty-epoll,protocol,streams,sockets"),
    CONNS("live bytes per idle connection", "epoll,nio,netty-nio,protocol,streams");

    final String unit;
    final String peers;

    Kind(String unit, String peers) {
      this.unit = unit;
      this.peers = peers;
    }
  }

  private final Kind kind;
  private final Path tools;
  private int repeats = 3;
  private double seconds = 5;
  private double warmup = 8;
  private int rate;

  private Echo(Kind kind, Path tools) {
    this.kind = kind;
    this.tools = tools;
    this.rate = kind == Kind.LINES ? 10_000 : 40_000;
  }

  /** What one run of one server gave. */
  private record Run(double figure, long p50, long p99) {}

  public static void main(String[] args) throws Exception {
    Kind kind = Kind.valueOf(args[0].toUpperCase(Locale.ROOT));
    Echo echo = new Echo(kind, Files.createTempDirectory("asyncio-bench"));
    List<String> peers = List.of(kind.peers.split(",", -1));
    for (int i = 1; i < args.length; i += 2) {
      String value = args[i + 1];
      switch (args[i]) {
        case "--peers" -> peers = List.of(value.split(",", -1));
        case "--repeats" -> echo.repeats = Integer.parseInt(value);
        case "--seconds" -> echo.seconds = Double.parseDouble(value);
        case "--warmup" -> echo.warmup = Double.parseDouble(value);
        case "--rate" -> echo.rate = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("no such option: " + args[i]);
      }
    }
    try {
      echo.run(peers);
    } finally {
      for (String tool : List.of("load", "epoll")) {
        Files.deleteIfExists(echo.tools.resolve(tool));
      }
      Files.deleteIfExists(echo.tools);
    }
  }

  private void run(List<String> peers) throws Exception {
    compile("load", "-lm");
    if (peers.contains("epoll")) {
      compile("epoll");
    }
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    for (int i = 0; i < repeats; i++) {
      for (String peer : peers) {
        Run run = measure(peer);
        if (run != null) {
          runs.computeIfAbsent(peer, _ -> new ArrayList<>()).add(run);
          System.err.printf(Locale.ROOT, "%d %s %.3f%n", i + 1, peer, run.figure);
        } else if (i == 0) {
          System.err.println("skipped: " + peer + " does not run here");
        }
      }
    }
    print(runs);
  }

  private void compile(String tool, String... libraries) throws Exception {
    Path source = Path.of(System.getProperty("asyncio.bench.sources"), tool + ".c");
    List<String> command =
        new ArrayList<>(
            List.of("cc", "-O2", "-o", tools.resolve(tool).toString(), source.toString()));
    command.addAll(Arrays.asList(libraries));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException("cannot compile " + source + "; is a C compiler installed?");
    }
  }

  // ---- one run

  private @Nullable Run measure(String peer) throws Exception {
    Process server = pinned(0, serverCommand(peer)).start();
    try (BufferedReader out = server.inputReader()) {
      String line = out.readLine();
      if (line == null || !line.startsWith("listening ")) {
        return null;
      }
      String port = line.substring("listening ".length());
      return kind == Kind.CONNS ? holdIdle(server, peer, port) : load(server, port);
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private List<String> serverCommand(String peer) {
    String mode = kind == Kind.LINES ? "lines" : "echo";
    if (peer.equals("epoll")) {
      return List.of(tools.resolve("epoll").toString(), mode);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--module-path=" + System.getProperty("jdk.module.path"),
        "--add-modules=asyncio",
        "--add-opens=java.base/java.lang=asyncio",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Xms256m",
        "-XX:+UseSerialGC",
        "-Djava.util.logging.config.file=/dev/null",
        "-cp",
        System.getProperty("java.class.path"),
        EchoServer.class.getName(),
        peer,
        mode);
  }

  private static ProcessBuilder pinned(int core, List<String> command) {
    List<String> all = new ArrayList<>();
    if (Runtime.getRuntime().availableProcessors() > 1
        && Files.exists(Path.of("/usr/bin/taskset"))) {
      all.addAll(List.of("taskset", "-c", Integer.toString(core)));
    }
    all.addAll(command);
    return new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private @Nullable Run load(Process server, String port) throws Exception {
    String tool = tools.resolve("load").toString();
    String w = Double.toString(warmup);
    String s = Double.toString(seconds);
    String r = Integer.toString(rate);
    List<String> command =
        switch (kind) {
          case ECHO -> List.of(tool, "echo", "127.0.0.1", port, "100", r, w, s, "1024", "1");
          case LINES -> List.of(tool, "lines", "127.0.0.1", port, "32", r, w, s, "16", "1");
          default -> List.of(tool, "bulk", "127.0.0.1", port, "1", w, s, "1048576");
        };
    Process load = pinned(1, command).start();
    double begin = 0;
    double cpu = 0;
    try (BufferedReader out = load.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        switch (line) {
          case "begin" -> begin = cpuSeconds(server);
          case "end" -> cpu = cpuSeconds(server) - begin;
          default -> {
            Map<String, Long> said = parse(line);
            double done =
                switch (kind) {
                  case LINES -> value(said, "done") * 16 / 1e6;
                  case BULK -> value(said, "bytes") / GIB / 1e3;
                  default -> value(said, "done") / 1e6;
                };
            return new Run(cpu / done, value(said, "p50"), value(said, "p99"));
          }
        }
      }
    } finally {
      load.destroyForcibly().waitFor();
    }
    return null;
  }

  private static long value(Map<String, Long> said, String name) {
    return Objects.requireNonNull(said.get(name), name);
  }

  private static Map<String, Long> parse(String line) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (String part : line.split(" ", -1)) {
      String[] pair = part.split("=", -1);
      values.put(pair[0], Long.parseLong(pair[1]));
    }
    return values;
  }

  private @Nullable Run holdIdle(Process server, String peer, String port) throws Exception {
    for (int i = 0;
        i < WARMUP_ROUNDS;
        i++) { // interpreted frames of a suspended task are four times as big
      holdOpen(server, peer, port, 2_000);
    }
    long before = memory(server, peer);
    int count = 10_000;
    long after = holdOpen(server, peer, port, count);
    return new Run((after - before) / (double) count, 0, 0);
  }

  private long holdOpen(Process server, String peer, String port, int count) throws Exception {
    String tool = tools.resolve("load").toString();
    Process load =
        pinned(1, List.of(tool, "idle", "127.0.0.1", port, Integer.toString(count))).start();
    try (BufferedReader out = load.inputReader()) {
      out.readLine();
      return memory(server, peer);
    } finally {
      load.destroyForcibly().waitFor();
    }
  }

  /**
   * What a server holds, in bytes: on the JVM what lives after a collection, else what is resident.
   */
  private static long memory(Process server, String peer) throws Exception {
    if (peer.equals("epoll")) {
      for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      throw new IOException("no VmRSS of process " + server.pid());
    }
    jcmd(server, "GC.run");
    String histogram = jcmd(server, "GC.class_histogram"); // collects once more
    String total = histogram.substring(histogram.lastIndexOf("Total"));
    return Long.parseLong(total.trim().split("\\s+", -1)[2]);
  }

  private static String jcmd(Process server, String command) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(server.pid()), command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  private static double cpuSeconds(Process server) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + server.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  // ---- the table

  private void print(Map<String, List<Run>> runs) {
    System.out.printf(
        Locale.ROOT,
        "# %s, JDK %s, medians of %d interleaved runs of %.0f s%n",
        kind.name().toLowerCase(Locale.ROOT),
        Runtime.version(),
        repeats,
        seconds);
    System.out.printf(
        Locale.ROOT, "%-14s %34s %8s %10s %10s%n", "peer", kind.unit, "x nio", "p50 µs", "p99 µs");
    List<Run> references = runs.get(REFERENCE);
    runs.forEach((peer, all) -> {
      double figure = median(all.stream().mapToDouble(Run::figure).toArray());
      double ratio = references == null ? Double.NaN : median(pairedRatios(all, references));
      System.out.printf(
          Locale.ROOT,
          "%-14s %34.3f %8.2f %10.1f %10.1f%n",
          peer,
          figure,
          ratio,
          median(all.stream().mapToDouble(run -> run.p50 / 1e3).toArray()),
          median(all.stream().mapToDouble(run -> run.p99 / 1e3).toArray()));
    });
  }

  private static double[] pairedRatios(List<Run> runs, List<Run> references) {
    double[] ratios = new double[Math.min(runs.size(), references.size())];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = runs.get(i).figure / references.get(i).figure;
    }
    return ratios;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
