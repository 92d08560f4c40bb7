package asyncio.tools;

import asyncio.tools.Report.CyclePart;
import asyncio.tools.Report.LoopPart;
import asyncio.tools.Report.SummaryPart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code top} shows: the process, its loops, its deadlocks, and its tasks by what they do. */
final class TopScreen {
  private static final String[] UNITS = {"", "k", "M", "G", "T"};

  private TopScreen() {}

  /**
   * The lines of one picture.
   *
   * @param now the numbers of the loops
   * @param before the same, a while ago
   */
  static List<String> lines(
      Report report, Map<String, LoopNumbers> now, Map<String, LoopNumbers> before) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s (%d) on JDK %s"
            .formatted(report.process().command(), report.process().pid(), report.process().jdk()));
    lines.add(tasks(report));
    lines.add("");
    lines.addAll(loops(report, now, before));
    for (CyclePart cycle : report.cycles()) {
      lines.add("");
      lines.add((cycle.deadlock() ? "deadlock: " : "circle: ") + cycle.describe());
    }
    lines.add("");
    lines.addAll(summaries(report));
    return lines;
  }

  private static String tasks(Report report) {
    String states =
        Stream.of("new", "ready", "running", "waiting", "blocked")
            .filter(state -> report.counts().getOrDefault(state, 0) > 0)
            .map(state -> report.counts().get(state) + " " + state)
            .collect(Collectors.joining(", "));
    return "tasks: " + report.counts().get("tasks") + (states.isEmpty() ? "" : " (" + states + ")");
  }

  private static List<String> loops(
      Report report, Map<String, LoopNumbers> now, Map<String, LoopNumbers> before) {
    TextTable table =
        new TextTable(
            "loop",
            "engine",
            "thread",
            "busy",
            "callbacks/s",
            "turns/s",
            "ready",
            "timers",
            "tasks",
            "new/s",
            "conns",
            "in B/s",
            "out B/s",
            "buffered B");
    for (LoopPart loop : report.loops()) {
      LoopNumbers numbers = now.get(loop.id());
      if (numbers != null) {
        table.add(loop(loop, numbers, before.getOrDefault(loop.id(), numbers)));
      }
    }
    return table.lines(false);
  }

  private static List<String> loop(LoopPart loop, LoopNumbers now, LoopNumbers before) {
    var io = now.transports();
    var ioBefore = before.transports();
    return List.of(
        loop.id(),
        loop.engine(),
        loop.thread() == null ? "-" : loop.thread(),
        "%.0f%%".formatted(now.busyPercent(before)),
        rate(now, before, now.callbacks(), before.callbacks()),
        rate(now, before, now.iterations(), before.iterations()),
        Integer.toString(now.ready()),
        Integer.toString(now.timers()),
        Long.toString(now.tasks().alive()),
        rate(now, before, now.tasks().created(), before.tasks().created()),
        Long.toString(io.open()),
        rate(now, before, io.received(), ioBefore.received()),
        rate(now, before, io.sent(), ioBefore.sent()),
        amount((double) io.buffered()));
  }

  private static String rate(LoopNumbers now, LoopNumbers before, long total, long totalBefore) {
    return amount(now.perSecond(before, total, totalBefore));
  }

  /** Three or four digits and a unit: 12, 9999, 12.3k. */
  static String amount(double amount) {
    int unit = 0;
    double left = amount;
    while (left >= 9999.5 && unit < UNITS.length - 1) {
      left /= 1000;
      unit++;
    }
    return unit > 0 && left < 99.95
        ? String.format(Locale.ROOT, "%.1f%s", left, UNITS[unit])
        : String.format(Locale.ROOT, "%.0f%s", left, UNITS[unit]);
  }

  /** One line for all tasks that look alike here, although their lambdas may be different ones. */
  private record Kind(String state, String waitsFor, String code, String where) {}

  private static List<String> summaries(Report report) {
    Map<Kind, Integer> counts = new LinkedHashMap<>();
    Map<Kind, String> examples = new LinkedHashMap<>();
    for (SummaryPart summary : report.summaries()) {
      Kind kind =
          new Kind(
              summary.state(),
              summary.waitsFor() == null ? "" : summary.waitsFor(),
              summary.coroutine(),
              summary.frames().isEmpty() ? "" : summary.frames().getFirst().place());
      counts.merge(kind, summary.count(), Integer::sum);
      if (!summary.samples().isEmpty()) {
        examples.putIfAbsent(kind, summary.samples().getFirst().name());
      }
    }
    TextTable table = new TextTable("tasks", "state", "waits for", "code", "where", "for example");
    counts.entrySet().stream()
        .sorted(Map.Entry.<Kind, Integer>comparingByValue().reversed()) // stable
        .forEach(entry -> {
          Kind kind = entry.getKey();
          table.add(
              List.of(
                  Integer.toString(entry.getValue()),
                  kind.state,
                  kind.waitsFor,
                  kind.code,
                  kind.where,
                  examples.getOrDefault(kind, "")));
        });
    return table.lines(false);
  }
}
