package asyncio.conformance;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsCompleted;
import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Awaitables in the order in which they complete. */
class AsCompletedTest {

  private static Coroutine<Integer> after(int seconds) {
    return () -> sleep(seconds(seconds), seconds);
  }

  @EachEngine
  @Spec({"ASC-1", "ASC-4"})
  void deliversEachDistinctOneInTheOrderOfCompletion(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Integer> results = new ArrayList<>();
          Task<Integer> twice = createTask(after(2));
          for (Awaitable<Integer> item : asCompleted(List.of(after(3), twice, after(1), twice))) {
            assertThat(item).isInstanceOf(Coroutine.class);
            results.add(await(item));
          }
          assertThat(results).containsExactly(1, 2, 3);

          List<Integer> again = new ArrayList<>();
          for (Future<Integer> done :
              asCompleted(List.of(after(3), twice, after(1), twice)).futures()) {
            assertThat(done.isDone()).isTrue();
            again.add(done.result());
          }
          assertThat(again).containsExactly(2, 1, 3);

          Coroutine<Integer> coroutine = after(1);
          List<Awaitable<Integer>> items = new ArrayList<>();
          asCompleted(List.of(coroutine, coroutine)).forEach(items::add);
          assertThat(items).as("a coroutine runs each time it is given").hasSize(2);
          assertThat(await(gather(items))).containsExactly(1, 1);

          List<Awaitable<Integer>> one = List.of(AsCompletedTest::fail);
          Awaitable<Integer> failing = asCompleted(one).iterator().next();
          assertThatThrownBy(() -> await(failing)).hasMessage("failed");
        });
  }

  private static int fail() {
    throw new IllegalStateException("failed");
  }

  @Test
  @Spec("ASC-2")
  void takesACollectionOnly() {
    Snippet.accepts("asCompleted(List.of(createTask(() -> 1)));");
    Snippet.rejects("asCompleted(createTask(() -> 1));");
    Snippet.rejects("Coroutine<Integer> c = () -> 1; asCompleted(c);");
  }

  @EachEngine
  @Spec("ASC-3")
  void coroutinesBecomeTasksAtTheCall(Engine engine) {
    assertThatThrownBy(() -> asCompleted(List.of(after(1))))
        .isInstanceOf(IllegalStateException.class);
    var loop = new ClockLoop(engine);
    AsCompleted<Integer> onCurrent =
        Turns.withCurrentLoop(loop, () -> asCompleted(List.of(after(1))));
    assertThat(Asyncio.allTasks(loop)).hasSize(1);
    assertThat(loop.runUntilComplete(onCurrent.iterator().next())).isEqualTo(1);
    loop.close();
    OnLoop.run(
        engine,
        () -> {
          int before = Asyncio.allTasks().size();
          AsCompleted<Integer> both = asCompleted(List.of(after(1), after(2)));
          assertThat(Asyncio.allTasks()).hasSize(before + 2);
          for (Future<Integer> done : both.futures()) {
            assertThat(done).isInstanceOf(Task.class);
          }
        });
  }

  @EachEngine
  @Spec("ASC-5")
  void completionsGoToTheItemsInTheOrderInWhichTheyAreAwaited(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Iterator<Awaitable<Integer>> items = asCompleted(List.of(after(1), after(2))).iterator();
          Awaitable<Integer> first = items.next();
          Awaitable<Integer> second = items.next();
          assertThat(items.hasNext()).isFalse();
          assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
          assertThat(await(second)).isEqualTo(1);
          assertThat(await(first)).isEqualTo(2);
          assertThatThrownBy(() -> await(first))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("once");
        });
  }

  @EachEngine
  @Spec("ASC-6")
  void itemsMayBeAwaitedConcurrently(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Awaitable<Integer>> items = new ArrayList<>();
          asCompleted(List.of(after(3), after(1), after(2))).forEach(items::add);
          long start = loop.time();
          assertThat(await(gather(items))).containsExactly(1, 2, 3);
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());

          // One of those who wait goes away at the moment of its turn: the next one gets it.
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Iterator<Awaitable<Integer>> pair = asCompleted(List.of(one, two)).iterator();
          Task<Integer> leaves = createTask(pair.next()::await);
          Task<Integer> stays = createTask(pair.next()::await);
          turn();
          one.setResult(1);
          turn();
          leaves.cancel();
          assertThat(await(stays)).isEqualTo(1);
          assertThatThrownBy(() -> await(leaves)).isInstanceOf(CancelledError.class);
          two.cancel();
        });
  }

  @EachEngine
  @Spec("ASC-7")
  void futuresGoInAndTheSameFuturesComeOut(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> future = loop.createFuture();
          Task<Integer> task = createTask(after(1));
          loop.callLater(seconds(2), () -> future.setResult(2));
          List<Future<Integer>> out = new ArrayList<>();
          for (Future<Integer> done : asCompleted(List.of(future, after(3), task)).futures()) {
            out.add(done);
          }
          assertThat(out).hasSize(3);
          assertThat(out.get(0)).isSameAs(task);
          assertThat(out.get(1)).isSameAs(future);
          assertThat(out.get(2)).isInstanceOf(Task.class);
        });
  }

  @EachEngine
  @Spec("ASC-8")
  void iterationOfFuturesNeverThrowsWhatTheyFailedWith(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<Integer> cancelled = createTask(after(9));
          cancelled.cancel();
          List<Awaitable<Integer>> both = List.of(cancelled, AsCompletedTest::fail);
          for (Future<Integer> done : asCompleted(both).futures()) {
            try {
              done.result();
            } catch (CancelledError | IllegalStateException e) {
              trail.add(e.getClass().getSimpleName());
            }
          }
          assertThat(trail).containsExactly("CancelledError", "IllegalStateException");
        });
  }

  @EachEngine
  @Spec("ASC-9")
  void iterationCanBeResumed(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          AsCompleted<Integer> all = asCompleted(List.of(after(1), after(2), after(3)));
          List<Integer> results = new ArrayList<>();
          for (Future<Integer> done : all.futures()) {
            results.add(done.result());
            break;
          }
          for (Awaitable<Integer> item : all) {
            results.add(await(item));
            break;
          }
          for (Future<Integer> done : all.futures()) {
            results.add(done.result());
          }
          assertThat(results).containsExactly(1, 2, 3);
          assertThat(all.iterator().hasNext()).isFalse();
        });
  }

  @EachEngine
  @Spec({"ASC-10", "ASC-11"})
  void timeOutIsThrownForEachRemainingItemAndCancelsNothing(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> slow = createTask(after(8));
          Task<Integer> slower = createTask(after(9));
          List<Object> trail = new ArrayList<>();
          for (Awaitable<Integer> item : asCompleted(List.of(slower, after(1), slow), seconds(2))) {
            try {
              trail.add(await(item));
            } catch (TimeoutException e) {
              trail.add("time is up");
            }
          }
          assertThat(trail).containsExactly(1, "time is up", "time is up");
          Iterator<Future<Integer>> futures =
              asCompleted(List.of(slow, slower), seconds(1)).futures().iterator();
          assertThatThrownBy(futures::next).isInstanceOf(TimeoutException.class);
          assertThat(slow.cancelling() + slower.cancelling()).isZero();
          assertThat(await(slow) + await(slower)).isEqualTo(17);
        });
  }

  @EachEngine
  @Spec("ASC-12")
  void timerEndsWithTheLastAwaitableAndIsNotSetForNone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          AsCompleted<Integer> one = asCompleted(List.of(after(1)), seconds(50));
          assertThat(asCompleted(List.<Future<Integer>>of(), seconds(50)).iterator().hasNext())
              .isFalse();
          sleep(seconds(2));
          Turns.assertNoTimerIsLeft(loop);
          assertThat(await(one.iterator().next())).isEqualTo(1);
        });
  }

  @EachEngine
  @Spec("ASC-13")
  void completionsBeforeTheQuestionAreKeptInTheirOrder(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Future<Integer>> futures = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            futures.add(loop.createFuture());
          }
          AsCompleted<Integer> all = asCompleted(futures);
          for (int i : List.of(2, 0, 3, 1)) {
            futures.get(i).setResult(i);
          }
          turns(2);
          int before = loop.iterations;
          List<Integer> results = new ArrayList<>();
          for (Future<Integer> done : all.futures()) {
            results.add(done.result());
          }
          assertThat(results).containsExactly(2, 0, 3, 1);
          assertThat(loop.iterations).as("nothing to wait for").isEqualTo(before);
        });
  }
}
