package asyncio.inspect;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that run the same code and do the same: one line for thousands of them.
 *
 * @param loop the {@link LoopInfo#id} of their loop
 * @param coroutine the code, as in {@link TaskInfo#coroutine}. Two lambdas of one class make two
 *     summaries with this text; the frames tell them apart
 * @param state what they do
 * @param waitsFor what they wait for; null if they are ready or running
 * @param count how many they are
 * @param samples the oldest of them
 * @param frames where the first sample is, innermost first; empty if stacks were not asked for
 */
public record TaskSummary(
    String loop,
    String coroutine,
    TaskState state,
    @Nullable WaitKind waitsFor,
    int count,
    List<TaskRef> samples,
    List<StackTraceElement> frames) {

  public TaskSummary {
    Objects.requireNonNull(loop, "loop");
    Objects.requireNonNull(coroutine, "coroutine");
    Objects.requireNonNull(state, "state");
    samples = List.copyOf(samples);
    frames = List.copyOf(frames);
  }
}
