package asyncio.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.monitor.Rows.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which rows the page shows of a tree of tasks. */
class RowsTest {
  private final List<TaskNode> tasks = new ArrayList<>();
  private final Map<String, Integer> open = new HashMap<>();

  private TaskNode add(String name, String coroutine, String... waits) {
    List<TaskNode.Wait> all = new ArrayList<>();
    for (String wait : waits) {
      all.add(new TaskNode.Wait(wait, wait + " of " + name));
    }
    String id = "0x" + Integer.toHexString(tasks.size() + 1);
    TaskNode task = new TaskNode(id, name, coroutine, "", "0x1", "waiting", all);
    tasks.add(task);
    return task;
  }

  private Rows.Result result(boolean flat, String search) {
    return Rows.of(new TaskTree(tasks), new Rows.Query(open, flat, search));
  }

  /** Each row as text: its depth in blanks, its label, how many. */
  private List<String> rows() {
    return texts(result(false, "").rows());
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream()
        .map(row ->
            " ".repeat(row.level() - 1) + row.label() + (row.count() > 1 ? " x" + row.count() : ""))
        .toList();
  }

  private String keyOf(String label) {
    return result(false, "").rows().stream()
        .filter(row -> row.label().equals(label))
        .map(Row::key)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tasksThatNobodyAwaitsAreTheRoots() {
    TaskNode main = add("main", "Main.main");
    TaskNode child = add("child", "Main.child", "timer");
    main.addAwaited(child);
    assertThat(rows()).containsExactly("main");
    open.put(keyOf("main"), 0);
    assertThat(rows()).containsExactly("main", " child");
  }

  @Test
  void tasksWithTheSameCodeAreOneRowWithTheirWaits() {
    for (int i = 0; i < 30; i++) {
      add("w" + i, "Main.work", i < 20 ? "lock" : "timer");
    }
    add("other", "Main.other");
    List<Row> rows = result(false, "").rows();
    assertThat(texts(rows)).containsExactly("Main.work x30", "other");
    assertThat(rows.getFirst().waits())
        .containsExactly(new Rows.Count("lock", 20), new Rows.Count("timer", 10));
    assertThat(rows.getFirst().open()).isFalse();
  }

  @Test
  void groupIsShownPageByPage() {
    for (int i = 0; i < 120; i++) {
      add("w" + i, "Main.work", "timer");
    }
    open.put(keyOf("Main.work"), 100);
    assertThat(rows())
        .hasSize(1 + 20 + 1)
        .startsWith("Main.work x120", " w100")
        .endsWith(" w119", " 101–120 of 120 x120");
    open.replaceAll((_, _) -> 1_000_000);
    assertThat(rows()).contains(" w119");
    open.replaceAll((_, _) -> -5);
    assertThat(rows()).contains(" w0", " 1–50 of 120 x120").doesNotContain(" w50");
  }

  @Test
  void positionsTellAScreenReaderWhereARowIs() {
    for (int i = 0; i < 120; i++) {
      add("w" + i, "Main.work", "timer");
    }
    open.put(keyOf("Main.work"), 50);
    Row row = result(false, "").rows().get(1);
    assertThat(List.of(row.level(), row.position(), row.siblings())).containsExactly(2, 51, 120);
  }

  @Test
  void circleOfTasksIsShownOnceAndNotUnfoldedForEver() {
    TaskNode a = add("a", "Main.a");
    TaskNode b = add("b", "Main.b");
    a.addAwaited(b);
    b.addAwaited(a);
    assertThat(rows()).containsExactly("a");
    open.put(keyOf("a"), 0);
    open.put(keyOf("b"), 0);
    List<Row> rows = result(false, "").rows();
    assertThat(texts(rows)).containsExactly("a", " b", "  a");
    assertThat(rows.getLast().open()).isNull();
  }

  @Test
  void taskThatTwoAwaitIsBelowBoth() {
    TaskNode shared = add("shared", "Main.shared", "timer");
    add("one", "Main.one").addAwaited(shared);
    add("two", "Main.two").addAwaited(shared);
    open.put(keyOf("one"), 0);
    open.put(keyOf("two"), 0);
    assertThat(rows()).containsExactly("one", " shared", "two", " shared");
  }

  @Test
  void flatViewGroupsAllTasksByTheirCode() {
    TaskNode main = add("main", "Main.main");
    main.addAwaited(add("w1", "Main.work", "timer"));
    main.addAwaited(add("w2", "Main.work", "timer"));
    assertThat(texts(result(true, "").rows())).containsExactly("Main.work x2", "main");
  }

  @Test
  void searchFindsNamesCodeStatesAndWaits() {
    TaskNode main = add("main", "Main.main");
    main.addAwaited(add("Alice", "Main.work", "lock"));
    main.addAwaited(add("Bob", "Main.work", "timer"));
    assertThat(texts(result(false, "alice").rows())).containsExactly("Alice");
    assertThat(texts(result(false, "TIMER of").rows())).containsExactly("Bob");
    assertThat(texts(result(false, "main.work").rows())).containsExactly("Main.work x2");
    assertThat(texts(result(false, "nobody").rows())).isEmpty();
  }

  @Test
  void numberOfRowsIsBounded() {
    for (int i = 0; i < 5_000; i++) {
      add("t" + i, "Main.code" + i, "timer");
    }
    Rows.Result result = result(false, "");
    assertThat(result.rows()).hasSize(Rows.MOST);
    assertThat(result.cut()).isTrue();
  }

  @Test
  void taskWithSeveralWaitsShowsEachBelowIt() {
    TaskNode task = add("busy", "Main.busy", "lock", "timer");
    task.addAwaited(add("child", "Main.child"));
    open.put(keyOf("busy"), 0);
    assertThat(rows()).containsExactly("busy", " lock of busy", " timer of busy", " child");
  }
}
