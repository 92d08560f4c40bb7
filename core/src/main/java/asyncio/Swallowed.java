package asyncio;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds, in debug mode, tasks that catch the {@link CancelledError} of their cancellation and go on
 * waiting, and the place where they caught it.
 *
 * <p>When the error is thrown, the stack is kept. When the task suspends next, the two stacks tell
 * how far the error has come, and the class files, whether what runs now is the cleaning up of a
 * handler that throws it again ({@code finally}, or {@code catch} with {@code throw}).
 *
 * <p>A task that is blocked in a JDK call is interrupted. What that call throws is followed alike,
 * by lines in place of instructions; and since it may be thrown on in any disguise, a handler that
 * may throw anything is taken to throw it on.
 *
 * <p>Who takes the request back with {@link Task#uncancel} owns it; so do the library's scopes.
 *
 * <p><b>Threading:</b> on the task's thread, but for {@link #interrupting}.
 */
final class Swallowed {
  private static final StackWalker WALKER =
      StackWalker.getInstance(Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE));

  private static final int MAX_FRAMES = 256;

  /**
   * One frame, as far as frames can be compared.
   *
   * @param type null, like the descriptor, in the stack of another thread
   * @param index in the byte code; -1 in the stack of another thread
   */
  private record Frame(
      @Nullable Class<?> type, @Nullable String descriptor, int index, StackTraceElement element) {

    static Frame of(StackWalker.StackFrame frame) {
      return new Frame(
          frame.getDeclaringClass(),
          frame.getDescriptor(),
          frame.getByteCodeIndex(),
          frame.toStackTraceElement());
    }

    static Frame of(StackTraceElement element) {
      return new Frame(null, null, -1, element);
    }

    boolean isOfSameMethod(Frame other) {
      return element.getClassName().equals(other.element.getClassName())
          && element.getMethodName().equals(other.element.getMethodName())
          && (descriptor == null
              || other.descriptor == null
              || (type == other.type && descriptor.equals(other.descriptor)));
    }

    boolean isSamePlace(Frame other) {
      return isOfSameMethod(other)
          && ((index < 0 || other.index < 0)
              ? element.getLineNumber() == other.element.getLineNumber()
              : index == other.index);
    }

    boolean isLibrary() {
      return Origins.isInternal(element);
    }

    boolean isOutside() {
      return isLibrary() || Origins.isJdk(element);
    }
  }

  /** Where the error was thrown: the frames from the program's outermost to its innermost one. */
  private final List<Frame> thrownAt;

  /** Whether the cancellation came as the interrupt of a blocking JDK call. */
  private final boolean interrupt;

  private Swallowed(List<Frame> thrownAt, boolean interrupt) {
    this.thrownAt = thrownAt;
    this.interrupt = interrupt;
  }

  // ---- what is told by the task's steps

  /** A {@link CancelledError} is about to be thrown into the task of {@code stepper}. */
  static void delivered(TaskStepper stepper) {
    note(stepper, new Swallowed(stackHere(), false));
  }

  /**
   * The JDK call that blocks the task of {@code stepper} is about to be interrupted. On the loop's
   * thread.
   */
  static void interrupting(TaskStepper stepper) {
    StackTraceElement[] stack = stepper.active.thread().getStackTrace();
    note(stepper, new Swallowed(programPart(Arrays.stream(stack).map(Frame::of).toList()), true));
  }

  private static void note(TaskStepper stepper, Swallowed delivered) {
    Handle.DebugInfo info = stepper.debugInfo;
    if (info == null) { // made before debug mode was switched on
      info = new Handle.DebugInfo(List.of());
      stepper.debugInfo = info;
    }
    info.delivered = delivered;
  }

  /** The task is about to suspend, and has had an error delivered that nobody took back. */
  static void suspending(TaskStepper stepper, Handle.DebugInfo info) {
    Swallowed delivered = info.delivered;
    if (delivered == null) {
      return;
    }
    boolean elsewhere = delivered.interrupt && !stepper.interruptIsCancellation;
    if (!stepper.loop.debug || elsewhere) {
      info.delivered = null;
      return;
    }
    List<Frame> now = stackHere();
    StackTraceElement place = delivered.placeOfSwallow(now);
    if (place != null) {
      info.delivered = null;
      delivered.report(stepper, place, now);
    }
  }

  private void report(TaskStepper stepper, StackTraceElement place, List<Frame> now) {
    StringBuilder text =
        new StringBuilder("Task '")
            .append(stepper.task.name())
            .append("' was cancelled, caught ")
            .append(interrupt ? "the interrupt of its call" : "its CancelledError")
            .append(" at ")
            .append(place)
            .append(", and goes on waiting at:");
    for (Frame frame : now.reversed()) {
      if (!frame.isLibrary()) {
        text.append("\n    ").append(frame.element);
      }
    }
    text.append(
        "\n    After cleaning up, throw the error again; a task that is to go on calls uncancel().");
    AbstractEventLoop loop = stepper.loop;
    Instrument instrument = loop.instrument;
    if (instrument != null) {
      instrument.cancellationSwallowed(stepper.task, place);
    }
    Reports.inOwnTask(loop, () -> AbstractEventLoop.LOGGER.log(Level.WARNING, text.toString()));
  }

  private static List<Frame> stackHere() {
    return programPart(WALKER.walk(all -> all.limit(MAX_FRAMES).map(Frame::of).toList()));
  }

  /** Outermost first, without what the library and the JDK have at either end. */
  private static List<Frame> programPart(List<Frame> innermostFirst) {
    List<Frame> part = innermostFirst.stream().dropWhile(Frame::isOutside).toList().reversed();
    return part.stream().dropWhile(Frame::isOutside).toList();
  }

  // ---- who caught it

  /**
   * The beginning of the handler that keeps the error; null if it may still be on its way, or if
   * nothing is known.
   */
  private @Nullable StackTraceElement placeOfSwallow(List<Frame> now) {
    int same = 0;
    while (same < thrownAt.size()
        && same < now.size()
        && thrownAt.get(same).isSamePlace(now.get(same))) {
      same++;
    }
    boolean movedOn =
        same < thrownAt.size()
            && same < now.size()
            && thrownAt.get(same).isOfSameMethod(now.get(same));
    // The outermost frame that the error can have reached: it runs on, or calls the same once more.
    int reached = movedOn ? same : same - 1;
    if (reached < 0 || thrownAt.get(reached).isLibrary()) {
      return null;
    }
    List<StackTraceElement> candidates = new ArrayList<>();
    for (int i = thrownAt.size() - 1; i >= reached; i--) {
      Frame frame = thrownAt.get(i);
      if (frame.isLibrary()) {
        // The error went through a scope or a combinator, which owns it or passes it on.
        candidates.clear();
        continue;
      }
      ErrorHandler handler = handlerAt(frame, i == reached ? now.get(i) : null, now.get(reached));
      if (handler == null) {
        continue;
      }
      StackTraceElement place = placeOf(frame, handler);
      if (i == reached) {
        boolean onItsWay = movedOn && handler.mayRethrowFrom(now.get(i).index);
        return onItsWay ? null : place;
      }
      if (!handler.mayRethrow()) {
        return place;
      }
      candidates.add(place);
    }
    return candidates.isEmpty() ? null : candidates.getFirst();
  }

  /**
   * What catches the error in a frame, or null.
   *
   * @param known the same method as it is now; null if it has ended
   * @param nearby a frame whose class loader should know the class
   */
  private @Nullable ErrorHandler handlerAt(Frame frame, @Nullable Frame known, Frame nearby) {
    String method = frame.element.getMethodName();
    if (!interrupt) {
      return frame.type == null || frame.descriptor == null
          ? null
          : ErrorHandler.ofCancellation(frame.type, method, frame.descriptor, frame.index);
    }
    Class<?> type = known != null ? known.type : classOf(frame, nearby);
    return type == null
        ? null
        : ErrorHandler.ofInterrupt(type, method, frame.element.getLineNumber());
  }

  private static @Nullable Class<?> classOf(Frame frame, Frame nearby) {
    if (nearby.type == null || Origins.isJdk(frame.element)) {
      return null;
    }
    try {
      return Class.forName(frame.element.getClassName(), false, nearby.type.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static StackTraceElement placeOf(Frame frame, ErrorHandler handler) {
    StackTraceElement at = frame.element;
    return new StackTraceElement(
        at.getClassName(), at.getMethodName(), at.getFileName(), handler.line());
  }
}
