package asyncio.net;

/**
 * The end of a pipe that is written: its transport, and the protocol that it tells.
 *
 * @param <P> the type of the protocol
 */
public record WritePipe<P extends StreamProtocol>(WriteTransport transport, P protocol) {}
