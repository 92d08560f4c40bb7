package asyncio.inspect;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.internal.inspect.Insight;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of this JVM, for code that looks after all of them: a monitor, an exporter of
 * metrics.
 *
 * <p><b>Threading:</b> thread-safe; nothing here waits for a loop.
 */
public final class Loops {

  private Loops() {}

  /** The loops that are not closed, oldest first. */
  public static List<EventLoop> live() {
    Insight insight = Insight.get();
    return insight == null ? List.of() : List.copyOf(insight.liveLoops());
  }

  /** The identity of {@code loop} in snapshots, {@link LoopInfo#id}. */
  public static String idOf(EventLoop loop) {
    Objects.requireNonNull(loop, "loop");
    Insight insight = Insight.get();
    return insight == null ? "0x0" : Ids.hex(insight.numberOf(loop));
  }

  /** The identity of an unfinished task in snapshots, {@link TaskInfo#id}. */
  public static String idOf(Task<?> task) {
    Objects.requireNonNull(task, "task");
    Insight insight = Insight.get();
    return insight == null ? "0x0" : Ids.of(insight, task);
  }

  /**
   * The unfinished task with this {@link TaskInfo#id}, or null. It belongs to its loop: from
   * another thread, have that loop do what is to be done with it.
   */
  public static @Nullable Task<?> findTask(String id) {
    Objects.requireNonNull(id, "id");
    Insight insight = Insight.get();
    if (insight != null) {
      for (EventLoop loop : insight.liveLoops()) {
        for (Task<?> task : insight.tasksOf(loop)) {
          if (Ids.of(insight, task).equals(id)) {
            return task;
          }
        }
      }
    }
    return null;
  }
}
