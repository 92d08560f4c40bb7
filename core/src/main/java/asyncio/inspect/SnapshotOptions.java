package asyncio.inspect;

/**
 * How much a {@link Snapshot} shows. Immutable: each {@code with…} method returns a changed copy.
 *
 * @param maxTasks how many tasks are listed, the oldest ones; those in cycles always are, and the
 *     counts, summaries and cycles are about all tasks
 * @param maxStacks of how many of these the stack is read; 0 for no stacks at all. A stack costs
 *     about ten microseconds, in which that one task cannot go on
 * @param maxFrames how many frames of a stack are kept, the innermost ones
 */
public record SnapshotOptions(int maxTasks, int maxStacks, int maxFrames) {

  /** 10,000 tasks, the stacks of 1,000 of them, 64 frames each. */
  public static final SnapshotOptions DEFAULT = new SnapshotOptions(10_000, 1_000, 64);

  /**
   * @throws IllegalArgumentException if a limit is negative
   */
  public SnapshotOptions {
    check(maxTasks, "maxTasks");
    check(maxStacks, "maxStacks");
    check(maxFrames, "maxFrames");
  }

  private static void check(int limit, String name) {
    if (limit < 0) {
      throw new IllegalArgumentException(
          name + ": must not be negative, got " + limit + "; Integer.MAX_VALUE is no limit");
    }
  }

  /** Options that list so many tasks. */
  public SnapshotOptions withMaxTasks(int maxTasks) {
    return new SnapshotOptions(maxTasks, maxStacks, maxFrames);
  }

  /** Options that read so many stacks. */
  public SnapshotOptions withMaxStacks(int maxStacks) {
    return new SnapshotOptions(maxTasks, maxStacks, maxFrames);
  }

  /** Options that read no stacks. */
  public SnapshotOptions withoutStacks() {
    return withMaxStacks(0);
  }

  /** Options that keep so many frames of each stack. */
  public SnapshotOptions withMaxFrames(int maxFrames) {
    return new SnapshotOptions(maxTasks, maxStacks, maxFrames);
  }
}
