package asyncio.conformance.heritage;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.formatCallGraph;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.wrapFuture;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** HER: what tasks spare a program that threads do not. */
class ThreadsAndTasksTest {
  private int shared;

  @EachEngine
  @Spec("HER-114")
  void aSharedVariableNeedsNoLock(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 1_000; i++) {
            tasks.add(
                createTask(() -> {
                  for (int round = 0; round < 1_000; round++) {
                    int read = shared;
                    shared = read + 1;
                    if (round == 500) {
                      sleep(Duration.ZERO);
                    }
                  }
                }));
          }
          await(gather(tasks));
          assertThat(shared).isEqualTo(1_000_000);
        });
  }

  /** Enters and leaves without suspending in between; nobody may be met. */
  private void section() {
    assertThat(shared++).as("who is inside").isZero();
    Thread.onSpinWait();
    assertThat(--shared).isZero();
  }

  @EachEngine
  @Spec("HER-115")
  void nobodyElseRunsBetweenTwoSuspensions(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Random random = new Random(115);
              for (int i = 0; i < 100; i++) {
                loop.callLater(millis(i % 10), this::section);
              }
              Thread other =
                  Thread.ofPlatform()
                      .start(() -> {
                        for (int i = 0; i < 100; i++) {
                          loop.callSoonThreadsafe(this::section);
                          Thread.yield();
                        }
                      });
              taskGroup(group -> {
                for (int i = 0; i < 50; i++) {
                  int pause = random.nextInt(3);
                  group.createTask(() -> {
                    for (int round = 0; round < 50; round++) {
                      section();
                      sleep(round % 10 == 0 ? millis(pause) : Duration.ZERO);
                      section();
                    }
                  });
                }
              });
              toThread(() -> other.join());
            }));
  }

  @EachEngine
  @Spec("HER-116")
  void twoTasksThatWaitForEachOtherAreSeen(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<?>> both = new ArrayList<>();
          both.add(createTask(() -> await(both.get(1)), TaskOptions.named("first")));
          both.add(createTask(() -> await(both.get(0)), TaskOptions.named("second")));
          sleep(Duration.ZERO);

          List<String> dump =
              allTasks().stream()
                  .filter(both::contains)
                  .map(task ->
                      formatCallGraph(task)
                          .lines()
                          .filter(line -> line.contains("* Task("))
                          .map(line -> line.replaceAll(".*name='(\\w+)'.*", "$1"))
                          .toList()
                          .toString())
                  .toList();
          assertThat(dump)
              .as("each waits for the other, who waits for it")
              .containsExactly("[first, second, first]", "[second, first, second]");
          both.getFirst().cancel();
          Asyncio.wait(both);
        });
  }

  /** Prints a sum. */
  static final class Sum {
    public static void main(String[] args) {
      System.out.println(sum(Integer.parseInt(args[0])));
    }
  }

  private static long sum(int count) {
    long sum = 0;
    for (int i = 1; i <= count; i++) {
      sum += i;
    }
    return sum;
  }

  @EachEngine
  @Spec("HER-118")
  void workForTheProcessorCanGoToAThread(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              assertThat(toThread(() -> sum(1_000))).isEqualTo(500_500);
            }));
  }

  @EachEngine
  @Spec("HER-118")
  void workForTheProcessorCanGoToAnotherProcess(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Process process =
                  new ProcessBuilder(
                          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                          "-cp",
                          System.getProperty("java.class.path"),
                          Sum.class.getName(),
                          "1000")
                      .start();
              int[] turns = {0};
              Task<?> others =
                  createTask(() -> {
                    while (true) {
                      turns[0]++;
                      sleep(millis(1));
                    }
                  });
              assertThat(await(wrapFuture(process.onExit())).exitValue()).isZero();
              others.cancel();
              assertThat(turns[0]).as("turns of another task meanwhile").isPositive();
              assertThat(new String(process.getInputStream().readAllBytes()).strip())
                  .isEqualTo("500500");
            }));
  }
}
