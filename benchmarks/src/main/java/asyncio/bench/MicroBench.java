package asyncio.bench;

import asyncio.bench.Bench.Options;
import asyncio.bench.Measurements.Figure;
import asyncio.bench.Peer.NotHere;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The micro benchmarks of everybody: each program prints lines {@code name value unit}, and they
 * take turns. What it calls {@code limit_…} is the limit of the metric with that name.
 */
final class MicroBench {
  private static final String LIMIT = "limit_";
  private static final Peer BARE = new Peer("bare", Peer.Role.LIMIT, _ -> List.of());

  private final Toolbox tools;
  private final Options options;
  private final Map<String, Measurements> metrics = new LinkedHashMap<>();

  MicroBench(Toolbox tools, Options options) {
    this.tools = tools;
    this.options = options;
  }

  List<Measurements> run() throws Exception {
    String scale = options.quick ? "10" : "1";
    Map<Peer, List<String>> programs = new LinkedHashMap<>();
    for (Peer peer : Peers.micro(tools)) {
      if (options.wants(peer)) {
        try {
          programs.put(peer, peer.program().command(scale));
        } catch (NotHere e) {
          System.err.println("skipped: " + peer.name() + ": " + e.getMessage());
        }
      }
    }
    for (int i = 0; i < options.repeats; i++) {
      for (Map.Entry<Peer, List<String>> each : programs.entrySet()) {
        System.err.printf("%d/%d %s%n", i + 1, options.repeats, each.getKey().name());
        run(each.getKey(), each.getValue());
      }
    }
    return new ArrayList<>(metrics.values());
  }

  private void run(Peer peer, List<String> command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(command);
    if (command.contains(Micro.class.getName())) {
      all.addAll(options.only);
    }
    // Not on one core: the JVMs would compile and collect at the expense of what is measured.
    Process process =
        new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        String[] parts = line.split(" ", -1);
        if (parts.length == 3 && !line.startsWith("#")) {
          add(peer, parts[0], Double.parseDouble(parts[1]), parts[2]);
        }
      }
      if (process.waitFor() != 0) {
        System.err.println(peer.name() + " failed: exit code " + process.exitValue());
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private void add(Peer peer, String name, double value, String unit) {
    boolean limit = name.startsWith(LIMIT);
    String metric = limit ? name.substring(LIMIT.length()) : name;
    if ((!limit || peer.name().equals("ours"))
        && (options.only.isEmpty() || options.only.contains(metric))) {
      metrics
          .computeIfAbsent(metric, _ -> new Measurements(metric, unit))
          .add(limit ? BARE : peer, new Figure(value, 0, 0));
    }
  }
}
