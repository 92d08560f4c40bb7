package asyncio.inspect;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A callback, or a step of a task, that held the loop for long.
 *
 * @param code what ran: the class of the callback or coroutine, of a lambda the class that contains
 *     it; of a transport's turn its protocol
 * @param task the name of the task whose step it was; null for a callback
 * @param begun when it began, in nanoseconds of the loop's clock
 * @param took how long it held the loop
 */
public record SlowCallback(String code, @Nullable String task, long begun, Duration took) {}
