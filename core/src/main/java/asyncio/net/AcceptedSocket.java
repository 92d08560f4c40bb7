package asyncio.net;

import java.net.SocketAddress;
import java.nio.channels.SocketChannel;

/**
 * A connection that was accepted.
 *
 * @param channel in non-blocking mode
 * @param address the peer's; on a UNIX socket mostly an empty path
 */
public record AcceptedSocket(SocketChannel channel, SocketAddress address) {}
