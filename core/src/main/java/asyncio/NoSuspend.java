package asyncio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One open {@code noSuspend} section of a task. */
final class NoSuspend {
  private final @Nullable NoSuspend outer;
  private @Nullable IllegalStateException switched;

  NoSuspend(@Nullable NoSuspend outer) {
    this.outer = outer;
  }

  @Nullable NoSuspend outer() {
    return outer;
  }

  IllegalStateException refuse() {
    return new IllegalStateException(
        "a suspending call inside noSuspend(…); move it out of the section, or drop the guard if other tasks may run here");
  }

  /** The task left the loop inside a JDK call; that could not be prevented, so it is reported at the section's end. */
  void noteSwitch(StackTraceElement[] stack) {
    if (switched == null) {
      switched = new IllegalStateException("other tasks ran inside noSuspend(…), during a blocking JDK call: see the stack");
      switched.setStackTrace(Arrays.copyOf(stack, stack.length));
    }
    if (outer != null) {
      outer.noteSwitch(stack);
    }
  }

  @Nullable IllegalStateException switched() {
    return switched;
  }
}
