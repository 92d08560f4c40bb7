package asyncio.conformance.heritage;

import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.Generator;
import asyncio.LoopKind;
import asyncio.conformance.Spec;
import asyncio.conformance.engine.ForkedJvm;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HER: what is left of generators that nobody has closed. */
class GeneratorLeakTest {

  /**
   * Args: where to use them. Prints threads in the dump, and bytes a generator left on the heap.
   */
  static final class DropsManyGenerators {
    private static final int BATCHES = 100;
    private static final int GENERATORS = 1_000;

    private static final AtomicInteger CLOSED = new AtomicInteger();

    private interface Pause {
      void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
      switch (args[0]) {
        case "thread" -> measure(() -> Thread.sleep(1));
        case "virtual thread" ->
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    measure(() -> Thread.sleep(1));
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                })
                .join();
        default -> {
          // The portable engine is fastest with a loop on a virtual thread.
          Thread.Builder kind =
              Engine.preferred() == Engine.PORTABLE ? Thread.ofVirtual() : Thread.ofPlatform();
          kind.start(
                  () -> {
                    ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
                    loop.runUntilComplete(() -> {
                      measure(() -> sleep(millis(1)));
                      return null;
                    });
                    loop.close();
                  })
              .join();
        }
      }
    }

    private static void measure(Pause pause) throws Exception {
      batch(1, pause);
      long threadsBefore = virtualThreads();
      long heapBefore = heapInUse();
      for (int i = 2; i <= BATCHES + 1; i++) {
        batch(i, pause);
      }
      System.out.println("threads " + (virtualThreads() - threadsBefore));
      System.out.println(
          "bytes " + Math.max(0, (heapInUse() - heapBefore) / (BATCHES * GENERATORS)));
    }

    /** Begins generators, drops them half-way, and waits until all so far are closed. */
    private static void batch(int number, Pause pause) throws Exception {
      for (int i = 0; i < GENERATORS; i++) {
        begin(i);
      }
      while (CLOSED.get() < number * GENERATORS) {
        System.gc();
        pause.run();
      }
    }

    private static void begin(int first) {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            try {
              for (int i = first; ; i++) {
                y.yield(i);
              }
            } finally {
              CLOSED.incrementAndGet();
            }
          });
      if (generator.next() + generator.next() != 2 * first + 1) {
        throw new IllegalStateException("wrong values");
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

  @ParameterizedTest(name = "{0}, in a {1}")
  @CsvSource({"direct, thread", "portable, virtual thread", "direct, task", "portable, task"})
  @Spec("HER-32")
  void aHundredThousandDroppedGeneratorsLeaveHeapAndThreadDumpAsTheyWere(
      String engine, String where) {
    var result =
        ForkedJvm.of(DropsManyGenerators.class)
            .withArguments(where)
            .withFlags("-Dasyncio.engine=" + engine, "-Xmx128m", "-XX:+UseSerialGC")
            .run();

    assertThat(result.err()).isEmpty();
    // Some slack for threads of the JDK that come and go; a leak would leave 100,000.
    assertThat(number(result.lines().get(0))).isLessThan(20);
    assertThat(number(result.lines().get(1))).isLessThan(40);
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(' ') + 1));
  }
}
