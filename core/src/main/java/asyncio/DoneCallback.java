package asyncio;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A callback of a future: the node in its list, and the handle that is queued at its completion.
 */
final class DoneCallback extends Handle {
  // Both null once it is cancelled.
  private @Nullable Future<?> future;
  private @Nullable Consumer<?> function;

  DoneCallback(
      AbstractEventLoop loop, @Nullable Object context, Future<?> future, Consumer<?> function) {
    super(loop, context, null);
    this.future = future;
    this.function = java.util.Objects.requireNonNull(function, "callback");
  }

  /** What is called; null once this is cancelled. */
  @Nullable Consumer<?> function() {
    return function;
  }

  @Override
  @SuppressWarnings("unchecked")
  void run() {
    Consumer<?> call = function;
    if (call != null) {
      ((Consumer<Object>) call).accept(future);
    }
  }

  @Override
  public void cancel() {
    super.cancel();
    future = null;
    function = null;
  }

  @Override
  @Nullable Object code() {
    return function;
  }

  @Override
  void describeTo(StringBuilder text) {
    if (function != null) {
      text.append(' ').append(Origins.describeCallable(function)).append("()");
    }
  }
}
