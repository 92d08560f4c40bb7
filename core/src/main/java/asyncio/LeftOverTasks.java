package asyncio;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have not ended when their run has. On the thread that runs the loop, between two
 * runs of it.
 */
final class LeftOverTasks {
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
    StuckTasks stuck = new StuckTasks(loop, tasks);
    stuck.watch();
    try {
      loop.runUntilComplete(allDone);
    } finally {
      stuck.stop();
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
}
