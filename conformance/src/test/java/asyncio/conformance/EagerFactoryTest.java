package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createEagerTaskFactory;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.ensureFuture;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.taskGroup;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Awaitable;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Task factories that start tasks eagerly, and deep nests of eager tasks. */
class EagerFactoryTest {
  private static final TaskOptions EAGER = TaskOptions.DEFAULT.withEagerStart(true);

  private static final class OwnTask<T> extends Task<T> {
    OwnTask(Awaitable<? extends T> coroutine, EventLoop loop, TaskOptions options) {
      super(coroutine, loop, options);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-11")
  void factoryMakesEveryTaskOfTheLoopEager(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          loop.setTaskFactory(eagerTaskFactory());
          List<String> trail = new ArrayList<>();
          createTask(() -> trail.add("createTask"));
          trail.add("1");
          loop.createTask(() -> trail.add("loop.createTask"));
          trail.add("2");
          ensureFuture(() -> trail.add("ensureFuture"));
          trail.add("3");
          Future<?> gathered = gather(() -> trail.add("gather a"), () -> trail.add("gather b"));
          trail.add("4");
          taskGroup(group -> {
            group.createTask(() -> trail.add("group a"));
            trail.add("5");
            group.createTask(() -> trail.add("group b"));
            trail.add("6");
          });
          assertThat(trail)
              .containsExactly(
                  "createTask",
                  "1",
                  "loop.createTask",
                  "2",
                  "ensureFuture",
                  "3",
                  "gather a",
                  "gather b",
                  "4",
                  "group a",
                  "5",
                  "group b",
                  "6");
          await(gathered);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-11")
  void gathersAndGroupsNest(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          loop.setTaskFactory(eagerTaskFactory());
          assertThat(await(sum(0, 16))).isEqualTo(120);
          assertThat(sumInGroups(0, 16)).isEqualTo(120);
        });
  }

  private static Coroutine<Integer> sum(int from, int to) {
    return () -> {
      if (to - from == 1) {
        return from;
      }
      int middle = (from + to) / 2;
      List<Integer> halves = await(gather(sum(from, middle), sum(middle, to)));
      return halves.get(0) + halves.get(1);
    };
  }

  private static int sumInGroups(int from, int to) {
    if (to - from == 1) {
      return from;
    }
    int middle = (from + to) / 2;
    return taskGroup(group -> {
      Task<Integer> left = group.createTask(() -> sumInGroups(from, middle));
      Task<Integer> right = group.createTask(() -> sumInGroups(middle, to));
      return await(left) + await(right);
    });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-12")
  void eagerFactoryCanBeBuiltFromAnyConstructor(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          loop.setTaskFactory(createEagerTaskFactory(OwnTask<Object>::new));
          Task<Integer> task = createTask(() -> 42, TaskOptions.named("own"));
          assertThat(task).isInstanceOf(OwnTask.class);
          assertThat(task.isDone()).isTrue();
          assertThat(task.name()).isEqualTo("own");
          Task<Integer> chain =
              createTask(() -> await(createTask(() -> await(createTask(() -> 1)) + 1)) + 1);
          assertThat(chain.isDone()).isTrue();
          assertThat(chain.result()).isEqualTo(3);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("EAGER-13")
  void optionsOverrideTheFactory(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var lazy = TaskOptions.DEFAULT.withEagerStart(false);
          assertThat(createTask(() -> 1, EAGER).isDone()).isTrue();
          assertThat(createTask(() -> 1).isDone()).isFalse();
          assertThat(createTask(() -> 1, lazy).isDone()).isFalse();
          loop.setTaskFactory(eagerTaskFactory());
          assertThat(createTask(() -> 1).isDone()).isTrue();
          Task<Integer> task = createTask(() -> 1, lazy);
          assertThat(task.isDone()).isFalse();
          assertThat(await(task)).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"EAGER-1", "EAGER-5"})
  void twentyThousandEagerTasksNest(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int depth = 20_000;
          int[] deepest = new int[1];
          int start = loop.iterations;
          Task<Integer> outermost = nested(depth, deepest);
          assertThat(loop.iterations).isEqualTo(start);
          assertThat(outermost.isDone()).isTrue();
          assertThat(outermost.result()).isEqualTo(depth);
          assertThat(deepest[0]).isEqualTo(depth);
        });
  }

  private static Task<Integer> nested(int depth, int[] deepest) {
    return createTask(
        () -> {
          deepest[0]++;
          Task<?> self = currentTask();
          int below = depth == 1 ? 0 : nested(depth - 1, deepest).result();
          assertThat(currentTask()).isSameAs(self);
          return below + 1;
        },
        EAGER);
  }
}
