package asyncio;

import java.util.Set;

/**
 * What {@link Asyncio#wait} found when it returned. The sets are in the order in which the futures
 * were given.
 *
 * @param <F> the type of the futures that were given
 * @param done those that were done, in whatever way
 * @param pending the others, which go on
 */
public record WaitResult<F extends Future<?>>(Set<F> done, Set<F> pending) {}
