/**
 * Child processes: {@code Subprocess} for tasks, and below it transports and protocols.
 *
 * <p>Nothing here is thread-safe unless its doc says so: call it from code that the loop runs.
 * Records and enums are immutable.
 */
@NullMarked
package asyncio.process;

import org.jspecify.annotations.NullMarked;
