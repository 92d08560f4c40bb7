package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * The shapes of the code that a scope runs in the calling task; one writes them as lambdas and need
 * not name them.
 *
 * <p>Each shape is generic in the one checked exception its code throws. A shape with a value
 * extends the one without, so that a lambda that could be either counts as the one with a value.
 */
public final class Scope {

  private Scope() {}

  /** Code without a value: {@code () -> { … }}. */
  @FunctionalInterface
  public interface VoidBody<X extends Throwable> {
    @Suspends
    void run() throws X;
  }

  /** Code with a value: {@code () -> value}. */
  @FunctionalInterface
  public interface Body<T extends @Nullable Object, X extends Throwable> extends VoidBody<X> {
    @Suspends
    T call() throws X;

    @Override
    default void run() throws X {
      call();
    }
  }

  /** Code without a value that is given the scope, or an item: {@code tg -> { … }}. */
  @FunctionalInterface
  public interface VoidWith<S extends @Nullable Object, X extends Throwable> {
    @Suspends
    void run(S subject) throws X;
  }

  /** Code with a value that is given the scope, or an item: {@code tg -> value}. */
  @FunctionalInterface
  public interface With<S extends @Nullable Object, T extends @Nullable Object, X extends Throwable>
      extends VoidWith<S, X> {
    @Suspends
    T call(S subject) throws X;

    @Override
    default void run(S subject) throws X {
      call(subject);
    }
  }
}
