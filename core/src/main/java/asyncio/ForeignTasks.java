package asyncio;

import org.jspecify.annotations.Nullable;

/** What task implementations of third parties tell a loop (INTRO-6). */
final class ForeignTasks {

  private ForeignTasks() {}

  static void register(Task<?> task) {
    task.loop.tasks.register(task);
  }

  static void unregister(Task<?> task) {
    task.loop.tasks.unregister(task);
  }

  static void enter(AbstractEventLoop loop, Task<?> task) {
    java.util.Objects.requireNonNull(task, "task");
    loop.checkSchedulable("enterTask", "callSoonThreadsafe");
    if (loop.currentTask != null) {
      throw new IllegalStateException(
          "Cannot enter into task "
              + task
              + " while another task "
              + loop.currentTask
              + " is being executed.");
    }
    loop.currentTask = task;
  }

  static void leave(AbstractEventLoop loop, Task<?> task) {
    java.util.Objects.requireNonNull(task, "task");
    loop.checkSchedulable("leaveTask", "callSoonThreadsafe");
    if (loop.currentTask != task) {
      throw unbalanced(task, loop.currentTask);
    }
    loop.currentTask = null;
  }

  static IllegalStateException unbalanced(Task<?> task, @Nullable Task<?> current) {
    return new IllegalStateException(
        "Leaving task " + task + " does not match the current task " + current + ".");
  }
}
