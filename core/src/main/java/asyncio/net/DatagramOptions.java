package asyncio.net;

import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which datagram endpoint to make: the arguments of {@code create_datagram_endpoint}. Immutable:
 * each {@code with} method returns changed options.
 *
 * <p>There has to be a {@linkplain #withLocalAddress local address}, a {@linkplain
 * #withRemoteAddress remote} one, or both; or a {@linkplain #withFamily family} alone, for an
 * endpoint that sends first; or a {@linkplain #withSocket channel} and nothing else.
 */
public final class DatagramOptions {

  /** Nothing yet. */
  public static final DatagramOptions DEFAULT = new DatagramOptions();

  private @Nullable ProtocolFamily family;
  private int protocol;
  private Set<AddressFlag> flags = Set.of();
  private @Nullable String localHost;
  private int localPort = -1;
  private @Nullable String remoteHost;
  private int remotePort = -1;
  private boolean reusePort;
  private boolean allowBroadcast;
  private @Nullable DatagramChannel socket;

  private DatagramOptions() {}

  private DatagramOptions(DatagramOptions from) {
    family = from.family;
    protocol = from.protocol;
    flags = from.flags;
    localHost = from.localHost;
    localPort = from.localPort;
    remoteHost = from.remoteHost;
    remotePort = from.remotePort;
    reusePort = from.reusePort;
    allowBroadcast = from.allowBroadcast;
    socket = from.socket;
  }

  /** Options for an endpoint that receives at an address; see {@link #withLocalAddress}. */
  public static DatagramOptions local(@Nullable String host, int port) {
    return DEFAULT.withLocalAddress(host, port);
  }

  /** Options for an endpoint with one peer; see {@link #withRemoteAddress}. */
  public static DatagramOptions remote(@Nullable String host, int port) {
    return DEFAULT.withRemoteAddress(host, port);
  }

  /** Addresses of this family only: {@code INET} or {@code INET6}. */
  public DatagramOptions withFamily(@Nullable ProtocolFamily family) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.family = family;
    return copy;
  }

  /** Addresses for this protocol only, as in {@link AddressOptions}; 0, as at first, for any. */
  public DatagramOptions withProtocol(int protocol) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.protocol = protocol;
    return copy;
  }

  /** How the hosts are looked up; at first without flags. */
  public DatagramOptions withFlags(AddressFlag... flags) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.flags = Set.copyOf(Arrays.asList(flags));
    return copy;
  }

  /**
   * Binds the socket.
   *
   * @param host a name or an address; null or empty for all addresses of this machine, of IPv4
   *     unless a family was given
   * @param port 0 for any port
   */
  public DatagramOptions withLocalAddress(@Nullable String host, int port) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.localHost = host;
    copy.localPort = checkPort(port);
    return copy;
  }

  /**
   * Connects the socket: it sends to this address, and receives from there alone.
   *
   * @param host a name or an address; null for this machine
   */
  public DatagramOptions withRemoteAddress(@Nullable String host, int port) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.remoteHost = host;
    copy.remotePort = checkPort(port);
    return copy;
  }

  private static int checkPort(int port) {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port: must be 0 to 65535, not " + port);
    }
    return port;
  }

  /** Lets other sockets that say the same have the same address (spec DG-10, SRV-9). */
  public DatagramOptions withReusePort(boolean reusePort) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.reusePort = reusePort;
    return copy;
  }

  /**
   * Allows to send to broadcast addresses. The remote address, if there is one, is where the
   * endpoint sends to, but it receives from everywhere.
   */
  public DatagramOptions withAllowBroadcast(boolean allowBroadcast) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.allowBroadcast = allowBroadcast;
    return copy;
  }

  /**
   * Takes over this channel, bound or connected as it is, instead of opening one; the transport
   * closes it. No other option may be set.
   */
  public DatagramOptions withSocket(@Nullable DatagramChannel socket) {
    DatagramOptions copy = new DatagramOptions(this);
    copy.socket = socket;
    return copy;
  }

  public @Nullable ProtocolFamily family() {
    return family;
  }

  public int protocol() {
    return protocol;
  }

  public Set<AddressFlag> flags() {
    return flags;
  }

  public boolean hasLocalAddress() {
    return localPort >= 0;
  }

  public @Nullable String localHost() {
    return localHost;
  }

  /** The local port; -1 if there is no local address. */
  public int localPort() {
    return localPort;
  }

  public boolean hasRemoteAddress() {
    return remotePort >= 0;
  }

  public @Nullable String remoteHost() {
    return remoteHost;
  }

  /** The remote port; -1 if there is no remote address. */
  public int remotePort() {
    return remotePort;
  }

  public boolean reusePort() {
    return reusePort;
  }

  public boolean allowBroadcast() {
    return allowBroadcast;
  }

  public @Nullable DatagramChannel socket() {
    return socket;
  }
}
