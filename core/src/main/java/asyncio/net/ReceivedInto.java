package asyncio.net;

import java.net.SocketAddress;

/**
 * What was received into a buffer of the caller's.
 *
 * @param count how many bytes were put there
 * @param address the sender's
 */
public record ReceivedInto(int count, SocketAddress address) {}
