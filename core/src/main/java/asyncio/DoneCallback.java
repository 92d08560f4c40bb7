package asyncio;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A callback of a future: the node in its list, and the handle that is queued at its completion. */
final class DoneCallback extends Handle {
  private final Future<?> future;
  final Consumer<?> function;

  DoneCallback(AbstractEventLoop loop, @Nullable Object context, Future<?> future, Consumer<?> function) {
    super(loop, context, null);
    this.future = future;
    this.function = java.util.Objects.requireNonNull(function, "callback");
  }

  @Override
  @SuppressWarnings("unchecked")
  void run() {
    ((Consumer<Object>) function).accept(future);
  }

  @Override
  void describeTo(StringBuilder text) {
    text.append(' ').append(Origins.describeCallable(function)).append("()");
  }
}
