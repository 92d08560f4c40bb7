package asyncio.net;

import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * An address that a host and a service stand for, and the kind of socket that reaches it.
 *
 * @param family {@code StandardProtocolFamily.INET} or {@code INET6}
 * @param type what the socket carries
 * @param protocol the protocol's number: 6 for TCP, 17 for UDP
 * @param canonicalName the full name of the host, if {@link AddressFlag#CANONNAME} asked for it and
 *     this is the first result; else null
 * @param address never unresolved
 */
public record AddressInfo(
    ProtocolFamily family,
    SocketType type,
    int protocol,
    @Nullable String canonicalName,
    InetSocketAddress address) {}
