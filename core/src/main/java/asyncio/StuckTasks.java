package asyncio;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Names the cancelled tasks that somebody waits for and that cannot be reached, since they are
 * blocked in a JDK call that no interrupt ends: a lock, {@code synchronized}, {@code join()}.
 */
final class StuckTasks {
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final AbstractEventLoop loop;
  private final Collection<? extends Future<?>> awaited;
  private @Nullable TimerHandle timer;

  StuckTasks(AbstractEventLoop loop, Collection<? extends Future<?>> awaited) {
    this.loop = loop;
    this.awaited = awaited;
  }

  /** Logs the tasks that are stuck now and still are after five seconds. */
  void watch() {
    if (timer == null && !stuck().isEmpty()) {
      timer = loop.schedule(new TimerHandle(loop, null, this::log, loop.deadlineAfter(PATIENCE)));
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
    }
  }

  private List<TaskStepper> stuck() {
    return awaited.stream()
        .map(future -> future instanceof Task<?> task ? task.stepper() : null)
        .filter(Objects::nonNull)
        .filter(TaskStepper::isOutOfReach)
        .toList();
  }

  private void log() {
    for (TaskStepper stepper : stuck()) {
      StringBuilder text =
          new StringBuilder("Task ")
              .append(stepper.task.name())
              .append(" was cancelled, but is blocked in a call that cannot be interrupted, at:");
      for (StackTraceElement frame : stepper.active.thread().getStackTrace()) {
        text.append("\n    ").append(frame);
      }
      Reports.inOwnTask(loop, () -> AbstractEventLoop.LOGGER.log(Level.WARNING, text.toString()));
    }
  }
}
