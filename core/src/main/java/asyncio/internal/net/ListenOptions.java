package asyncio.internal.net;

import asyncio.net.ServerOptions;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The socket options of servers. */
final class ListenOptions {
  private ListenOptions() {}

  /**
   * Sets what has to be set before the socket is bound (SRV-9).
   *
   * @throws IllegalArgumentException if the system cannot share ports
   */
  static void apply(ServerSocketChannel channel, ServerOptions options) throws IOException {
    Boolean reuseAddress = options.reuseAddress();
    if (reuseAddress != null) {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, reuseAddress);
    } // else the JDK sets it where that is usual
    if (options.reusePort()) {
      if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
        throw new IllegalArgumentException(
            "reusePort: reuse_port is not supported by this system's sockets; leave it out");
      }
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
  }

  /** Listening sockets do not have this option in the JDK, so each connection gets it (SRV-11). */
  static void setKeepAlive(SocketChannel accepted) throws IOException {
    if (accepted.supportedOptions().contains(StandardSocketOptions.SO_KEEPALIVE)) {
      accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
  }
}
