package asyncio;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open {@code noSuspend} section of a task. On the task's thread, but for {@link #noteSwitch}.
 */
final class NoSuspend {
  private final @Nullable NoSuspend outer;
  private @Nullable IllegalStateException switched;

  private NoSuspend(@Nullable NoSuspend outer) {
    this.outer = outer;
  }

  /** Runs {@code body} in a section; in a callback, which cannot suspend anyway, just runs it. */
  static <T extends @Nullable Object, X extends Throwable> T run(Scope.Body<T, X> body) throws X {
    TaskStepper stepper = TaskStepper.currentOrNull();
    if (stepper == null) {
      return body.call();
    }
    NoSuspend outer = stepper.noSuspend;
    NoSuspend section = new NoSuspend(outer);
    stepper.noSuspend = section;
    T result;
    try {
      result = body.call();
    } catch (Throwable t) {
      section.suppressIn(t);
      throw t;
    } finally {
      stepper.noSuspend = outer;
    }
    if (section.switched != null) {
      throw section.switched;
    }
    return result;
  }

  IllegalStateException refuse() {
    return new IllegalStateException(
        "a suspending call inside noSuspend(…); move it out of the section, or drop the guard if other tasks may run here");
  }

  /**
   * The task has left the loop inside a JDK call. That could not be prevented, so it is thrown at
   * the section's end. On the loop's thread, while the task is off it.
   */
  void noteSwitch(StackTraceElement[] stack) {
    IllegalStateException error =
        new IllegalStateException(
            "other tasks ran inside noSuspend(…), during a blocking JDK call: see the stack; move the call out of the section");
    error.setStackTrace(Arrays.copyOf(stack, stack.length));
    for (NoSuspend section = this; section != null; section = section.outer) {
      if (section.switched == null) {
        section.switched = error;
      }
    }
  }

  /** The body's own exception comes first. */
  private void suppressIn(Throwable t) {
    if (switched != null && t != switched && !List.of(t.getSuppressed()).contains(switched)) {
      t.addSuppressed(switched);
    }
  }
}
