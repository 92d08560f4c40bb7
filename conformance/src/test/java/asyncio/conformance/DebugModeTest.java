package asyncio.conformance;

import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.onOtherThread;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Context;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DBG: what debug mode checks, measures and remembers. */
class DebugModeTest {

  /**
   * Prints whether new loops are in debug mode, for several values of the property; runs in a JVM
   * of its own.
   */
  static final class Probe {
    public static void main(String[] args) {
      List<Boolean> found = new ArrayList<>();
      for (String property : new String[] {null, "", "true", "false"}) {
        if (property != null) {
          System.setProperty("asyncio.debug", property);
        }
        var loop = LoopKind.preferred().newLoop(Engine.PORTABLE);
        found.add(loop.isDebug());
        loop.close();
      }
      System.out.print(found);
    }
  }

  @ParameterizedTest(name = "variable {0}={1}: {2} without the property")
  @CsvSource(
      nullValues = "-",
      value = {
        "PYTHONASYNCIODEBUG, -, false",
        "PYTHONASYNCIODEBUG, 1, true",
        "PYTHONASYNCIODEBUG, 0, true",
        "PYTHONASYNCIODEBUG, '', false",
        "ASYNCIO_DEBUG, 1, true",
        "ASYNCIO_DEBUG, '', false"
      })
  @Spec({"DBG-1", "DBG-2"})
  @Tag("slow")
  void debugModeOfANewLoopComesFromThePropertyOrElseTheVariable(
      String name, String value, boolean expected) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Probe.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("PYTHONASYNCIODEBUG");
    builder.environment().remove("ASYNCIO_DEBUG");
    if (value != null) {
      builder.environment().put(name, value);
    }
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    // The property, once it is there, decides: empty and true are on, false is off.
    assertThat(printed).isEqualTo("[" + expected + ", true, true, false]");
  }

  @EachEngine
  @Spec("DBG-3")
  void debugModeCanBeSwitchedAtAnyTime(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(true);
          assertThat(loop.isDebug()).isTrue();
          loop.setDebug(false);
          assertThat(loop.isDebug()).isFalse();
          loop.callSoon(() -> loop.setDebug(true));
          runOnce(loop);
          assertThat(loop.isDebug()).isTrue();
          loop.runUntilComplete(() -> {
            assertThat(loop.isDebug()).isTrue();
            loop.setDebug(false);
          });
          assertThat(loop.isDebug()).isFalse();
        });
  }

  @EachEngine
  @Spec("DBG-4")
  void schedulingFromAnotherThreadIsRefusedWhileTheLoopRuns(Engine engine) throws Exception {
    for (boolean debug : List.of(true, false)) { // the check is always on
      with(
          engine,
          loop -> {
            loop.setDebug(debug);
            try (var _ = new Loops.Background(loop)) {
              assertSchedulingRefused(loop); // a thread without a loop
              with(
                  engine,
                  other -> {
                    List<String> trail = new ArrayList<>();
                    other.callSoon(() -> {
                      assertSchedulingRefused(loop); // a callback of another loop
                      trail.add("callback");
                    });
                    other.runUntilComplete(() -> {
                      assertSchedulingRefused(loop); // a task of another loop
                      trail.add("task");
                    });
                    assertThat(trail).containsExactly("callback", "task");
                  });
            }
          });
    }
  }

  private static void assertSchedulingRefused(EventLoop loop) {
    assertRefused("Non-thread-safe operation: callSoon was", () -> loop.callSoon(() -> {}));
    assertRefused(
        "Non-thread-safe operation: callSoon was", () -> loop.callSoon(new Context(), () -> {}));
    assertRefused(
        "Non-thread-safe operation: callLater was", () -> loop.callLater(Duration.ZERO, () -> {}));
    assertRefused("Non-thread-safe operation: callAt was", () -> loop.callAt(0, () -> {}));
    assertRefused("Non-thread-safe operation: createTask was", () -> loop.createTask(() -> "x"));
  }

  @EachEngine
  @Spec("DBG-5")
  void loopThatDoesNotRunTakesCallsFromAnyThread(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.setDebug(true);
          onOtherThread(() -> {
            loop.callSoon(() -> trail.add("soon"));
            loop.callLater(Duration.ZERO, () -> trail.add("later"));
            loop.callAt(0, () -> trail.add("at"));
          });
          runOnce(loop);
          assertThat(trail).containsExactly("soon", "at", "later");
        });
  }

  @EachEngine
  @Spec("DBG-7")
  void whatCannotBeCalledIsRefused(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(true);
          List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls =
              List.of(
                  () -> loop.callSoon(null),
                  () -> loop.callSoon(new Context(), null),
                  () -> loop.callSoonThreadsafe(null),
                  () -> loop.callLater(Duration.ZERO, null),
                  () -> loop.callAt(0, null));
          for (var call : calls) {
            assertThatThrownBy(call)
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("callback");
          }
          assertThatThrownBy(() -> loop.runInExecutor(null, (Callable<String>) null))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("call");
        });
  }

  @Test
  @Spec("DBG-7")
  void coroutineIsNoCallback() {
    String given = "EventLoop loop = null; Coroutine<String> coroutine = () -> \"x\"; ";
    Snippet.rejects(given + "loop.callSoon(coroutine);");
    Snippet.rejects(given + "loop.callSoonThreadsafe(coroutine);");
    Snippet.rejects(given + "loop.callLater(Duration.ZERO, coroutine);");
    Snippet.rejects(given + "loop.callAt(0, coroutine);");
    Snippet.rejects(given + "loop.runInExecutor(null, coroutine);");
    Snippet.rejects("EventLoop loop = null; loop.callSoon(60);");
  }

  @EachEngine
  @Spec({"DBG-8", "DBG-10"})
  void slowCallbackIsLoggedWithItsTextAndTime(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var log = new LogCapture()) {
            assertThat(loop.slowCallbackDuration()).isEqualTo(Duration.ofMillis(100));
            loop.setDebug(true);
            loop.setSlowCallbackDuration(Duration.ofMillis(5));
            assertThat(loop.slowCallbackDuration()).isEqualTo(Duration.ofMillis(5));
            var slow = new Slow(Duration.ofMillis(6));
            loop.callSoon(slow);
            loop.callLater(Duration.ZERO, slow);
            runOnce(loop);
            assertThat(log.texts(Level.WARNING))
                .satisfiesExactly(
                    text ->
                        assertThat(text)
                            .matches(
                                "Executing <Handle asyncio.conformance.DebugModeTest\\$Slow\\(\\).*> took 0\\.\\d{3} seconds"),
                    text ->
                        assertThat(text)
                            .matches(
                                "Executing <TimerHandle when=\\d+ .*Slow.*> took 0\\.\\d{3} seconds"));
            assertThat(secondsIn(log.texts(Level.WARNING).getFirst())).isBetween(0.006, 10.0);

            loop.setSlowCallbackDuration(Duration.ofHours(1));
            loop.callSoon(slow);
            runOnce(loop);
            assertThat(log.texts(Level.WARNING)).as("not slow enough").hasSize(2);

            loop.setSlowCallbackDuration(Duration.ZERO);
            loop.callSoon(() -> {});
            runOnce(loop);
            assertThat(log.texts(Level.WARNING)).as("at least that long").hasSize(3);

            loop.setDebug(false);
            loop.callSoon(slow);
            runOnce(loop);
            assertThat(log.texts(Level.WARNING)).as("not in debug mode").hasSize(3);
          }
        });
  }

  private static double secondsIn(String text) {
    return Double.parseDouble(text.replaceFirst(".* took (\\S+) seconds", "$1"));
  }

  private record Slow(Duration busy) implements Runnable {
    @Override
    public void run() {
      long end = System.nanoTime() + busy.toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  @EachEngine
  @Spec("DBG-9")
  void slowStepIsLoggedAsItsTask(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var log = new LogCapture()) {
            loop.setDebug(true);
            loop.setSlowCallbackDuration(Duration.ofMillis(5));
            Task<?> task =
                loop.createTask(
                    () -> new Slow(Duration.ofMillis(6)).run(), TaskOptions.named("the slow one"));
            loop.runUntilComplete(task);
            assertThat(log.texts(Level.WARNING))
                .singleElement()
                .asString()
                .startsWith("Executing <Task finished ")
                .contains("name='the slow one'")
                .endsWith("seconds");
          }
        });
  }

  @EachEngine
  @Spec("DBG-11")
  void handlesFuturesAndTasksRememberWhereTheyWereMade(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          loop.setDebug(true);
          failDeep(loop, 20);
          runOnce(loop);
          assertThat(reports).hasSize(1);
          @SuppressWarnings("unchecked")
          var stack =
              (List<StackTraceElement>) reports.getFirst().get(ErrorContext.SOURCE_TRACEBACK);
          assertThat(stack).hasSize(10);
          assertThat(stack)
              .allSatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("failDeep"));
          assertThat(stack.getFirst().getLineNumber())
              .as("innermost first: the line that schedules, not the one that recurses")
              .isNotEqualTo(stack.get(1).getLineNumber());

          List<String> trail = new ArrayList<>();
          loop.runUntilComplete(() -> {
            trail.add(new Future<String>().toString());
            trail.add(loop.createFuture().toString());
            trail.add(loop.createTask(() -> {}).toString());
            trail.add(asyncio.Asyncio.createTask(() -> {}).toString());
            trail.add(loop.callLater(Duration.ofHours(1), () -> {}).toString());
          });
          assertThat(trail)
              .hasSize(5)
              .allMatch(text -> text.matches(".* created at DebugModeTest.java:\\d+.*"));

          loop.setDebug(false);
          assertThat(loop.createFuture().toString()).doesNotContain("created at");
        });
  }

  private static void failDeep(EventLoop loop, int depth) {
    if (depth > 0) {
      failDeep(loop, depth - 1);
    } else {
      loop.callSoon(() -> {
        throw new IllegalStateException();
      });
    }
  }

  @EachEngine
  @Spec("DBG-12")
  void textFormsShowTheInnermostEntry(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(true);
          int line = new Throwable().getStackTrace()[0].getLineNumber();
          Future<String> future = loop.createFuture();
          Task<?> task = loop.createTask(() -> {}, TaskOptions.named("t"));
          assertThat(future)
              .hasToString("<Future pending created at DebugModeTest.java:" + (line + 1) + ">");
          assertThat(task.toString())
              .endsWith(" created at DebugModeTest.java:" + (line + 2) + ">");
          runOnce(loop);
          assertThat(task.toString())
              .endsWith(" created at DebugModeTest.java:" + (line + 2) + ">");
        });
  }

  @EachEngine
  @Spec("DBG-19")
  void closingIsLoggedInDebugMode(Engine engine) {
    try (var log = new LogCapture()) {
      var quiet = LoopKind.preferred().newLoop(engine);
      quiet.setDebug(false);
      quiet.close();
      assertThat(log.records()).isEmpty();

      var loop = LoopKind.preferred().newLoop(engine);
      loop.setDebug(true);
      loop.close();
      loop.close();
      assertThat(log.texts(Level.FINE)) // the level DEBUG
          .singleElement()
          .asString()
          .startsWith("close <" + loop.getClass().getSimpleName());
    }
  }
}
