package asyncio.tools;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ps}: the processes that use the library, or the tasks of one (GRAPH-19). */
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli fills in and reads the fields
@Command(
    name = "ps",
    description = {
      "Lists the tasks of a process, a line for each task and each task that awaits it.",
      "Without PID: lists the processes on this machine that use asyncio."
    })
final class PsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PID",
      description = "The id of the process.")
  private @Nullable Long pid;

  @Mixin private Limits limits;

  @Mixin private Waits waits;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (pid == null) {
      Processes.list(out, err);
      return 0;
    }
    Report report = limits.report(pid);
    TaskTable.lines(report, waits.shown()).forEach(out::println);
    Limits.noteUnlisted(report, err);
    return 0;
  }
}
