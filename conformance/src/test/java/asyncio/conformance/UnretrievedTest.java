package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** DBG: exceptions that nobody retrieves, and tasks that nobody awaits. */
class UnretrievedTest {

  @EachEngine
  @Spec({"DBG-12", "DBG-13"})
  void exceptionThatNobodyRetrievesIsReported(Engine engine) throws Exception {
    for (boolean debug : List.of(false, true)) {
      with(
          engine,
          loop -> {
            loop.setDebug(debug);
            List<ErrorContext> reports = collectReports(loop);
            var ofFuture = new IllegalStateException("of a future");
            var ofTask = new IllegalStateException("of a task");
            loop.createFuture().setException(ofFuture);
            loop.createTask(
                () -> {
                  throw ofTask;
                },
                TaskOptions.named("lost"));
            awaitReports(loop, reports, 2);

            ErrorContext future = reportOf(reports, ofFuture);
            assertThat(future.message()).isEqualTo("Future exception was never retrieved");
            assertThat(future.get(ErrorContext.FUTURE))
                .isInstanceOfSatisfying(
                    Future.class, gone -> assertThat(gone.exception()).isSameAs(ofFuture))
                .asString()
                .startsWith(
                    "<Future finished exception=java.lang.IllegalStateException: of a future");
            ErrorContext task = reportOf(reports, ofTask);
            assertThat(task.message()).isEqualTo("Task exception was never retrieved");
            assertThat(task.get(ErrorContext.FUTURE))
                .asString()
                .startsWith("<Task finished")
                .contains("name='lost'");
            for (ErrorContext report : reports) {
              List<String> keys = new ArrayList<>(List.of("message", "exception", "future"));
              if (debug) {
                keys.add("source_traceback");
                assertThat(report.get(ErrorContext.SOURCE_TRACEBACK))
                    .asString()
                    .contains("UnretrievedTest.java");
              }
              assertThat(report.asMap()).containsOnlyKeys(keys);
            }
          });
    }
  }

