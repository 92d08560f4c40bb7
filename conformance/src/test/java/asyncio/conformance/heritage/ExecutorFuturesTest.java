package asyncio.conformance.heritage;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toCompletableFuture;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.wrapFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.ExecutorLoad;
import asyncio.Future;
import asyncio.InvalidStateException;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.WaitResult;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;

/** HER: the futures of PEP 3148 and of java.util.concurrent, and those of a loop. */
class ExecutorFuturesTest {
  private final List<Object> trail = Collections.synchronizedList(new ArrayList<>());

  // ---- from threads to the loop

  @EachEngine
  @Spec("HER-73")
  void whatAThreadCompletesIsAwaitedWithoutBlockingTheLoop(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              CompletableFuture<String> completable = new CompletableFuture<>();
              FutureTask<String> plain = new FutureTask<>(() -> "plain");
              CompletableFuture<String> stage = new CompletableFuture<>();
              createTask(() -> {
                trail.add("the loop goes on");
                Thread.ofPlatform()
                    .start(() -> {
                      completable.complete("completable");
                      plain.run();
                      stage.complete("stage");
                    });
              });
              trail.add(await(wrapFuture(completable)));
              assertThat(loop.isCurrent()).isTrue();
              trail.add(await(wrapFuture(plain)));
              trail.add(await(wrapFuture(stage.thenApply(text -> "a " + text))));
              assertThat(trail)
                  .containsExactly("the loop goes on", "completable", "plain", "a stage");
            }));
  }

  @EachEngine
  @Spec("HER-73")
  void cancellingTheOneWhoWaitsCancelsTheOther(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              CompletableFuture<String> completable = new CompletableFuture<>();
              Task<String> task = createTask(() -> await(wrapFuture(completable)));
              sleep(millis(0));
              task.cancel();
              assertThatExceptionOfType(CancelledError.class).isThrownBy(task::await);
              assertThat(completable).isCancelled();
            }));
  }

  // ---- from the loop to threads

  @EachEngine
  @Spec("HER-74")
  void aTaskSeenAsACompletableFuture(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Task<String> task =
                  createTask(() -> {
                    sleep(millis(1));
                    return "result";
                  });
              CompletableFuture<String> view = toCompletableFuture(task);
              assertThat(toThread(() -> view.get())).isEqualTo("result");

              Task<?> endless = createTask(() -> sleep(seconds(100)));
              CompletableFuture<?> ofEndless = toCompletableFuture(endless);
              sleep(millis(0));
              toThread(() -> ofEndless.cancel(false));
              assertThatExceptionOfType(CancelledError.class).isThrownBy(endless::await);
            }));
  }

  // ---- executors

  @EachEngine
  @Spec("HER-75")
  void functionsRunInAGivenOrTheDefaultExecutor(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          try (ExecutorService own = Executors.newSingleThreadExecutor(named("own"));
              ExecutorService other = Executors.newSingleThreadExecutor(named("other"))) {
            loop.runUntilComplete(() -> {
              assertThat(await(loop.runInExecutor(own, ExecutorFuturesTest::threadName)))
                  .isEqualTo("own");
              assertThat(await(loop.runInExecutor(null, ExecutorFuturesTest::threadName)))
                  .startsWith("asyncio-");
              loop.setDefaultExecutor(other);
              assertThat(await(loop.runInExecutor(null, ExecutorFuturesTest::threadName)))
                  .isEqualTo("other");
              own.shutdown();
              assertThatThrownBy(() -> loop.runInExecutor(own, () -> 1))
                  .isInstanceOf(RejectedExecutionException.class);
              loop.shutdownDefaultExecutor();
              assertThatIllegalStateException()
                  .isThrownBy(() -> loop.runInExecutor(null, () -> 1))
                  .withMessageContaining("Executor shutdown has been called");
            });
          }
        });
  }

  private static java.util.concurrent.ThreadFactory named(String name) {
    return Thread.ofPlatform().daemon().name(name).factory();
  }

  private static String threadName() {
    return Thread.currentThread().getName();
  }

  // ---- semantics

  @EachEngine
  @Spec("HER-76")
  void onTheLoopsSide(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          assertThat(future.isDone()).isFalse();
          future.setResult("result");
          assertThat(future.isDone()).isTrue();
          assertThat(future.isCancelled()).isFalse();
          assertThat(future.exception()).isNull();
          future.addDoneCallback(done -> trail.add("called with " + done.result()));
          assertThat(trail).as("not at once").isEmpty();
          sleep(millis(0));
          assertThat(trail).containsExactly("called with result");
          assertThatExceptionOfType(InvalidStateException.class)
              .isThrownBy(() -> future.setResult("again"));
          assertThat(future.cancel()).isFalse();
        });
  }

  @EachEngine
  @Spec("HER-76")
  void onTheThreadsSide(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Future<String> inner = loop.createFuture();
              CompletableFuture<String> future = toCompletableFuture(inner);
              toThread(() -> {
                assertThatExceptionOfType(java.util.concurrent.TimeoutException.class)
                    .isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
                assertThat(future.state()).isEqualTo(java.util.concurrent.Future.State.RUNNING);
              });
              inner.setException(new IllegalArgumentException("failed"));
              toThread(() -> {
                assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(IllegalArgumentException.class);
                assertThat(future.exceptionNow()).hasMessage("failed");
                future.whenComplete((_, _) -> trail.add("called at once"));
                assertThat(trail).containsExactly("called at once");
                assertThat(future.cancel(false)).isFalse();
              });
              CompletableFuture<Object> cancelled = toCompletableFuture(loop.createFuture());
              toThread(() -> {
                assertThat(cancelled.cancel(false)).isTrue();
                assertThatExceptionOfType(CancellationException.class).isThrownBy(cancelled::get);
              });
            }));
  }

  @EachEngine
  @Spec({"HER-77", "HER-81"})
  void waitingForSome(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<Integer> slow = createTask(() -> sleep(millis(200), 200));
          Task<Integer> fast = createTask(() -> sleep(millis(100), 100));
          Task<Integer> failing =
              createTask(() -> {
                sleep(millis(150));
                throw new IllegalStateException("failed");
              });
          List<Task<Integer>> all = List.of(slow, fast, failing);
          assertThat(Asyncio.wait(all, ReturnWhen.FIRST_COMPLETED).done()).containsExactly(fast);
          WaitResult<Task<Integer>> second = Asyncio.wait(all, ReturnWhen.FIRST_EXCEPTION);
          assertThat(second.done()).containsExactlyInAnyOrder(fast, failing);
          assertThat(second.pending()).containsExactly(slow);
          WaitResult<Task<Integer>> third = Asyncio.wait(all, ReturnWhen.ALL_COMPLETED);
          assertThat(third.done()).hasSize(3);
          assertThat(third.pending()).isEmpty();
          assertThat(failing.exception()).hasMessage("failed");

          List<Integer> completed = new ArrayList<>();
          List<Coroutine<Integer>> sleeps =
              List.of(() -> sleep(millis(200), 200), () -> sleep(millis(100), 100));
          for (var next : asCompleted(sleeps)) {
            completed.add(next.await());
          }
          assertThat(completed).containsExactly(100, 200);
        });
  }

  @EachEngine
  @Spec("HER-78")
  void theLoadOfTheDefaultExecutorCanBeRead(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            loop.setDefaultExecutor(two);
            loop.runUntilComplete(() -> {
              assertThat(loop.defaultExecutorLoad()).isEqualTo(new ExecutorLoad(0, 0));
              CyclicBarrier both = new CyclicBarrier(3);
              CountDownLatch gate = new CountDownLatch(1);
              List<Future<?>> calls = new ArrayList<>();
              for (int i = 0; i < 5; i++) {
                boolean first = i < 2;
                calls.add(
                    loop.runInExecutor(
                        null,
                        () -> {
                          if (first) {
                            both.await();
                            gate.await();
                          }
                        }));
              }
              loop.runInExecutor(
                      Executors.newVirtualThreadPerTaskExecutor(),
                      () -> {
                        both.await();
                      })
                  .await();
              assertThat(loop.defaultExecutorLoad()).isEqualTo(new ExecutorLoad(2, 3));
              gate.countDown();
              Asyncio.wait(calls);
            });
          }
          assertThat(loop.defaultExecutorLoad()).isEqualTo(new ExecutorLoad(0, 0));
        });
  }

  @EachEngine
  @Spec("HER-78")
  void debugModeWarnsOfCallsThatWaitLongForAThread(Engine engine) throws Exception {
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop -> {
            loop.setDebug(true);
            loop.setSlowCallbackDuration(millis(20));
            try (ExecutorService one = Executors.newSingleThreadExecutor()) {
              loop.setDefaultExecutor(one);
              loop.runUntilComplete(() -> {
                CountDownLatch gate = new CountDownLatch(1);
                Future<?> first = loop.runInExecutor(null, () -> gate.await());
                Future<?> second = loop.runInExecutor(null, () -> 2);
                sleep(millis(30));
                gate.countDown();
                Asyncio.wait(List.of(first, second));
              });
            }
          });
      assertThat(log.texts(Level.WARNING))
          .filteredOn(text -> text.contains("for a thread of the default executor"))
          .filteredOn(text -> !text.startsWith("asyncio.EventLoop")) // the start of its thread
          .singleElement()
          .asString()
          .contains(getClass().getName() + ".lambda waited 0.", "setDefaultExecutor");
    }
  }

  // ---- the loop as an executor

  @EachEngine
  @Spec("HER-120")
  void jobsRunOnTheLoopInTheOrderInWhichTheyCame(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              ScheduledExecutorService executor = loop.asExecutor();
              Future<Object> done = loop.createFuture();
              toThread(() -> {
                for (int i = 0; i < 3; i++) {
                  int number = i;
                  executor.execute(() -> trail.add(number + " on the loop: " + loop.isCurrent()));
                }
                assertThat(executor.submit(() -> "result").get()).isEqualTo("result");
                executor.execute(() -> done.setResult(null));
              });
              done.await();
              assertThat(trail)
                  .containsExactly(
                      "0 on the loop: true", "1 on the loop: true", "2 on the loop: true");
            }));
  }

  @EachEngine
  @Spec("HER-120")
  void delaysAreThoseOfTheLoopsClock(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          ScheduledExecutorService executor = getRunningLoop().asExecutor();
          executor.schedule(() -> trail.add("after 2 h"), 2, TimeUnit.HOURS);
          ScheduledFuture<String> one = executor.schedule(() -> "after 1 h", 1, TimeUnit.HOURS);
          assertThat(one.getDelay(TimeUnit.MINUTES)).isEqualTo(60);
          assertThat(await(wrapFuture(toStage(one)))).isEqualTo("after 1 h");
          ScheduledFuture<?> cancelled =
              executor.schedule(() -> trail.add("never"), 1, TimeUnit.MINUTES);
          cancelled.cancel(true);
          sleep(seconds(4_000));
          assertThat(trail).containsExactly("after 2 h");
          assertThat(cancelled.isCancelled()).isTrue();
        });
  }

  /** Completed by a job of the same loop, so nothing has to block for it. */
  private static CompletableFuture<String> toStage(ScheduledFuture<String> future) {
    CompletableFuture<String> stage = new CompletableFuture<>();
    createTask(() -> {
      while (!future.isDone()) {
        sleep(seconds(60));
      }
      stage.complete(future.resultNow());
    });
    return stage;
  }

  @EachEngine
  @Spec("HER-120")
  void periodicJobsRunUntilTheyFailOrAreCancelled(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          ScheduledExecutorService executor = getRunningLoop().asExecutor();
          long start = getRunningLoop().time();
          ScheduledFuture<?> rate =
              executor.scheduleAtFixedRate(
                  () -> trail.add((getRunningLoop().time() - start) / 1_000_000_000),
                  1,
                  2,
                  TimeUnit.SECONDS);
          ScheduledFuture<?> failing =
              executor.scheduleWithFixedDelay(
                  () -> {
                    throw new IllegalStateException("failed");
                  },
                  1,
                  1,
                  TimeUnit.SECONDS);
          sleep(seconds(6));
          rate.cancel(false);
          sleep(seconds(6));
          assertThat(trail).containsExactly(1L, 3L, 5L);
          assertThat(failing.exceptionNow()).hasMessage("failed");
          assertThatThrownBy(() -> executor.scheduleAtFixedRate(() -> {}, 1, 0, TimeUnit.SECONDS))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @EachEngine
  @Spec("HER-120")
  void anExecutorThatIsShutDownFinishesWhatItHas(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              ScheduledExecutorService executor = loop.asExecutor();
              executor.execute(() -> trail.add("a job"));
              executor.schedule(() -> trail.add("a later job"), 1, TimeUnit.MILLISECONDS);
              ScheduledFuture<?> periodic =
                  executor.scheduleAtFixedRate(() -> trail.add("never"), 1, 1, TimeUnit.HOURS);
              executor.shutdown();
              assertThat(executor.isShutdown()).isTrue();
              assertThat(executor.isTerminated()).isFalse();
              assertThat(periodic.isCancelled()).isTrue();
              assertThatExceptionOfType(RejectedExecutionException.class)
                  .isThrownBy(() -> executor.execute(() -> trail.add("never")))
                  .withMessageContaining("is shut down");
              assertThat(toThread(() -> executor.awaitTermination(20, TimeUnit.SECONDS))).isTrue();
              assertThat(trail).containsExactly("a job", "a later job");
              assertThat(loop.isRunning()).isTrue();

              ScheduledExecutorService dropped = loop.asExecutor();
              Runnable job = () -> trail.add("never");
              dropped.execute(job);
              ScheduledFuture<?> later = dropped.schedule(job, 1, TimeUnit.MILLISECONDS);
              assertThat(dropped.shutdownNow()).hasSize(2).contains(job);
              assertThat(dropped.isTerminated()).isTrue();
              assertThat(later.isCancelled()).isTrue();
              sleep(millis(5));
              assertThat(trail).hasSize(2);
            }));
  }

  @EachEngine
  @Spec("HER-120")
  void afterTheLoopIsClosedJobsAreRefused(Engine engine) throws Exception {
    ScheduledExecutorService[] executor = new ScheduledExecutorService[1];
    Loops.with(engine, loop -> executor[0] = loop.asExecutor());
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> executor[0].execute(() -> {}))
        .withMessageContaining("closed");
  }
}
