package asyncio;

import java.util.List;

/**
 * A future, where its task is, and who waits for it: one node of the graph that {@link
 * Asyncio#captureCallGraph} takes (spec GRAPH-1 to GRAPH-18).
 *
 * <p>It is a snapshot. It holds the futures in it, so keep it no longer than it is looked at.
 *
 * @param future the future or task
 * @param callStack the frames of a task, innermost first and without those of the library; empty
 *     for another future
 * @param awaitedBy what waits for the future; a task that is waited for along two paths appears
 *     under both, and one that waits for itself, however indirectly, is not followed further where
 *     it comes up again
 */
public record CallGraph(
    Future<?> future, List<StackTraceElement> callStack, List<CallGraph> awaitedBy) {

  /** The limit that keeps all entries of a stack. */
  public static final int ALL = Integer.MAX_VALUE;

  /** Makes a node from copies of the lists. */
  public CallGraph {
    java.util.Objects.requireNonNull(future, "future");
    callStack = List.copyOf(callStack);
    awaitedBy = List.copyOf(awaitedBy);
  }

  /** The graph as text, a few lines for each node (GRAPH-16). */
  @Override
  public String toString() {
    return CallGraphs.format(this);
  }
}
