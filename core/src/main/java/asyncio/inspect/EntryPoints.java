package asyncio.inspect;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the code of a class was first seen to begin; kept as long as the class is. */
final class EntryPoints {
  private static final ClassValue<AtomicReference<@Nullable StackTraceElement>> SEEN =
      new ClassValue<>() {
        @Override
        protected AtomicReference<@Nullable StackTraceElement> computeValue(Class<?> code) {
          return new AtomicReference<>();
        }
      };

  private EntryPoints() {}

  /**
   * The outermost frame of users' code.
   *
   * @param stack the frames of a task that runs this code, innermost first; asked for only if none
   *     was seen yet, and empty if the task has not begun
   */
  static @Nullable StackTraceElement of(Class<?> code, Supplier<List<StackTraceElement>> stack) {
    AtomicReference<@Nullable StackTraceElement> seen = SEEN.get(code);
    if (seen.get() == null) {
      List<StackTraceElement> frames = stack.get();
      if (!frames.isEmpty()) {
        seen.compareAndSet(null, frames.getLast());
      }
    }
    return seen.get();
  }
}
