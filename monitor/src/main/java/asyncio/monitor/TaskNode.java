package asyncio.monitor;

import java.util.ArrayList;
import java.util.List;

/** A task at one moment, as the page shows it: what it waits for, and who waits for it. */
final class TaskNode {
  /**
   * Something that a task waits for and that is no task.
   *
   * @param kind what sort of thing, by which waits are counted: {@code Lock}, {@code timer}
   * @param text the thing itself
   */
  record Wait(String kind, String text) {}

  final String id;
  final String name;

  /** The coroutine, by which tasks are taken together, and where it is in the source. */
  final String coroutine;

  final String place;
  final String loop;
  final String state;
  final List<Wait> waits;
  final List<TaskNode> awaits = new ArrayList<>(1);
  final List<TaskNode> awaitedBy = new ArrayList<>(1);
  boolean isInCycle;

  TaskNode(
      String id,
      String name,
      String coroutine,
      String place,
      String loop,
      String state,
      List<Wait> waits) {
    this.id = id;
    this.name = name;
    this.coroutine = coroutine;
    this.place = place;
    this.loop = loop;
    this.state = state;
    this.waits = waits;
  }

  void addAwaited(TaskNode other) {
    awaits.add(other);
    other.awaitedBy.add(this);
  }

  /** Whether {@code text}, which is in lower case, occurs in what the page shows of it. */
  boolean mentions(String text) {
    return contains(name, text)
        || contains(coroutine, text)
        || contains(id, text)
        || contains(state, text)
        || waits.stream().anyMatch(wait -> contains(wait.text, text) || contains(wait.kind, text));
  }

  private static boolean contains(String whole, String lowerCase) {
    return whole.toLowerCase(java.util.Locale.ROOT).contains(lowerCase);
  }
}
