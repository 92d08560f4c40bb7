package asyncio.internal.net;

import java.nio.channels.SocketChannel;

/** Who takes the connections that a {@link ListeningSocket} accepts. */
interface Acceptor {

  /** Takes over a connection, whose channel is in non-blocking mode. */
  void accepted(SocketChannel socket);

  /** The loop of the listening socket was closed. */
  void loopClosed();
}
