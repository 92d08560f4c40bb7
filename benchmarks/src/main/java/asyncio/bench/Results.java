package asyncio.bench;

import asyncio.bench.Measurements.Figure;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A folder with the raw figures of each benchmark as JSON, plots of them, and a page that shows all
 * there are.
 */
final class Results {
  /** One file: a benchmark with what it ran on. */
  record Report(
      String benchmark,
      String command,
      String commit,
      String taken,
      String jdk,
      String machine,
      List<Metric> metrics) {}

  /** One metric of it. */
  record Metric(String name, String unit, List<Row> rows) {}

  /** The raw figures of one participant, and what follows from them. */
  record Row(
      String peer,
      String role,
      double median,
      double timesLimit,
      double timesBest,
      List<Figure> figures) {}

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().serializeSpecialFloatingPointValues().create();

  private final Path folder;

  Results(Path folder) {
    this.folder = folder;
  }

  void write(String benchmark, String arguments, List<Measurements> all) throws IOException {
    Files.createDirectories(folder);
    Report report =
        new Report(
            benchmark,
            "./asyncio bench " + arguments,
            commit(),
            Instant.now().truncatedTo(ChronoUnit.MINUTES).toString(),
            System.getProperty("java.vm.vendor") + " " + Runtime.version(),
            machine(),
            all.stream().map(Results::metric).toList());
    Files.writeString(folder.resolve(benchmark + ".json"), GSON.toJson(report) + "\n");
    writePage();
  }

  private static Metric metric(Measurements figures) {
    List<Row> rows = new ArrayList<>();
    for (Peer peer : figures.peers()) {
      rows.add(
          new Row(
              peer.name(),
              peer.role().name().toLowerCase(Locale.ROOT),
              figures.median(peer),
              figures.ratio(peer, figures.best(Peer.Role.LIMIT)),
              figures.ratio(peer, figures.best(Peer.Role.OTHER)),
              figures.of(peer)));
    }
    return new Metric(figures.metric, figures.unit, rows);
  }

  /** The page: a plot and a table for each metric of each file. */
  private void writePage() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    StringBuilder page =
        new StringBuilder(
            "# Figures\n\nWritten by `./asyncio bench`; lower is better everywhere.\n");
    for (Path file : files) {
      Report report = GSON.fromJson(Files.readString(file), Report.class);
      page.append("\n## ").append(report.benchmark).append("\n\n");
      page.append("`").append(report.command).append("`, commit ").append(report.commit);
      page.append(", ").append(report.taken).append(", ").append(report.jdk).append(", ");
      page.append(report.machine).append("\n");
      for (Metric metric : report.metrics) {
        String plot = metric.name.replaceAll("[^a-z0-9_]+", "-") + ".svg";
        Files.writeString(folder.resolve(plot), Plot.of(metric));
        page.append("\n![").append(metric.name).append("](").append(plot).append(")\n\n");
        page.append("| ").append(metric.name).append(" | ").append(metric.unit);
        page.append(" | × limit | × best peer |\n|---|---:|---:|---:|\n");
        for (Row row : metric.rows) {
          page.append("| ").append(row.peer).append(" | ").append(Table.number(row.median));
          page.append(" | ").append(ratio(row.timesLimit));
          page.append(" | ").append(ratio(row.timesBest)).append(" |\n");
        }
      }
    }
    Files.writeString(folder.resolve("README.md"), page);
  }

  private static String ratio(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
  }

  /** What was measured: the commit, and whether anything but the figures here differs from it. */
  private String commit() {
    String commit = git("describe", "--always");
    boolean changed =
        !git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(exclude).").isEmpty();
    return commit.isEmpty() ? "unknown" : changed ? commit + "-dirty" : commit;
  }

  /** The first line that Git answers, or an empty one. */
  private String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Process git = new ProcessBuilder(command).directory(folder.toFile()).start();
      try (BufferedReader out = git.inputReader()) {
        String line = out.readLine();
        return line == null ? "" : line;
      }
    } catch (IOException e) {
      return "";
    }
  }

  private static String machine() throws IOException {
    String model = System.getProperty("os.arch");
    Path cpus = Path.of("/proc/cpuinfo");
    if (Files.exists(cpus)) {
      try (Stream<String> lines = Files.lines(cpus)) {
        model =
            lines
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse(model);
      }
    }
    return Runtime.getRuntime().availableProcessors()
        + " × "
        + model
        + ", "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.version");
  }
}
