package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherReturnExceptions;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;

/** Cancelling a gather future, or the task that awaits one. */
class GatherCancelTest {

  @EachEngine
  @Spec("GATHER-16")
  void goesToEveryChildThatIsNotDone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> done = loop.createFuture();
          done.setResult(1);
          Future<Integer> pending = loop.createFuture();
          Task<Integer> task = createTask(() -> sleep(seconds(5), 2));
          Future<List<Integer>> all = gather(done, pending, task);
          turn();
          assertThat(all.cancel("reason")).isTrue();
          assertThat(done.isCancelled()).isFalse();
          assertThat(pending.isCancelled()).isTrue();
          assertThat(task.cancelling()).isEqualTo(1);
          assertThatThrownBy(() -> await(all)).isInstanceOf(CancelledError.class);
          turn();
          assertThat(task.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("GATHER-17")
  void completesOnlyWhenAChildShowsItOrAllAreDone(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> quick = createTask(() -> sleep(seconds(9), 1));
          Task<Integer> slow = createTask(GatherCancelTest::endsSlowly);
          Future<List<Integer>> all = gather(quick, slow);
          turn();
          all.cancel();
          assertThat(all.isDone()).as("not at once").isFalse();
          turns(2);
          assertThat(all.isDone()).as("the first child has shown it").isTrue();
          assertThat(slow.isDone()).isFalse();

          Task<Integer> other = createTask(GatherCancelTest::endsSlowly);
          Future<List<Object>> each =
              gatherReturnExceptions(createTask(() -> sleep(seconds(9), 1)), other);
          turn();
          each.cancel();
          turns(3);
          assertThat(each.isDone()).as("all children have to be done").isFalse();
          assertThatThrownBy(() -> await(each)).isInstanceOf(CancelledError.class);
          assertThat(other.isDone()).isTrue();
        });
  }

  private static int endsSlowly() {
    try {
      return sleep(seconds(9), 2);
    } catch (CancelledError e) {
      sleep(seconds(1));
      throw e;
    }
  }

  private static int swallows() {
    try {
      return sleep(seconds(9), 2);
    } catch (CancelledError e) {
      return 3;
    }
  }

  @EachEngine
  @Spec("GATHER-18")
  void alwaysEndsInCancellation(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Future<List<Object>> each =
              gatherReturnExceptions(GatherCancelTest::swallows, GatherCancelTest::swallows);
          turn();
          each.cancel();
          assertThatThrownBy(() -> await(each)).isInstanceOf(CancelledError.class);
          assertThat(each.isCancelled()).isFalse();
          Future<List<Integer>> all =
              gather(GatherCancelTest::swallows, GatherCancelTest::swallows);
          turn();
          all.cancel();
          assertThatThrownBy(() -> await(all)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec("GATHER-19")
  void messageReachesTheChildrenAndComesOutAgain(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Object> seen = new ArrayList<>();
          Future<List<Integer>> all =
              gather(() -> {
                try {
                  return sleep(seconds(9), 1);
                } catch (CancelledError e) {
                  seen.add(e.reason());
                  throw e;
                }
              });
          turn();
          Object reason = List.of("not", "a", "string");
          all.cancel(reason);
          try {
            await(all);
          } catch (CancelledError e) {
            seen.add(e.reason());
          }
          assertThat(seen).containsExactly(reason, reason);
        });
  }

  @EachEngine
  @Spec("GATHER-20")
  void isRefusedWhenAllChildrenAreDone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Future<List<Integer>> all = gather(one, two);
          one.setResult(1);
          two.setResult(2);
          assertThat(all.isDone()).isFalse();
          assertThat(all.cancel()).isFalse();
          assertThat(await(all)).containsExactly(1, 2);
        });
  }

  @EachEngine
  @Spec("GATHER-21")
  void isRefusedAfterAFailure(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Task<Integer> slow = createTask(() -> sleep(seconds(1), 1));
          Future<Integer> failing = loop.createFuture();
          Future<List<Integer>> all = gather(slow, failing);
          failing.setException(new IllegalStateException("failed"));
          turn();
          assertThat(all.isDone()).isTrue();
          assertThat(all.cancel()).isFalse();
          assertThat(slow.cancelling()).isZero();
          assertThat(await(slow)).isEqualTo(1);
          assertThat(all.exception()).hasMessage("failed");
        });
  }

  @EachEngine
  @Spec("GATHER-22")
  void comesFromCancellingTheAwaitingTask(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> one = createTask(() -> sleep(seconds(9), 1));
          Task<Integer> two = createTask(() -> sleep(seconds(9), 2));
          Task<List<Integer>> outer = createTask(() -> await(gather(one, two)));
          turn();
          outer.cancel();
          assertThat(one.cancelling()).isEqualTo(1);
          assertThat(two.cancelling()).isEqualTo(1);
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(List.of(one, two, outer)).allMatch(Task::isCancelled);
        });
  }

  @EachEngine
  @Spec("GATHER-23")
  void endsAtShields(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Future<Integer> shieldOfOne = shield(one);
          Future<Integer> shieldOfTwo = shield(two);
          Future<List<Integer>> all = gather(shieldOfOne, shieldOfTwo);
          assertThat(all.cancel()).isTrue();
          assertThat(shieldOfOne.isCancelled()).isTrue();
          assertThat(shieldOfTwo.isCancelled()).isTrue();
          assertThatThrownBy(() -> await(all)).isInstanceOf(CancelledError.class);
          assertThat(one.isDone()).isFalse();
          one.setResult(1);
          two.setResult(2);
          turns(2);
          assertThat(one.result() + two.result()).isEqualTo(3);
        });
  }
}
