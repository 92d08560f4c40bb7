package asyncio.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("asyncio.TaskFinished")
@Label("Task Finished")
@Description("A task has ended")
@Category("asyncio")
@Enabled(false)
@StackTrace(false)
final class TaskFinished extends TaskEvent {
  @Label("Outcome")
  @Description("success, failed or cancelled")
  String outcome = "";

  @Label("Exception")
  @Description("The class of the exception it failed with")
  @Nullable String exception;
}
