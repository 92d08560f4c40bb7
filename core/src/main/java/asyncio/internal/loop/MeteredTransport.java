package asyncio.internal.loop;

import asyncio.net.WriteBufferLimits;

/**
 * An open transport as metrics see it.
 *
 * <p><b>Threading:</b> any thread may ask, and hears what is or was a moment ago.
 */
public interface MeteredTransport {

  /** What it has received and sent. */
  Traffic traffic();

  /** How many bytes it keeps because they could not be sent yet. */
  long keptBytes();

  WriteBufferLimits getWriteBufferLimits();

  /** Whether its protocol was asked to write nothing for a while. */
  boolean isWritingPaused();
}
