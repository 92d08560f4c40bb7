package asyncio.inspect;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The text forms of a snapshot and its parts. */
final class SnapshotText {
  private static final int MAX_FRAMES = 5;

  /** How many holders are named in one line. */
  private static final int MAX_NAMES = 3;

  private record Line(TaskInfo task, int depth) {}

  private SnapshotText() {}

  // ---- parts

  static String wait(WaitInfo wait) {
    StringBuilder text = new StringBuilder(wait.text());
    if (wait.kind() != WaitKind.TASK && !wait.holders().isEmpty()) {
      text.append(holdersAre(wait.kind()));
      int named = Math.min(MAX_NAMES, wait.holders().size());
      for (int i = 0; i < named; i++) {
        text.append(i == 0 ? " " : ", ").append(wait.holders().get(i));
      }
      if (wait.holderCount() > named) {
        text.append(" and ").append(wait.holderCount() - named).append(" more");
      }
    }
    if (wait.holders().isEmpty()) {
      text.append(
          switch (wait.kind()) {
            case QUEUE_GET -> ", nobody known to put";
            case QUEUE_PUT, QUEUE_JOIN -> ", nobody known to get";
            default -> "";
          });
    }
    if (wait.remaining() != null) {
      text.append(", ").append(seconds(wait.remaining())).append(" left");
    }
    return text.toString();
  }

  private static String holdersAre(WaitKind kind) {
    return switch (kind) {
      case LOCK, SEMAPHORE, JDK_CALL -> ", held by";
      case QUEUE_GET -> ", last put into by";
      case QUEUE_PUT, QUEUE_JOIN -> ", last got from by";
      default -> ":";
    };
  }

  static String cycle(Cycle cycle) {
    StringBuilder text = new StringBuilder();
    for (Cycle.Step step : cycle.steps()) {
      String edge = step.kind() == WaitKind.TASK ? "task" : step.text();
      text.append(step.task().name()).append(" -[").append(edge).append("]-> ");
    }
    return text.append(cycle.steps().getFirst().task().name()).toString();
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
  }

  // ---- the whole

  static String render(Snapshot snapshot) {
    StringBuilder text = new StringBuilder();
    ProcessInfo process = snapshot.process();
    text.append("process ").append(process.pid());
    if (!process.command().isEmpty()) {
      text.append(' ').append(process.command());
    }
    text.append(", JDK ").append(process.jdk()).append(", ").append(counts(snapshot));
    for (Cycle cycle : snapshot.cycles()) {
      text.append(cycle.deadlock() ? "\ndeadlock: " : "\npossible deadlock: ").append(cycle);
      if (cycle.breaksIn() != null) {
        text.append(", until a timeout in ").append(seconds(cycle.breaksIn()));
      }
    }
    for (LoopInfo loop : snapshot.loops()) {
      render(loop, snapshot, text);
    }
    return text.toString();
  }

  private static String counts(Snapshot snapshot) {
    StringBuilder text = new StringBuilder();
    text.append(snapshot.taskCount()).append(snapshot.taskCount() == 1 ? " task" : " tasks");
    String separator = ": ";
    for (TaskState state : TaskState.values()) {
      int count = snapshot.states().getOrDefault(state, 0);
      if (count > 0) {
        text.append(separator).append(count).append(' ').append(state);
        separator = ", ";
      }
    }
    return text.toString();
  }

  private static void render(LoopInfo loop, Snapshot snapshot, StringBuilder text) {
    text.append("\nloop ").append(loop.id()).append(' ').append(loop.type());
    text.append(" (").append(loop.engine()).append(" engine)");
    text.append(
        loop.thread() != null
            ? " in thread '" + loop.thread() + "'"
            : loop.closed() ? ", closed" : ", not running");
    List<TaskInfo> tasks =
        snapshot.tasks().stream().filter(task -> task.loop().equals(loop.id())).toList();
    tree(tasks, text);
    if (tasks.size() < loop.tasks()) {
      text.append("\n  not all of the ").append(loop.tasks()).append(" tasks are shown; in sum:");
      for (TaskSummary summary : snapshot.summaries()) {
        if (summary.loop().equals(loop.id())) {
          text.append("\n  ").append(line(summary));
        }
      }
    }
  }

