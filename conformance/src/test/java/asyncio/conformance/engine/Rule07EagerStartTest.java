package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An eager task runs its first step inside createTask: the parent gives way, and goes on before
 * anything else.
 */
class Rule07EagerStartTest {
  private static final TaskOptions EAGER = TaskOptions.DEFAULT.withEagerStart(true);

  private final List<String> trail = new ArrayList<>();

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void theChildsFirstStepRunsAndThenTheParentBeforeAnythingElse(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          getRunningLoop().callSoon(() -> trail.add("callback"));
          createTask(() -> trail.add("other task"));
          Task<?> child =
              createTask(
                  () -> {
                    trail.add("child");
                    sleep(millis(0));
                    trail.add("child again");
                  },
                  EAGER);
          trail.add("parent");
          await(child);
        });

    assertThat(trail).containsExactly("child", "parent", "callback", "other task", "child again");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void twentyThousandMayBeNested(Engine engine) throws Exception {
    int depth = 20_000;
    int[] order = new int[2 * depth];
    int[] length = {0};
    Loops.run(engine, () -> nest(0, depth, order, length));

    for (int i = 0; i < depth; i++) {
      assertThat(order[i]).as("on the way in").isEqualTo(i);
      assertThat(order[2 * depth - 1 - i]).as("on the way out").isEqualTo(i);
    }
  }

  private static void nest(int level, int depth, int[] order, int[] length) {
    if (level == depth) {
      return;
    }
    order[length[0]++] = level;
    Task<?> child = createTask(() -> nest(level + 1, depth, order, length), EAGER);
    assertThat(child.isDone()).isTrue();
    order[length[0]++] = level;
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void aChainOfEagerTasksThatSuspendUnwindsInOrder(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          Future<Void> gate = getRunningLoop().createFuture();
          Task<?> outer =
              createTask(
                  () -> {
                    trail.add("outer");
                    Task<?> inner =
                        createTask(
                            () -> {
                              trail.add("inner");
                              gate.await();
                              trail.add("inner ends");
                            },
                            EAGER);
                    trail.add("outer again");
                    await(inner);
                    trail.add("outer ends");
                  },
                  EAGER);
          trail.add("main");
          gate.setResult(null);
          await(outer);
        });

    assertThat(trail)
        .containsExactly("outer", "inner", "outer again", "main", "inner ends", "outer ends");
  }

  @Test
  void aChildThatBlocksInItsFirstStepLetsTheParentGoOn() throws Exception {
    Loops.runDirect(() -> {
      CountDownLatch latch = new CountDownLatch(1);
      Task<?> child =
          createTask(
              () -> {
                trail.add("child");
                latch.await();
                trail.add("child goes on");
              },
              EAGER);
      trail.add("parent, child done: " + child.isDone());
      latch.countDown();
      trail.add("still the parent");
      await(child);
    });

    assertThat(trail)
        .containsExactly("child", "parent, child done: false", "still the parent", "child goes on");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void itIsNoSuspensionOfTheParentForTheInstruments(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          Task<?> parent = currentTask();
          Instrument instrument =
              new Instrument() {
                @Override
                public void taskSuspended(Task<?> task, Future<?> waitsFor) {
                  if (task == parent) {
                    trail.add("suspended");
                  }
                }
              };
          getRunningLoop().addInstrument(instrument);
          createTask(() -> trail.add("child"), EAGER);
          trail.add("before the sleep");
          sleep(millis(0));
          getRunningLoop().removeInstrument(instrument);
        });

    assertThat(trail).containsExactly("child", "before the sleep", "suspended");
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void anExitThrowableOfTheChildComesOutOfCreateTask(Engine engine) throws Exception {
    Loops.run(
        engine,
        () -> {
          Throwable thrown =
              Loops.thrownBy(() ->
                  createTask(
                      () -> {
                        throw new SystemExit(3);
                      },
                      EAGER));
          trail.add(thrown.getClass().getSimpleName());
          sleep(millis(0));
          trail.add("the parent goes on");
        });

    assertThat(trail).containsExactly("SystemExit", "the parent goes on");
  }
}
