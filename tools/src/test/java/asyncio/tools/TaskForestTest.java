package asyncio.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskForestTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int draw(Reports report) {
    return PstreeCommand.draw(
        report.build(), false, new PrintWriter(out, true), new PrintWriter(err, true));
  }

  @Test
  @Spec("GRAPH-21")
  void framesStandBetweenATaskAndTheTasksThatItAwaits() {
    draw(
        new Reports()
            .task("0x1", "main", List.of("join", "run"))
            .task("0x2", "a", List.of("sleep", "work"), "0x1")
            .task("0x3", "b", List.of("sleep"), "0x1")
            .task("0x4", "c", List.of(), "0x2"));
    assertThat(out.toString())
        .isEqualTo(
            """
            └── (T) main
                └── Main.run Main.java:3
                    └── Main.join Main.java:4
                        ├── (T) a
                        │   └── Main.work Main.java:4
                        │       └── Main.sleep Main.java:5
                        │           └── (T) c
                        └── (T) b
                            └── Main.sleep Main.java:5
            """);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  @Spec("GRAPH-22")
  void taskThatIsAwaitedAlongTwoPathsAppearsUnderBothAndFramesOnce() {
    draw(
        new Reports()
            .task("0x1", "main", List.of("run"))
            .task("0x2", "left", List.of("go"), "0x1")
            .task("0x3", "right", List.of("go"), "0x1")
            .task("0x4", "shared", List.of("work"), "0x2", "0x3"));
    assertThat(out.toString())
        .isEqualTo(
            """
            └── (T) main
                └── Main.run Main.java:3
                    ├── (T) left
                    │   └── Main.go Main.java:2
                    │       └── (T) shared
                    │           └── Main.work Main.java:4
                    └── (T) right
                        └── Main.go Main.java:2
                            └── (T) shared
                                └── Main.work Main.java:4
            """);
  }

  @Test
  @Spec("GRAPH-23")
  void independentTasksGiveIndependentTrees() {
    draw(new Reports().task("0x1", "a", List.of("work")).task("0x2", "b", List.of(), "0x9"));
    assertThat(out.toString()).isEqualTo("└── (T) a\n    └── Main.work Main.java:4\n\n└── (T) b\n");
  }

  @Test
  @Spec("GRAPH-23")
  void withoutTasksNothingIsWritten() {
    assertThat(draw(new Reports())).isZero();
    assertThat(out.toString()).isEmpty();
  }

  @Test
  @Spec("GRAPH-24")
  void circlesAreWrittenToStandardErrorInPlaceOfATree() {
    int status =
        draw(
            new Reports()
                .task("0x1", "a", List.of(), "0x2")
                .task("0x2", "b", List.of(), "0x1")
                .task("0x3", "self", List.of(), "0x3")
                .cycle("task", "", "a", "b")
                .cycle("task", "", "self"));
    assertThat(status).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .containsExactly(
            "asyncio: tasks await each other in a circle, so there is no tree:",
            "  cycle: a -> b -> a",
            "  cycle: self -> self");
  }

  @Test
  void deadlockOverLocksIsNamedBelowTheTrees() {
    int status =
        draw(
            new Reports()
                .task("0x1", "a", List.of())
                .task("0x2", "b", List.of())
                .cycle("lock", "Lock@1f", "a", "b"));
    assertThat(status).isZero();
    assertThat(out.toString()).isEqualTo("└── (T) a\n\n└── (T) b\n");
    assertThat(err.toString()).isEqualTo("asyncio: deadlock: a -[Lock@1f]-> b -[Lock@1f]-> a\n");
  }

  @Test
  void longChainOfTasksIsDrawn() {
    Reports report = new Reports();
    for (int i = 0; i < 5_000; i++) {
      report.task("0x" + i, "t", List.of(), "0x" + (i - 1));
    }
    AtomicInteger lines = new AtomicInteger();
    TaskForest.draw(report.build(), false, _ -> lines.incrementAndGet());
    assertThat(lines).hasValue(5_000);
  }
}