  private static String line(TaskSummary summary) {
    String code = summary.coroutine();
    if (!summary.frames().isEmpty()) {
      code = frame(summary.frames().getLast());
    }
    return summary.count()
        + " × "
        + code
        + ", "
        + summary.state()
        + (summary.waitsFor() == null ? "" : " for " + summary.waitsFor());
  }

  /** Who is awaited stands below who awaits; in a circle the oldest task stands on top. */
  private static void tree(List<TaskInfo> tasks, StringBuilder text) {
    Map<String, List<TaskInfo>> children = new HashMap<>();
    List<TaskInfo> roots = new ArrayList<>();
    Set<String> known = new HashSet<>();
    tasks.forEach(task -> known.add(task.id()));
    for (TaskInfo task : tasks) {
      boolean below = false;
      for (TaskRef awaiter : task.awaitedBy()) {
        if (known.contains(awaiter.id())) {
          children.computeIfAbsent(awaiter.id(), _ -> new ArrayList<>()).add(task);
          below = true;
        }
      }
      if (!below) {
        roots.add(task);
      }
    }
    Set<String> shown = new HashSet<>();
    roots.forEach(root -> branch(root, children, shown, text));
    for (TaskInfo task : tasks) {
      if (!shown.contains(task.id())) {
        branch(task, children, shown, text); // everybody above it is awaited in a circle
      }
    }
  }

  private static void branch(
      TaskInfo root, Map<String, List<TaskInfo>> children, Set<String> shown, StringBuilder text) {
    Deque<Line> todo = new ArrayDeque<>();
    todo.push(new Line(root, 1));
    while (!todo.isEmpty()) {
      Line line = todo.pop();
      String indent = "  ".repeat(line.depth);
      boolean again = !shown.add(line.task.id());
      text.append('\n').append(indent).append(again ? "↑ " : "");
      describe(line.task, again, indent, text);
      if (!again) {
        List<TaskInfo> below = children.getOrDefault(line.task.id(), List.of());
        for (TaskInfo child : below.reversed()) {
          todo.push(new Line(child, line.depth + 1));
        }
      }
    }
  }

  private static void describe(TaskInfo task, boolean again, String indent, StringBuilder text) {
    text.append(task.ref());
    if (again) {
      text.append(", see above");
      return;
    }
    text.append(' ').append(task.cancelling() ? "is being cancelled, " : "").append(task.state());
    text.append(waits(task.waitsFor()));
    if (task.timesOutIn() != null) {
      text.append(", times out in ").append(seconds(task.timesOutIn()));
    }
    int shown = Math.min(MAX_FRAMES, task.frames().size());
    for (StackTraceElement frame : task.frames().subList(0, shown)) {
      text.append('\n').append(indent).append("    at ").append(frame(frame));
    }
    if (task.frames().size() > shown) {
      text.append('\n').append(indent).append("    … ").append(task.frames().size() - shown);
      text.append(" more");
    }
    if (!task.createdAt().isEmpty()) {
      text.append('\n').append(indent).append("    created at ");
      text.append(frame(task.createdAt().getFirst()));
    }
  }

  private static String waits(List<WaitInfo> waits) {
    StringBuilder text = new StringBuilder();
    for (WaitInfo wait : waits) {
      text.append(text.isEmpty() ? (wait.kind() == WaitKind.JDK_CALL ? " in " : " for ") : ", ");
      text.append(wait);
    }
    return text.toString();
  }

  static String frame(@Nullable StackTraceElement frame) {
    if (frame == null) {
      return "?";
    }
    return frame.getClassName()
        + "."
        + frame.getMethodName()
        + "("
        + (frame.getFileName() == null
            ? "unknown source"
            : frame.getLineNumber() < 0
                ? frame.getFileName()
                : frame.getFileName() + ":" + frame.getLineNumber())
        + ")";
  }
}
