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

  /** Lets go of a closed channel: its last key was flushed. Idempotent. */
  void kill();
}
