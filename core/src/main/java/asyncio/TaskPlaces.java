package asyncio;

import asyncio.inspect.StallReport.TaskPlace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks as text, read from another thread than the loop's. */
final class TaskPlaces {
  private static final int MAX_AWAITERS = 20;

  private TaskPlaces() {}

  /** {@code task} as text, and where it is. */
  static TaskPlace of(Task<?> task, @Nullable StackTraceElement at) {
    Awaitable<?> code = task.coroutine();
    return new TaskPlace(
        Inspection.hexIdOf(task),
        task.name(),
        code == null ? "" : Origins.describeCallable(code),
        at);
  }

  /** Who waits for {@code task}, who for that one, and so on; of several, the oldest. */
  static List<TaskPlace> awaitersOf(Task<?> task) {
    List<TaskPlace> chain = new ArrayList<>();
    List<Task<?>> all = task.loop.tasks.snapshot();
    Task<?> awaiter = awaiterOf(task, all);
    while (awaiter != null && awaiter != task && chain.size() < MAX_AWAITERS) {
      chain.add(of(awaiter, placeOf(awaiter)));
      awaiter = awaiterOf(awaiter, all);
    }
    return chain;
  }

  private static @Nullable Task<?> awaiterOf(Task<?> task, List<Task<?>> all) {
    for (Task<?> other : all) {
      TaskStepper stepper = other.stepper();
      if (stepper != null && stepper.waitingOn == task) {
        return other;
      }
    }
    return task.recordedAwaiter();
  }

  /** The innermost frame of the program's in a suspended task. */
  static @Nullable StackTraceElement placeOf(Task<?> task) {
    TaskStepper stepper = task.stepper();
    List<StackTraceElement> frames = stepper == null ? List.of() : stepper.userStack();
    for (StackTraceElement frame : frames) {
      if (!Origins.isJdk(frame)) {
        return frame;
      }
    }
    return null;
  }
}
