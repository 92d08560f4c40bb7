package asyncio.conformance.process;

import static asyncio.Asyncio.createSubprocessExec;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.process.ProcessOptions.PIPES;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A thousand children at once, and what they cost. */
@Tag("slow")
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class ManyProcessesTest {
  private static final int COUNT = 1000;

  @EachWay
  void aThousandChildrenRunAtOnceWithoutAThreadOfOursForEach(Way way) throws Exception {
    if (!way.selects()) {
      return; // there they have threads
    }
    var traces = Traces.before();
    way.run(() -> {
      List<Task<String>> children = new ArrayList<>();
      Map<String, Integer> mostThreads = new TreeMap<>();
      for (int i = 0; i < COUNT; i++) {
        byte[] input = ("child " + i).getBytes();
        children.add(
            createTask(() -> {
              var child = createSubprocessExec(List.of("cat"), PIPES);
              var output = child.communicateWith(input);
              assertThat(output.stderr()).isEmpty();
              assertThat(child.returncode()).isZero();
              return output.stdoutUtf8();
            }));
      }
      var watch =
          createTask(() -> {
            while (true) {
              countThreads().forEach((name, n) -> mostThreads.merge(name, n, Math::max));
              sleep(Duration.ofMillis(20));
            }
          });
      for (int i = 0; i < COUNT; i++) {
        assertThat(children.get(i).await()).isEqualTo("child " + i);
      }
      watch.cancel();
      assertThat(mostThreads.getOrDefault("asyncio-pipe-", 0)).isZero();
      assertThat(mostThreads.get("asyncio-process-"))
          .isBetween(1, Runtime.getRuntime().availableProcessors());
      mostThreads.remove("process reaper"); // of the JDK: one for each child that runs
      assertThat(mostThreads.values()).allSatisfy(n -> assertThat(n).isLessThan(40));
      assertThat(getRunningLoop().isRunning()).isTrue();
    });
    traces.assertNoPipes();
    Traces.assertNoChildren("cat");
  }

  private static Map<String, Integer> countThreads() {
    Map<String, Integer> counts = new TreeMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      counts.merge(thread.getName().replaceAll("\\d+$", ""), 1, Integer::sum);
    }
    return counts;
  }

  @EachWay
  void childrenThatFloodOrCloseTheirPipesEarlyDisturbNoOthers(Way way) throws Exception {
    var traces = Traces.before();
    way.run(() -> {
      try (var flood = createSubprocessExec(List.of("yes"), PIPES)) { // which nobody reads
        List<Task<String>> children = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
          String script =
              switch (i % 3) {
                case 0 -> "exec 0<&- 1>&- 2>&-; exit 0";
                case 1 -> "head -c 1000000 /dev/zero; exit 1";
                default -> "exit 2";
              };
          children.add(
              createTask(() -> {
                var child = createSubprocessExec(List.of("sh", "-c", script), PIPES);
                var output = child.communicateWith(new byte[200_000]);
                return output.stdout().length + " " + child.returncode();
              }));
        }
        for (int i = 0; i < 30; i++) {
          assertThat(children.get(i).await())
              .isEqualTo(List.of("0 0", "1000000 1", "0 2").get(i % 3));
        }
        assertThat(flood.returncode()).isNull();
        flood.kill();
        flood.waitForExit();
      }
    });
    traces.assertNoPipes();
  }
}
