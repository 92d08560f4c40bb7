package asyncio;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * Hears of interrupts of a platform thread while coroutines are mounted on it.
 *
 * <p>The JDK clears such a thread's flag when a virtual thread leaves it, and with the flag the
 * interrupt would be lost. But it tells the channel on which a thread is blocked, which this
 * pretends to be.
 */
final class InterruptWatch extends AbstractInterruptibleChannel {
  private final PlainStrand strand;

  InterruptWatch(PlainStrand strand) {
    this.strand = strand;
  }

  void start() {
    begin();
  }

  /** After this nothing more will be heard; what was heard is. */
  void stop() {
    try {
      end(true);
    } catch (AsynchronousCloseException e) {
      // it was interrupted, and has said so
    }
  }

  /** On the thread that interrupts, once. */
  @Override
  protected void implCloseChannel() {
    strand.callerInterrupted();
  }
}
