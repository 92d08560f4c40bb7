package asyncio.tools;

import java.util.ArrayList;
import java.util.List;

/** A table as text: columns as wide as they need to be, left-aligned, two spaces between them. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<String> heading;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... heading) {
    this.heading = List.of(heading);
  }

  TextTable(List<String> heading) {
    this.heading = List.copyOf(heading);
  }

  void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /** The lines: the heading, a rule if asked for, and the rows. */
  List<String> lines(boolean rule) {
    int[] widths = new int[heading.size()];
    widen(widths, heading);
    rows.forEach(row -> widen(widths, row));
    List<String> lines = new ArrayList<>();
    lines.add(line(widths, heading));
    if (rule) {
      int width = (widths.length - 1) * GAP.length();
      for (int each : widths) {
        width += each;
      }
      lines.add("-".repeat(width));
    }
    rows.forEach(row -> lines.add(line(widths, row)));
    return lines;
  }

  private static void widen(int[] widths, List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], row.get(i).length());
    }
  }

  private static String line(int[] widths, List<String> row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(i == 0 ? "" : GAP).append(row.get(i));
      line.append(" ".repeat(widths[i] - row.get(i).length()));
    }
    return line.toString().stripTrailing();
  }
}
