package asyncio.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("asyncio.TaskCreated")
@Label("Task Created")
@Description("A task was made; its first step has not run")
@Category("asyncio")
@Enabled(false)
@StackTrace(false)
final class TaskCreated extends TaskEvent {
  @Label("Code")
  @Description("The class of the coroutine")
  String code = "";
}
