package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cancelling tasks that wait for one another; in CPython the request goes round until the stack is
 * full.
 */
class CancelCircleTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  void requestThatComesBackIsDelivered(Engine engine) {
    List<Task<?>> tasks = circle(engine, 3, 0);

    assertThat(tasks).allMatch(Task::isCancelled).allMatch(task -> task.cancelling() == 1);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void requestThatRunsIntoACircleIsDeliveredThere(Engine engine) {
    List<Task<?>> tasks = circle(engine, 5, 7);

    assertThat(tasks).allMatch(Task::isCancelled);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void requestThatComesBackThroughAGatherIsDelivered(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        Task<?> task = createTask(() -> await(gather(List.of(currentTask()))));
        sleep(seconds(0));
        task.cancel();
        while (!task.isDone()) {
          sleep(seconds(0));
        }
        assertThat(task.isCancelled()).isTrue();
      });
    } finally {
      loop.close();
    }
  }

  /** Cancels the first of a chain of {@code tail} tasks that ends in a circle of {@code size}. */
  private static List<Task<?>> circle(Engine engine, int size, int tail) {
    List<Task<?>> tasks = new ArrayList<>();
    var loop = LoopKind.preferred().newLoop(engine);
    try {
      loop.runUntilComplete(() -> {
        for (int i = 0; i < tail + size; i++) {
          int next = i + 1 < tail + size ? i + 1 : tail;
          tasks.add(createTask(() -> await(tasks.get(next))));
        }
        sleep(seconds(0));
        tasks.getFirst().cancel();
        for (Task<?> task : tasks) {
          while (!task.isDone()) {
            sleep(seconds(0));
          }
        }
      });
    } finally {
      loop.close();
    }
    return tasks;
  }
}
