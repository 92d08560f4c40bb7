/**
 * Connections, servers and names: addresses and how they are looked up.
 *
 * <p>Nothing here is thread-safe unless its doc says so: call it from code that the loop runs.
 * Records and enums are immutable.
 */
@NullMarked
package asyncio.net;

import org.jspecify.annotations.NullMarked;
