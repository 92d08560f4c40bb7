package asyncio.conformance;

import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.ExceptionHandler;
import asyncio.Handle;
import asyncio.KeyboardInterrupt;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** EXC: exception handlers, the custom and the default one. */
class ExceptionHandlerTest {
  private final List<Object> trail = new ArrayList<>();

  @EachEngine
  @Spec({"EXC-1", "EXC-2"})
  void handlerIsTheOneThatWasSetOrNull(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          assertThat(loop.exceptionHandler()).isNull();
          ExceptionHandler handler = (_, _) -> {};
          loop.setExceptionHandler(handler);
          assertThat(loop.exceptionHandler()).isSameAs(handler);
          loop.setExceptionHandler(null);
          assertThat(loop.exceptionHandler()).isNull();
          Snippet.rejects("EventLoop loop = null; loop.setExceptionHandler(\"no handler\");");
          Snippet.accepts("EventLoop loop = null; loop.setExceptionHandler((l, context) -> {});");
        });
  }

  @EachEngine
  @Spec("EXC-3")
  void customHandlerGetsTheLoopAndTheVeryContextInPlaceOfTheDefaultOne(Engine engine)
      throws Exception {
    with(
        engine,
        loop -> {
          loop.setExceptionHandler((of, context) -> {
            trail.add(of);
            trail.add(context);
          });
          var context = new ErrorContext("a report");
          loop.callExceptionHandler(context);
          assertThat(trail).hasSize(2);
          assertThat(trail.get(0)).isSameAs(loop);
          assertThat(trail.get(1)).isSameAs(context);
        }); // with() fails if the default handler is called
  }

  @EachEngine
  @Spec("EXC-3")
  void defaultHandlerIsCalledIfNoneIsSet(Engine engine) {
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public void defaultExceptionHandler(ErrorContext context) {
            trail.add(context);
          }
        };
    var context = new ErrorContext("a report");
    loop.callExceptionHandler(context);
    assertThat(trail).containsExactly(context);
    loop.close();
  }

  @Test
  @Spec("EXC-4")
  void keysAreThoseOfTheSpecificationAndOthersAreAllowed() throws Exception {
    List<String> keys = new ArrayList<>();
    for (var field : ErrorContext.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        keys.add((String) field.get(null));
      }
    }
    assertThat(keys)
        .containsExactlyInAnyOrder(
            "message exception future task handle protocol transport socket asyncgen source_traceback handle_traceback task_group context"
                .split(" "));

    var exception = new RuntimeException();
    ErrorContext context =
        new ErrorContext("text")
            .with(ErrorContext.EXCEPTION, exception)
            .with("my own", 7)
            .with("absent", null);
    assertThat(context.message()).isEqualTo("text");
    assertThat(context.exception()).isSameAs(exception);
    assertThat(context.asMap()).containsOnlyKeys("message", "exception", "my own");
    assertThat(context.get("my own")).isEqualTo(7);
    assertThat(context.get("unknown")).isNull();
  }

  @EachEngine
  @Spec({"EXC-5", "EXC-7"})
  void defaultHandlerWritesOneErrorRecordWithSortedKeys(Engine engine) throws Exception {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.setDebug(false);
    try (var log = new LogCapture()) {
      var failure = new IllegalStateException("its own");
      loop.callExceptionHandler(
          new ErrorContext("It went wrong")
              .with("zebra", "last")
              .with(ErrorContext.EXCEPTION, failure)
              .with(ErrorContext.TRANSPORT, "a transport")
              .with("apple", "first"));
      loop.callExceptionHandler(new ErrorContext("Without exception").with("number", 1));

      List<LogRecord> records = log.records();
      assertThat(records)
          .hasSize(2)
          .allMatch(each -> each.getLevel().equals(Level.SEVERE)); // the level ERROR
      assertThat(records).allMatch(each -> each.getLoggerName().equals("asyncio"));
      assertThat(records.get(0).getMessage())
          .isEqualTo("It went wrong\napple: first\ntransport: a transport\nzebra: last");
      assertThat(records.get(0).getThrown()).isSameAs(failure);
      assertThat(records.get(1).getMessage()).isEqualTo("Without exception\nnumber: 1");
      assertThat(records.get(1).getThrown()).isNull();
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("EXC-6")
  void defaultHandlerHasATextForReportsWithoutMessage(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    try (var log = new LogCapture()) {
      loop.callExceptionHandler(new ErrorContext().with("key", "value"));
      assertThat(log.texts(Level.SEVERE))
          .containsExactly("Unhandled exception in event loop\nkey: value");
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("EXC-8")
  void tracebacksAreWrittenAsStackListings(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    List<StackTraceElement> stack = Arrays.asList(new Throwable().getStackTrace()).subList(0, 2);
    try (var log = new LogCapture()) {
      loop.callExceptionHandler(
          new ErrorContext("text")
              .with(ErrorContext.SOURCE_TRACEBACK, stack)
              .with(ErrorContext.HANDLE_TRACEBACK, stack));
      String listing = "(innermost call first):\n    " + stack.get(0) + "\n    " + stack.get(1);
      assertThat(log.texts(Level.SEVERE))
          .containsExactly("text\nHandle created at " + listing + "\nObject created at " + listing);
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("EXC-9")
  void inDebugModeTheDefaultHandlerSaysWhereTheRunningCallbackCameFrom(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    try (var log = new LogCapture()) {
      loop.setDebug(true);
      int line = new Throwable().getStackTrace()[0].getLineNumber() + 1;
      loop.callSoon(() -> loop.callExceptionHandler(new ErrorContext("from a callback")));
      loop.callSoon(() ->
          loop.callExceptionHandler(
              new ErrorContext("with a place of its own")
                  .with(ErrorContext.SOURCE_TRACEBACK, List.of("here"))));
      runOnce(loop);
      loop.callExceptionHandler(new ErrorContext("outside a callback"));
      List<String> texts = log.texts(Level.SEVERE);

      assertThat(texts).hasSize(3);
      assertThat(texts.get(0).lines().limit(3))
          .satisfies(lines -> {
            assertThat(lines.get(0)).isEqualTo("from a callback");
            assertThat(lines.get(1)).startsWith("Handle created at");
            assertThat(lines.get(2)).contains("ExceptionHandlerTest.java:" + line);
          });
      assertThat(texts.get(1)).contains("Object created at").doesNotContain("Handle created at");
      assertThat(texts.get(2)).isEqualTo("outside a callback");

      loop.setDebug(false);
      loop.callSoon(() -> loop.callExceptionHandler(new ErrorContext("without debug mode")));
      runOnce(loop);
      assertThat(log.texts(Level.SEVERE)).last().isEqualTo("without debug mode");
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("EXC-10")
  void failureOfTheCustomHandlerGoesToTheDefaultOne(Engine engine) {
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public void defaultExceptionHandler(ErrorContext context) {
            trail.add(context);
          }
        };
    var original = new ErrorContext("a report");
    var failure = new AssertionError("the handler is broken");
    loop.setExceptionHandler((_, _) -> {
      throw failure;
    });
    loop.callExceptionHandler(original);

    assertThat(trail).hasSize(1);
    var report = (ErrorContext) trail.getFirst();
    assertThat(report.message()).containsIgnoringCase("error in exception handler");
    assertThat(report.exception()).isSameAs(failure);
    assertThat(report.get(ErrorContext.CONTEXT)).isSameAs(original);
    loop.close();
  }

  @EachEngine
  @Spec("EXC-11")
  void failureOfTheDefaultHandlerIsLoggedAndTheLoopGoesOn(Engine engine) {
    var failure = new IllegalStateException("the default handler is broken");
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public void defaultExceptionHandler(ErrorContext context) {
            throw failure;
          }
        };
    try (var log = new LogCapture()) {
      loop.callSoon(() -> {
        throw new IllegalArgumentException("the callback is broken");
      });
      loop.callSoon(() -> trail.add("goes on"));
      runOnce(loop);
      assertThat(log.records(Level.SEVERE))
          .extracting(LogRecord::getThrown)
          .containsExactly(failure);

      loop.setExceptionHandler((_, _) -> {
        throw new IllegalArgumentException("the custom handler is broken too");
      });
      loop.callExceptionHandler(new ErrorContext("a report"));
      assertThat(log.records(Level.SEVERE))
          .extracting(LogRecord::getThrown)
          .containsExactly(failure, failure);
      assertThat(trail).containsExactly("goes on");
    } finally {
      loop.close();
    }
  }

  @EachEngine
  @Spec("EXC-12")
  void exitThrowableOfAHandlerLeavesTheRun(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var exit = new KeyboardInterrupt();
          loop.setExceptionHandler((_, _) -> {
            throw exit;
          });
          loop.callSoon(() -> {
            throw new IllegalStateException();
          });
          loop.callSoon(() -> trail.add("next run"));
          assertThatThrownBy(loop::runForever).isSameAs(exit);
          assertThat(trail).isEmpty();
          runOnce(loop);
          assertThat(trail).containsExactly("next run");
        });
  }

  @EachEngine
  @Spec("EXC-12")
  void exitThrowableOfTheDefaultHandlerLeavesTheRun(Engine engine) {
    var exit = new KeyboardInterrupt();
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          public void defaultExceptionHandler(ErrorContext context) {
            throw exit;
          }
        };
    loop.callSoon(() -> {
      throw new IllegalStateException();
    });
    assertThatThrownBy(loop::runForever).isSameAs(exit);
    loop.close();
  }

  @EachEngine
  @Spec("EXC-13")
  void customHandlerRunsInTheContextOfWhatIsNamed(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var name = new ContextVar<String>("name", "nowhere");
          loop.setExceptionHandler((_, _) -> trail.add(name.get()));
          Handle handle = loop.callSoon(contextWith(name, "handle"), () -> {});
          Task<?> task =
              loop.createTask(
                  () -> {}, TaskOptions.named("t").withContext(contextWith(name, "task")));
          Task<?> asFuture =
              loop.createTask(
                  () -> {}, TaskOptions.named("f").withContext(contextWith(name, "future")));
          var all =
              new ErrorContext("all")
                  .with(ErrorContext.HANDLE, handle)
                  .with(ErrorContext.FUTURE, asFuture)
                  .with(ErrorContext.TASK, task);
          loop.callExceptionHandler(all);
          loop.callExceptionHandler(
              new ErrorContext("two")
                  .with(ErrorContext.HANDLE, handle)
                  .with(ErrorContext.FUTURE, asFuture));
          loop.callExceptionHandler(new ErrorContext("one").with(ErrorContext.HANDLE, handle));
          loop.callExceptionHandler(new ErrorContext("none"));
          runOnce(loop);
          assertThat(trail).containsExactly("task", "future", "handle", "nowhere");

          trail.clear();
          loop.callSoon(() -> {
            name.set("set by the callback");
            throw new IllegalStateException();
          });
          runOnce(loop);
          assertThat(trail).containsExactly("set by the callback");
        });
  }

  @EachEngine
  @Spec("EXC-13")
  void reportOfAnUnretrievedExceptionRunsInTheContextOfTheTaskThatIsGone(Engine engine)
      throws Exception {
    with(
        engine,
        loop -> {
          var name = new ContextVar<String>("name", "nowhere");
          loop.setExceptionHandler((_, _) -> trail.add(name.get()));
          loop.createTask(() -> {
            name.set("set by the task");
            throw new IllegalStateException();
          });
          runOnce(loop);
          runOnce(loop);
          Memory.collectUntil(() -> {
            runOnce(loop);
            return !trail.isEmpty();
          });
          assertThat(trail).containsExactly("set by the task");
        });
  }

  private static Context contextWith(ContextVar<String> variable, String value) {
    var context = new Context();
    context.run(() -> {
      variable.set(value);
    });
    return context;
  }

  @EachEngine
  @Spec("EXC-14")
  void anybodyMayReportAtAnyTimeAndTheLoopGoesOn(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setExceptionHandler((_, context) -> trail.add(context.message()));
          loop.callExceptionHandler(new ErrorContext("outside a run"));
          loop.callSoon(() -> loop.callExceptionHandler(new ErrorContext("in a callback")));
          loop.callSoon(() -> trail.add("goes on"));
          loop.runUntilComplete(() -> loop.callExceptionHandler(new ErrorContext("in a task")));
          assertThat(trail)
              .containsExactly("outside a run", "in a callback", "goes on", "in a task");
        });
  }
}
