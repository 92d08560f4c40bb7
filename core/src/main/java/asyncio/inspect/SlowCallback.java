package asyncio.inspect;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A callback, or a step of a task, that held the loop for long.
 *
 * @param code what ran: the class of the callback or coroutine, of a lambda the class that contains
 *     it; of a transport's turn its protocol
 * @param task the name of the task whose step it was; null for a callback
 * @param begun when it began, in nanoseconds of the loop's clock
 * @param took how long it held the loop
 * @param stack where it was caught meanwhile, innermost first and without the library's frames;
 *     empty for one that ended within some 20 ms, before anybody looked
 */
public record SlowCallback(
    String code, @Nullable String task, long begun, Duration took, List<StackTraceElement> stack) {

  /** Makes one with a copy of the list. */
  public SlowCallback {
    stack = List.copyOf(stack);
  }
}
