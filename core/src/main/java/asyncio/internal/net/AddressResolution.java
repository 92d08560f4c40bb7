package asyncio.internal.net;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.SocketType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How connections, servers and endpoints turn the host and port they are given into addresses
 * (CONN-11, CONN-12, DNS-9).
 *
 * <p>A literal address without a zone, with a number for a port, is used as it is. All else goes
 * through the loop's {@code getaddrinfo}, so a loop that overrides it is heard.
 */
public final class AddressResolution {
  private AddressResolution() {}

  /**
   * The addresses of a host and a port, never none; suspends unless it is a literal.
   *
   * @param host a name or a literal; null for the loopback, or with {@code passive} the wildcard
   *     addresses
   * @param port a number or the name of a service; null or empty for 0
   * @param family null for both
   * @throws IOException if there is none; mostly an {@link java.net.UnknownHostException}
   * @throws IllegalArgumentException if the family is no internet one, or the port out of range
   */
  @Suspends
  public static List<AddressInfo> resolve(
      EventLoop loop,
      @Nullable String host,
      @Nullable String port,
      @Nullable ProtocolFamily family,
      SocketType type,
      boolean passive)
      throws IOException {
    AddressOptions options = AddressOptions.DEFAULT.withFamily(family).withType(type);
    return resolve(loop, host, port, passive ? options.withFlags(AddressFlag.PASSIVE) : options);
  }

  /** As above, with a protocol and flags. */
  @Suspends
  public static List<AddressInfo> resolve(
      EventLoop loop, @Nullable String host, @Nullable String port, AddressOptions options)
      throws IOException {
    AddressInfo literal = AddressLookup.ofLiteral(host, port, options);
    if (literal != null) {
      return List.of(literal);
    }
    List<AddressInfo> found = loop.getaddrinfo(host, port, options);
    if (found.isEmpty()) {
      throw new IOException(
          "getaddrinfo() returned an empty list for host " + host + " and port " + port);
    }
    return found;
  }

  /**
   * The address itself if it is resolved, else the first one that its host and port stand for.
   *
   * @throws IOException if there is none
   */
  @Suspends
  public static InetSocketAddress resolved(
      EventLoop loop, InetSocketAddress address, @Nullable ProtocolFamily family, SocketType type)
      throws IOException {
    if (!address.isUnresolved()) {
      return address;
    }
    String port = String.valueOf(address.getPort());
    return resolve(loop, address.getHostString(), port, family, type, false).getFirst().address();
  }
}
