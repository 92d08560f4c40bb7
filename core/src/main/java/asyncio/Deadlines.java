package asyncio;

import org.jspecify.annotations.Nullable;

/** The deadlines in force for a task: one node for each open timeout scope, innermost first. */
interface Deadlines {

  /** The deadline of this scope in loop time, {@link EventLoop#NEVER} for none. */
  long deadline();

  /** The scope around this one, or null. */
  @Nullable Deadlines outer();

  /**
   * What the child of a task group has from its parent: the earliest deadline as it was when the
   * child was made.
   */
  record Inherited(long deadline) implements Deadlines {
    @Override
    public @Nullable Deadlines outer() {
      return null;
    }
  }

  /** The earliest deadline in force, {@link EventLoop#NEVER} for none. */
  static long earliest(@Nullable Deadlines innermost) {
    long earliest = EventLoop.NEVER;
    for (Deadlines scope = innermost; scope != null; scope = scope.outer()) {
      earliest = Math.min(earliest, scope.deadline());
    }
    return earliest;
  }

  /** Makes a task for {@code coroutine} that inherits the deadlines of {@code parent}. */
  static <T extends @Nullable Object> Task<T> createChild(
      TaskStepper parent, Awaitable<? extends T> coroutine, TaskOptions options) {
    AbstractEventLoop loop = parent.loop;
    long deadline = earliest(parent.deadlines);
    if (deadline == EventLoop.NEVER) {
      return loop.createTask(coroutine, options);
    }
    // The child may start inside createTask, which may be a users' factory: the loop hands the
    // deadline on.
    loop.deadlinesOfNextTask = new Inherited(deadline);
    try {
      return loop.createTask(coroutine, options);
    } finally {
      loop.deadlinesOfNextTask = null;
    }
  }
}
