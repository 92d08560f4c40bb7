package asyncio.process;

/**
 * A child process that was started: its transport, and the protocol that is told of it.
 *
 * @param <P> the type of the protocol
 */
public record ChildProcess<P extends SubprocessProtocol>(
    SubprocessTransport transport, P protocol) {}
