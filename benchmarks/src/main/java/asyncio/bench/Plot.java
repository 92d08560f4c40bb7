package asyncio.bench;

import asyncio.bench.Results.Metric;
import asyncio.bench.Results.Row;
import java.util.Locale;

/** A bar chart of the medians of one metric, as SVG. */
final class Plot {
  private static final int LABELS = 150;
  private static final int BARS = 420;
  private static final int NUMBERS = 90;
  private static final int LINE = 22;
  private static final int TOP = 34;

  /** A bar that is longer is cut: one slow peer would leave all others invisible. */
  private static final double CUT = 6;

  private Plot() {}

  static String of(Metric metric) {
    double shortest = metric.rows().stream().mapToDouble(Row::median).min().orElse(1);
    double longest = metric.rows().stream().mapToDouble(Row::median).max().orElse(1);
    double ours =
        metric.rows().stream()
            .filter(row -> row.role().equals("ours"))
            .mapToDouble(Row::median)
            .min()
            .orElse(shortest);
    double full = Math.max(Math.min(longest, ours * CUT), 1e-9);
    int height = TOP + LINE * metric.rows().size() + 8;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="13">
            <style>text { fill: #24292f } .ours { fill: #1f77b4 } .other { fill: #9aa5b1 } .limit { fill: #d9dee4 }
            @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .limit { fill: #484f58 } }</style>
            <text x="8" y="20" font-weight="bold">%s, %s (lower is better)</text>
            """,
            LABELS + BARS + NUMBERS,
            height,
            metric.name(),
            metric.unit()));
    int y = TOP;
    for (Row row : metric.rows()) {
      double share = Math.min(row.median() / full, 1);
      double width = Math.max(share * BARS, 1);
      boolean cut = row.median() > full;
      svg.append(
          String.format(
              Locale.ROOT,
              """
              <text x="%d" y="%d" text-anchor="end">%s</text>
              <rect class="%s" x="%d" y="%d" width="%.1f" height="%d"/>
              <text x="%.1f" y="%d">%s%s</text>
              """,
              LABELS - 8,
              y + 14,
              row.peer(),
              row.role(),
              LABELS,
              y + 2,
              width,
              LINE - 6,
              LABELS + width + 6,
              y + 14,
              cut ? "… " : "",
              Table.number(row.median())));
      y += LINE;
    }
    return svg.append("</svg>\n").toString();
  }
}
