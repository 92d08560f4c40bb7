/**
 * What goes on inside the loops of this JVM: who waits for what, and since when nothing moves.
 *
 * <p>Everything here may be asked on any thread, while the loops run. It costs a program nothing
 * until it asks.
 */
@NullMarked
package asyncio.inspect;

import org.jspecify.annotations.NullMarked;
