package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherReturnExceptions;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What gather returns, and when. */
class GatherTest {

  @EachEngine
  @Spec({"GATHER-1", "GATHER-24"})
  void startsCoroutinesInOrderAndUsesFuturesAsTheyAre(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Future<String> given = loop.createFuture();
          Future<List<String>> all =
              gather(
                  () -> {
                    trail.add("a, with " + allTasks().size() + " tasks");
                    return "A";
                  },
                  given,
                  () -> {
                    trail.add("b");
                    return "B";
                  });
          assertThat(trail).as("nothing has run when gather returns").isEmpty();
          assertThat(all.isDone()).isFalse();
          assertThat(allTasks()).as("this one and one for each coroutine").hasSize(3);
          turn();
          assertThat(trail).containsExactly("a, with 3 tasks", "b");
          given.setResult("F");
          assertThat(await(all)).containsExactly("A", "F", "B");
        });
  }

  @EachEngine
  @Spec("GATHER-2")
  void resultsAreInTheOrderOfTheArguments(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          List<Integer> results =
              await(gather(() -> late(3, trail), () -> late(1, trail), () -> late(2, trail)));
          assertThat(trail).containsExactly("1", "2", "3");
          assertThat(results).containsExactly(3, 1, 2);
        });
  }

  private static int late(int seconds, List<String> trail) {
    sleep(seconds(seconds));
    trail.add("" + seconds);
    return seconds;
  }

  @EachEngine
  @Spec("GATHER-3")
  void isDoneOneIterationAfterTheLastChildAndItsAwaiterGoesOnOneLater(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Future<List<Integer>> all = gather(one, two);
          int[] resumed = {0};
          Task<Void> awaiter =
              createTask(() -> {
                await(all);
                resumed[0] = loop.iterations;
              });
          one.setResult(1);
          turn();
          turn();
          assertThat(all.isDone()).as("one child is missing").isFalse();
          two.setResult(2);
          int cause = loop.iterations;
          assertThat(all.isDone()).isFalse();
          turn();
          assertThat(all.isDone()).as("one iteration later").isTrue();
          assertThat(resumed[0]).isZero();
          await(awaiter);
          assertThat(resumed[0] - cause).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec("GATHER-4")
  void withoutArgumentsIsDoneWithAnEmptyListButNeedsALoop(Engine engine) {
    assertThatThrownBy(() -> gather()).isInstanceOf(IllegalStateException.class);
    var current = new ClockLoop(engine);
    Future<List<String>> ofCurrent = Turns.withCurrentLoop(current, () -> gather());
    assertThat(ofCurrent.loop()).isSameAs(current);
    current.close();
    OnLoop.run(
        engine,
        () -> {
          Future<List<String>> none = gather();
          assertThat(none.isDone()).isTrue();
          assertThat(none.result()).isEmpty();
          assertThat(gather(List.<Awaitable<String>>of()).result()).isEmpty();
        });
  }

  @EachEngine
  @Spec("GATHER-5")
  void ofChildrenThatAreDoneIsDone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> done = loop.createFuture();
          done.setResult(1);
          Task<Integer> eager = createTask(() -> 2, TaskOptions.DEFAULT.withEagerStart(true));
          Future<List<Integer>> all = gather(done, eager);
          assertThat(all.isDone()).isTrue();
          assertThat(all.result()).containsExactly(1, 2);
          Future<Integer> failed = loop.createFuture();
          failed.setException(new IllegalStateException("done"));
          assertThat(gather(done, failed).exception()).isSameAs(failed.exception());
        });
  }

  @EachEngine
  @Spec("GATHER-6")
  void futureGivenTwiceIsAwaitedOnceAndCoroutineGivenTwiceRunsTwice(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int[] callbacks = {0};
          var counted =
              new Future<String>(loop) {
                @Override
                public void addDoneCallback(
                    java.util.function.Consumer<? super Future<String>> callback) {
                  callbacks[0]++;
                  super.addDoneCallback(callback);
                }
              };
          Future<List<String>> all = gather(counted, () -> "other", counted);
          counted.setResult("same");
          assertThat(await(all)).containsExactly("same", "other", "same");
          assertThat(callbacks[0]).isEqualTo(1);

          int[] runs = {0};
          Coroutine<Integer> coroutine = () -> ++runs[0];
          assertThat(await(gather(Collections.nCopies(3, coroutine)))).containsExactly(1, 2, 3);
        });
  }

  @EachEngine
  @Spec("GATHER-7")
  void refusesFuturesOfDifferentLoops(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var other = new ClockLoop(engine);
          Future<String> here = loop.createFuture();
          Future<String> there = other.createFuture();
          assertThatThrownBy(() -> gather(here, there))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("different loop");
          other.close();
        });
  }

  @EachEngine
  @Spec("GATHER-8")
  void ofFuturesAloneNeedsNoRunningLoop(Engine engine) {
    var loop = new ClockLoop(engine);
    Future<Integer> one = loop.createFuture();
    Future<Integer> two = loop.createFuture();
    Future<List<Integer>> all = gather(one, two);
    assertThat(all.loop()).isSameAs(loop);
    one.setResult(1);
    two.setResult(2);
    assertThat(loop.runUntilComplete(all)).containsExactly(1, 2);
    loop.close();
  }

  @EachEngine
  @Spec("GATHER-9")
  void ofCoroutinesNeedsALoop(Engine engine) {
    List<String> trail = new ArrayList<>();
    assertThatThrownBy(() -> gather(() -> trail.add("ran"), () -> trail.add("ran")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event loop");
    OnLoop.run(engine, Turns::turn);
    assertThat(trail).isEmpty();
    var loop = new ClockLoop(engine);
    Future<List<Boolean>> all =
        Turns.withCurrentLoop(loop, () -> gather(() -> trail.add("ran"), () -> trail.add("ran")));
    assertThat(loop.runUntilComplete(all))
        .as("the current loop will do")
        .containsExactly(true, true);
    loop.close();
  }

  @EachEngine
  @Spec("GATHER-10")
  void unusableArgumentLeavesTheTasksMadeBeforeItRunningAndNothingIsReported(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          giveNull(trail);
          sleep(seconds(2));
          assertThat(trail).containsExactly("ended");
          assertThat(Turns.reportsAfterCollection(loop)).isEmpty();
        });
  }

  private static void giveNull(List<String> trail) {
    Coroutine<Integer> failing =
        () -> {
          sleep(seconds(1));
          trail.add("ended");
          throw new IOException("nobody asks");
        };
    assertThatThrownBy(() -> gather(Arrays.asList(failing, null)))
        .isInstanceOf(NullPointerException.class);
  }

  @EachEngine
  @Spec("GATHER-11")
  void firstFailureIsPassedOnAtOnceAndTheOthersGoOn(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var failure = new IllegalStateException("first");
          Future<Integer> failing = loop.createFuture();
          Task<Integer> slow = createTask(() -> late(5, trail));
          Future<List<Integer>> all = gather(slow, failing);
          failing.setException(failure);
          turn();
          assertThat(all.exception()).isSameAs(failure);
          assertThat(slow.isDone()).isFalse();
          assertThat(slow.cancelling()).isZero();
          assertThat(await(slow)).isEqualTo(5);
          assertThat(trail).containsExactly("5");
          assertThatThrownBy(() ->
                  await(
                      gather(
                          slow,
                          () -> {
                            throw new IOException("checked");
                          })))
              .isInstanceOf(UncheckedIOException.class)
              .hasRootCauseMessage("checked");
        });
  }

  @EachEngine
  @Spec("GATHER-12")
  void furtherFailuresAreNotReported(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          failTwice();
          assertThat(Turns.reportsAfterCollection(loop)).isEmpty();
        });
  }

  private static void failTwice() {
    assertThatThrownBy(() -> await(gather(() -> failAfter(1, "one"), () -> failAfter(2, "two"))))
        .hasMessage("one");
    sleep(seconds(2));
  }

  private static int failAfter(int seconds, String message) {
    sleep(seconds(seconds));
    throw new IllegalStateException(message);
  }

  @EachEngine
  @Spec("GATHER-13")
  void failuresCanBeResults(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var checked = new IOException("checked");
          Future<List<Object>> all =
              gatherReturnExceptions(
                  () -> "result",
                  () -> {
                    throw checked;
                  },
                  () -> failAfter(3, "late"));
          sleep(seconds(1));
          assertThat(all.isDone()).as("a failure ends nothing").isFalse();
          List<Object> outcomes = await(all);
          assertThat(outcomes.get(0)).isEqualTo("result");
          assertThat(outcomes.get(1)).isSameAs(checked);
          assertThat((Throwable) outcomes.get(2)).hasMessage("late");
        });
  }

  @EachEngine
  @Spec("GATHER-14")
  void cancelledChildMakesItFailWithoutBeingCancelled(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Future<List<Integer>> all = gather(one, two);
          one.cancel("why");
          turn();
          assertThat(all.isDone()).isTrue();
          assertThat(all.isCancelled()).isFalse();
          assertThat(all.exception()).isInstanceOf(CancelledError.class).hasMessage("why");
          assertThat(two.isDone()).isFalse();
          assertThatThrownBy(() -> await(all)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec("GATHER-15")
  void cancelledChildCanBeAResult(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Integer> one = loop.createFuture();
          Future<Integer> two = loop.createFuture();
          Future<List<Object>> all = gatherReturnExceptions(one, two);
          one.cancel("why");
          two.setResult(2);
          List<Object> outcomes = await(all);
          assertThat(outcomes.get(0))
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("why"));
          assertThat(outcomes.get(1)).isEqualTo(2);
        });
  }

  @EachEngine
  void voidActionsAndCollectionsAreTaken(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          await(
              gather(
                  () -> sleep(seconds(2)),
                  Turns::turn,
                  () -> {
                    trail.add("action");
                  }));
          List<Task<String>> tasks = List.of(createTask(() -> "a"), createTask(() -> "b"));
          List<String> results = await(gather(tasks));
          assertThat(results).containsExactly("a", "b");
          assertThat(trail).containsExactly("action");
        });
  }
}
