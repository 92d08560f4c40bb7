package asyncio.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("asyncio.TaskSuspended")
@Label("Task Suspended")
@Description("A task gave up the loop")
@Category("asyncio")
@Enabled(false)
@StackTrace(false)
final class TaskSuspended extends TaskEvent {
  @Label("Reason")
  @Description("What the task waits for, in a word or two; \"yield\" if it only lets others run")
  String reason = "";

  @Label("Awaited Task")
  @Description("The task it waits for, if it waits for one")
  @Nullable String awaitedTask;
}
