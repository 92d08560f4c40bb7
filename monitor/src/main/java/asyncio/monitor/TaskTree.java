package asyncio.monitor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All tasks of one moment, ready to be shown row by row: those that nobody waits for are the roots,
 * and tasks that run the same coroutine are taken together.
 *
 * <p><b>Threading:</b> not changed after it was made.
 */
final class TaskTree {
  static final TaskTree EMPTY = new TaskTree(List.of());

  private final Map<String, TaskNode> byId;
  private final List<Group> roots;
  private final List<Group> all;

  /** Tasks that run the same coroutine. */
  record Group(String coroutine, String place, List<TaskNode> tasks, Map<String, Integer> waits) {
    /** The largest first; roughly, so that rows do not change places all the time. */
    private static final Comparator<Group> BY_SIZE =
        Comparator.comparingInt((Group group) -> Integer.numberOfLeadingZeros(group.tasks.size()))
            .thenComparing(Group::coroutine)
            .thenComparing(Group::place);

    /** The groups of these tasks. */
    static List<Group> of(Collection<TaskNode> tasks) {
      Map<String, List<TaskNode>> byCoroutine = new LinkedHashMap<>();
      for (TaskNode task : tasks) {
        String key = task.coroutine + '\n' + task.place;
        byCoroutine.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(task);
      }
      List<Group> groups = new ArrayList<>(byCoroutine.size());
      for (List<TaskNode> members : byCoroutine.values()) {
        TaskNode first = members.getFirst();
        groups.add(new Group(first.coroutine, first.place, members, countWaits(members)));
      }
      groups.sort(BY_SIZE);
      return groups;
    }

    private static Map<String, Integer> countWaits(List<TaskNode> tasks) {
      Map<String, Integer> counts = new HashMap<>();
      for (TaskNode task : tasks) {
        if (!task.awaits.isEmpty()) {
          counts.merge("task", 1, Integer::sum);
        } else if (task.waits.isEmpty()) {
          counts.merge(task.state, 1, Integer::sum);
        } else {
          counts.merge(task.waits.getFirst().kind(), 1, Integer::sum);
        }
      }
      Map<String, Integer> sorted = new LinkedHashMap<>();
      counts.entrySet().stream()
          .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
          .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      return sorted;
    }
  }

  /** Takes the tasks, oldest first, with their links. */
  TaskTree(Collection<TaskNode> tasks) {
    byId = HashMap.newHashMap(tasks.size());
    for (TaskNode task : tasks) {
      byId.put(task.id, task);
    }
    roots = Group.of(rootsOf(tasks));
    all = Group.of(tasks);
  }

  /** What nobody waits for; and of those that wait for each other in a circle, the oldest. */
  private static List<TaskNode> rootsOf(Collection<TaskNode> tasks) {
    List<TaskNode> roots = new ArrayList<>();
    Set<TaskNode> reached = HashSet.newHashSet(tasks.size());
    for (TaskNode task : tasks) {
      if (task.awaitedBy.isEmpty()) {
        roots.add(task);
        reach(task, reached);
      }
    }
    for (TaskNode task : tasks) {
      if (!reached.contains(task)) {
        roots.add(task);
        reach(task, reached);
      }
    }
    return roots;
  }

  private static void reach(TaskNode from, Set<TaskNode> reached) {
    ArrayDeque<TaskNode> next = new ArrayDeque<>(List.of(from));
    while (!next.isEmpty()) {
      TaskNode task = next.pop();
      if (reached.add(task)) {
        next.addAll(task.awaits);
      }
    }
  }

  int size() {
    return byId.size();
  }

  @Nullable TaskNode find(String id) {
    return byId.get(id);
  }

  /** The groups of the roots; or, if {@code flat}, of all tasks. */
  List<Group> groups(boolean flat) {
    return flat ? all : roots;
  }

  /** The groups of the tasks in which {@code text} occurs. */
  List<Group> search(String text) {
    String lowerCase = text.toLowerCase(Locale.ROOT);
    return Group.of(byId.values().stream().filter(task -> task.mentions(lowerCase)).toList());
  }
}
