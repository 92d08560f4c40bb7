package asyncio;

import asyncio.internal.vthread.Fiber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes and prints call graphs. Chains of awaiting tasks can be long, so nothing here is recursive.
 */
final class CallGraphs {

  /**
   * A node whose awaiters are being followed; the ones below it on the stack are the path to it.
   */
  private static final class Visit {
    final Future<?> future;
    final List<StackTraceElement> callStack;
    final Iterator<Future<?>> rest;
    final List<CallGraph> awaitedBy = new ArrayList<>();

    Visit(Future<?> future, List<StackTraceElement> callStack, Iterator<Future<?>> rest) {
      this.future = future;
      this.callStack = callStack;
      this.rest = rest;
    }
  }

  private record Line(CallGraph graph, int level) {}

  private CallGraphs() {}

  /**
   * The graph of {@code future}, or of the current task for null; null if there is none.
   *
   * @param depth how many frames of the current task's live stack to leave out; the entry point of
   *     the library is frame 0
   */
  static @Nullable CallGraph capture(@Nullable Future<?> future, int depth, int limit) {
    if (depth < 0) {
      throw new IllegalArgumentException("depth: must not be negative, got " + depth);
    }
    Future<?> root = future != null ? future : Asyncio.currentTask();
    return root == null ? null : build(root, depth, limit);
  }

  private static CallGraph build(Future<?> root, int depth, int limit) {
    Deque<Visit> path = new ArrayDeque<>();
    TaskStepper current = TaskStepper.currentOrNull();
    List<StackTraceElement> rootStack =
        limit == 0
            ? List.of()
            : current != null && current.task == root ? liveStack(depth) : suspendedStack(root);
    path.push(new Visit(root, limited(rootStack, limit), root.awaiters().iterator()));
    for (; ; ) {
      Visit visit = path.element();
      if (visit.rest.hasNext()) {
        Future<?> awaiter = visit.rest.next();
        boolean circle = path.stream().anyMatch(outer -> outer.future == awaiter);
        List<StackTraceElement> stack =
            limit == 0 ? List.of() : limited(suspendedStack(awaiter), limit);
        path.push(
            new Visit(
                awaiter,
                stack,
                circle ? List.<Future<?>>of().iterator() : awaiter.awaiters().iterator()));
      } else {
        path.pop();
        CallGraph node = new CallGraph(visit.future, visit.callStack, visit.awaitedBy);
        if (path.isEmpty()) {
          return node;
        }
        path.element().awaitedBy.add(node);
      }
    }
  }

  private static List<StackTraceElement> suspendedStack(Future<?> future) {
    TaskStepper steps = future instanceof Task<?> task ? task.stepper() : null;
    return steps != null ? steps.userStack() : List.of();
  }

  /**
   * The caller's frames, innermost first, without those of the library but for the entry point that
   * was called.
   */
  private static List<StackTraceElement> liveStack(int depth) {
    List<StackTraceElement> all = Arrays.asList(Thread.currentThread().getStackTrace());
    int entry = 0;
    for (int i = 0; i < all.size() && (i == 0 || Origins.isInternal(all.get(i))); i++) {
      entry = i;
    }
    List<StackTraceElement> frames = new ArrayList<>();
    frames.add(all.get(entry));
    frames.addAll(
        Origins.userFrames(all.subList(entry + 1, all.size()).toArray(StackTraceElement[]::new)));
    Fiber fiber = Fiber.current();
    if (fiber != null) {
      frames = TaskStepper.withCallers(frames, fiber);
    }
    return frames.subList(Math.min(depth, frames.size()), frames.size());
  }

  /** The outermost {@code limit} entries, or the innermost if it is negative. */
  private static List<StackTraceElement> limited(
      List<StackTraceElement> innermostFirst, int limit) {
    int size = innermostFirst.size();
    return limit >= 0
        ? innermostFirst.subList(Math.max(0, size - limit), size)
        : innermostFirst.subList(0, (int) Math.min(size, -(long) limit));
  }

  static String format(@Nullable CallGraph graph) {
    if (graph == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    Deque<Line> todo = new ArrayDeque<>();
    todo.push(new Line(graph, 0));
    while (!todo.isEmpty()) {
      Line line = todo.pop();
      String indent = "    ".repeat(line.level);
      CallGraph node = line.graph;
      text.append(text.isEmpty() ? "" : "\n")
          .append(indent)
          .append("* ")
          .append(describe(node.future()));
      if (!node.callStack().isEmpty()) {
        text.append('\n').append(indent).append("  + Call stack:");
        for (StackTraceElement frame : node.callStack()) {
          text.append('\n').append(indent).append("  |   ").append(describe(frame));
        }
      }
      if (!node.awaitedBy().isEmpty()) {
        text.append('\n').append(indent).append("  + Awaited by:");
        for (CallGraph awaiter : node.awaitedBy().reversed()) {
          todo.push(new Line(awaiter, line.level + 1));
        }
      }
    }
    return text.toString();
  }

  private static String describe(Future<?> future) {
    String id = "id=" + Inspection.hexIdOf(future);
    return future instanceof Task<?> task
        ? "Task(name='" + task.name() + "', " + id + ")"
        : "Future(" + id + ")";
  }

  private static String describe(StackTraceElement frame) {
    String file = frame.getFileName() == null ? "unknown" : frame.getFileName();
    String type = frame.getClassName().substring(frame.getClassName().lastIndexOf('.') + 1);
    return "File '"
        + file
        + "', line "
        + frame.getLineNumber()
        + ", in "
        + type
        + "."
        + frame.getMethodName()
        + "()";
  }

  static void addToAwaitedBy(
      java.util.concurrent.Future<?> future, java.util.concurrent.Future<?> waiter) {
    if (future instanceof Future<?> ours && waiter instanceof Future<?> waiting) {
      ours.addAwaitedBy(waiting);
    }
  }

  static void discardFromAwaitedBy(
      java.util.concurrent.Future<?> future, java.util.concurrent.Future<?> waiter) {
    if (future instanceof Future<?> ours && waiter instanceof Future<?> waiting) {
      ours.discardAwaitedBy(waiting);
    }
  }
}
