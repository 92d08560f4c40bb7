package asyncio.inspect;

/**
 * What {@code ./asyncio ps}, {@code top}, {@code dump} and {@code cancel} ask a running program:
 * the management interface of {@link Probe}. All answers are text, so that the two sides need no
 * classes in common.
 */
public interface ProbeMBean {
  /**
   * Announces that calls will follow. If none comes for a while, the one who asks is taken for
   * dead: the probe removes itself, and what was opened for it.
   *
   * @param name the name under which this probe is registered
   * @param settings the file with the settings of the management agent that was started for this
   *     probe; empty if none was
   * @param silenceSeconds how long that while is
   */
  void expectCalls(String name, String settings, int silenceSeconds);

  /** Announces that no more calls will follow. */
  void expectNoCalls();

  /**
   * All loops and tasks and what they wait for.
   *
   * @param maxTasks as {@link SnapshotOptions#maxTasks}
   * @param maxStacks as {@link SnapshotOptions#maxStacks}
   * @return JSON, see {@link Snapshot#toJson}
   */
  String snapshot(int maxTasks, int maxStacks);

  /**
   * The numbers of all loops.
   *
   * @return JSON: an array of {@code {"loop": its id, "metrics": see LoopMetrics.toJson}}
   */
  String metrics();

  /**
   * Asks a task to be cancelled, as {@link asyncio.Task#cancel} does, and waits a moment for its
   * loop to take the request.
   *
   * @param task its id as snapshots show it, or its name
   * @return what has been done, in words
   * @throws IllegalArgumentException if no task has that id or name, or several have that name, or
   *     the task ended meanwhile
   * @throws IllegalStateException if the loop did not take the request
   */
  String cancel(String task);
}
