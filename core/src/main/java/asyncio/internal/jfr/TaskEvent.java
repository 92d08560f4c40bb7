package asyncio.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;

/** What all events of a task have. */
abstract class TaskEvent extends Event {
  @Label("Task")
  String task = "";

  @Label("Task Id")
  @Description("The identity of the task; snapshots show it in hexadecimal")
  long taskId;

  @Label("Loop")
  @Description("The identity of the event loop")
  String loop = "";
}
