package asyncio.internal.jfr;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Instrument;
import asyncio.Task;
import asyncio.internal.inspect.Insight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells the flight recorder what one loop does.
 *
 * <p><b>Threading:</b> that of {@link Instrument}.
 */
final class JfrInstrument implements Instrument {
  /*
   * All events are written by the loop's thread. JDK 25 drops the first event that a thread writes after a virtual thread
   * that was mounted on it has written one; so what happens inside tasks is noted there, and written when the loop goes on.
   */
  private final Insight insight = Objects.requireNonNull(Insight.get());
  private final String loop;

  /** Tasks that were made since the loop's thread had the turn last, with the times. */
  private final List<TaskCreated> made = new ArrayList<>();

  /** The callback that runs; null if nobody wants to know. */
  private @Nullable SlowCallback running;

  JfrInstrument(EventLoop loop) {
    this.loop = "0x" + Long.toHexString(insight.numberOf(loop));
  }

  @Override
  public void taskSpawned(Task<?> task) {
    TaskCreated event = new TaskCreated();
    if (event.isEnabled()) {
      event.begin();
      event.end();
      fill(event, task);
      event.code = insight.codeOf(task);
      made.add(event);
    }
  }

  private void writeMade() {
    if (!made.isEmpty()) {
      made.forEach(TaskCreated::commit);
      made.clear();
    }
  }

  @Override
  public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
    writeMade();
    TaskSuspended event = new TaskSuspended();
    if (event.shouldCommit()) {
      fill(event, task);
      if (waitingFor != null) {
        event.reason = waitingFor.waitKind();
        event.awaitedTask = waitingFor instanceof Task<?> awaited ? awaited.name() : null;
      } else {
        event.reason = insight.isBlocked(task) ? "JDK call" : "yield";
      }
      event.commit();
    }
  }

  @Override
  public void taskResumed(Task<?> task) {
    writeMade();
    TaskResumed event = new TaskResumed();
    if (event.shouldCommit()) {
      fill(event, task);
      event.commit();
    }
  }

  @Override
  public void taskDone(Task<?> task) {
    writeMade();
    TaskFinished event = new TaskFinished();
    if (event.shouldCommit()) {
      fill(event, task);
      event.outcome = task.state().name().toLowerCase(Locale.ROOT);
      event.exception = insight.exceptionOf(task);
      event.commit();
    }
  }

  private void fill(TaskEvent event, Task<?> task) {
    event.task = task.name();
    event.taskId = insight.idOf(task);
    event.loop = loop;
  }

  @Override
  public void callbackBegun(Handle handle) {
    SlowCallback event = new SlowCallback();
    if (event.isEnabled()) {
      running = event;
      event.begin();
    }
  }

  @Override
  public void callbackEnded(Handle handle) {
    writeMade();
    SlowCallback event = running;
    if (event != null) {
      running = null;
      event.end();
      if (event.shouldCommit()) {
        event.code = insight.codeOf(handle);
        event.task = insight.taskOf(handle);
        event.loop = loop;
        event.commit();
      }
    }
  }
}
