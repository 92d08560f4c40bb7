package asyncio.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("asyncio.TaskResumed")
@Label("Task Resumed")
@Description("A task goes on, or begins")
@Category("asyncio")
@Enabled(false)
@StackTrace(false)
final class TaskResumed extends TaskEvent {}
