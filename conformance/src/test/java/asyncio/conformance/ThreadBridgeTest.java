package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toCompletableFuture;
import static asyncio.Asyncio.wrapFuture;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Timeout;

/** Between a loop's futures and those of other threads. */
@Timeout(30)
class ThreadBridgeTest {

  @EachEngine
  @Spec("EXEC-24")
  void aForeignThreadGetsTheOutcomeOfTheTask(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          try (var _ = new Loops.Background(loop)) {
            CompletableFuture<EventLoop> good =
                runCoroutineThreadsafe(
                    () -> {
                      sleep(seconds(0.001));
                      return Asyncio.getRunningLoop();
                    },
                    loop);
            assertThat(good.get(20, TimeUnit.SECONDS)).isSameAs(loop);
            var error = new IOException("mine");
            CompletableFuture<Object> bad =
                runCoroutineThreadsafe(
                    () -> {
                      throw error;
                    },
                    loop);
            assertThatThrownBy(() -> bad.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isSameAs(error);
          }
        });
  }

  @EachEngine
  @Spec("EXEC-25")
  void onlyCoroutinesAreTaken(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            assertThatThrownBy(() -> runCoroutineThreadsafe(loop.<Object>createFuture(), loop))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("A coroutine object is required"));
    Snippet.rejects("runCoroutineThreadsafe(\"no coroutine\", newEventLoop());");
  }

  @EachEngine
  @Spec({"EXEC-26", "EXEC-27"})
  void givingUpWaitingDoesNotCancelAndCancellingDoes(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          CountDownLatch waits = new CountDownLatch(1);
          CountDownLatch ended = new CountDownLatch(1);
          try (var _ = new Loops.Background(loop)) {
            CompletableFuture<Void> future =
                runCoroutineThreadsafe(
                    () -> {
                      try {
                        waits.countDown();
                        sleep(seconds(1000));
                      } catch (CancelledError e) {
                        trail.add("task cancelled");
                        throw e;
                      } finally {
                        ended.countDown();
                      }
                    },
                    loop);
            assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
            assertThat(future.isDone()).isFalse();
            trail.add("gave up waiting");
            future.cancel(true);
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
          }
          assertThat(trail).containsExactly("gave up waiting", "task cancelled");
          Loops.runOnce(loop);
        });
  }

  @EachEngine
  @Spec("EXEC-28")
  void aCancelledTaskCancelsTheFuture(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          try (var _ = new Loops.Background(loop)) {
            CompletableFuture<Void> future =
                runCoroutineThreadsafe(
                    () -> {
                      Task<?> task = Asyncio.currentTask();
                      task.cancel();
                      sleep(seconds(1000));
                    },
                    loop);
            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
                .isInstanceOf(CancellationException.class);
            assertThat(future.isCancelled()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec("EXEC-29")
  void aFailingTaskFactoryIsToldToTheCallerAndReported(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = Loops.collectReports(loop);
          var error = new IllegalStateException("factory");
          loop.setTaskFactory((_, _, _) -> {
            throw error;
          });
          CompletableFuture<Object> future = runCoroutineThreadsafe(() -> 1, loop);
          Loops.runOnce(loop);
          assertThatThrownBy(future::get).cause().isSameAs(error);
          assertThat(reports)
              .singleElement()
              .satisfies(report -> assertThat(report.exception()).isSameAs(error));
        });
  }

  @EachEngine
  void waitingForItOnTheLoopItselfIsRefusedWithTheRemedy(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          loop.callSoon(() -> {
            CompletableFuture<Integer> future = runCoroutineThreadsafe(() -> 1, loop);
            assertRefused("createTask", future::get);
            assertRefused("createTask", future::join);
            assertRefused("createTask", () -> future.get(1, TimeUnit.SECONDS));
            assertRefused("createTask", () -> future.thenApply(i -> i + 1).join());
          });
          loop.runUntilComplete(() -> {
            CompletableFuture<Integer> future = runCoroutineThreadsafe(() -> 1, loop);
            assertRefused("createTask", future::get);
            sleep(seconds(0));
            sleep(seconds(0));
            sleep(seconds(0));
            assertThat(future.get()).as("once it is done it may be asked").isEqualTo(1);
          });
        });
  }

  @EachEngine
  @Spec("EXEC-30")
  void theWrapperMirrorsResultFailureAndCancellation(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          assertThat(wrapFuture(CompletableFuture.completedFuture("value")).await())
              .isEqualTo("value");
          CompletableFuture<String> open = new CompletableFuture<>();
          Future<String> wrapper = wrapFuture(open);
          open.complete("later");
          assertThat(wrapper.isDone()).as("one hop later").isFalse();
          assertThat(wrapper.await()).isEqualTo("later");
          var error = new IOException("mine");
          CompletableFuture<Object> failed = CompletableFuture.failedFuture(error);
          assertThatThrownBy(() -> await(wrapFuture(failed), IOException.class)).isSameAs(error);
          assertThatThrownBy(() -> await(wrapFuture(failed.thenApply(x -> x)), IOException.class))
              .isSameAs(error);
          FutureTask<String> task = new FutureTask<>(() -> "of a task");
          task.run();
          assertThat(wrapFuture(task).await()).isEqualTo("of a task");
        });
  }

  @EachEngine
  @Spec("EXEC-30")
  void aFutureThatCallsNobodyBackIsWaitedForByAThread(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          FutureTask<String> task = new FutureTask<>(() -> "of a task");
          Future<String> wrapper = wrapFuture(task, loop);
          loop.callSoon(task); // the wrapper was pending before
          assertThat(loop.<String>runUntilComplete(wrapper)).isEqualTo("of a task");
        });
  }

  @EachEngine
  @Spec("EXEC-31")
  void aLoopsFutureIsReturnedAsItIs(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          Future<Integer> future = loop.createFuture();
          assertThat(wrapFuture(future)).isSameAs(future);
          assertThat(wrapFuture(future, loop)).isSameAs(future);
        });
  }

  @EachEngine
  @Spec("EXEC-32")
  void theLoopIsTheRunningOrCurrentOne(Engine engine) throws Exception {
    CompletableFuture<Integer> one = CompletableFuture.completedFuture(1);
    assertRefused("no current event loop", () -> wrapFuture(one));
    Loops.with(
        engine,
        loop -> {
          Asyncio.setEventLoop(loop);
          try {
            assertThat(wrapFuture(one).loop()).isSameAs(loop);
            var running = LoopKind.preferred().newLoop(engine);
            running.runUntilComplete(() -> assertThat(wrapFuture(one).loop()).isSameAs(running));
            running.close();
            assertThat(wrapFuture(one, loop).loop()).isSameAs(loop);
          } finally {
            Asyncio.setEventLoop(null);
          }
        });
  }

  @EachEngine
  @Spec("EXEC-33")
  void cancellingTheWrapperCancelsTheOriginalOneHopLater(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          CompletableFuture<Object> open = new CompletableFuture<>();
          Future<Object> wrapper = wrapFuture(open);
          wrapper.cancel();
          assertThat(open.isCancelled()).isFalse();
          sleep(seconds(0));
          assertThat(open.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("EXEC-34")
  void anOriginalThatIsDoneKeepsItsResult(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          CompletableFuture<String> open = new CompletableFuture<>();
          Future<String> wrapper = wrapFuture(open);
          open.complete("value");
          wrapper.cancel();
          sleep(seconds(0));
          sleep(seconds(0));
          assertThat(open.join()).isEqualTo("value");
          assertThat(wrapper.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("EXEC-35")
  void aCancelledOriginalCancelsTheWrapper(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          CompletableFuture<Object> open = new CompletableFuture<>();
          Future<Object> wrapper = wrapFuture(open);
          open.cancel(true);
          assertThatThrownBy(wrapper::await).isInstanceOf(CancelledError.class);
          assertThat(wrapper.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("EXEC-36")
  void theOutcomeIsDroppedIfTheLoopIsClosed(Engine engine) throws Exception {
    AtomicReference<Future<Object>> wrapper = new AtomicReference<>();
    AtomicReference<CompletableFuture<Object>> transfer = new AtomicReference<>();
    CompletableFuture<Object> open =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<Object> whenComplete(
              BiConsumer<? super Object, ? super Throwable> action) {
            transfer.set(super.whenComplete(action));
            return transfer.get();
          }
        };
    Loops.with(engine, loop -> wrapper.set(wrapFuture(open, loop)));
    assertThat(open.complete("value")).isTrue();
    assertThat(wrapper.get().isDone()).isFalse();
    assertThat(transfer.get())
        .as("a failure of the transfer would be seen here")
        .isCompletedWithValue("value");
  }

  @EachEngine
  void aLoopsFutureCanBeGivenToOthers(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          CompletableFuture<String> view = toCompletableFuture(future);
          CompletableFuture<Integer> length = view.thenApply(String::length);
          future.setResult("four");
          sleep(seconds(0));
          assertThat(length.isDone()).isTrue();
          assertThat(length.join()).isEqualTo(4);
          Future<String> other = loop.createFuture();
          toCompletableFuture(other).cancel(true);
          sleep(seconds(0));
          assertThat(other.isCancelled()).isTrue();
        });
  }
}