  @EachEngine
  @Spec("DBG-13")
  void reportComesOnTheThreadOfTheLoopWhileItRuns(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Thread> threads = new java.util.concurrent.CopyOnWriteArrayList<>();
          loop.setExceptionHandler((of, _) ->
              threads.add(asyncio.Asyncio.getRunningLoop() == of ? null : Thread.currentThread()));
          try (var _ = new Loops.Background(loop)) {
            loop.callSoonThreadsafe(
                () -> loop.createFuture().setException(new IllegalStateException()));
            assertThat(Memory.collectUntil(() -> !threads.isEmpty())).isTrue();
          }
          assertThat(threads).containsOnlyNulls();
        });
  }

  @EachEngine
  @Spec("DBG-14")
  void retrievedExceptionIsNotReported(Engine engine) throws Exception {
    assertOnlyTheControlIsReported(
        engine,
        failed -> assertThatThrownBy(failed::result).isInstanceOf(IllegalStateException.class),
        failed -> assertThat(failed.exception()).isInstanceOf(IllegalStateException.class),
        failed -> assertThat(failed.cancel()).isFalse(),
        failed ->
            assertThatThrownBy(() -> failed.loop().runUntilComplete(failed))
                .isInstanceOf(IllegalStateException.class),
        failed ->
            failed
                .loop()
                .runUntilComplete(() -> {
                  assertThatThrownBy(() -> await(failed)).isInstanceOf(IllegalStateException.class);
                }),
        failed -> assertThatThrownBy(failed::get).hasCauseInstanceOf(IllegalStateException.class),
        failed -> assertThat(failed.exceptionNow()).isInstanceOf(IllegalStateException.class));
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static void assertOnlyTheControlIsReported(
      Engine engine, Consumer<Future<?>>... retrievals) throws Exception {
    with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          for (Consumer<Future<?>> retrieval : retrievals) {
            Future<?> failed = loop.createFuture();
            failed.setException(new IllegalStateException("retrieved"));
            retrieval.accept(failed);
            Task<?> task =
                loop.createTask(() -> {
                  throw new IllegalStateException("retrieved");
                });
            runOnce(loop);
            retrieval.accept(task);
          }
          awaitControl(loop, reports, _ -> true);
        });
  }

  /** Makes a future that will be reported, so that the others before it would have been too. */
  private static void awaitControl(
      EventLoop loop, List<ErrorContext> reports, Predicate<ErrorContext> counted)
      throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      loop.createFuture().setException(new AssertionError("control"));
      int expected = i + 1;
      assertThat(
              Memory.collectUntil(() -> {
                runOnce(loop);
                return reports.stream()
                        .filter(each -> each.exception() instanceof AssertionError)
                        .count()
                    == expected;
              }))
          .isTrue();
    }
    assertThat(reports.stream().filter(counted))
        .allMatch(each -> each.exception() instanceof AssertionError);
  }

  @EachEngine
  @Spec("DBG-15")
  void abandonedPendingFuturesAndUnreadResultsAreNotReported(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          loop.createFuture();
          loop.createFuture().setResult("unread");
          loop.createFuture().cancel();
          loop.createTask(() -> "unread");
          runOnce(loop);
          awaitControl(loop, reports, _ -> true);
        });
  }

  @EachEngine
  @Spec("DBG-16")
  void pendingTaskIsReportedWhenItsLoopIsClosed(Engine engine) throws Exception {
    for (boolean debug : List.of(false, true)) {
      List<ErrorContext> reports = new ArrayList<>();
      Task<?>[] pending = new Task<?>[2];
      with(
          engine,
          loop -> {
            loop.setDebug(debug);
            loop.setExceptionHandler((_, context) -> reports.add(context));
            pending[0] = loop.createTask(() -> await(new Future<>()));
            loop.createTask(() -> "finished");
            runOnce(loop);
            pending[1] = loop.createTask(() -> "never begun");
            assertThat(reports).isEmpty();
          });

      assertThat(reports)
          .extracting(report -> report.get(ErrorContext.TASK))
          .containsExactly((Object[]) pending);
      for (ErrorContext report : reports) {
        assertThat(report.message()).contains("Task was destroyed but it is pending");
        assertThat(report.asMap())
            .containsOnlyKeys(
                debug
                    ? List.of("message", "task", "source_traceback")
                    : List.of("message", "task"));
      }
    }
  }

  @EachEngine
  @Spec("DBG-17")
  void tasksThatTheLibraryMadeForTheCallerAreExempt(Engine engine) throws Exception {
    List<ErrorContext> reports = new ArrayList<>();
    Task<?>[] own = new Task<?>[1];
    with(
        engine,
        loop -> {
          loop.setExceptionHandler((_, context) -> reports.add(context));
          loop.callLater(Duration.ofMillis(1), loop::stop);
          assertRefused(
              "stopped before",
              () ->
                  loop.runUntilComplete(() -> {
                    own[0] = loop.createTask(() -> await(new Future<>()));
                    gather(() -> sleep(Duration.ofHours(1)), () -> sleep(Duration.ofHours(1)));
                    await(new Future<>());
                  }));
        });
    assertThat(reports)
        .extracting(report -> report.get(ErrorContext.TASK))
        .containsExactly((Object) own[0]);
  }

  private static void awaitReports(EventLoop loop, List<ErrorContext> reports, int count)
      throws InterruptedException {
    assertThat(
            Memory.collectUntil(() -> {
              runOnce(loop);
              return reports.size() >= count;
            }))
        .as("reports: " + reports)
        .isTrue();
  }

  private static ErrorContext reportOf(List<ErrorContext> reports, Throwable exception) {
    return reports.stream().filter(each -> each.exception() == exception).findFirst().orElseThrow();
  }
}
