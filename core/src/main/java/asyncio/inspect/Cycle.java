package asyncio.inspect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait for one another in a circle.
 *
 * @param steps the tasks in order: each waits for the next one, and the last one for the first
 * @param deadlock whether none of them can go on: each waits for nothing that somebody outside the
 *     circle could provide. Otherwise it is only possible that they hang, for instance because the
 *     last task that was seen to put into a queue waits for the one that wants to get
 * @param breaksIn how long until a timeout around one of them ends the circle; null if none does
 */
public record Cycle(List<Step> steps, boolean deadlock, @Nullable Duration breaksIn) {

  /**
   * One task, and what leads from it to the next one.
   *
   * @param task the task
   * @param kind what it waits for
   * @param id the identity of that, as {@link WaitInfo#id}
   * @param text that in words, as {@link WaitInfo#text}
   */
  public record Step(TaskRef task, WaitKind kind, String id, String text) {
    public Step {
      Objects.requireNonNull(task, "task");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(text, "text");
    }
  }

  public Cycle {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("steps: a cycle has at least one task, got none");
    }
  }

  /** The names of the tasks, from the first one back to itself (GRAPH-24). */
  public List<String> names() {
    return aroundOf(steps.stream().map(step -> step.task.name()));
  }

  /** The ids of the tasks, from the first one back to itself. */
  public List<String> ids() {
    return aroundOf(steps.stream().map(step -> step.task.id()));
  }

  private static List<String> aroundOf(Stream<String> each) {
    List<String> around = new ArrayList<>(each.toList());
    around.add(around.getFirst());
    return List.copyOf(around);
  }

  /** Whether the tasks wait for each other's end alone, and not for locks and the like. */
  public boolean isOfTasksOnly() {
    return steps.stream()
        .allMatch(step -> step.kind == WaitKind.TASK || step.kind == WaitKind.TASKS);
  }

  /** For example {@code a -[Lock@1b2c3d]-> b -[Lock@4e5f60]-> a}. */
  @Override
  public String toString() {
    return SnapshotText.cycle(this);
  }
}
