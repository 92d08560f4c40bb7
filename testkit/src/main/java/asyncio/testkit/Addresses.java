package asyncio.testkit;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/** What the addresses of a network mean to its channels. */
final class Addresses {
  static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  private static final int LONGEST_PATH = 106;
  private static final byte LOOPBACK_NET = 127;

  private Addresses() {}

  /** An address that a channel of this family can use. */
  static InetSocketAddress checkInet(SocketAddress address, ProtocolFamily family) {
    Objects.requireNonNull(address);
    if (!(address instanceof InetSocketAddress inet)) {
      throw new UnsupportedAddressTypeException();
    }
    if (inet.isUnresolved()) {
      throw new UnresolvedAddressException();
    }
    if (family == StandardProtocolFamily.INET && !(inet.getAddress() instanceof Inet4Address)) {
      throw new UnsupportedAddressTypeException();
    }
    return inet;
  }

  static UnixDomainSocketAddress checkUnix(SocketAddress address) {
    Objects.requireNonNull(address);
    if (!(address instanceof UnixDomainSocketAddress unix)) {
      throw new UnsupportedAddressTypeException();
    }
    return unix;
  }

  /** The one name of a socket's path. */
  static Path checkPath(UnixDomainSocketAddress address) throws SocketException {
    Path path = address.getPath();
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new SocketException("Unix domain path too long");
    }
    return path.toAbsolutePath().normalize();
  }

  /** Every address of the family: where a channel is that was bound without one. */
  static InetAddress any(ProtocolFamily family) {
    return address(new byte[family == StandardProtocolFamily.INET ? 4 : 16]);
  }

  /** The address of a channel that is bound to {@code address}; the wildcard is the family's. */
  static InetAddress bound(InetAddress address, ProtocolFamily family) {
    return address.isAnyLocalAddress() ? any(family) : address;
  }

  /** Whom one reaches at {@code address}: at a wildcard, the loopback. */
  static InetSocketAddress target(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    if (!host.isAnyLocalAddress()) {
      return address;
    }
    return new InetSocketAddress(
        host instanceof Inet4Address ? address(new byte[] {LOOPBACK_NET, 0, 0, 1}) : loopback6(),
        address.getPort());
  }

  /** From where one reaches {@code target}: every address is one of this host. */
  static InetAddress source(InetAddress target) {
    return target instanceof Inet4Address && target.getAddress()[0] == LOOPBACK_NET
        ? address(new byte[] {LOOPBACK_NET, 0, 0, 1})
        : target;
  }

  private static InetAddress loopback6() {
    byte[] bytes = new byte[16];
    bytes[15] = 1;
    return address(bytes);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // 4 or 16 bytes always are an address
    }
  }
}
