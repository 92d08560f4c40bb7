package asyncio.internal.net;

import java.net.IDN;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's blocking look-ups; the only place of the library that makes any.
 *
 * <p><b>Threading:</b> on a thread for look-ups, never on a loop's.
 */
final class SystemNames {
  private SystemNames() {}

  /** The addresses of a host, in the order in which the JDK gives them. */
  static List<InetAddress> addresses(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(toAscii(host)));
  }

  /**
   * The name in the form that name servers know; only for names that need it, as others are left
   * alone.
   */
  private static String toAscii(String host) throws UnknownHostException {
    if (host.chars().allMatch(c -> c < 128)) {
      return host;
    }
    try {
      return IDN.toASCII(host);
    } catch (IllegalArgumentException e) {
      var failure = new UnknownHostException(host + ": is not a valid internationalized name");
      failure.initCause(e);
      throw failure;
    }
  }

  /** The name that an address has, if the name has the address too; else null. */
  static @Nullable String name(InetAddress address) {
    InetAddress fresh = withoutName(address); // an InetAddress looks up once only
    String name = fresh.getCanonicalHostName();
    return name.equals(fresh.getHostAddress()) ? null : name;
  }

  private static InetAddress withoutName(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("the bytes of an address are an address", e);
    }
  }

  /** The domain of this machine, with its dot in front; null if its name has none. */
  static @Nullable String localDomain() {
    try {
      String name = InetAddress.getLocalHost().getCanonicalHostName();
      int dot = name.indexOf('.');
      return dot < 0 || IpLiterals.parse(name) != null ? null : name.substring(dot);
    } catch (UnknownHostException e) {
      return null; // a machine without a name has no domain
    }
  }

  /** Which families this machine has addresses of, the loopback ones not counted. */
  static Families configuredFamilies() throws UnknownHostException {
    try {
      List<InetAddress> all = new ArrayList<>();
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        if (each.isUp()) {
          each.getInterfaceAddresses().stream()
              .map(InterfaceAddress::getAddress)
              .filter(address -> !address.isLoopbackAddress())
              .forEach(all::add);
        }
      }
      return new Families(
          all.stream().anyMatch(Inet4Address.class::isInstance),
          all.stream().anyMatch(Inet6Address.class::isInstance));
    } catch (SocketException e) {
      var failure = new UnknownHostException("cannot list the addresses of this machine");
      failure.initCause(e);
      throw failure;
    }
  }

  record Families(boolean ipv4, boolean ipv6) {}
}
