package asyncio.internal.inspect;

import asyncio.Future;
import asyncio.inspect.TaskState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task does at one moment.
 *
 * @param id its identity, see {@link Insight#idOf}
 * @param waitingOn the future it is suspended on, if it waits
 * @param thread the thread whose stack is that of the task now: its own, or that of the generator
 *     it is inside of; null if the task runs on none of its own
 * @param code the class of its coroutine, or of the users' code inside that; null if it let go of
 *     it
 * @param deadline the earliest deadline in force, in loop time
 */
public record TaskFacts(
    long id,
    TaskState state,
    boolean cancelling,
    @Nullable Future<?> waitingOn,
    @Nullable Thread thread,
    @Nullable Class<?> code,
    List<StackTraceElement> createdAt,
    long deadline) {}
