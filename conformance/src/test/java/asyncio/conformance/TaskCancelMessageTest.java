package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cancelled task and those who wait for it see of the request. */
class TaskCancelMessageTest {

  private static CancelledError cancelled(Future<?> future) {
    return (CancelledError) catchThrowable(future::result);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-50")
  void errorPassesNestedAwaitsFromTheInsideOut(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task = createTask(() -> nest(3, trail));
          sleep(seconds(0));
          task.cancel();
          sleep(seconds(0));
          assertThat(trail).containsExactly("level 0", "level 1", "level 2", "level 3");
          assertThat(task.isCancelled()).isTrue();
        });
  }

  private static void nest(int level, List<String> trail) {
    try {
      if (level == 0) {
        sleep(seconds(10));
      } else {
        await(() -> {
          nest(level - 1, trail);
          return null;
        });
      }
    } catch (CancelledError e) {
      trail.add("level " + level);
      throw e;
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-51")
  void awaiterSeesTheErrorTwoIterationsAfterTheRequest(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Integer> when = new ArrayList<>();
          Task<?> inner =
              createTask(() -> {
                try {
                  sleep(seconds(10));
                } finally {
                  when.add(loop.iterations);
                }
              });
          Task<?> outer =
              createTask(() -> {
                try {
                  await(inner);
                } finally {
                  when.add(loop.iterations);
                }
              });
          sleep(seconds(0));
          int before = loop.iterations;
          inner.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(when).containsExactly(before + 1, before + 2);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-52")
  void messageReachesTheCoroutineAndItsAwaiters(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Object[] messages = {"text", 5, List.of("a", "list"), null};
          for (Object message : messages) {
            List<Object> seen = new ArrayList<>();
            Task<?> task =
                createTask(() -> {
                  try {
                    sleep(seconds(10));
                  } catch (CancelledError e) {
                    seen.add(e.reason());
                    throw e;
                  }
                });
            sleep(seconds(0));
            task.cancel(message);
            try {
              await(task);
            } catch (CancelledError e) {
              seen.add(e.reason());
            }
            assertThat(seen).containsExactly(message, message);
          }
          Task<?> none = createTask(() -> sleep(seconds(10)));
          none.cancel();
          sleep(seconds(0));
          assertThat(cancelled(none).reason()).isNull();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-53")
  void ofTwoMessagesTheFirstCountsOnAFutureAndTheLastWhileQueued(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<String> suspended = createTask(() -> await(future));
          Task<?> queued = createTask(() -> sleep(seconds(0)));
          Task<?> notStarted;
          sleep(seconds(0));
          notStarted = createTask(() -> sleep(seconds(10)));
          for (Task<?> task : List.of(suspended, queued, notStarted)) {
            task.cancel("first");
            task.cancel("last");
          }
          sleep(seconds(0));
          assertThat(cancelled(suspended).reason()).isEqualTo("first");
          assertThat(cancelled(queued).reason()).isEqualTo("last");
          assertThat(cancelled(notStarted).reason()).isEqualTo("last");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-54")
  void firstRetrievalThrowsTheErrorItself(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<CancelledError> own = new ArrayList<>();
          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            tasks.add(
                createTask(() -> {
                  try {
                    sleepLong();
                  } catch (CancelledError e) {
                    own.add(e);
                    throw e;
                  }
                }));
          }
          sleep(seconds(0));
          tasks.forEach(Task::cancel);
          assertThat(catchThrowable(() -> await(tasks.get(0)))).isSameAs(own.get(0));
          assertThat(catchThrowable(() -> tasks.get(1).result())).isSameAs(own.get(1));
          assertThat(catchThrowable(() -> tasks.get(2).exception())).isSameAs(own.get(2));
          assertThat(own.get(0).getStackTrace())
              .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("sleepLong"));
          for (int i = 0; i < 3; i++) {
            assertThat(cancelled(tasks.get(i)))
                .isNotSameAs(own.get(i))
                .isNotSameAs(cancelled(tasks.get(i)));
          }
        });
  }

  private static void sleepLong() {
    sleep(seconds(10));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-55")
  void errorSeenByTheAwaiterHasNoSuperfluousChain(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> task = createTask(() -> sleep(seconds(10)));
          Task<?> outer =
              createTask(() -> {
                try {
                  await(task);
                } catch (CancelledError e) {
                  assertThat(e.getCause()).isNull();
                  assertThat(e.getSuppressed()).isEmpty();
                  throw new IllegalStateException("wrapped", e);
                }
              });
          sleep(seconds(0));
          task.cancel("message");
          sleep(seconds(0));
          sleep(seconds(0));
          Throwable wrapping = outer.exception();
          assertThat(wrapping).hasMessage("wrapped");
          assertThat(wrapping.getCause())
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("message"))
              .hasNoCause();
        });
  }
}
