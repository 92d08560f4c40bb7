package asyncio.testkit;

import java.nio.channels.Channel;

/** A channel of a {@link MemoryNetwork}, as its selectors see it. */
sealed interface MemoryChannel extends Channel
    permits MemorySocketChannel,
        MemoryServerSocketChannel,
        MemoryDatagramChannel,
        MemoryPipe.Source,
        MemoryPipe.Sink {

  /** Its way into the network. */
  Link link();

  /** Which of these operations it is ready for. Guarded by the network's lock. */
  int readyOps(int interest);

  /**
   * Whether a real selector would return at once because of this interest, and find nothing: a
   * mistake that costs all the time there is. Guarded by the network's lock.
   */
  default boolean spins(int interest) {
    return false;
  }

  /** Lets go of a closed channel: its last key was flushed. Idempotent. */
  void kill();
}
