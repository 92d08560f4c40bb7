package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskTableTest {
  private static List<List<String>> cells(Report report) {
    List<String> lines = TaskTable.lines(report, false);
    String heading = lines.getFirst();
    List<Integer> starts =
        List.of(
                "tid",
                "task id",
                "task name",
                "coroutine stack",
                "awaiter chain",
                "awaiter name",
                "awaiter id")
            .stream()
            .map(heading::indexOf)
            .toList();
    return lines.subList(2, lines.size()).stream()
        .map(line -> {
          String padded = line + " ".repeat(heading.length());
          return IntStream.range(0, starts.size())
              .mapToObj(i ->
                  (i + 1 < starts.size()
                          ? padded.substring(starts.get(i), starts.get(i + 1))
                          : padded.substring(starts.get(i)))
                      .strip())
              .toList();
        })
        .toList();
  }

  @Test
  @Spec("GRAPH-19")
  void eachPairOfTaskAndAwaiterHasARow() {
    Report report =
        new Reports()
            .task("0x2", "parent", List.of("main"))
            .task("0x3", "other", List.of("main"))
            .task("0x4", "child", List.of("sleep", "work"), "0x2", "0x3")
            .build();
    assertThat(TaskTable.lines(report, false).getFirst())
        .matches(
            "tid +task id +task name +coroutine stack +awaiter chain +awaiter name +awaiter id");
    assertThat(TaskTable.lines(report, false).get(1)).matches("-{50,}");
    assertThat(cells(report))
        .containsExactly(
            List.of("26", "0x2", "parent", "Main.main", "", "", "0x0"),
            List.of("26", "0x3", "other", "Main.main", "", "", "0x0"),
            List.of("26", "0x4", "child", "Main.sleep -> Main.work", "Main.main", "parent", "0x2"),
            List.of("26", "0x4", "child", "Main.sleep -> Main.work", "Main.main", "other", "0x3"));
  }

  @Test
  @Spec("GRAPH-20")
  void awaiterThatIsNotInTheListIsUnknown() {
    Report report = new Reports().task("0x4", "child", List.of("work"), "0x9").build();
    assertThat(cells(report))
        .containsExactly(List.of("26", "0x4", "child", "Main.work", "", "Unknown", "0x9"));
  }

  @Test
  @Spec("GRAPH-20")
  void chainBeginsWithTheInnermostFunction() {
    Report report = new Reports().task("0x4", "a", List.of("inner", "middle", "outer")).build();
    assertThat(cells(report).getFirst().get(3))
        .isEqualTo("Main.inner -> Main.middle -> Main.outer");
  }

  @Test
  @Spec("GRAPH-23")
  void withoutTasksThereIsNoRow() {
    assertThat(cells(new Reports().build())).isEmpty();
  }

  @Test
  void lambdaIsNamedAfterTheMethodThatContainsIt() {
    assertThat(new Report.Frame("a.B$C", "lambda$main$3", "B.java", 1).function())
        .isEqualTo("B.C.main.lambda");
  }
}
