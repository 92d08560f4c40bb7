package asyncio.conformance;

import static asyncio.Asyncio.any;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.firstN;
import static asyncio.Asyncio.race;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;

/** race, any and firstN: the first few count, and nothing is left running on any way out. */
class ContestTest {

  private static Coroutine<Integer> after(int seconds) {
    return () -> sleep(seconds(seconds), seconds);
  }

  private static Coroutine<Integer> failing(int seconds) {
    return () -> {
      sleep(seconds(seconds));
      throw new IllegalStateException("failed after " + seconds);
    };
  }

  /** Takes its time to clean up when it loses. */
  private static Coroutine<Integer> slowLoser(int cleanUp, List<String> trail) {
    return () -> {
      try {
        return sleep(seconds(1000), 1000);
      } finally {
        sleep(seconds(cleanUp));
        trail.add("loser ended");
      }
    };
  }

  @EachEngine
  void raceGivesTheFirstOutcomeOnceTheLosersHaveEnded(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          long start = loop.time();
          int tasks = Asyncio.allTasks().size();
          Future<Integer> given = loop.createFuture();
          assertThat(race(after(3), after(1), slowLoser(5, trail), given)).isEqualTo(1);
          assertThat(loop.time() - start).isEqualTo(seconds(6).toNanos());
          assertThat(trail).containsExactly("loser ended");
          assertThat(given.isCancelled()).isTrue();
          assertThat(Asyncio.allTasks()).hasSize(tasks);
          assertThatThrownBy(() -> race(after(3), failing(1))).hasMessage("failed after 1");
          assertThatThrownBy(() -> race(List.<Awaitable<String>>of()))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @EachEngine
  void raceLostByATaskThatFailsInItsCleanUpTellsAboutIt(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Coroutine<Integer> badLoser =
              () -> {
                try {
                  return sleep(seconds(9), 9);
                } catch (CancelledError e) {
                  throw new IllegalStateException("clean-up failed");
                }
              };
          assertThat(race(badLoser, after(1))).isEqualTo(1);
          assertThat(loop.reports).hasSize(1);
          assertThat(loop.reports.removeFirst().exception()).hasMessage("clean-up failed");
          assertThatThrownBy(() -> race(badLoser, failing(1)))
              .hasMessage("failed after 1")
              .satisfies(e ->
                  assertThat(e.getSuppressed())
                      .singleElement()
                      .satisfies(s -> assertThat(s).hasMessage("clean-up failed")));
          assertThat(loop.reports).isEmpty();
        });
  }

  @EachEngine
  void anyGivesTheFirstSuccessOrAllFailures(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          assertThat(any(failing(1), after(2), slowLoser(1, trail))).isEqualTo(2);
          assertThat(trail).containsExactly("loser ended");
          assertThatThrownBy(() -> any(failing(2), failing(1)))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  group ->
                      assertThat(group.exceptions())
                          .extracting(Throwable::getMessage)
                          .containsExactly("failed after 1", "failed after 2"));
          Future<Integer> cancelled = loop.createFuture();
          cancelled.cancel();
          assertThat(any(cancelled, after(1))).as("a cancelled one is no success").isEqualTo(1);
          assertThatThrownBy(() -> any(List.of(cancelled))).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  void firstNGivesSuccessesInTheOrderInWhichTheyCame(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          assertThat(firstN(2, after(5), failing(1), after(3), after(2))).containsExactly(2, 3);
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());
          // As soon as two can no longer succeed it gives up.
          assertThatThrownBy(() -> firstN(2, after(100), failing(1), failing(2)))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class, group -> assertThat(group.exceptions()).hasSize(2));
          assertThat(loop.time() - start).isEqualTo(seconds(5).toNanos());
          assertThatThrownBy(() -> firstN(3, after(1), after(2)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("between 1 and");
          assertThatThrownBy(() -> firstN(0, after(1)))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @EachEngine
  void cancellationFromOutsidePassesOnceAllHaveEnded(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Task<Integer> outer = createTask(() -> race(slowLoser(2, trail), slowLoser(3, trail)));
          turns(2);
          long start = loop.time();
          outer.cancel("why");
          turn();
          outer.cancel(); // again, while it waits for them
          assertThatThrownBy(() -> await(outer))
              .isInstanceOf(CancelledError.class)
              .hasMessage("why");
          assertThat(trail).containsExactly("loser ended", "loser ended");
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());

          // A cancellation while the losers end wins over the result.
          Task<Integer> late = createTask(() -> race(after(1), slowLoser(5, trail)));
          sleep(seconds(2));
          late.cancel();
          assertThatThrownBy(() -> await(late)).isInstanceOf(CancelledError.class);
          assertThat(trail).hasSize(3);
          assertThat(currentTask().cancelling()).isZero();
        });
  }

  @EachEngine
  void nothingIsLeftRunningIfOneCannotBeStarted(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          int tasks = Asyncio.allTasks().size();
          List<Awaitable<Integer>> awaitables = new ArrayList<>(List.of(slowLoser(1, trail)));
          awaitables.add(null);
          assertThatThrownBy(() -> any(awaitables)).isInstanceOf(NullPointerException.class);
          assertThat(Asyncio.allTasks()).hasSize(tasks);
        });
  }
}
