package asyncio.conformance;

import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.Task;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** LOOP: runUntilComplete, and exits that leave a run. */
class RunUntilCompleteTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"LOOP-27", "LOOP-29"})
  void takesFuturesCoroutinesAndOtherAwaitables(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          loop.callSoon(() -> future.setResult("future"));
          assertThat(loop.runUntilComplete(future)).isEqualTo("future");

          Coroutine<String> coroutine = () -> "coroutine in " + Thread.currentThread().isVirtual();
          assertThat(loop.<String>runUntilComplete(coroutine)).isEqualTo("coroutine in true");

          Awaitable<String> other = () -> "awaitable";
          assertThat(loop.<String>runUntilComplete(other)).isEqualTo("awaitable");
        });
  }

  @Test
  @Spec("LOOP-27")
  void refusesAnythingElse() throws Exception {
    Snippet.rejects("EventLoop loop = null; loop.runUntilComplete(\"text\");");
    with(
        Engine.PORTABLE,
        loop ->
            assertThatThrownBy(() -> loop.runUntilComplete((Future<?>) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("awaitable"));
  }

  @EachEngine
  @Spec("LOOP-28")
  void refusesFutureOfAnotherLoop(Engine engine) throws Exception {
    with(
        engine,
        loop ->
            with(
                engine,
                other ->
                    assertThatThrownBy(() -> loop.runUntilComplete(other.createFuture()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("different loop")));
  }

  @EachEngine
  @Spec("LOOP-29")
  void endsAsTheFutureEnded(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var failure = new IllegalStateException("its own");
          assertThatThrownBy(() ->
                  loop.runUntilComplete(() -> {
                    throw failure;
                  }))
              .isSameAs(failure);

          Future<String> cancelled = loop.createFuture();
          cancelled.cancel();
          assertThatThrownBy(() -> loop.runUntilComplete(cancelled))
              .isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec("LOOP-30")
  void runEndsOneHopAfterTheFuture(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          loop.callSoon(() -> {
            future.setResult("done");
            trail.add("completes");
            loop.callSoon(() -> {
              trail.add("ready at the same time");
              loop.callSoon(() -> trail.add("one hop too late"));
            });
          });
          loop.runUntilComplete(future);
          assertThat(trail).containsExactly("completes", "ready at the same time");
        });
  }

  @EachEngine
  @Spec("LOOP-31")
  void doneFutureStillRunsOneIteration(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          future.setResult("there already");
          loop.callSoon(() -> {
            trail.add("queued before");
            loop.callSoon(() -> trail.add("second iteration"));
          });
          assertThat(loop.runUntilComplete(future)).isEqualTo("there already");
          assertThat(trail).containsExactly("queued before");
        });
  }

  @EachEngine
  @Spec("LOOP-32")
  void loopStoppedBeforeLeavesTheFuturePendingForALaterRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Task<String> task =
              loop.createTask(() -> {
                trail.add("begins");
                sleep(Duration.ofMillis(1));
                return "ends";
              });
          loop.callSoon(loop::stop);
          assertRefused("stopped before Future completed", () -> loop.runUntilComplete(task));
          assertThat(task.isDone()).isFalse();
          assertThat(trail).containsExactly("begins");

          assertThat(loop.runUntilComplete(task)).isEqualTo("ends");
        });
  }

  @EachEngine
  @Spec("LOOP-33")
  void abandonedFutureCannotStopALaterRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> abandoned = loop.createFuture();
          loop.callSoon(loop::stop);
          assertRefused("stopped before", () -> loop.runUntilComplete(abandoned));

          loop.callSoon(() -> abandoned.setResult("late"));
          assertThat(
                  loop.runUntilComplete(() -> {
                    sleep(Duration.ofMillis(2));
                    return "whole";
                  }))
              .isEqualTo("whole");
          assertThat(abandoned.result()).isEqualTo("late");
        });
  }

  @EachEngine
  @Spec({"LOOP-34", "LOOP-23"})
  void exitThrowableOfTheTaskLeavesTheRunItself(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var exit = new SystemExit(3);
          assertThatThrownBy(() ->
                  loop.runUntilComplete(() -> {
                    throw exit;
                  }))
              .isSameAs(exit);

          // No request to stop is left, neither noted nor queued: this needs several iterations.
          loop.callSoon(
              () -> loop.callSoon(() -> loop.callSoon(() -> trail.add("third iteration"))));
          Loops.stopAfter(loop, 4);
          loop.runForever();
          assertThat(trail).containsExactly("third iteration");

          Future<String> future = loop.createFuture();
          loop.callSoon(() -> future.setException(exit));
          assertThatThrownBy(() -> loop.runUntilComplete(future)).isSameAs(exit);
        });
  }

  @EachEngine
  @Spec("LOOP-35")
  void exitThrowableOfItsOwnTaskIsNotReportedAsUnretrieved(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var reports = collectReports(loop);
          WeakReference<Object> gone = failWithExit(loop);
          Memory.awaitCleared(gone);
          runOnce(loop);
          assertThat(reports).isEmpty();

          // Whereas one that the caller made is the caller's to look at.
          gone = failInTaskOfTheCaller(loop);
          Memory.awaitCleared(gone);
          assertThat(
                  Memory.collectUntil(() -> {
                    runOnce(loop);
                    return !reports.isEmpty();
                  }))
              .isTrue();
        });
  }

  private static WeakReference<Object> failWithExit(asyncio.EventLoop loop) {
    var marker = new Object();
    assertThatThrownBy(() ->
            loop.runUntilComplete(() -> {
              marker.hashCode();
              throw new KeyboardInterrupt();
            }))
        .isInstanceOf(KeyboardInterrupt.class);
    return new WeakReference<>(marker);
  }

  private static WeakReference<Object> failInTaskOfTheCaller(asyncio.EventLoop loop) {
    Task<Void> task =
        loop.createTask(() -> {
          throw new KeyboardInterrupt();
        });
    assertThatThrownBy(() -> loop.runUntilComplete(() -> sleep(Duration.ofMillis(1))))
        .isInstanceOf(KeyboardInterrupt.class);
    return new WeakReference<>(task);
  }

  @EachEngine
  @Spec("LOOP-36")
  void coroutineIsNotStartedIfTheLoopIsRunning(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(() ->
              assertRefused(
                  "already running", () -> loop.runUntilComplete(() -> trail.add("started"))));
          Loops.stopAfter(loop, 4); // iterations enough for a first step
          loop.runForever();
          assertThat(trail).isEmpty();
        });
  }

  @EachEngine
  @Spec("LOOP-37")
  void exitThrowableOfACallbackLeavesTheOthersForTheNextRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var exit = new KeyboardInterrupt();
          loop.callSoon(() -> trail.add("1"));
          loop.callSoon(() -> {
            loop.callSoon(() -> trail.add("4"));
            throw exit;
          });
          loop.callSoon(() -> trail.add("2"));
          loop.callSoon(() -> trail.add("3"));
          assertThatThrownBy(loop::runForever).isSameAs(exit);
          assertThat(trail).containsExactly("1");

          runOnce(loop);
          assertThat(trail).containsExactly("1", "2", "3", "4");
        });
  }
}
