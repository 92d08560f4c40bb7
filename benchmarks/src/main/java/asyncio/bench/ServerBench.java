package asyncio.bench;

import asyncio.bench.Bench.Options;
import asyncio.bench.Measurements.Figure;
import asyncio.bench.Peer.NotHere;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The benchmarks of servers, each in a process of its own on one core, under a load generator on
 * the other.
 *
 * <p>The figure is the server's CPU time for each request, line or GiB, or its memory for each idle
 * connection. The load is an open loop at a fixed rate: in a closed one the generator is the limit
 * and every server looks alike. Everybody has a turn in each repeat.
 */
final class ServerBench {
  private static final double GIB = 1L << 30;
  private static final int WARMUP_ROUNDS = 12;

  /** A benchmark: what load it puts on, and in what unit it counts. */
  enum Kind {
    ECHO("cpu-µs"),
    LINES("cpu-µs"),
    BULK("cpu-ms"),
    CONNS("bytes"),
    LOOPS("cpu-µs");

    final String unit;

    Kind(String unit) {
      this.unit = unit;
    }
  }

  private final Kind kind;
  private final Toolbox tools;
  private final Options options;
  private final int rate;
  private final Measurements figures;

  /** Of loops: the time for each request if it is hard work and the server is never idle. */
  private final Measurements atWork = new Measurements("loops, at work", "wall-µs");

  /** Of conns: what the heap of a JVM holds after a collection. */
  private final Measurements liveHeap = new Measurements("conns, live heap", "bytes");

  ServerBench(Kind kind, Toolbox tools, Options options) {
    this.kind = kind;
    this.tools = tools;
    this.options = options;
    this.rate = options.rate != 0 ? options.rate : kind == Kind.LINES ? 10_000 : 40_000;
    String metric = kind.name().toLowerCase(Locale.ROOT);
    this.figures = new Measurements(kind == Kind.CONNS ? "conns, resident" : metric, kind.unit);
  }

  List<Measurements> run() throws Exception {
    if (!Toolbox.isOnPath("cc")) {
      throw new IllegalStateException("cc is not installed: the load generator is written in C");
    }
    Map<Peer, List<String>> servers = new LinkedHashMap<>();
    for (Peer peer : kind == Kind.LOOPS ? Peers.loops(tools) : Peers.servers(tools)) {
      if (options.wants(peer)) {
        try {
          servers.put(peer, peer.program().command(kind == Kind.LINES ? "lines" : "echo"));
        } catch (NotHere e) {
          System.err.println("skipped: " + peer.name() + ": " + e.getMessage());
        }
      }
    }
    for (int i = 0; i < options.repeats; i++) {
      for (Map.Entry<Peer, List<String>> each : servers.entrySet()) {
        measure(each.getKey(), each.getValue(), this::load);
        if (kind == Kind.LOOPS) {
          measure(each.getKey(), each.getKey().program().command("work"), this::loadAtWork);
        }
        List<Figure> all = figures.of(each.getKey());
        System.err.printf(
            Locale.ROOT,
            "%d/%d %s %s%n",
            i + 1,
            options.repeats,
            each.getKey().name(),
            all.size() > i ? Table.number(all.get(i).value()) : "did not run");
      }
    }
    return switch (kind) {
      case CONNS -> List.of(figures, liveHeap);
      case LOOPS -> List.of(figures, atWork);
      default -> List.of(figures);
    };
  }

  // ---- one run

  /** What is done to a server that listens. */
  @FunctionalInterface
  private interface Load {
    void put(Process server, Peer peer, String port) throws Exception;
  }

