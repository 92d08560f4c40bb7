package asyncio.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Objects;

/** What stands for this machine where no host is named. */
final class LocalAddresses {
  static final InetAddress BROADCAST = literal("255.255.255.255");

  private static final List<InetAddress> LOOPBACK = List.of(literal("::1"), literal("127.0.0.1"));
  private static final List<InetAddress> WILDCARD = List.of(literal("0.0.0.0"), literal("::"));

  /**
   * Whether the JVM can open IPv6 sockets: the system may lack them, a property may forbid them.
   */
  private static final boolean IPV6 = canOpenIpv6();

  private LocalAddresses() {}

  /**
   * All addresses to bind to, or the loopback ones to connect to, in the order of the C library.
   */
  static List<InetAddress> get(boolean wildcard) {
    List<InetAddress> all = wildcard ? WILDCARD : LOOPBACK;
    return IPV6 ? all : all.stream().filter(address -> address.getAddress().length == 4).toList();
  }

  private static InetAddress literal(String text) {
    return Objects.requireNonNull(IpLiterals.parse(text));
  }

  private static boolean canOpenIpv6() {
    try (var _ = DatagramChannel.open(StandardProtocolFamily.INET6)) {
      return true;
    } catch (UnsupportedOperationException | IOException e) {
      return false;
    }
  }
}
