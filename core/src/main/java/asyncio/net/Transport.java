package asyncio.net;

/**
 * A stream in both directions: a TCP or UNIX connection, TLS over one, or anything that behaves the
 * same (PEP 3156 'Bidirectional stream transports').
 */
public interface Transport extends ReadTransport, WriteTransport {}
