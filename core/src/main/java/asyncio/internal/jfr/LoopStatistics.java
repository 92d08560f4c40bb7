package asyncio.internal.jfr;

import asyncio.EventLoop;
import asyncio.inspect.LoopMetrics;
import asyncio.internal.inspect.Insight;
import java.util.Map;
import java.util.WeakHashMap;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

@Name("asyncio.LoopStatistics")
@Label("Loop Statistics")
@Description("What an event loop has done since the last event of it, and has before it")
@Category("asyncio")
@Period("1 s")
@StackTrace(false)
final class LoopStatistics extends Event {
  /** What was told last of each loop; used by the thread for periodic events only. */
  private static final Map<EventLoop, LoopMetrics> TOLD = new WeakHashMap<>();

  @Label("Loop")
  @Description("The identity of the event loop")
  String loop = "";

  @Label("Utilisation")
  @Description("The share of its running time in which it was busy")
  @Percentage
  double utilisation;

  @Label("Iterations")
  long iterations;

  @Label("Callbacks")
  long callbacks;

  @Label("Ready")
  @Description("Callbacks and steps that wait for their turn")
  int ready;

  @Label("Timers")
  int timers;

  @Label("Tasks Alive")
  long tasksAlive;

  @Label("Tasks Created")
  long tasksCreated;

  @Label("Tasks Failed")
  long tasksFailed;

  @Label("Tasks Cancelled")
  long tasksCancelled;

  @Label("Open Transports")
  int transports;

  @Label("Buffered")
  @Description("Bytes that could not be sent yet")
  @DataAmount
  long buffered;

  @Label("Received")
  @DataAmount
  long received;

  @Label("Sent")
  @DataAmount
  long sent;

  /** Tells of all loops; in the thread for periodic events. */
  static synchronized void tell() {
    Insight insight = Insight.get();
    if (insight != null) {
      for (EventLoop each : insight.liveLoops()) {
        LoopMetrics now = each.metrics();
        LoopMetrics before = TOLD.put(each, now);
        new LoopStatistics().fill(before == null ? now : now.since(before)).commit();
      }
    }
  }

  private LoopStatistics fill(LoopMetrics metrics) {
    loop = metrics.loop();
    utilisation = metrics.utilisation();
    iterations = metrics.iterations();
    callbacks = metrics.callbacks();
    ready = metrics.ready();
    timers = metrics.timers();
    tasksAlive = metrics.tasks().alive();
    tasksCreated = metrics.tasks().created();
    tasksFailed = metrics.tasks().failed();
    tasksCancelled = metrics.tasks().cancelled();
    transports = metrics.transports().open();
    buffered = metrics.transports().buffered();
    received = metrics.transports().received();
    sent = metrics.transports().sent();
    return this;
  }
}
