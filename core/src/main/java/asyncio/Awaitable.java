package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Something whose outcome a task can wait for: a {@link Future}, or code to run, a {@link
 * Coroutine}.
 *
 * <p>A lambda is a coroutine: {@code createTask(() -> fetch(url))}.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Awaitable<T extends @Nullable Object> {

  /**
   * Waits for the outcome.
   *
   * @return the result
   * @throws Exception what the awaited work failed with
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  T await() throws Exception;
}
