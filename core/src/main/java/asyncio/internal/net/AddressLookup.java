package asyncio.internal.net;

import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.SocketType;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code getaddrinfo}: what needs no look-up is answered when it is made, the rest by
 * {@link #lookUp}.
 *
 * <p>Immutable.
 */
public final class AddressLookup {
  private static final int TCP = 6;
  private static final int UDP = 17;

  /** A kind of socket, and the port that the service has there. */
  private record Target(SocketType type, int protocol, int port) {}

  private final @Nullable String host;
  private final AddressOptions options;
  private final List<Target> targets;

  /** The addresses, if they are known without a look-up. */
  private final @Nullable List<InetAddress> known;

  /**
   * @throws UnknownHostException if that much is clear already
   * @throws IllegalArgumentException if {@code service} is a number that is no port's
   */
  public AddressLookup(@Nullable String host, @Nullable String service, AddressOptions options)
      throws UnknownHostException {
    this.host = host;
    this.options = options;
    if (host == null && service == null) {
      throw new UnknownHostException("host and service are both absent; give one of them");
    }
    this.targets = targets(service == null ? "" : service);
    this.known = known();
  }

  // ---- the service

  private List<Target> targets(String service) throws UnknownHostException {
    List<Target> found = new ArrayList<>();
    boolean supported = false;
    for (SocketType type : SocketType.values()) {
      int protocol = type == SocketType.STREAM ? TCP : UDP;
      if ((options.type() == null || options.type() == type)
          && (options.protocol() == 0 || options.protocol() == protocol)) {
        supported = true;
        int port = port(service, type);
        if (port >= 0) {
          found.add(new Target(type, protocol, port));
        }
      }
    }
    if (!supported) {
      throw new UnknownHostException(
          "no socket of type "
              + (options.type() == null ? "STREAM or DGRAM" : options.type())
              + " has protocol "
              + options.protocol()
              + "; TCP, for STREAM, is 6, and UDP, for DGRAM, is 17");
    }
    if (found.isEmpty()) {
      throw new UnknownHostException(
          "service not known: "
              + service
              + (options.type() == null ? "" : " (" + protocolName(options.type()) + ")")
              + "; use the number of its port");
    }
    return found;
  }

  /** The port of the service; -1 if there is none for that type of socket. */
  private int port(String service, SocketType type) {
    if (service.isEmpty()) {
      return 0;
    }
    int number = Services.portNumber(service);
    if (number >= 0) {
      return number;
    }
    if (IpLiterals.isDecimal(service) || service.startsWith("-")) {
      throw new IllegalArgumentException("port: must be 0 to 65535, not " + service);
    }
    if (options.flags().contains(AddressFlag.NUMERICSERV)) {
      return -1;
    }
    Integer port = Services.ofThisMachine().port(service, protocolName(type));
    return port == null ? -1 : port;
  }

  static String protocolName(SocketType type) {
    return type == SocketType.STREAM ? "tcp" : "udp";
  }

  // ---- the host

  private @Nullable List<InetAddress> known() throws UnknownHostException {
    if (host == null) {
      return required(ofFamily(LocalAddresses.get(has(AddressFlag.PASSIVE))));
    }
    if (host.isEmpty()) {
      throw new UnknownHostException("host: is empty; leave it null for this machine");
    }
    if (host.equals("<broadcast>")) {
      return required(ofFamily(List.of(LocalAddresses.BROADCAST)));
    }
    InetAddress literal = IpLiterals.parseWithZone(host);
    if (literal != null) {
      InetAddress ipv4 =
          options.family() == StandardProtocolFamily.INET && literal instanceof Inet6Address
              ? IpLiterals.unmapped(literal)
              : null;
      return required(ofFamily(List.of(ipv4 != null ? ipv4 : literal)));
    }
    if (has(AddressFlag.NUMERICHOST)) {
      throw new UnknownHostException(
          host + ": is no literal address, and the flag NUMERICHOST allows nothing else");
    }
    return null;
  }

  private boolean has(AddressFlag flag) {
    return options.flags().contains(flag);
  }

  /** Those of the family asked for, or what the flags allow to take instead. */
  private List<InetAddress> ofFamily(List<InetAddress> addresses) {
    ProtocolFamily wanted = options.family();
    if (wanted == null) {
      return addresses;
    }
    List<InetAddress> matching =
        addresses.stream().filter(address -> family(address) == wanted).toList();
    if (wanted == StandardProtocolFamily.INET6
        && has(AddressFlag.V4MAPPED)
        && (matching.isEmpty() || has(AddressFlag.ALL))) {
      return addresses.stream()
          .map(address -> family(address) == wanted ? address : IpLiterals.mapped(address))
          .toList();
    }
    return matching;
  }

  private List<InetAddress> required(List<InetAddress> addresses) throws UnknownHostException {
    if (addresses.isEmpty()) {
      throw new UnknownHostException(
          host + ": has no address of family " + options.family() + "; ask for both");
    }
    return addresses;
  }

  private static ProtocolFamily family(InetAddress address) {
    return address instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }

  // ---- the answer

  /** The answer if it needs no look-up; else null. */
  public @Nullable List<AddressInfo> answer() {
    return known == null ? null : answer(known, has(AddressFlag.CANONNAME) ? host : null);
  }

  /** Looks the host up; blocks. */
  public List<AddressInfo> lookUp() throws UnknownHostException {
    String name = java.util.Objects.requireNonNull(host);
    List<InetAddress> addresses = SystemNames.addresses(name);
    if (has(AddressFlag.ADDRCONFIG)) {
      addresses = ofConfiguredFamilies(addresses);
    }
    addresses = required(ofFamily(addresses));
    String canonicalName = null;
    if (has(AddressFlag.CANONNAME)) {
      canonicalName = SystemNames.name(addresses.getFirst());
      if (canonicalName == null) {
        canonicalName = name;
      }
    }
    return answer(addresses, canonicalName);
  }

  private List<InetAddress> ofConfiguredFamilies(List<InetAddress> addresses)
      throws UnknownHostException {
    var configured = SystemNames.configuredFamilies();
    if (!configured.ipv4() && !configured.ipv6()) {
      return addresses; // no network at all: localhost is to work still
    }
    return addresses.stream()
        .filter(address -> address instanceof Inet6Address ? configured.ipv6() : configured.ipv4())
        .toList();
  }

  private List<AddressInfo> answer(List<InetAddress> addresses, @Nullable String canonicalName) {
    List<AddressInfo> infos = new ArrayList<>(addresses.size() * targets.size());
    for (InetAddress address : addresses) {
      for (Target target : targets) {
        infos.add(
            new AddressInfo(
                family(address),
                target.type(),
                target.protocol(),
                infos.isEmpty() ? canonicalName : null,
                new InetSocketAddress(address, target.port())));
      }
    }
    return List.copyOf(infos);
  }

  /** The answer for a literal address with a number for a port; see {@link AddressResolution}. */
  static @Nullable AddressInfo ofLiteral(
      @Nullable String host, @Nullable String port, AddressOptions options) {
    SocketType type = options.type();
    if (host == null
        || type == null
        || (!options.flags().isEmpty() && !options.flags().equals(Set.of(AddressFlag.PASSIVE)))) {
      return null;
    }
    int number = port == null || port.isEmpty() ? 0 : Services.portNumber(port);
    int protocol = type == SocketType.STREAM ? TCP : UDP;
    if (number < 0 || (options.protocol() != 0 && options.protocol() != protocol)) {
      return null;
    }
    InetAddress address = IpLiterals.parse(host);
    if (address == null || (options.family() != null && options.family() != family(address))) {
      return null;
    }
    return new AddressInfo(
        family(address), type, protocol, null, new InetSocketAddress(address, number));
  }
}
