package asyncio;

import org.jspecify.annotations.Nullable;

/** The deadlines in force for a task: one node for each open timeout scope, innermost first. */
interface Deadlines {

  /** The deadline of this scope in loop time, {@link EventLoop#NEVER} for none. */
  long deadline();

  /** The scope around this one, or null. */
  @Nullable Deadlines outer();
}
