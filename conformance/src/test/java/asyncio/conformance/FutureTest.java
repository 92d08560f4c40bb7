package asyncio.conformance;

import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.InvalidStateException;
import asyncio.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** FUT: the states of a future and what its methods answer in them. */
class FutureTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"FUT-1", "FUT-4"})
  void newFutureIsPendingAndNeverWaits(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          assertThat(future.isDone()).isFalse();
          assertThat(future.isCancelled()).isFalse();
          assertThatThrownBy(future::result)
              .isInstanceOf(InvalidStateException.class)
              .hasMessageContaining("result is not set");
          assertThatThrownBy(future::exception)
              .isInstanceOf(InvalidStateException.class)
              .hasMessageContaining("exception is not set");
        });
  }

  @EachEngine
  @Spec({"FUT-2", "FUT-3"})
  void loopIsTheGivenOneOrElseTheRunningOne(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          assertThat(new Future<>(loop).loop()).isSameAs(loop);
          assertThatThrownBy(() -> new Future<>(null))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("loop");
          loop.callSoon(() -> assertThat(new Future<>().loop()).isSameAs(loop));
          Future<String> future =
              loop.runUntilComplete(() -> {
                Future<String> made = new Future<>();
                assertThat(made.loop()).isSameAs(loop);
                return made;
              });
          future.setResult("done");
          assertThat(future.loop()).isSameAs(loop);
        });
  }

  @EachEngine
  @Spec("FUT-2")
  void withoutAnyLoopThereIsNoFuture(Engine engine) throws Exception {
    Loops.onOtherThread(() -> assertRefused("no current event loop", () -> new Future<>()));
  }

  @EachEngine
  @Spec("FUT-2")
  void runningLoopGoesBeforeTheCurrentOne(Engine engine) throws Exception {
    with(
        engine,
        current ->
            with(
                engine,
                running -> {
                  assertThat(Turns.withCurrentLoop(current, () -> new Future<>().loop()))
                      .isSameAs(current);
                  EventLoop ofBoth =
                      Turns.withCurrentLoop(
                          current,
                          () -> running.<EventLoop>runUntilComplete(() -> new Future<>().loop()));
                  assertThat(ofBoth).isSameAs(running);
                }));
  }

  @EachEngine
  @Spec("FUT-5")
  void resultIsThereAfterSetResult(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          for (Object value :
              new Object[] {"value", null, new IllegalStateException("a value, too")}) {
            Future<Object> future = loop.createFuture();
            future.setResult(value);
            assertThat(future.isDone()).isTrue();
            assertThat(future.isCancelled()).isFalse();
            assertThat(future.result()).isSameAs(value);
            assertThat(future.exception()).isNull();
          }
        });
  }

  @EachEngine
  @Spec("FUT-6")
  void exceptionIsThereAfterSetException(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          for (Throwable failure : List.of(new IllegalStateException(), new AssertionError())) {
            Future<String> future = failed(loop.createFuture(), failure);
            assertThat(future.isDone()).isTrue();
            assertThat(future.isCancelled()).isFalse();
            assertThat(future.exception()).isSameAs(failure);
            assertThatThrownBy(future::result).isSameAs(failure);
          }
          // A checked exception is wrapped where it cannot be declared, and is itself where it can.
          var checked = new IOException();
          Future<String> future = failed(loop.createFuture(), checked);
          assertThat(future.exception()).isSameAs(checked);
          assertThatThrownBy(future::result)
              .isInstanceOf(UncheckedIOException.class)
              .hasCause(checked);
          var other = new Exception();
          assertThatThrownBy(failed(loop.createFuture(), other)::result)
              .isInstanceOf(CompletionException.class)
              .hasCause(other);
          loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> future.await(IOException.class)).isSameAs(checked);
          });
          assertThatThrownBy(() -> loop.createFuture().setException(null))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("exception");
        });
  }

  private static <T> Future<T> failed(Future<T> future, Throwable failure) {
    future.setException(failure);
    return future;
  }

  @EachEngine
  @Spec("FUT-9")
  void doneFutureCannotBeCompletedAgain(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> succeeded = loop.createFuture();
          succeeded.setResult("first");
          Future<String> failed = failed(loop.createFuture(), new IllegalStateException("first"));
          Future<String> cancelled = loop.createFuture();
          cancelled.cancel("first");
          for (Future<String> done : List.of(succeeded, failed, cancelled)) {
            String before = done.toString();
            assertThatThrownBy(() -> done.setResult("second"))
                .isInstanceOf(InvalidStateException.class);
            assertThatThrownBy(() -> done.setException(new RuntimeException("second")))
                .isInstanceOf(InvalidStateException.class);
            assertThat(done).hasToString(before);
          }
          assertThat(succeeded.result()).isEqualTo("first");
          assertThatThrownBy(failed::result).hasMessage("first");
          assertThatThrownBy(cancelled::result).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  @Spec({"FUT-10", "FUT-12"})
  void cancelEndsAPendingFutureAtOnce(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          future.addDoneCallback(done -> trail.add("callback, cancelled: " + done.isCancelled()));
          assertThat(future.cancel()).isTrue();
          assertThat(future.isDone()).isTrue();
          assertThat(future.isCancelled()).isTrue();
          assertThatThrownBy(future::result).isInstanceOf(CancelledError.class);
          assertThatThrownBy(future::exception).isInstanceOf(CancelledError.class);
          assertThat(trail).isEmpty();
          runOnce(loop);
          assertThat(trail).containsExactly("callback, cancelled: true");
        });
  }

  @EachEngine
  @Spec("FUT-11")
  void cancelOfADoneFutureIsFalseAndChangesNothing(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<String> succeeded = loop.createFuture();
          succeeded.setResult("value");
          Future<String> failed = failed(loop.createFuture(), new IllegalStateException());
          Future<String> cancelled = loop.createFuture();
          cancelled.cancel("first");

          assertThat(succeeded.cancel()).isFalse();
          assertThat(failed.cancel()).isFalse();
          assertThat(cancelled.cancel("second")).isFalse();
          assertThat(succeeded.result()).isEqualTo("value");
          assertThat(failed.isCancelled()).isFalse();
          assertThatThrownBy(cancelled::result)
              .isInstanceOfSatisfying(
                  CancelledError.class, error -> assertThat(error.reason()).isEqualTo("first"));
        });
  }

  @EachEngine
  @Spec("FUT-13")
  void messageOfTheCancellationReachesThoseWhoAsk(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          for (Object message : new Object[] {"text", 5, List.of("a", "list"), null}) {
            Future<String> future = loop.createFuture();
            future.cancel(message);
            for (int i = 0; i < 2; i++) {
              assertThatThrownBy(future::result)
                  .isInstanceOfSatisfying(
                      CancelledError.class, error -> assertThat(error.reason()).isEqualTo(message));
              assertThatThrownBy(future::exception)
                  .isInstanceOfSatisfying(
                      CancelledError.class, error -> assertThat(error.reason()).isEqualTo(message));
            }
          }
          Future<String> without = loop.createFuture();
          without.cancel();
          assertThatThrownBy(without::result)
              .isInstanceOfSatisfying(
                  CancelledError.class, error -> assertThat(error.reason()).isNull());
        });
  }

  @EachEngine
  @Spec("FUT-26")
  void completionAfterTheLoopWasClosedIsRefusedButDone(Engine engine) throws Exception {
    List<Future<String>> futures = new ArrayList<>();
    with(
        engine,
        loop -> {
          for (int i = 0; i < 4; i++) {
            futures.add(loop.createFuture());
          }
          futures.subList(0, 3).forEach(future -> future.addDoneCallback(_ -> trail.add("called")));
        });

    assertRefused("closed", () -> futures.get(0).setResult("late"));
    assertThat(futures.get(0).result()).isEqualTo("late");
    assertRefused("closed", () -> futures.get(1).setException(new IllegalStateException("late")));
    assertThat(futures.get(1).exception()).hasMessage("late");
    assertRefused("closed", () -> futures.get(2).cancel());
    assertThat(futures.get(2).isCancelled()).isTrue();
    futures.get(3).setResult("nobody to call");
    assertThat(futures.get(3).result()).isEqualTo("nobody to call");
    assertThat(trail).isEmpty();
  }

  /** A type of a user's own. */
  private static final class OwnFuture<T> extends Future<T> {
    OwnFuture(EventLoop loop) {
      super(loop);
    }
  }

  @EachEngine
  @Spec("FUT-27")
  void futuresAreTheTypeAndItsSubclasses(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var own = new OwnFuture<String>(loop);
          Task<String> task = loop.createTask(() -> "x");
          assertThat(Asyncio.isFuture(loop.createFuture())).isTrue();
          assertThat(Asyncio.isFuture(own)).isTrue();
          assertThat(Asyncio.isFuture(task)).isTrue();
          assertThat(Asyncio.isFuture(Future.class)).isFalse();
          assertThat(Asyncio.isFuture(OwnFuture.class)).isFalse();
          assertThat(Asyncio.isFuture((asyncio.Coroutine<String>) () -> "x")).isFalse();
          assertThat(Asyncio.isFuture(new java.util.concurrent.CompletableFuture<>())).isFalse();
          assertThat(Asyncio.isFuture(null)).isFalse();

          assertThat(Asyncio.ensureFuture(own)).isSameAs(own);
          assertThat(Asyncio.wrapFuture(own)).isSameAs(own);
          loop.callSoon(() -> own.setResult("its result"));
          assertThat(loop.<String>runUntilComplete(() -> Asyncio.await(own)))
              .isEqualTo("its result");
        });
  }

  @EachEngine
  @Spec("FUT-31")
  void timerOfACancelledSleepIsSilent(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    List<ErrorContext> reports = collectReports(loop);
    Task<?> sleeper = loop.createTask(() -> Asyncio.sleep(Duration.ofNanos(100)));
    runOnce(loop);
    // Due together: this cancels what the sleeper waits for, then the sleeper's own timer comes.
    loop.callAt(loop.now + 99, sleeper::cancel);
    loop.now += 100;
    runOnce(loop);
    runOnce(loop);
    assertThat(sleeper.isCancelled()).isTrue();
    assertThat(reports).isEmpty();
    loop.close();
  }

  @EachEngine
  @Spec("FUT-32")
  void shieldCopiesTheStateUnlessItsOwnIsCancelled(Engine engine) throws Exception {
    with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              var failure = new IllegalStateException("copied");
              List<Future<String>> inner =
                  List.of(new Future<>(), new Future<>(), new Future<>(), new Future<>());
              List<Future<String>> outer =
                  inner.stream().map(each -> Asyncio.<String>shield(each)).toList();
              outer.get(3).cancel("before");
              inner.get(0).setResult("copied");
              inner.get(1).setException(failure);
              inner.get(2).cancel();
              inner.get(3).setResult("too late");
              Asyncio.sleep(Duration.ZERO);

              assertThat(outer.get(0).result()).isEqualTo("copied");
              assertThat(outer.get(1).exception()).isSameAs(failure);
              assertThat(outer.get(2).isCancelled()).isTrue();
              assertThatThrownBy(() -> outer.get(3).result())
                  .isInstanceOfSatisfying(
                      CancelledError.class,
                      error -> assertThat(error.reason()).isEqualTo("before"));
            }));
  }

  @Test
  @Spec("FUT-2")
  void nothingButALoopIsALoop() {
    Snippet.rejects("new Future<String>(42);");
    Snippet.accepts("EventLoop loop = null; new Future<String>(loop); new Future<String>();");
  }
}
