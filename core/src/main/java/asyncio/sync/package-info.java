/**
 * Locks, events, conditions, semaphores, barriers and queues for the tasks of one loop.
 *
 * <p>None of them is thread-safe: call them from code that the loop runs. An operation that can
 * succeed at once does so without suspending; waiting tasks are served in the order in which they
 * began to wait.
 */
@NullMarked
package asyncio.sync;

import org.jspecify.annotations.NullMarked;
