package asyncio;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tasks that have not ended when their run has. On the thread that runs the loop, between two runs of it. */
final class LeftOverTasks {
  /** How long a task that cannot be cancelled, since it waits for a lock, goes unmentioned. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final AbstractEventLoop loop;
  private final Set<Task<?>> tasks;
  private int unfinished;

  private LeftOverTasks(AbstractEventLoop loop, Set<Task<?>> tasks) {
    this.loop = loop;
    this.tasks = tasks;
  }

  static LeftOverTasks of(AbstractEventLoop loop) {
    return new LeftOverTasks(loop, Asyncio.allTasks(loop));
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }

  void cancelAndWait() {
    for (Task<?> task : tasks) {
      task.cancel();
    }
    Future<@Nullable Object> allDone = loop.createFuture();
    unfinished = tasks.size();
    for (Task<?> task : tasks) {
      task.addNode(
          new DoneCallback(
              loop,
              null,
              task,
              _ -> {
                if (--unfinished == 0) {
                  allDone.setResult(null);
                }
              }));
    }
    TimerHandle watch = loop.callLater(PATIENCE, this::nameThoseThatAreBlocked);
    try {
      loop.runUntilComplete(allDone);
    } finally {
      watch.cancel();
    }
  }

  void reportFailures() {
    for (Task<?> task : tasks) {
      Throwable failure = task.isDone() && !task.isCancelled() ? task.exception() : null;
      if (failure != null) {
        loop.callExceptionHandler(
            new ErrorContext("unhandled exception during run() shutdown")
                .with(ErrorContext.EXCEPTION, failure)
                .with(ErrorContext.TASK, task));
      }
    }
  }

  private void nameThoseThatAreBlocked() {
    List<String> blocked = new ArrayList<>();
    for (Task<?> task : tasks) {
      TaskStepper stepper = task.stepper;
      if (stepper != null && stepper.fiber.isBlocked()) {
        StringBuilder text = new StringBuilder(task.toString());
        for (StackTraceElement frame : stepper.fiber.thread().getStackTrace()) {
          text.append("\n    ").append(frame);
        }
        blocked.add(text.toString());
      }
    }
    if (!blocked.isEmpty()) {
      AbstractEventLoop.LOGGER.log(
          Level.WARNING,
          "run() waits for tasks that are blocked in JDK calls which cannot be cancelled:\n" + String.join("\n", blocked));
    }
  }
}
