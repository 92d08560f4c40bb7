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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A task whose loop is closed is reported and finished elsewhere; nothing that the JDK calls ever
 * throws.
 */
class Rule02ClosedLoopTest {
  private final LinkedBlockingQueue<String> trail = new LinkedBlockingQueue<>();

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void closingReportsEachUnfinishedTask(Engine engine) {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
    List<String> reports = new ArrayList<>();
    loop.setExceptionHandler((_, context) ->
        reports.add(context.message() + " " + ((Task<?>) context.get(ErrorContext.TASK)).name()));
    loop.runUntilComplete(() -> {
      loop.createTask(() -> loop.createFuture().await(), TaskOptions.named("waits"));
      loop.createTask(() -> {}, TaskOptions.named("ends"));
      sleep(millis(0));
    });
    loop.createTask(() -> {}, TaskOptions.named("made at rest"));

    loop.close();

    assertThat(reports)
        .containsExactly(
            "Task was destroyed but it is pending! waits",
            "Task was destroyed but it is pending! made at rest");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aSuspendedTaskGetsOneCancelledErrorAndRunsItsFinallyBlocks(Engine engine) throws Exception {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
    loop.setExceptionHandler((_, _) -> {});
    loop.runUntilComplete(() -> {
      loop.createTask(() -> {
        try {
          loop.createFuture().await();
        } catch (CancelledError e) {
          trail.add("cancelled: " + e.getMessage());
          trail.add("on " + carrier());
          trail.add("" + Loops.thrownBy(() -> sleep(millis(1))).getMessage());
          trail.add("" + Loops.thrownBy(() -> createTask(() -> {})).getMessage());
          trail.add("" + Loops.thrownBy(() -> loop.callSoon(() -> {})).getMessage());
        } finally {
          trail.add("finally");
        }
      });
      sleep(millis(0));
    });

    loop.close();

    assertThat(next()).isEqualTo("cancelled: the event loop was closed");
    assertThat(next())
        .isEqualTo(engine == Engine.DIRECT ? "on asyncio-orphans" : "on a carrier of the JDK");
    assertThat(next()).contains("cannot suspend").contains("event loop is closed");
    assertThat(next()).contains("Event loop is closed: cannot call createTask");
    assertThat(next()).contains("Event loop is closed: cannot call callSoon");
    assertThat(next()).isEqualTo("finally");
  }

  @Test
  void aTaskThatWaitsForAnotherOneIsFinishedLikeIt() throws Exception {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
    loop.setExceptionHandler((_, _) -> {});
    List<Task<?>> tasks = new ArrayList<>();
    loop.runUntilComplete(() -> {
      Task<?> inner =
          loop.createTask(() -> {
            try {
              loop.createFuture().await();
            } finally {
              trail.add("inner");
            }
          });
      tasks.add(inner);
      tasks.add(
          loop.createTask(() -> {
            try {
              await(inner);
            } finally {
              trail.add("outer");
            }
          }));
      sleep(millis(0));
      sleep(millis(0));
    });

    loop.close();

    assertThat(List.of(next(), next())).containsExactlyInAnyOrder("inner", "outer");
    assertThat(Loops.thrownBy(() -> tasks.getFirst().get(10, TimeUnit.SECONDS)))
        .isInstanceOf(Exception.class); // it does not hang
  }

  @Test
  void aBlockedTaskGoesOnAfterItsCallReturnsAndReleasesItsLocks() throws Exception {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
    loop.setExceptionHandler((_, _) -> {});
    ReentrantLock lock = new ReentrantLock();
    LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
    loop.runUntilComplete(() -> {
      createTask(() -> {
        lock.lock();
        try {
          trail.add("took " + queue.take() + " on " + carrier());
          trail.add("and " + queue.take() + " on " + carrier());
          trail.add("" + Loops.thrownBy(() -> loop.createFuture().await()).getMessage());
        } finally {
          lock.unlock();
        }
      });
      sleep(millis(0));
    });

    loop.close();
    queue.add("a");
    assertThat(next()).isEqualTo("took a on asyncio-orphans");
    queue.add("b");
    assertThat(next()).isEqualTo("and b on asyncio-orphans");

    assertThat(next()).contains("event loop is closed");
    assertThat(lock.tryLock(10, TimeUnit.SECONDS)).isTrue();
  }

  /**
   * The JDK wakes threads from a scheduled executor of its own, which an exception would cripple.
   */
  @Test
  void wakingTasksOfAClosedLoopThrowsNothingAtTheWaker() throws Exception {
    ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
    loop.setExceptionHandler((_, _) -> {});
    List<Thread> threads = new ArrayList<>();
    CountDownLatch awake = new CountDownLatch(1);
    loop.runUntilComplete(() -> {
      createTask(() -> {
        threads.add(Thread.currentThread());
        try {
          Thread.sleep(20);
        } finally {
          awake.countDown();
        }
      });
      createTask(() -> {
        threads.add(Thread.currentThread());
        loop.createFuture().await();
      });
      sleep(millis(0));
    });

    loop.close();
    threads.forEach(LockSupport::unpark);
    threads.forEach(Thread::interrupt);
    assertThat(awake.await(10, TimeUnit.SECONDS)).isTrue();

    // The executor that ends timed waits of threads with schedulers of their own still works.
    Loops.runDirect(() -> Thread.sleep(1));
  }

  /** Wake-ups that race with the end of the run and the closing are neither lost nor run twice. */
  @Test
  void noContinuationIsLostBetweenTheStopAndTheClose() throws Exception {
    try (var pool = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < 300; round++) {
        ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.DIRECT);
        loop.setExceptionHandler((_, _) -> {});
        List<String> ends = Collections.synchronizedList(new ArrayList<>());
        int tasks = 20;
        CountDownLatch all = new CountDownLatch(tasks);
        CountDownLatch gate = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
          for (int i = 0; i < tasks; i++) {
            createTask(() -> {
              try {
                gate.await();
              } finally {
                ends.add("end");
                all.countDown();
              }
            });
          }
          sleep(millis(0));
          pool.execute(gate::countDown);
        });
        loop.close();
        assertThat(all.await(10, TimeUnit.SECONDS)).as("round %d", round).isTrue();
        assertThat(ends).hasSize(tasks);
      }
    }
  }

  // ---- exit from inside a task

  /**
   * A hook stops the loop; args: what main does after the run, and whether the hook waits for main.
   */
  static final class ExitsInTask {
    public static void main(String[] args) throws Exception {
      boolean close = args[0].equals("close");
      boolean hookWaits = args[1].equals("wait");
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.setExceptionHandler((_, _) -> {});
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                loop.callSoonThreadsafe(loop::stop);
                try {
                  if (hookWaits) {
                    stopped.await();
                  }
                } catch (InterruptedException e) {
                  e.printStackTrace();
                }
                System.out.println("hook done");
              }));
      loop.createTask(() -> System.exit(5));
      loop.createTask(() -> loop.createFuture().await());
      loop.runForever();
      System.out.println("loop ended");
      if (close) {
        loop.close();
      }
      stopped.countDown();
    }
  }

  @ParameterizedTest(name = "{0}")
  @org.junit.jupiter.params.provider.CsvSource({"close,wait", "close,go", "leave,wait", "leave,go"})
  void exitInATaskEndsTheProcessAlsoIfAHookStopsTheLoop(String after, String hook) {
    var result = ForkedJvm.of(ExitsInTask.class).withArguments(after, hook).run();

    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("hook done");
  }

  @Test
  void exitInATaskEndsTheProcessOnThePortableEngineToo() {
    // There the loop waits with the task, so a hook must not wait for the loop.
    var result =
        ForkedJvm.of(ExitsInTask.class)
            .withArguments("close", "go")
            .withFlags("-Dasyncio.engine=portable")
            .run();

    assertThat(result.exitCode()).isEqualTo(5);
  }

  static final class RunsUntilTerminated {
    public static void main(String[] args) throws Exception {
      ChannelEventLoop loop = LoopKind.preferred().newLoop(Engine.preferred());
      loop.createTask(() -> {
        System.out.println("running");
        Thread.sleep(100_000);
      });
      loop.createTask(() -> loop.createFuture().await());
      if (args[0].equals("closed")) {
        loop.createTask(() -> {
          sleep(millis(1));
          loop.stop();
        });
        loop.setExceptionHandler((_, _) -> {});
        loop.runForever();
        loop.close();
        System.out.println("closed");
        Thread.sleep(100_000);
      }
      loop.runForever();
    }
  }

  @ParameterizedTest(name = "loop {0}")
  @org.junit.jupiter.params.provider.ValueSource(strings = {"running", "closed"})
  void terminationBySignalStillWorks(String state) {
    var running = ForkedJvm.of(RunsUntilTerminated.class).withArguments(state).start();

    running.awaitOutput(state).terminate();

    assertThat(running.await().exitCode()).isEqualTo(143);
  }

  // ---- helpers

  private String next() throws InterruptedException {
    String line = trail.poll(10, TimeUnit.SECONDS);
    assertThat(line).as("next event").isNotNull();
    return line;
  }

  private static String carrier() {
    String text = Thread.currentThread().toString();
    String name = text.substring(text.indexOf('@') + 1);
    return name.startsWith("ForkJoinPool-") ? "a carrier of the JDK" : name;
  }
}
