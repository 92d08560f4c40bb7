package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop.
 *
 * <p><b>Threading:</b> the loop's thread adds and removes; any thread may take a {@link #snapshot}
 * meanwhile.
 */
final class TaskList {
  /*
   * A doubly linked list with the newest first. A removed node keeps its own `nextTask`, so a reader that stands on it
   * goes on to what followed then; new nodes come in before everything else. Hence a reader never misses a task that was
   * there all the time. Nobody keeps removed nodes: a finished task lets go of its stepper.
   *
   * `newest` and the `nextTask` of each node are published: written with release, read elsewhere with acquire.
   */
  private static final VarHandle NEWEST;

  private static final VarHandle NEXT;

  static {
    try {
      MethodHandles.Lookup own = MethodHandles.lookup();
      NEWEST = own.findVarHandle(TaskList.class, "newest", TaskStepper.class);
      NEXT = own.findVarHandle(TaskStepper.class, "nextTask", TaskStepper.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private @Nullable TaskStepper newest;
  private int size;

  /** Tasks of other implementations (INTRO-6), which announce themselves. */
  private final Set<Task<?>> registered = ConcurrentHashMap.newKeySet();

  void add(TaskStepper stepper) {
    TaskStepper second = newest;
    stepper.nextTask = second;
    if (second != null) {
      second.previousTask = stepper;
    }
    NEWEST.setRelease(this, stepper); // and with it its nextTask
    size++;
  }

  void remove(TaskStepper stepper) {
    TaskStepper before = stepper.previousTask;
    TaskStepper after = stepper.nextTask;
    if (before != null) {
      NEXT.setRelease(before, after);
    } else if (newest == stepper) {
      NEWEST.setRelease(this, after);
    } else {
      return; // not in the list
    }
    if (after != null) {
      after.previousTask = before;
    }
    stepper.previousTask = null;
    size--;
  }

  void register(Task<?> task) {
    registered.add(task);
  }

  /** Takes a task out, of whatever kind; harmless if it is not here. */
  void unregister(Task<?> task) {
    registered.remove(task);
    TaskStepper stepper = task.stepper();
    if (stepper != null) {
      remove(stepper);
    }
  }

  int size() {
    return size;
  }

  /** The task whose code a thread runs, or null. Thread-safe. */
  @Nullable Task<?> ofThread(long threadId) {
    for (TaskStepper stepper = first(); stepper != null; stepper = after(stepper)) {
      if (stepper.fiber.thread().threadId() == threadId
          || stepper.active.thread().threadId() == threadId) {
        return stepper.task;
      }
    }
    return null;
  }

  /** The unfinished tasks, oldest first, behind those of other implementations. */
  List<Task<?>> snapshot() {
    List<Task<?>> tasks = new ArrayList<>();
    for (TaskStepper stepper = first(); stepper != null; stepper = after(stepper)) {
      if (!stepper.task.isDone()) {
        tasks.add(stepper.task);
      }
    }
    for (Task<?> task : registered) {
      if (!task.isDone()) {
        tasks.add(task);
      }
    }
    return tasks.reversed();
  }

  private @Nullable TaskStepper first() {
    return (TaskStepper) NEWEST.getAcquire(this);
  }

  private static @Nullable TaskStepper after(TaskStepper stepper) {
    return (TaskStepper) NEXT.getAcquire(stepper);
  }
}
