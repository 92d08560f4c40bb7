package asyncio.net;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A datagram that was received.
 *
 * @param data its bytes between position and limit, in an array of their own; may be none
 * @param address the sender's
 */
public record ReceivedDatagram(ByteBuffer data, SocketAddress address) {}
