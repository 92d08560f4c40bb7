package asyncio.conformance.heritage;

import static asyncio.conformance.heritage.ExamplePrograms.runStatements;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AbstractEventLoop;
import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.RunOptions;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** HER: loops of others under this library's tasks, and this loop in other hands. */
class OtherLoopsTest {

  /** A loop of somebody else: a ready queue and timers come with the base class, I/O is missing. */
  private static final class Minimal extends AbstractEventLoop {
    private final LinkedBlockingQueue<Boolean> wakeUps = new LinkedBlockingQueue<>();

    Minimal(Engine engine) {
      super(engine);
    }

    @Override
    protected void poll(long timeoutNanos) {
      try {
        wakeUps.poll(timeoutNanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      wakeUps.clear();
    }

    @Override
    protected void wakeUp() {
      wakeUps.add(true);
    }

    @Override
    public long time() {
      return System.nanoTime();
    }
  }

  @EachEngine
  @Spec("HER-88")
  void aMinimalLoopRunsThePrograms(Engine engine) throws Exception {
    List<Integer> results =
        Asyncio.run(
            () -> {
              List<asyncio.Task<Integer>> tasks =
                  List.of(
                      Asyncio.createTask(() -> Asyncio.sleep(Asyncio.millis(5), 1)),
                      Asyncio.createTask(() -> Asyncio.toThread(() -> 2)));
              return Asyncio.await(Asyncio.gather(tasks));
            },
            RunOptions.DEFAULT.withLoopFactory(() -> new Minimal(engine)));
    assertThat(results).containsExactly(1, 2);
  }

  /** Most tests of this module that need no I/O run on ClockLoop, which is such a loop. */
  @Test
  @Spec("HER-88")
  void theLoopThatTheTestsRunOnIsSmall() throws Exception {
    Path tests = Path.of("src/test/java/asyncio/conformance");
    assertThat(Files.readAllLines(tests.resolve("ClockLoop.java"))).hasSizeLessThan(150);
    try (var files = Files.walk(tests)) {
      assertThat(files.filter(Files::isRegularFile).filter(OtherLoopsTest::usesIt).count())
          .isGreaterThan(40);
    }
  }

  private static boolean usesIt(Path file) {
    try {
      return Files.readString(file).contains("OnLoop.run(");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static final String HOST =
      """
      var queue = new java.util.concurrent.LinkedBlockingQueue<Runnable>();
      var host = Thread.ofPlatform().daemon().start(() -> {
        try {
          while (true) queue.take().run();
        } catch (InterruptedException e) {
          print("the host ends");
        }
      });
      var loop = new HostedLoop(queue::add);
      """;

  @EachEngine
  @Spec("HER-119")
  void aForeignThreadHostsCallbacksTimersAndTasks(Engine engine) {
    assertThat(
            runStatements(
                engine,
                HOST
                    + """
                    var order = new ArrayList<String>();
                    print(runCoroutineThreadsafe(() -> {
                      var future = loop.createFuture();
                      loop.callLater(millis(5), () -> order.add("timer on the host: " + (Thread.currentThread() == host)));
                      loop.callSoon(() -> order.add("callback"));
                      createTask(() -> {
                        sleep(millis(20));
                        order.add("task");
                        future.setResult("result");
                      });
                      return await(future);
                    }, loop).get());
                    order.forEach(Program::print);
                    host.interrupt();
                    host.join();
                    """))
        .containsExactly("result", "callback", "timer on the host: true", "task", "the host ends");
  }

  @EachEngine
  @Spec("HER-119")
  void eventsOfTheHostWakeTheLoop(Engine engine) {
    assertThat(
            runStatements(
                engine,
                HOST
                    + """
                    var future = loop.createFuture();
                    var waiting = runCoroutineThreadsafe(() -> await(future), loop);
                    queue.add(() -> {
                      future.setResult("set by the host");
                      print(getRunningLoop() == loop);
                    });
                    print(waiting.get());
                    var timer = new java.util.concurrent.CompletableFuture<String>();
                    queue.add(() -> loop.callLater(millis(1), () -> timer.complete("timer of the host")));
                    print(timer.get());
                    var soon = new java.util.concurrent.CompletableFuture<String>();
                    queue.add(() -> loop.callSoon(() -> soon.complete("callback of the host")));
                    print(soon.get());
                    host.interrupt();
                    host.join();
                    """))
        .containsExactly(
            "true",
            "set by the host",
            "timer of the host",
            "callback of the host",
            "the host ends");
  }

  @EachEngine
  @Spec("HER-119")
  void theLifeOfAHostedLoopIsItsHosts(Engine engine) {
    assertThat(
            runStatements(
                engine,
                HOST
                    + """
                    print(loop.isRunning());
                    for (Runnable call : List.<Runnable>of(loop::runForever, loop::stop, loop::close)) {
                      try {
                        call.run();
                      } catch (UnsupportedOperationException e) {
                        print(e.getMessage());
                      }
                    }
                    host.interrupt();
                    host.join();
                    """))
        .containsExactly(
            "true",
            "the host runs this loop",
            "the host runs this loop",
            "the host runs this loop",
            "the host ends");
  }

  /** On one engine: the event thread stays that of its first loop. The examples' tests run both. */
  @Test
  @Spec("HER-121")
  void aWindowStaysResponsive() {
    assertThat(ExamplePrograms.run(Engine.DIRECT, "SwingWindow"))
        .containsExactly(
            "the page of python, on the event thread: true",
            "the page of yandex, on the event thread: true",
            "the page of google, on the event thread: true",
            "events in between: true");
  }
}
