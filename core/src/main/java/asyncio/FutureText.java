package asyncio;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text forms of futures (FUT-28, FUT-29). */
final class FutureText {
  private static final int MAX_LENGTH = 200;

  /**
   * How many futures deep a text goes: a chain of thousands of tasks must not overflow the stack.
   */
  private static final int MAX_DEPTH = 20;

  /**
   * The futures whose text the current thread is making: one that refers to itself, however
   * indirectly, ends there.
   */
  private static final ThreadLocal<List<Future<?>>> IN_PROGRESS =
      ThreadLocal.withInitial(ArrayList::new);

  private FutureText() {}

  static String describe(Future<?> future) {
    List<Future<?>> inProgress = IN_PROGRESS.get();
    if (inProgress.size() == MAX_DEPTH || isIn(inProgress, future)) {
      return "<" + future.typeName() + " ...>";
    }
    inProgress.add(future);
    try {
      StringBuilder text =
          new StringBuilder("<")
              .append(future.typeName())
              .append(' ')
              .append(future.describeState());
      List<Handle> nodes = future.nodes();
      if (!nodes.isEmpty()) {
        text.append(" cb=[").append(describeNode(nodes.getFirst()));
        if (nodes.size() == 2) {
          text.append(", ").append(describeNode(nodes.getLast()));
        } else if (nodes.size() > 2) {
          text.append(", <")
              .append(nodes.size() - 2)
              .append(" more>, ")
              .append(describeNode(nodes.getLast()));
        }
        text.append(']');
      }
      List<StackTraceElement> origin = future.origin();
      if (origin != null && !origin.isEmpty()) {
        text.append(" created at ").append(Origins.describe(origin.getFirst()));
      }
      return text.append('>').toString();
    } finally {
      inProgress.removeLast();
      if (inProgress.isEmpty()) {
        IN_PROGRESS.remove();
      }
    }
  }

  private static boolean isIn(List<Future<?>> futures, Future<?> future) {
    for (Future<?> other : futures) {
      if (other == future) {
        return true;
      }
    }
    return false;
  }

  static String abbreviate(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH - 3) + "...";
  }

  private static String describeNode(Handle node) {
    return switch (node) {
      case TaskStepper stepper -> stepper.task.name() + ".wakeup()";
      case DoneCallback done -> {
        Object function = done.function();
        yield function == null ? done.toString() : Origins.describeCallable(function) + "()";
      }
      default -> node.toString();
    };
  }
}
