package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Code that may suspend and gives a result.
 *
 * <p>Making one runs nothing. Each {@link #await} runs it anew, in the calling task.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Coroutine<T extends @Nullable Object> extends Awaitable<T> {}
