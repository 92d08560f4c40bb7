package asyncio.tools;

import asyncio.tools.Report.Frame;
import asyncio.tools.Report.Ref;
import asyncio.tools.Report.TaskPart;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The trees of {@code pstree}: a task that nobody awaits is a root; below a task come the frames in
 * which it is, and below the innermost one the tasks that it awaits (GRAPH-21 to GRAPH-23).
 *
 * <p>Chains of tasks can be long, so nothing here is recursive.
 */
final class TaskForest {
  /** A task that is awaited along many paths appears under each: this ends it. */
  private static final int MAX_LINES = 1_000_000;

  private static final String TASK = "(T) ";
  private static final String WAIT = "<- ";

  private final Map<String, TaskPart> tasks;
  private final boolean waits;

  /** Who awaits, to whom it awaits. */
  private final Map<String, Set<TaskPart>> awaited = new HashMap<>();

  private final List<TaskPart> roots = new ArrayList<>();
  private final Consumer<String> out;
  private int lines;

  private TaskForest(Report report, boolean waits, Consumer<String> out) {
    this.out = out;
    this.tasks = report.tasksById();
    this.waits = waits;
    for (TaskPart task : report.tasks()) {
      boolean root = true;
      for (Ref awaiter : task.awaitedBy()) {
        if (tasks.containsKey(awaiter.id())) {
          awaited.computeIfAbsent(awaiter.id(), _ -> new LinkedHashSet<>()).add(task);
          root = false;
        }
      }
      if (root) {
        roots.add(task);
      }
    }
  }

  /**
   * Draws all trees, with an empty line between two of them.
   *
   * @param waits whether to add what the tasks wait for
   * @param out takes the lines; deep trees have long ones, so they are not collected
   */
  static void draw(Report report, boolean waits, Consumer<String> out) {
    TaskForest forest = new TaskForest(report, waits, out);
    for (TaskPart root : forest.roots) {
      if (forest.lines > 0) {
        forest.line("");
      }
      forest.drawTree(root);
    }
  }

  private void line(String line) {
    out.accept(line);
    lines++;
  }

  /**
   * A task to be drawn.
   *
   * @param indent what stands before it, without its own branch
   * @param last whether it is the last one below its parent
   */
  private record Step(String indent, boolean last, TaskPart task) {}

  private void drawTree(TaskPart root) {
    Deque<Step> todo = new ArrayDeque<>();
    todo.push(new Step("", true, root));
    while (!todo.isEmpty()) {
      if (lines >= MAX_LINES) {
        line("… (more than " + MAX_LINES + " lines; `./asyncio ps` has each task once)");
        return;
      }
      Step step = todo.pop();
      TaskPart task = step.task;
      String indent = step.indent;
      boolean last = step.last;
      line(branch(indent, last) + TASK + task.name());
      for (Frame frame : task.frames().reversed()) { // outermost first
        indent = below(indent, last);
        last = true;
        line(branch(indent, true) + frame.place());
      }
      indent = below(indent, last);
      List<TaskPart> children = List.copyOf(awaited.getOrDefault(task.id(), Set.of()));
      String wait = waits && children.isEmpty() ? task.waits() : "";
      if (!wait.isEmpty()) {
        line(branch(indent, true) + WAIT + wait);
      }
      for (int i = children.size() - 1; i >= 0; i--) {
        todo.push(new Step(indent, i == children.size() - 1, children.get(i)));
      }
    }
  }

  private static String branch(String indent, boolean last) {
    return indent + (last ? "└── " : "├── ");
  }

  private static String below(String indent, boolean last) {
    return indent + (last ? "    " : "│   ");
  }
}
