package asyncio.tools;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** How much is asked of the process. */
final class Limits {
  @Option(
      names = {"-n", "--tasks"},
      paramLabel = "COUNT",
      defaultValue = "10000",
      description = "How many tasks to show, the oldest ones (default: ${DEFAULT-VALUE}).")
  private int tasks;

  /** Looks into a process once. */
  Report report(long pid) throws UserError {
    try (Inspection inspection = Inspection.open(pid)) {
      return Report.parse(snapshot(inspection));
    }
  }

  String snapshot(Inspection inspection) throws UserError {
    int limit = Math.max(0, tasks);
    return inspection.call("snapshot", limit, limit);
  }

  /** Says that not all tasks are shown, if so. */
  static void noteUnlisted(Report report, PrintWriter err) {
    if (report.unlisted() > 0) {
      err.println(
          "asyncio: %d of %d tasks are not shown; --tasks=COUNT shows more"
              .formatted(report.unlisted(), report.unlisted() + report.tasks().size()));
    }
  }
}
