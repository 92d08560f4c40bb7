package asyncio.inspect;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An unfinished task.
 *
 * @param id its identity: hexadecimal with prefix, the same in every snapshot of the process, and
 *     never given to another task. It is the number of the task's thread, as {@link
 *     Thread#threadId} and thread dumps show it
 * @param name its name
 * @param loop the {@link LoopInfo#id} of its loop
 * @param state what it does
 * @param cancelling whether it has been asked to end
 * @param coroutine the code it runs: its class, for a lambda the class that contains it
 * @param frames where it is, innermost first and without the library's frames; empty if it has not
 *     begun, or if stacks were not asked for
 * @param createdAt where it was created, innermost first; empty unless the loop was in debug mode
 * @param waitsFor what it waits for; empty if it is ready or running
 * @param awaitedBy the tasks that wait for it, directly or through a {@code gather}, a task group
 *     and the like; a future stands for somebody who is no task
 * @param timesOutIn how long until the earliest deadline in force around it; null for none
 * @param entry the line of users' code that the first task with the same code was seen to have at
 *     the bottom of its stack: tells two lambdas of one class apart. Null as long as none has begun
 */
public record TaskInfo(
    String id,
    String name,
    String loop,
    TaskState state,
    boolean cancelling,
    String coroutine,
    List<StackTraceElement> frames,
    List<StackTraceElement> createdAt,
    List<WaitInfo> waitsFor,
    List<TaskRef> awaitedBy,
    @Nullable Duration timesOutIn,
    @Nullable StackTraceElement entry) {

  public TaskInfo {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(loop, "loop");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(coroutine, "coroutine");
    frames = List.copyOf(frames);
    createdAt = List.copyOf(createdAt);
    waitsFor = List.copyOf(waitsFor);
    awaitedBy = List.copyOf(awaitedBy);
  }

  /** Id and name alone. */
  public TaskRef ref() {
    return new TaskRef(id, name);
  }
}
