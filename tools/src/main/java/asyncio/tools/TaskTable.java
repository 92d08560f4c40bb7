package asyncio.tools;

import asyncio.tools.Report.Frame;
import asyncio.tools.Report.Ref;
import asyncio.tools.Report.TaskPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of {@code ps}: one row for each pair of a task and one that awaits it (GRAPH-19). */
final class TaskTable {
  private static final String NOBODY = "0x0";
  private static final String UNKNOWN = "Unknown";

  private TaskTable() {}

  /**
   * The lines of the table.
   *
   * @param waits whether to add what the task waits for
   */
  static List<String> lines(Report report, boolean waits) {
    List<String> heading =
        new ArrayList<>(
            List.of(
                "tid",
                "task id",
                "task name",
                "coroutine stack",
                "awaiter chain",
                "awaiter name",
                "awaiter id"));
    if (waits) {
      heading.add("waits for");
    }
    TextTable table = new TextTable(heading);
    Map<String, TaskPart> tasks = report.tasksById();
    Map<String, Long> threads = report.threadsByLoop();
    for (TaskPart task : report.tasks()) {
      String thread = Long.toString(threads.getOrDefault(task.loop(), 0L));
      List<Ref> awaiters = task.awaitedBy();
      for (int i = 0; i < Math.max(1, awaiters.size()); i++) {
        Ref awaiter = awaiters.isEmpty() ? null : awaiters.get(i);
        List<String> row = row(thread, task, awaiter, tasks);
        if (waits) {
          row.add(task.waitsFor().isEmpty() ? task.state() : task.waits());
        }
        table.add(row);
      }
    }
    return table.lines(true);
  }

  private static List<String> row(
      String thread, TaskPart task, @Nullable Ref awaiter, Map<String, TaskPart> tasks) {
    TaskPart known = awaiter == null ? null : tasks.get(awaiter.id());
    return new ArrayList<>(
        List.of(
            thread,
            task.id(),
            task.name(),
            chain(task.frames()),
            known == null ? "" : chain(known.frames()),
            awaiter == null ? "" : known == null ? UNKNOWN : known.name(),
            awaiter == null ? NOBODY : awaiter.id()));
  }

  /** The functions, innermost first (GRAPH-20). */
  private static String chain(List<Frame> frames) {
    return frames.stream().map(Frame::function).collect(Collectors.joining(" -> "));
  }
}
