package asyncio.bench;

import asyncio.bench.Measurements.Figure;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints the figures of one metric, a line for each participant. */
final class Table {
  private Table() {}

  static void print(Measurements figures, PrintStream out) {
    @Nullable Peer limit = figures.best(Peer.Role.LIMIT);
    @Nullable Peer best = figures.best(Peer.Role.OTHER);
    boolean latencies =
        figures.peers().stream()
            .flatMap(peer -> figures.of(peer).stream())
            .anyMatch(f -> f.p99() > 0);
    out.printf(
        Locale.ROOT,
        "%n%-18s %12s %10s %10s %8s %8s%s%n",
        figures.metric,
        figures.unit,
        "lowest",
        "highest",
        "x limit",
        "x best",
        latencies ? "     p50 µs     p99 µs" : "");
    for (Peer peer : figures.peers()) {
      List<Figure> all = figures.of(peer);
      out.printf(
          Locale.ROOT,
          "%-18s %12s %10s %10s %8s %8s",
          peer.name() + (peer == limit ? " (limit)" : peer == best ? " (best)" : ""),
          number(figures.median(peer)),
          number(all.stream().mapToDouble(Figure::value).min().orElse(Double.NaN)),
          number(all.stream().mapToDouble(Figure::value).max().orElse(Double.NaN)),
          ratio(figures.ratio(peer, limit)),
          ratio(figures.ratio(peer, best)));
      if (latencies) {
        out.printf(
            Locale.ROOT,
            " %10.1f %10.1f",
            Measurements.median(all.stream().mapToDouble(f -> f.p50() / 1e3).toArray()),
            Measurements.median(all.stream().mapToDouble(f -> f.p99() / 1e3).toArray()));
      }
      out.println();
    }
  }

  /** Three digits that count, or all before the point. */
  static String number(double value) {
    double size = Math.abs(value);
    int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String ratio(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }
}
