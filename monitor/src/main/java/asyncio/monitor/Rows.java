package asyncio.monitor;

import asyncio.monitor.TaskTree.Group;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the tree that a page shows: those that are open are unfolded, and of many tasks one
 * page is shown at a time, so the number of rows is bounded whatever the number of tasks.
 */
final class Rows {
  static final int PAGE = 50;
  static final int MOST = 1_000;
  private static final int MOST_WAITS = 4;

  /**
   * One row.
   *
   * @param key what the page calls it when it is opened; the same from one moment to the next
   * @param kind "group", "task", "wait" or "pager"
   * @param open null if there is nothing below it
   * @param position among its siblings, from 1
   * @param from where the page begins that a pager shows
   */
  record Row(
      String key,
      int level,
      String kind,
      String label,
      String place,
      String state,
      List<Count> waits,
      int count,
      @Nullable Boolean open,
      int position,
      int siblings,
      @Nullable String task,
      boolean cycle,
      int from) {}

  /** A sort of thing that is waited for, and how many do. */
  record Count(String text, int count) {}

  /**
   * What a page asks for.
   *
   * @param open the keys of what is open, each with where its page begins
   * @param flat whether all tasks are grouped, not only those that nobody waits for
   * @param search a text that tasks have to mention; empty for all
   */
  record Query(Map<String, Integer> open, boolean flat, String search) {}

  private final Query query;
  private final List<Row> rows = new ArrayList<>();
  private boolean cut;

  private Rows(Query query) {
    this.query = query;
  }

  /** The rows, and whether there would be more. */
  record Result(List<Row> rows, boolean cut) {}

  static Result of(TaskTree tree, Query query) {
    Rows rows = new Rows(query);
    boolean all = query.search().isBlank();
    List<Group> groups = all ? tree.groups(query.flat()) : tree.search(query.search().strip());
    rows.addGroups(groups, "", 1, 0);
    return new Result(rows.rows, rows.cut);
  }

  private void addGroups(List<Group> groups, String parent, int level, int before) {
    int siblings = before + groups.size();
    int position = before;
    for (Group group : groups) {
      position++;
      if (isFull()) {
        return;
      }
      if (group.tasks().size() == 1) {
        addTask(group.tasks().getFirst(), parent, level, position, siblings);
      } else {
        addGroup(group, parent, level, position, siblings);
      }
    }
  }

  private void addGroup(Group group, String parent, int level, int position, int siblings) {
    String key = parent + "/g" + (group.coroutine() + "@" + group.place()).replace('/', '|');
    Integer from = query.open().get(key);
    int size = group.tasks().size();
    rows.add(
        new Row(
            key,
            level,
            "group",
            group.coroutine(),
            group.place(),
            "",
            mostOf(group.waits()),
            size,
            from != null,
            position,
            siblings,
            null,
            group.tasks().stream().anyMatch(task -> task.isInCycle),
            0));
    if (from == null) {
      return;
    }
    int begin = Math.clamp(from, 0, (size - 1) / PAGE * PAGE);
    int end = Math.min(begin + PAGE, size);
    for (int i = begin; i < end && !isFull(); i++) {
      addTask(group.tasks().get(i), key, level + 1, i + 1, size);
    }
    if (size > PAGE) {
      rows.add(pager(key, level + 1, begin, end, size));
    }
  }

  private static Row pager(String group, int level, int begin, int end, int size) {
    String label = String.format(java.util.Locale.ROOT, "%,d–%,d of %,d", begin + 1, end, size);
    return new Row(
        group + "/pager",
        level,
        "pager",
        label,
        "",
        "",
        List.of(),
        size,
        null,
        1,
        1,
        null,
        false,
        begin);
  }

  private void addTask(TaskNode task, String parent, int level, int position, int siblings) {
    String key = parent + "/t" + task.id;
    boolean isAbove = isAmong(task, parent);
    boolean hasChildren = !isAbove && (task.awaits.size() + task.waits.size() > 0);
    boolean isLeaf = !hasChildren || (task.awaits.isEmpty() && task.waits.size() == 1);
    Integer from = isLeaf ? null : query.open().get(key);
    rows.add(
        new Row(
            key,
            level,
            "task",
            task.name,
            isInGroup(parent)
                ? ""
                : task.coroutine + (task.place.isEmpty() ? "" : " " + task.place),
            task.state,
            waitsOf(task),
            1,
            isLeaf ? null : from != null,
            position,
            siblings,
            task.id,
            task.isInCycle,
            0));
    if (from == null) {
      return;
    }
    List<Group> groups = Group.of(task.awaits);
    int size = task.waits.size() + groups.size();
    for (int i = 0; i < task.waits.size() && !isFull(); i++) {
      TaskNode.Wait wait = task.waits.get(i);
      rows.add(
          new Row(
              key + "/w" + i,
              level + 1,
              "wait",
              wait.text(),
              "",
              "",
              List.of(),
              1,
              null,
              i + 1,
              size,
              null,
              false,
              0));
    }
    addGroups(groups, key, level + 1, task.waits.size());
  }

  /** Below a group, its coroutine need not be repeated. */
  private static boolean isInGroup(String parent) {
    int last = Math.max(parent.lastIndexOf("/g"), parent.lastIndexOf("/t"));
    return last >= 0 && parent.startsWith("/g", last);
  }

  /** A task that waits for itself, however indirectly, is not unfolded again below itself. */
  private static boolean isAmong(TaskNode task, String keys) {
    return keys.endsWith("/t" + task.id) || keys.contains("/t" + task.id + "/");
  }

  private static List<Count> waitsOf(TaskNode task) {
    List<Count> waits = new ArrayList<>();
    if (task.awaits.size() <= 2) {
      task.awaits.forEach(awaited -> waits.add(new Count("task " + awaited.name, 1)));
    } else {
      Map<String, Integer> tasks = new LinkedHashMap<>();
      task.awaits.forEach(awaited -> tasks.merge(awaited.coroutine, 1, Integer::sum));
      waits.addAll(mostOf(tasks));
    }
    task.waits.stream().limit(MOST_WAITS).forEach(wait -> waits.add(new Count(wait.text(), 1)));
    return waits;
  }

  private static List<Count> mostOf(Map<String, Integer> counts) {
    List<Count> most = new ArrayList<>();
    int rest = 0;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      if (most.size() < MOST_WAITS) {
        most.add(new Count(entry.getKey(), entry.getValue()));
      } else {
        rest += entry.getValue();
      }
    }
    if (rest > 0) {
      most.add(new Count("other", rest));
    }
    return most;
  }

  private boolean isFull() {
    cut |= rows.size() >= MOST;
    return cut;
  }
}
