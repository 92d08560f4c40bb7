package asyncio;

import asyncio.internal.vthread.Fiber;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs exception handlers and writes log records.
 *
 * <p>Both may take locks that user code holds, so on the loop's thread they run in a short-lived
 * coroutine, stepped at once: normally it has ended when {@link #inOwnTask} returns; if it meets a
 * lock that a suspended task holds, the loop goes on without it, so that the task can release the
 * lock.
 */
final class Reports implements Fiber.Body, InLoop {
  private final AbstractEventLoop loop;
  private final Runnable work;
  private final Handle handle;
  private final Fiber fiber;
  private boolean ended;
  private @Nullable Throwable thrown;

  private Reports(AbstractEventLoop loop, Runnable work) {
    this.loop = loop;
    this.work = work;
    Handle outer = loop.runningHandle;
    this.handle = new Handle(loop, outer == null ? null : outer.context, null);
    this.handle.debugInfo =
        outer == null
            ? null
            : outer.debugInfo; // a report says where the reporting callback came from
    this.fiber = loop.coroutines.newFiber(this, null);
  }

  /** Runs {@code work} now; throws what it throws, if it ends at once. */
  static void inOwnTask(AbstractEventLoop loop, Runnable work) {
    if (loop.engine() != Engine.DIRECT || !loop.isCurrent() || Fiber.current() != null) {
      work.run();
      return;
    }
    Reports report = new Reports(loop, work);
    report.mount(false);
    if (report.thrown != null) {
      throw Throwables.rethrow(report.thrown);
    }
  }

  private void mount(boolean unblocked) {
    Handle outerHandle = loop.runningHandle;
    Thread outerThread = loop.activeThread;
    loop.runningHandle = handle;
    loop.activeThread = fiber.thread();
    try {
      if (unblocked) {
        fiber.resumeBlocked();
      } else {
        fiber.resume();
      }
    } finally {
      loop.runningHandle = outerHandle;
      loop.activeThread = outerThread;
    }
  }

  @Override
  public void runBody() {
    try {
      work.run();
    } catch (Throwable t) {
      thrown = t;
    }
    ended = true;
  }

  @Override
  public void unblocked() {
    loop.enqueueFromAnywhere(new Unblocked(this, this::mountUnlessEnded));
  }

  private void mountUnlessEnded() {
    if (!ended) {
      mount(true);
    }
  }

  @Override
  public void interruptedWhileSuspended() {}

  @Override
  public AbstractEventLoop loop() {
    return loop;
  }

  @Override
  public Handle handle() {
    return handle;
  }

  @Override
  public @Nullable TaskStepper stepper() {
    return null;
  }

  // ---- handlers

  /**
   * Calls the handler in force; a handler that fails is reported to the default one (EXC-10 to
   * EXC-13).
   */
  static void handle(
      AbstractEventLoop loop, @Nullable ExceptionHandler handler, ErrorContext context) {
    if (handler == null) {
      handleByDefault(loop, context);
      return;
    }
    try {
      callInItsContext(loop, handler, context);
    } catch (Throwable t) {
      if (Throwables.isExit(t)) {
        throw t;
      }
      handleByDefault(
          loop,
          new ErrorContext("Unhandled error in exception handler")
              .with(ErrorContext.EXCEPTION, t)
              .with(ErrorContext.CONTEXT, context));
    }
  }

  private static void handleByDefault(AbstractEventLoop loop, ErrorContext context) {
    try {
      loop.defaultExceptionHandler(context);
    } catch (Throwable t) {
      if (Throwables.isExit(t)) {
        throw t;
      }
      AbstractEventLoop.LOGGER.log(Level.ERROR, "Exception in default exception handler", t);
    }
  }

  private static void callInItsContext(
      AbstractEventLoop loop, ExceptionHandler handler, ErrorContext report) {
    Context context = contextOf(report);
    if (context == null || context == Context.current()) {
      handler.handle(loop, report);
      return;
    }
    context.run(() -> handler.handle(loop, report));
  }

  /** The context of the task, future or handle named in a report, in that order. */
  private static @Nullable Context contextOf(ErrorContext report) {
    for (String key : List.of(ErrorContext.TASK, ErrorContext.FUTURE, ErrorContext.HANDLE)) {
      switch (report.get(key)) {
        case Task<?> task -> {
          return task.context();
        }
        case Unretrieved.Remains gone -> {
          return gone.taskContext();
        }
        case Handle handle -> {
          return handle.context();
        }
        case null, default -> {}
      }
    }
    return null;
  }

  // ---- the log

  /** Writes one record: the message, then the other entries sorted by key (EXC-5 to EXC-9). */
  static void log(AbstractEventLoop loop, ErrorContext context) {
    StringBuilder text = new StringBuilder();
    String message = context.message();
    text.append(message == null ? "Unhandled exception in event loop" : message);
    TreeMap<String, Object> rest = new TreeMap<>(context.asMap());
    Handle running = loop.isCurrent() ? loop.runningHandle : null;
    if (!rest.containsKey(ErrorContext.SOURCE_TRACEBACK)
        && running != null
        && running.debugInfo != null
        && !running.debugInfo.origin.isEmpty()) {
      rest.putIfAbsent(ErrorContext.HANDLE_TRACEBACK, running.debugInfo.origin);
    }
    rest.remove(ErrorContext.MESSAGE);
    rest.remove(ErrorContext.EXCEPTION);
    rest.forEach((key, value) -> appendEntry(text, key, value));
    AbstractEventLoop.LOGGER.log(Level.ERROR, text.toString(), context.exception());
  }

  private static void appendEntry(StringBuilder text, String key, Object value) {
    boolean ofFuture = key.equals(ErrorContext.SOURCE_TRACEBACK);
    if (value instanceof List<?> frames
        && (ofFuture || key.equals(ErrorContext.HANDLE_TRACEBACK))) {
      text.append('\n')
          .append(ofFuture ? "Object" : "Handle")
          .append(" created at (innermost call first):");
      frames.forEach(frame -> text.append("\n    ").append(frame));
    } else {
      text.append('\n').append(key).append(": ").append(value);
    }
  }
}
