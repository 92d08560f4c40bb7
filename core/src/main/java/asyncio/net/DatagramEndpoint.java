package asyncio.net;

/**
 * A datagram endpoint that was made: its transport, and the protocol that serves it.
 *
 * @param <P> the type of the protocol
 */
public record DatagramEndpoint<P extends DatagramProtocol>(
    DatagramTransport transport, P protocol) {}
