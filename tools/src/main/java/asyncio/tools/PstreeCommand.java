package asyncio.tools;

import asyncio.tools.Report.CyclePart;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pstree}: the tasks of a process as trees (GRAPH-21). */
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli fills in and reads the fields
@Command(
    name = "pstree",
    description = {
      "Draws the tasks of a process as trees: below each task where it is, and what it awaits.",
      "Tasks that wait for each other in a circle are named on standard error."
    })
final class PstreeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PID", description = "The id of the process.")
  private long pid;

  @Mixin private Limits limits;

  @Mixin private Waits waits;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    Report report = limits.report(pid);
    return draw(report, waits.shown(), spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  /** Writes the trees, or the cycles that make trees impossible; returns the exit status. */
  static int draw(Report report, boolean waits, PrintWriter out, PrintWriter err) {
    List<CyclePart> circular = report.cycles().stream().filter(CyclePart::isOfTasksOnly).toList();
    if (!circular.isEmpty()) {
      err.println("asyncio: tasks await each other in a circle, so there is no tree:");
      circular.forEach(cycle -> err.println("  cycle: " + String.join(" -> ", cycle.names())));
      return 1;
    }
    TaskForest.draw(report, waits, out::println);
    out.flush();
    for (CyclePart cycle : report.cycles()) {
      err.println("asyncio: " + (cycle.deadlock() ? "deadlock: " : "circle: ") + cycle.describe());
    }
    Limits.noteUnlisted(report, err);
    return 0;
  }
}
