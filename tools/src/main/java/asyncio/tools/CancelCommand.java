package asyncio.tools;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cancel}: cancels one task of a process. */
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli fills in and reads the fields
@Command(
    name = "cancel",
    description = "Cancels a task of a process, as Task.cancel() does; the program goes on.")
final class CancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PID", description = "The id of the process.")
  private long pid;

  @Parameters(
      index = "1",
      paramLabel = "TASK",
      description = "The id of the task as `ps` shows it, or its name if no other task has it.")
  private String task;

  @Mixin private Help help;

  @Override
  public Integer call() throws Exception {
    try (Inspection inspection = Inspection.open(pid)) {
      spec.commandLine().getOut().println(inspection.call("cancel", task));
    }
    return 0;
  }
}
