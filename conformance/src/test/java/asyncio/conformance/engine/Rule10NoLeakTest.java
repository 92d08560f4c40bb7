package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A suspended thread is never collected; so every one has to end, and does. */
class Rule10NoLeakTest {

  /** Args: how the tasks end. Prints threads in the dump, and bytes a task left on the heap. */
  static final class MakesManyTasks {
    private static final int BATCHES = 100;
    private static final int TASKS = 1_000;

    public static void main(String[] args) throws Exception {
      // Tasks of the portable engine take turns fastest with a loop on a virtual thread.
      Runnable main = () -> run(args);
      (Engine.preferred() == Engine.PORTABLE ? Thread.ofVirtual() : Thread.ofPlatform())
          .start(main)
          .join();
    }

    private static void run(String[] args) {
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.setExceptionHandler((_, _) -> {});
      loop.runUntilComplete(() -> {
        batch(args[0]);
        long threadsBefore = virtualThreads();
        long heapBefore = heapInUse();
        for (int i = 0; i < BATCHES; i++) {
          batch(args[0]);
        }
        System.out.println("threads " + (virtualThreads() - threadsBefore));
        System.out.println("bytes " + Math.max(0, (heapInUse() - heapBefore) / (BATCHES * TASKS)));
      });
      loop.close();
    }

    private static void batch(String how) throws Exception {
      List<Task<?>> tasks = new ArrayList<>();
      CountDownLatch never = new CountDownLatch(1);
      for (int i = 0; i < TASKS; i++) {
        tasks.add(
            switch (how) {
              case "end" -> createTask(() -> sleep(millis(0)));
              case "fail" ->
                  createTask(() -> {
                    sleep(millis(0));
                    throw new IllegalStateException();
                  });
              case "cancelled suspended" ->
                  createTask(() -> getRunningLoop().createFuture().await());
              case "cancelled blocked" -> createTask(() -> never.await());
              default -> createTask(() -> {}); // cancelled before the start
            });
      }
      if (how.startsWith("cancelled ")) {
        sleep(millis(0));
      }
      for (Task<?> task : tasks) {
        if (how.startsWith("cancelled")) {
          task.cancel();
        }
      }
      for (Task<?> task : tasks) {
        try {
          await(task);
        } catch (CancelledError | IllegalStateException e) {
          // as asked
        }
      }
    }

    private static long virtualThreads() throws Exception {
      Path folder = Files.createTempDirectory("dump");
      Path file = folder.resolve("threads.json");
      ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
          .dumpThreads(
              file.toString(), com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      long threads =
          Files.readString(file).lines().filter(line -> line.contains("\"tid\"")).count();
      Files.delete(file);
      Files.delete(folder);
      return threads;
    }

    private static long heapInUse() {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @org.junit.jupiter.params.provider.CsvSource({
    "direct, end",
    "direct, fail",
    "direct, cancelled suspended",
    "direct, cancelled blocked",
    "direct, cancelled",
    "portable, end",
    "portable, cancelled suspended",
    "portable, cancelled"
  })
  void aHundredThousandTasksLeaveHeapAndThreadDumpAsTheyWere(String engine, String how) {
    var result =
        ForkedJvm.of(MakesManyTasks.class)
            .withArguments(how)
            .withFlags("-Dasyncio.engine=" + engine, "-Xmx256m")
            .run();

    assertThat(result.err()).isEmpty();
    // One unit of slack for threads of the JDK that come and go; a leak would leave 100,000
    // threads, and 800 bytes a task.
    assertThat(number(result.lines().get(0))).isLessThan(20);
    assertThat(number(result.lines().get(1))).isLessThan(40);
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(' ') + 1));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aDroppedTaskThatIsSuspendedIsReportedWhenTheLoopCloses(Engine engine) throws Exception {
    List<String> reports = new ArrayList<>();
    ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
    loop.setExceptionHandler((_, context) ->
        reports.add(context.message() + " " + ((Task<?>) context.get(ErrorContext.TASK)).name()));
    loop.runUntilComplete(() -> {
      loop.createTask(() -> loop.createFuture().await(), TaskOptions.named("forgotten"));
      sleep(millis(0));
      System.gc();
      sleep(millis(0));
    });
    assertThat(reports).isEmpty();

    loop.close();

    assertThat(reports).containsExactly("Task was destroyed but it is pending! forgotten");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aFinishedTaskHoldsNeitherItsThreadNorWhatItsCodeHeld(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          List<WeakReference<?>> references = new ArrayList<>();
          Task<?> kept =
              createTask(() -> {
                Object local = new Object();
                references.add(new WeakReference<>(Thread.currentThread()));
                references.add(new WeakReference<>(local));
                sleep(millis(0));
                references.add(new WeakReference<>(local));
              });
          await(kept);
          for (int i = 0; i < 100 && references.stream().anyMatch(r -> r.get() != null); i++) {
            System.gc();
            sleep(millis(1));
          }
          assertThat(references).allMatch(reference -> reference.get() == null);
          assertThat(kept.isDone()).isTrue();
        });
  }

  @Test
  void aClosedLoopThatWasDroppedIsCollected() throws Exception {
    WeakReference<ChannelEventLoop> loop = closedLoopWithOrphans();
    for (int i = 0; i < 100 && loop.get() != null; i++) {
      System.gc();
      Loops.runDirect(() -> sleep(millis(1)));
    }

    assertThat(loop.get()).isNull();
  }

  private static WeakReference<ChannelEventLoop> closedLoopWithOrphans() {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
    loop.setExceptionHandler((_, _) -> {});
    loop.runUntilComplete(() -> {
      for (int i = 0; i < 10; i++) {
        loop.createTask(() -> loop.createFuture().await());
      }
      sleep(millis(0));
    });
    loop.close();
    return new WeakReference<>(loop);
  }
}
