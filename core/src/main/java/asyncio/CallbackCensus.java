package asyncio;

import asyncio.inspect.StallReport.CallbackShare;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which callbacks an iteration is busy with, by what they call and where they come from.
 *
 * <p><b>Threading:</b> the watchdog's thread only; see {@link StallEvidence}.
 */
final class CallbackCensus {

  /**
   * @param code the class of what is called: two lambdas of one method are two kinds
   * @param createdAt null outside debug mode
   */
  private record Kind(Class<?> code, @Nullable StackTraceElement createdAt) {}

  private static final class Count {
    final String text;
    @Nullable StackTraceElement at;
    long seen;
    long ready;

    Count(String text) {
      this.text = text;
    }
  }

  private static final int MAX_KINDS = 1000;

  private final Map<Kind, Count> counts = new LinkedHashMap<>();

  /** Counts the callback that runs, whose stack is {@code stack}. */
  void add(Handle running, List<StackTraceElement> stack) {
    Count count = countOf(running);
    count.seen++;
    StackTraceElement outermost = stack.isEmpty() ? null : stack.getLast();
    if (count.at == null
        && outermost != null
        && !Origins.isInternal(outermost)
        && !Origins.isJdk(outermost)) {
      count.at = outermost;
    }
  }

  /** Counts those that wait for their turn. */
  void countReady(ReadyQueue ready) {
    counts.values().forEach(count -> count.ready = 0);
    for (Handle handle : ready.snapshot()) {
      countOf(handle).ready++;
    }
  }

  private Count countOf(Handle handle) {
    Object code = codeOf(handle);
    List<StackTraceElement> origin =
        handle instanceof TaskStepper stepper
            ? stepper.task.origin()
            : handle.debugInfo == null ? null : handle.debugInfo.origin;
    Kind kind =
        new Kind(code.getClass(), origin == null || origin.isEmpty() ? null : origin.getFirst());
    Count known = counts.get(kind);
    if (known == null) {
      known = new Count(describe(handle));
      if (counts.size() < MAX_KINDS) {
        counts.put(kind, known);
      }
    }
    return known;
  }

  /** What a handle calls. */
  private static Object codeOf(Handle handle) {
    Object code = handle.code();
    return code == null
        ? handle
        : code instanceof ActionCoroutine wrapper ? wrapper.action() : code;
  }

  /** What a handle calls, as text. */
  static String describe(@Nullable Handle handle) {
    if (handle == null) {
      return "";
    }
    String name = Origins.describeCallable(codeOf(handle));
    return handle instanceof TaskStepper ? "steps of " + name : name + "()";
  }

  /** The one that was seen most, as text. */
  String most() {
    List<CallbackShare> shares = shares();
    if (shares.isEmpty()) {
      return "";
    }
    CallbackShare first = shares.getFirst();
    return first.callback() + (first.at() == null ? "" : " at " + first.at());
  }

  /** All of them, those that were seen most first. */
  List<CallbackShare> shares() {
    return counts.entrySet().stream()
        .map(entry -> {
          Count count = entry.getValue();
          return new CallbackShare(
              count.text, count.at, entry.getKey().createdAt, count.seen, count.ready);
        })
        .sorted(
            Comparator.comparingLong((CallbackShare share) -> share.seen())
                .thenComparingLong(CallbackShare::ready)
                .reversed())
        .toList();
  }
}
