package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is the current task, and which its loop, follows from the thread alone. */
class Rule06CurrentTaskTest {

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void eachTaskIsItselfBeforeAndAfterEachSuspension(Engine engine) throws Exception {
    List<Boolean> seen = new ArrayList<>();
    Loops.run(
        engine,
        () -> {
          EventLoop loop = getRunningLoop();
          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            int number = i;
            tasks.add(
                createTask(() -> {
                  for (int round = 0; round < 3; round++) {
                    seen.add(currentTask() == tasks.get(number));
                    seen.add(currentTask(loop) == tasks.get(number));
                    seen.add(getRunningLoop() == loop);
                    sleep(millis(0));
                  }
                }));
          }
          for (Task<?> task : tasks) {
            await(task);
          }
        });

    assertThat(seen).hasSize(27).containsOnly(true);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aCallbackIsNoTask(Engine engine) throws Exception {
    List<Object> seen = new ArrayList<>();
    Loops.run(
        engine,
        () -> {
          EventLoop loop = getRunningLoop();
          loop.callSoon(() -> {
            seen.add(currentTask() == null);
            seen.add(currentTask(loop) == null);
            seen.add(getRunningLoop() == loop);
          });
          sleep(millis(0));
        });

    assertThat(seen).containsExactly(true, true, true);
  }

  @Test
  void aVirtualThreadThatInheritedTheSchedulerIsNotTheTask() throws Exception {
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    Loops.runDirect(() -> {
      EventLoop loop = getRunningLoop();
      Thread inherited =
          Thread.startVirtualThread(() -> {
            seen.add(Loops.thrownBy(() -> currentTask()).getClass());
            seen.add(Loops.thrownBy(() -> getRunningLoop()).getClass());
            seen.add(Loops.thrownBy(() -> loop.callSoon(() -> {})).getClass());
          });
      inherited.join();
      seen.add(currentTask().name().startsWith("Task-"));
    });

    assertThat(seen)
        .containsExactly(
            IllegalStateException.class,
            IllegalStateException.class,
            IllegalStateException.class,
            true);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void twoLoopsInTwoThreadsDoNotMeet(Engine engine) throws Exception {
    List<Boolean> seen = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch both = new CountDownLatch(2);
    asyncio.Action one =
        () -> {
          ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
          loop.runUntilComplete(() -> {
            both.countDown();
            for (int i = 0; i < 100; i++) {
              seen.add(getRunningLoop() == loop && currentTask(loop) == currentTask());
              sleep(millis(0));
            }
          });
          loop.close();
        };
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              try {
                one.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    one.run();
    other.join();

    assertThat(seen).hasSize(200).containsOnly(true);
  }

  @Test
  void aBlockedTaskIsNotTheCurrentOneOfItsLoop() throws Exception {
    List<Boolean> seen = new ArrayList<>();
    Loops.runDirect(() -> {
      EventLoop loop = getRunningLoop();
      Task<?> me = currentTask();
      CountDownLatch latch = new CountDownLatch(1);
      Task<?> blocked =
          createTask(() -> {
            Task<?> self = currentTask();
            latch.await();
            seen.add(currentTask() == self && currentTask(loop) == self);
          });
      sleep(millis(0));
      seen.add(currentTask(loop) == me);
      loop.callSoon(() -> seen.add(currentTask(loop) == null));
      sleep(millis(0));
      latch.countDown();
      await(blocked);
    });

    assertThat(seen).containsExactly(true, true, true);
  }
}