  private void measure(Peer peer, List<String> command, Load load) throws Exception {
    Process server =
        kind == Kind.LOOPS // which are to use all cores
            ? new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            : Toolbox.pinned(0, command).start();
    try (BufferedReader out = server.inputReader()) {
      String line = out.readLine();
      if (line == null || !line.startsWith("listening ")) {
        return;
      }
      String port = line.substring("listening ".length());
      if (kind == Kind.CONNS) {
        holdIdle(server, peer, command.getFirst().endsWith("java"), port);
      } else {
        load.put(server, peer, port);
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private String loadTool() throws NotHere {
    return tools.c("load", "-lm");
  }

  private void load(Process server, Peer peer, String port) throws Exception {
    String tool = loadTool();
    String w = Double.toString(options.warmup);
    String s = Double.toString(options.seconds);
    String r = Integer.toString(rate);
    List<String> command =
        switch (kind) {
          case ECHO, LOOPS -> List.of(tool, "echo", "127.0.0.1", port, "100", r, w, s, "1024", "1");
          case LINES -> List.of(tool, "lines", "127.0.0.1", port, "32", r, w, s, "16", "1");
          default -> closedLoop(port, 1, 1 << 20);
        };
    ServerLoad load = ServerLoad.put(server, ServerLoad::cpuSeconds, command);
    if (load != null) {
      double done =
          switch (kind) {
            case LINES -> load.value("done") * 16 / 1e6;
            case BULK -> load.value("bytes") / GIB / 1e3;
            default -> load.value("done") / 1e6;
          };
      figures.add(peer, new Figure(load.cpuSeconds() / done, load.value("p50"), load.value("p99")));
    }
  }

  /** The generator that has each connection send the next message when it has the last one back. */
  private List<String> closedLoop(String port, int connections, int size) throws NotHere {
    return List.of(
        loadTool(),
        "bulk",
        "127.0.0.1",
        port,
        Integer.toString(connections),
        Double.toString(options.warmup),
        Double.toString(options.seconds),
        Integer.toString(size));
  }

  /**
   * In a closed loop: here the server is the limit, and the generator sleeps most of the time,
   * which an open loop does not.
   */
  private void loadAtWork(Process server, Peer peer, String port) throws Exception {
    ServerLoad load = ServerLoad.put(server, ServerLoad::cpuSeconds, closedLoop(port, 32, 1024));
    if (load != null) {
      atWork.add(peer, new Figure(options.seconds / load.value("done") * 1e6, 0, 0));
    }
  }

  private void holdIdle(Process server, Peer peer, boolean jvm, String port) throws Exception {
    for (int i = 0; i < WARMUP_ROUNDS; i++) {
      // interpreted frames of a suspended task are four times as big
      holdOpen(server, jvm, port, 2_000);
    }
    Memory before = Memory.of(server, jvm);
    int count = 10_000;
    Memory after = holdOpen(server, jvm, port, count);
    figures.add(peer, new Figure((after.resident - before.resident) / (double) count, 0, 0));
    if (jvm) {
      liveHeap.add(peer, new Figure((after.live - before.live) / (double) count, 0, 0));
    }
  }

  private Memory holdOpen(Process server, boolean jvm, String port, int count) throws Exception {
    Process load =
        Toolbox.pinned(1, List.of(loadTool(), "idle", "127.0.0.1", port, Integer.toString(count)))
            .start();
    try (BufferedReader out = load.inputReader()) {
      out.readLine();
      return Memory.of(server, jvm);
    } finally {
      load.destroyForcibly().waitFor();
    }
  }

  /**
   * What a process holds, in bytes.
   *
   * @param live on the heap of a JVM after a collection; 0 for others
   */
  private record Memory(long resident, long live) {
    static Memory of(Process server, boolean jvm) throws Exception {
      long live = 0;
      if (jvm) {
        jcmd(server, "GC.run");
        String histogram = jcmd(server, "GC.class_histogram"); // collects once more
        String total = histogram.substring(histogram.lastIndexOf("Total"));
        live = Long.parseLong(total.trim().split("\\s+", -1)[2]);
      }
      for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return new Memory(Long.parseLong(line.replaceAll("\\D", "")) * 1024, live);
        }
      }
      throw new IOException("no VmRSS of process " + server.pid());
    }
  }

  private static String jcmd(Process server, String command) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(server.pid()), command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
