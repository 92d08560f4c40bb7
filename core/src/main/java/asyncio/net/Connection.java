package asyncio.net;

/**
 * A stream connection that was made: its transport, and the protocol that serves it.
 *
 * @param <P> the type of the protocol
 */
public record Connection<P extends StreamProtocol>(Transport transport, P protocol) {}
