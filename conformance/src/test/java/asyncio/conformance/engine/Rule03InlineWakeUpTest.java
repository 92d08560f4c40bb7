package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A wake-up is one callback, in its place in the queue, whatever other threads do to the task's
 * thread meanwhile.
 */
class Rule03InlineWakeUpTest {
  private static final int TASKS = 20;
  private static final int ROUNDS = 5_000;

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aWokenTaskRunsInTheVeryCallbackThatWasQueuedForIt(Engine engine) throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.run(
        engine,
        () -> {
          EventLoop loop = getRunningLoop();
          Future<Void> first = loop.createFuture();
          Future<Void> second = loop.createFuture();
          waiter(first, "first", trail);
          waiter(second, "second", trail);
          sleep(millis(0));

          loop.callSoon(() -> trail.add("before"));
          second.setResult(null);
          loop.callSoon(() -> trail.add("between"));
          first.setResult(null);
          loop.callSoon(() -> trail.add("after"));
          trail.add("set");
          sleep(millis(0));
          trail.add("iteration over");
        });

    assertThat(trail)
        .containsExactly("set", "before", "second", "between", "first", "after", "iteration over");
  }

  private static void waiter(Future<Void> future, String name, List<String> trail) {
    createTask(() -> {
      future.await();
      trail.add(name);
    });
  }

  @Test
  void theOrderIsTheSameUnderAStackSampler() throws Exception {
    AtomicLong samples = new AtomicLong();
    takeTurnsWhile(thread -> {
      thread.getStackTrace();
      samples.incrementAndGet();
    });

    assertThat(samples).hasPositiveValue();
  }

  @Test
  void theOrderIsTheSameUnderSpuriousUnparks() throws Exception {
    takeTurnsWhile(LockSupport::unpark);
  }

  @Test
  void theOrderIsTheSameUnderBoth() throws Exception {
    takeTurnsWhile(thread -> {
      LockSupport.unpark(thread);
      thread.getStackTrace();
    });
  }

  /**
   * 100,000 switches between tasks that take turns, and what another thread does to their threads
   * all the time.
   */
  private static void takeTurnsWhile(Consumer<Thread> disturbance) throws Exception {
    int[] trail = new int[TASKS * ROUNDS];
    Thread[] threads = new Thread[TASKS];
    AtomicBoolean over = new AtomicBoolean();
    Thread disturber =
        Thread.ofPlatform()
            .daemon()
            .unstarted(() -> {
              while (!over.get()) {
                for (Thread thread : threads) {
                  disturbance.accept(thread);
                }
              }
            });
    int[] length = {0};
    Loops.runDirect(() -> {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        int number = i;
        tasks.add(
            createTask(() -> {
              threads[number] = Thread.currentThread();
              sleep(millis(0));
              for (int round = 0; round < ROUNDS; round++) {
                trail[length[0]++] = number;
                sleep(millis(0));
              }
            }));
      }
      sleep(millis(0));
      disturber.start();
      for (Future<?> task : tasks) {
        await(task);
      }
    });
    over.set(true);
    disturber.join();

    for (int i = 0; i < trail.length; i++) {
      assertThat(trail[i]).as("switch %d", i).isEqualTo(i % TASKS);
    }
  }

  /** Blocked tasks, suspended ones and stack readers: every wake-up arrives, once. */
  @Test
  void noWakeUpIsLostWhileTasksBlockAndTheirStacksAreRead() throws Exception {
    List<Thread> threads = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    Thread disturber =
        Thread.ofPlatform()
            .daemon()
            .unstarted(() -> {
              while (!over.get()) {
                for (Thread thread : threads) {
                  thread.getStackTrace();
                  LockSupport.unpark(thread);
                }
              }
            });
    long[] done = {0};
    Action worker =
        () -> {
          threads.add(Thread.currentThread());
          for (int round = 0; round < 500; round++) {
            switch (round % 4) {
              case 0 -> Thread.yield();
              case 1 -> sleep(millis(0));
              case 2 -> LockSupport.parkNanos(1_000);
              default -> {
                CountDownLatch latch = new CountDownLatch(1);
                Thread.startVirtualThread(latch::countDown);
                latch.await();
              }
            }
            done[0]++;
          }
        };
    Loops.runDirect(() -> {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        tasks.add(createTask(worker));
      }
      sleep(millis(0));
      disturber.start();
      for (Future<?> task : tasks) {
        await(task);
      }
    });
    over.set(true);
    disturber.join();

    assertThat(done[0]).isEqualTo(5_000);
  }

  @Test
  void aTaskThatComesBackFromTheJdkQueuesUpBehindWhatIsReady() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      EventLoop loop = getRunningLoop();
      Future<?> yielder =
          createTask(() -> {
            trail.add("yields");
            loop.callSoon(() -> trail.add("queued before"));
            Thread.yield();
            trail.add("is back");
          });
      createTask(() -> trail.add("other task"));
      await(yielder);
    });

    assertThat(trail).containsExactly("yields", "other task", "queued before", "is back");
  }

  /** A stray permit must not hide a later interrupt: the suspended thread uses it up at once. */
  @Test
  void anInterruptAfterASpuriousUnparkIsNoticed() throws Exception {
    List<String> trail = new ArrayList<>();
    Loops.runDirect(() -> {
      List<Thread> threads = new ArrayList<>();
      Future<?> waiting =
          createTask(() -> {
            threads.add(Thread.currentThread());
            getRunningLoop().createFuture().await();
          });
      sleep(millis(0));
      Loops.onPlatformThread(() -> LockSupport.unpark(threads.getFirst()));
      sleep(millis(0));
      sleep(millis(0));
      Loops.onPlatformThread(() -> threads.getFirst().interrupt());
      trail.add("" + Loops.thrownBy(() -> await(waiting)));
    });

    assertThat(trail).containsExactly("asyncio.CancelledError");
  }
}
