package asyncio.monitor;

import asyncio.inspect.Cycle;
import asyncio.inspect.Snapshot;
import asyncio.inspect.TaskInfo;
import asyncio.inspect.TaskRef;
import asyncio.inspect.WaitInfo;
import asyncio.inspect.WaitKind;
import asyncio.monitor.Look.CycleLook;
import asyncio.monitor.Look.StepLook;
import asyncio.monitor.Look.TaskLink;
import asyncio.monitor.Look.TaskLook;
import asyncio.monitor.Look.WaitLook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes of a snapshot what the page shows, without the monitor's own tasks. */
final class TaskReader {
  private static final int MOST_LINKS = 20;

  final Map<String, TaskInfo> infos;
  final TaskTree tree;
  final List<CycleLook> cycles;

  TaskReader(Snapshot snapshot, String ownLoop) {
    infos = LinkedHashMap.newLinkedHashMap(snapshot.tasks().size()); // oldest first
    List<TaskNode> nodes = new ArrayList<>(snapshot.tasks().size());
    Map<String, TaskNode> byId = HashMap.newHashMap(snapshot.tasks().size());
    for (TaskInfo info : snapshot.tasks()) {
      if (!info.loop().equals(ownLoop)) {
        TaskNode node = node(info);
        nodes.add(node);
        byId.put(info.id(), node);
        infos.put(info.id(), info);
      }
    }
    for (TaskInfo info : infos.values()) {
      TaskNode node = byId.get(info.id());
      for (TaskRef awaiter : info.awaitedBy()) {
        TaskNode other = byId.get(awaiter.id());
        if (node != null && other != null) { // a future that is no task has no row of its own
          other.addAwaited(node);
        }
      }
    }
    for (Cycle cycle : snapshot.cycles()) {
      cycle.steps().stream()
          .map(step -> byId.get(step.task().id()))
          .forEach(node -> {
            if (node != null) {
              node.isInCycle = true;
            }
          });
    }
    cycles = snapshot.cycles().stream().map(TaskReader::cycle).toList();
    tree = new TaskTree(nodes);
  }

  private static TaskNode node(TaskInfo info) {
    List<TaskNode.Wait> waits = new ArrayList<>(info.waitsFor().size());
    for (WaitInfo wait : info.waitsFor()) {
      boolean isInTree = wait.kind() == WaitKind.TASK || wait.kind() == WaitKind.TASKS;
      if (!isInTree || wait.holders().isEmpty()) { // awaited tasks are rows below it
        waits.add(new TaskNode.Wait(wait.kind().toString(), text(wait)));
      }
    }
    return new TaskNode(
        info.id(), info.name(), code(info), place(info.entry()), info.loop(), state(info), waits);
  }

  /** The method that the task began in, as far as that is known. */
  private static String code(TaskInfo info) {
    StackTraceElement entry = info.entry();
    return entry == null ? withoutPackage(info.coroutine()) : method(entry);
  }

  private static String place(@Nullable StackTraceElement entry) {
    if (entry == null || entry.getFileName() == null) {
      return "";
    }
    return entry.getFileName() + (entry.getLineNumber() > 0 ? ":" + entry.getLineNumber() : "");
  }

  private static String state(TaskInfo info) {
    return info.cancelling() ? "cancelling" : info.state().toString();
  }

  private static String text(WaitInfo wait) {
    return wait.kind() == WaitKind.JDK_CALL ? wait.text() : wait.toString();
  }

  private static String withoutPackage(String name) {
    int lambda = name.endsWith(".lambda") ? name.length() - ".lambda".length() : name.length();
    return name.substring(name.lastIndexOf('.', lambda - 1) + 1);
  }

  /** A lambda by the method that contains it: {@code lambda$main$0} is in {@code main}. */
  private static String method(StackTraceElement frame) {
    String type = frame.getClassName();
    String method = frame.getMethodName();
    if (method.startsWith("lambda$") && method.lastIndexOf('$') > 7) {
      method = method.substring(7, method.lastIndexOf('$')) + " λ";
    }
    return type.substring(type.lastIndexOf('.') + 1) + "." + method;
  }

  private static CycleLook cycle(Cycle cycle) {
    return new CycleLook(
        cycle.deadlock(),
        cycle.steps().stream()
            .map(step ->
                new StepLook(
                    step.task().id(), step.task().name(), step.kind().toString(), step.text()))
            .toList());
  }

  /** A task for the panel, with a stack that was read just now. */
  static TaskLook look(TaskInfo info, List<StackTraceElement> stack, boolean readOnly) {
    List<String> notes = new ArrayList<>();
    if (info.timesOutIn() != null) {
      notes.add(
          String.format(
              Locale.ROOT, "a timeout ends it in %.1f s", info.timesOutIn().toMillis() / 1000.0));
    }
    return new TaskLook(
        info.id(),
        info.name(),
        code(info),
        info.loop(),
        state(info),
        notes,
        info.waitsFor().stream()
            .map(wait -> new WaitLook(kindAndText(wait), links(wait.holders())))
            .toList(),
        links(info.awaitedBy()),
        lines(stack),
        lines(info.createdAt()),
        readOnly);
  }

  private static String kindAndText(WaitInfo wait) {
    String kind = wait.kind().toString();
    String text = wait.text().startsWith(kind) ? wait.text() : kind + " " + wait.text();
    String holders =
        wait.holders().isEmpty()
            ? ""
            : switch (wait.kind()) {
              case LOCK, SEMAPHORE -> ", held by";
              case QUEUE_GET -> ", last put into by";
              case QUEUE_PUT, QUEUE_JOIN -> ", last got from by";
              default -> ":";
            };
    return text + holders;
  }

  private static List<TaskLink> links(List<TaskRef> tasks) {
    return tasks.stream()
        .limit(MOST_LINKS)
        .map(task -> new TaskLink(task.id(), task.name()))
        .toList();
  }

  /** As in a stack trace, without the names of modules and class loaders. */
  static List<String> lines(List<StackTraceElement> stack) {
    return stack.stream()
        .map(frame ->
            frame.getClassName()
                + "."
                + frame.getMethodName()
                + "("
                + (frame.getFileName() == null
                    ? "unknown source"
                    : frame.getLineNumber() < 0
                        ? frame.getFileName()
                        : frame.getFileName() + ":" + frame.getLineNumber())
                + ")")
        .toList();
  }
}
