package asyncio.internal.net;

import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import asyncio.net.SocketType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code getnameinfo}: answered at once if the host is to be a number, else by {@link
 * #lookUp}.
 *
 * <p>Immutable.
 */
public final class NameLookup {
  private final InetAddress address;
  private final Set<NameFlag> flags;
  private final String service;

  /**
   * @throws IllegalArgumentException if {@code address} is unresolved
   */
  public NameLookup(InetSocketAddress address, Set<NameFlag> flags) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(
          "address: is unresolved: " + address + "; resolve it with getaddrinfo first");
    }
    this.address = address.getAddress();
    this.flags = flags;
    this.service = service(address.getPort());
  }

  private String service(int port) {
    String name =
        flags.contains(NameFlag.NUMERICSERV)
            ? null
            : Services.ofThisMachine()
                .name(
                    port,
                    AddressLookup.protocolName(
                        flags.contains(NameFlag.DGRAM) ? SocketType.DGRAM : SocketType.STREAM));
    return name != null ? name : String.valueOf(port);
  }

  /** The answer if it needs no look-up; else null. */
  public @Nullable NameInfo answer() throws UnknownHostException {
    return flags.contains(NameFlag.NUMERICHOST) ? literal() : null;
  }

  /** Looks the address up; blocks. */
  public NameInfo lookUp() throws UnknownHostException {
    String name = SystemNames.name(address);
    if (name == null) {
      return literal();
    }
    return new NameInfo(flags.contains(NameFlag.NOFQDN) ? withoutDomain(name) : name, service);
  }

  private NameInfo literal() throws UnknownHostException {
    String literal = IpLiterals.format(address);
    if (flags.contains(NameFlag.NAMEREQD)) {
      throw new UnknownHostException(
          literal + ": has no name; without the flag NAMEREQD the literal is given");
    }
    return new NameInfo(literal, service);
  }

  private static String withoutDomain(String name) {
    String domain = SystemNames.localDomain();
    return domain != null && name.endsWith(domain)
        ? name.substring(0, name.length() - domain.length())
        : name;
  }
}
