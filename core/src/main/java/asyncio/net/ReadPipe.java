package asyncio.net;

/**
 * The end of a pipe that is read: its transport, and the protocol that it tells.
 *
 * @param <P> the type of the protocol
 */
public record ReadPipe<P extends StreamProtocol>(ReadTransport transport, P protocol) {}
