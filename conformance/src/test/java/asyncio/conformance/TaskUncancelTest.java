package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The count of requests to cancel, by which nested scopes tell their own from those of others. */
class TaskUncancelTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-56", "TASK-57"})
  void countGoesUpAndDownButNotBelowZero(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> task =
              createTask(() -> {
                for (int i = 0; i < 2; i++) {
                  try {
                    sleep(seconds(1));
                  } catch (CancelledError e) {
                    // goes on
                  }
                }
              });
          sleep(seconds(0));
          assertThat(task.cancelling()).isZero();
          assertThat(task.uncancel()).isZero();
          assertThat(task.cancelling()).isZero();
          task.cancel();
          assertThat(task.cancelling()).isEqualTo(1);
          task.cancel();
          assertThat(task.cancelling()).isEqualTo(2);
          assertThat(task.uncancel()).isEqualTo(1);
          assertThat(task.cancelling()).isEqualTo(1);
          assertThat(task.uncancel()).isZero();
          assertThat(task.uncancel()).isZero();
          await(task);
          task.cancel();
          assertThat(task.cancelling())
              .as("a request to a task that is done does not count")
              .isZero();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-58")
  void uncancelDoesNotStopAnErrorOnItsWayThroughAFuture(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> task = createTask(() -> await(future));
          sleep(seconds(0));
          task.cancel();
          assertThat(task.uncancel()).isZero();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-58")
  void uncancelToZeroDropsARequestThatIsPending(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<String> notStarted = createTask(() -> "ran");
          Task<String> queued =
              createTask(() -> {
                sleep(seconds(0));
                return "went on";
              });
          Task<String> twice =
              createTask(() -> {
                sleep(seconds(0));
                return "went on";
              });
          notStarted.cancel();
          notStarted.uncancel();
          sleep(seconds(0));
          queued.cancel();
          queued.uncancel();
          twice.cancel();
          twice.cancel();
          assertThat(twice.uncancel()).isEqualTo(1);
          sleep(seconds(0));
          assertThat(notStarted.result()).isEqualTo("ran");
          assertThat(queued.result()).isEqualTo("went on");
          assertThat(twice.isCancelled()).as("one request is left").isTrue();

          Task<String> itself =
              createTask(() -> {
                currentTask().cancel();
                currentTask().uncancel();
                sleep(seconds(0));
                return "undisturbed";
              });
          assertThat(await(itself)).isEqualTo("undisturbed");
        });
  }

  /**
   * A scope that ends its body after a time, built on the count alone, as users' own scopes are.
   */
  private static String within(Duration limit, OnLoop.Main body, List<String> trail, String name)
      throws Exception {
    Task<?> task = currentTask();
    int onEntry = task.cancelling();
    boolean[] timedOut = new boolean[1];
    var timer =
        task.loop()
            .callLater(
                limit,
                () -> {
                  timedOut[0] = true;
                  task.cancel();
                });
    try {
      body.run(null);
      return name + " finished";
    } catch (CancelledError e) {
      if (timedOut[0] && task.uncancel() <= onEntry) {
        trail.add(name + " timed out");
        return name + " timed out";
      }
      trail.add(name + " passed an outer request on");
      throw e;
    } finally {
      timer.cancel();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-59")
  void nestedScopesTellTheirOwnRequestFromOthers(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> innerFirst =
              createTask(() ->
                  within(
                      seconds(2),
                      _ -> within(seconds(1), _ -> sleep(seconds(9)), trail, "inner"),
                      trail,
                      "outer"));
          assertThat(await(innerFirst)).isEqualTo("outer finished");
          assertThat(innerFirst.cancelling()).isZero();
          assertThat(trail).containsExactly("inner timed out");

          trail.clear();
          Task<?> outerFirst =
              createTask(() ->
                  within(
                      seconds(1),
                      _ -> within(seconds(2), _ -> sleep(seconds(9)), trail, "inner"),
                      trail,
                      "outer"));
          assertThat(await(outerFirst)).isEqualTo("outer timed out");
          assertThat(outerFirst.cancelling()).isZero();
          assertThat(trail).containsExactly("inner passed an outer request on", "outer timed out");

          trail.clear();
          Task<?> fromOutside =
              createTask(() ->
                  within(
                      seconds(2),
                      _ -> within(seconds(1), _ -> sleep(seconds(9)), trail, "inner"),
                      trail,
                      "outer"));
          sleep(seconds(0.5));
          fromOutside.cancel();
          sleep(seconds(0));
          assertThat(fromOutside.isCancelled()).isTrue();
          assertThat(fromOutside.cancelling()).isEqualTo(1);
          assertThat(trail)
              .containsExactly(
                  "inner passed an outer request on", "outer passed an outer request on");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-60")
  void uncancelAfterTheEndChangesNothing(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> task = createTask(() -> sleep(seconds(10)));
          sleep(seconds(0));
          task.cancel();
          sleep(seconds(0));
          assertThat(task.isCancelled()).isTrue();
          assertThat(task.cancelling()).isEqualTo(1);
          assertThat(task.uncancel()).isZero();
          assertThat(task.isCancelled()).isTrue();
          assertThat(task.isDone()).isTrue();
        });
  }
}
