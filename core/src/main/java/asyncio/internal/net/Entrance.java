package asyncio.internal.net;

import asyncio.net.TransportSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Where connections come in to a server: a socket of its own, or one that it shares. */
interface Entrance {

  /** The socket, for programs. */
  TransportSocket view();

  /** Begins to take connections, in a context with the caller's values. */
  void start(Object context) throws IOException;

  /** Takes none any more. */
  void close();

  /**
   * Gets a connection back for which its server, which has closed, had no time any more; on the
   * server's loop, after {@link #close}.
   */
  void giveBack(SocketChannel socket);

  /** Makes the entrances of a server; closes what it has opened if that fails. */
  @FunctionalInterface
  interface Maker {
    List<? extends Entrance> of(StreamServer server) throws IOException;
  }
}
