package asyncio;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
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
 * <p>Who takes the request back with {@link Task#uncancel} owns it; so do the library's scopes.
 *
 * <p><b>Threading:</b> on the task's thread.
 */
final class Swallowed {
  private static final StackWalker WALKER =
      StackWalker.getInstance(Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE));

  private static final int MAX_FRAMES = 256;

  /** One frame, as far as frames can be compared. */
  private record Frame(
      Class<?> type, String method, String descriptor, int index, StackTraceElement element) {

    static Frame of(StackWalker.StackFrame frame) {
      return new Frame(
          frame.getDeclaringClass(),
          frame.getMethodName(),
          frame.getDescriptor(),
          frame.getByteCodeIndex(),
          frame.toStackTraceElement());
    }

    boolean isOfSameMethod(Frame other) {
      return type == other.type
          && method.equals(other.method)
          && descriptor.equals(other.descriptor);
    }

    boolean isSamePlace(Frame other) {
      return isOfSameMethod(other) && index == other.index;
    }

    boolean isLibrary() {
      return Origins.isInternal(element);
    }
  }

  /**
   * Where the error was thrown, outermost frame first, up to the innermost one of the program's.
   */
  private final List<Frame> thrownAt = stackHere();

  private Swallowed() {}

  /** A {@link CancelledError} is about to be thrown into the task of {@code stepper}. */
  static void delivered(TaskStepper stepper) {
    Handle.DebugInfo info = stepper.debugInfo;
    if (info == null) { // made before debug mode was switched on
      info = new Handle.DebugInfo(List.of());
      stepper.debugInfo = info;
    }
    info.delivered = new Swallowed();
  }

  /** The task is about to suspend, and has had an error delivered that nobody took back. */
  static void suspending(TaskStepper stepper, Handle.DebugInfo info) {
    Swallowed delivered = info.delivered;
    if (delivered == null) {
      return;
    }
    if (!stepper.loop.debug) {
      info.delivered = null;
      return;
    }
    List<Frame> now = stackHere();
    StackTraceElement place = delivered.placeOfSwallow(now);
    if (place == null) {
      return;
    }
    info.delivered = null;
    report(stepper, place, now);
  }

  private static void report(TaskStepper stepper, StackTraceElement place, List<Frame> now) {
    StringBuilder text =
        new StringBuilder("Task '")
            .append(stepper.task.name())
            .append("' was cancelled, caught its CancelledError at ")
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
    List<Frame> frames =
        WALKER.walk(
            all -> all.limit(MAX_FRAMES).map(Frame::of).dropWhile(Frame::isLibrary).toList());
    return frames.reversed();
  }

  // ---- who caught it

  /**
   * The handler that keeps the error, or null if it may still be on its way, or if it is not known.
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
        candidates
            .clear(); // a scope or a combinator that the error went through owns it, or passes it
        // on
        continue;
      }
      ErrorHandler handler =
          ErrorHandler.of(frame.type, frame.method, frame.descriptor, frame.index);
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

  private static StackTraceElement placeOf(Frame frame, ErrorHandler handler) {
    StackTraceElement at = frame.element;
    return new StackTraceElement(
        at.getClassName(), at.getMethodName(), at.getFileName(), handler.line());
  }
}
