package asyncio.net;

import java.net.SocketAddress;

/**
 * A datagram that was received.
 *
 * @param data its bytes, in an array of their own; may be empty
 * @param address the sender's
 */
public record ReceivedDatagram(byte[] data, SocketAddress address) {}
