package asyncio.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

@Name("asyncio.SlowCallback")
@Label("Slow Callback")
@Description("A callback, or a step of a task, held the loop for longer than the threshold")
@Category("asyncio")
@Enabled(false)
@StackTrace(false)
@Threshold("100 ms")
final class SlowCallback extends Event {
  @Label("Code")
  @Description("The class of the callback or coroutine")
  String code = "";

  @Label("Task")
  @Description("The task whose step it was; none for a callback")
  @Nullable String task;

  @Label("Loop")
  @Description("The identity of the event loop")
  String loop = "";
}
