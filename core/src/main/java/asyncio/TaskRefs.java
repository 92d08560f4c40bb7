package asyncio;

import asyncio.inspect.StallReport.TaskRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks as text, read from another thread than the loop's. */
final class TaskRefs {
  private static final int MAX_AWAITERS = 20;

  private TaskRefs() {}

  /** {@code task} as text, and where it is. */
  static TaskRef of(Task<?> task, @Nullable StackTraceElement at) {
    Awaitable<?> code = task.coroutine();
    return new TaskRef(
        Integer.toHexString(System.identityHashCode(task)),
        task.name(),
        code == null ? "" : Origins.describeCallable(code),
        at);
  }

  /** Who waits for {@code task}, who for that one, and so on; of several, the oldest. */
  static List<TaskRef> awaitersOf(Task<?> task) {
    List<TaskRef> chain = new ArrayList<>();
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
      TaskStepper stepper = other.stepper;
      if (stepper != null && stepper.waitingOn == task) {
        return other;
      }
    }
    return task.recordedAwaiter();
  }

  /** The innermost frame of the program's in a suspended task. */
  static @Nullable StackTraceElement placeOf(Task<?> task) {
    TaskStepper stepper = task.stepper;
    List<StackTraceElement> frames = stepper == null ? List.of() : stepper.userStack();
    for (StackTraceElement frame : frames) {
      if (!Origins.isJdk(frame)) {
        return frame;
      }
    }
    return null;
  }
}
