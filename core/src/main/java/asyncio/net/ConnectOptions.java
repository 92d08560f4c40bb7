package asyncio.net;

import java.net.ProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to connect: the keyword arguments of {@code create_connection} and its relatives. Immutable:
 * each {@code with} method returns changed options.
 */
public final class ConnectOptions {
  private static final int DEFAULT_LIMIT = 64 * 1024;

  /** Plain TCP, one address after the other. */
  public static final ConnectOptions DEFAULT = new ConnectOptions();

  private @Nullable ProtocolFamily family;
  private int protocol;
  private Set<AddressFlag> flags = Set.of();
  private @Nullable SocketChannel socket;
  private @Nullable String localHost;
  private int localPort;
  private boolean hasLocalAddress;
  private @Nullable Duration happyEyeballsDelay;
  private int interleave = -1;
  private boolean allErrors;
  private @Nullable SSLContext tls;
  private @Nullable SSLParameters tlsParameters;
  private @Nullable String serverHostname;
  private @Nullable Duration tlsHandshakeTimeout;
  private @Nullable Duration tlsShutdownTimeout;
  private int limit = DEFAULT_LIMIT;

  private ConnectOptions() {}

  private ConnectOptions(ConnectOptions from) {
    family = from.family;
    protocol = from.protocol;
    flags = from.flags;
    socket = from.socket;
    localHost = from.localHost;
    localPort = from.localPort;
    hasLocalAddress = from.hasLocalAddress;
    happyEyeballsDelay = from.happyEyeballsDelay;
    interleave = from.interleave;
    allErrors = from.allErrors;
    tls = from.tls;
    tlsParameters = from.tlsParameters;
    serverHostname = from.serverHostname;
    tlsHandshakeTimeout = from.tlsHandshakeTimeout;
    tlsShutdownTimeout = from.tlsShutdownTimeout;
    limit = from.limit;
  }

  /** Options for a connection with TLS. */
  public static ConnectOptions tls(SSLContext context) {
    return DEFAULT.withTls(context);
  }

  /** Addresses of this family only. */
  public ConnectOptions withFamily(@Nullable ProtocolFamily family) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.family = family;
    return copy;
  }

  /** Addresses for this protocol only, as in {@link AddressOptions}; 0, as at first, for any. */
  public ConnectOptions withProtocol(int protocol) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.protocol = protocol;
    return copy;
  }

  /** How the host, and the local one, are looked up; at first without flags. */
  public ConnectOptions withFlags(AddressFlag... flags) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.flags = Set.copyOf(Arrays.asList(flags));
    return copy;
  }

  /**
   * Takes over this channel, which is connected, instead of connecting; the transport closes it
   * (spec CONN-3 to CONN-6).
   */
  public ConnectOptions withSocket(@Nullable SocketChannel socket) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.socket = socket;
    return copy;
  }

  /**
   * Binds the socket before it is connected (spec CONN-13, CONN-14).
   *
   * @param host a name or an address; null for any address
   * @param port 0 for any port
   */
  public ConnectOptions withLocalAddress(@Nullable String host, int port) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.localHost = host;
    copy.localPort = port;
    copy.hasLocalAddress = true;
    return copy;
  }

  /**
   * Starts an attempt at the next address when this time has passed since the last one, while that
   * goes on; the first to connect wins (RFC 8305, spec CONN-22 to CONN-28). 250 ms is usual. Null,
   * as at first: an attempt starts when the one before has failed.
   */
  public ConnectOptions withHappyEyeballs(@Nullable Duration delay) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.happyEyeballsDelay = delay;
    return copy;
  }

  /**
   * Mixes the families: so many addresses of the first one, then one of each in turn (spec
   * CONN-25).
   *
   * @param count 0 for the order in which they were resolved; at first that, or 1 if there is a
   *     {@linkplain #withHappyEyeballs delay}
   */
  public ConnectOptions withInterleave(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("interleave must not be negative: " + count);
    }
    ConnectOptions copy = new ConnectOptions(this);
    copy.interleave = count;
    return copy;
  }

  /** Whether a failure is an {@link asyncio.ExceptionGroup} of all errors (spec CONN-17). */
  public ConnectOptions withAllErrors(boolean allErrors) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.allErrors = allErrors;
    return copy;
  }

  /** Has the connection use TLS, with keys and trust of {@code context}. */
  public ConnectOptions withTls(@Nullable SSLContext context) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.tls = context;
    return copy;
  }

  /** Further settings of TLS: application protocols, cipher suites, protocol versions. */
  public ConnectOptions withTlsParameters(@Nullable SSLParameters parameters) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.tlsParameters = parameters;
    return copy;
  }

  /**
   * The name that the server's certificate must be for; at first the host. The empty string
   * switches the check off (spec CONN-8).
   */
  public ConnectOptions withServerHostname(@Nullable String name) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.serverHostname = name;
    return copy;
  }

  /** How long the TLS handshake may take; 60 s at first. */
  public ConnectOptions withTlsHandshakeTimeout(@Nullable Duration timeout) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.tlsHandshakeTimeout = timeout;
    return copy;
  }

  /** How long the orderly end of TLS may take; 30 s at first. */
  public ConnectOptions withTlsShutdownTimeout(@Nullable Duration timeout) {
    ConnectOptions copy = new ConnectOptions(this);
    copy.tlsShutdownTimeout = timeout;
    return copy;
  }

  /**
   * How many bytes a stream's line may have; when a reader holds more than twice as many, reading
   * is paused. 64 KiB at first. Streams only.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public ConnectOptions withLimit(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    ConnectOptions copy = new ConnectOptions(this);
    copy.limit = limit;
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

  public @Nullable SocketChannel socket() {
    return socket;
  }

  public boolean hasLocalAddress() {
    return hasLocalAddress;
  }

  public @Nullable String localHost() {
    return localHost;
  }

  public int localPort() {
    return localPort;
  }

  public @Nullable Duration happyEyeballsDelay() {
    return happyEyeballsDelay;
  }

  /** What {@link #withInterleave} says, or what follows from the delay. */
  public int interleave() {
    return interleave >= 0 ? interleave : happyEyeballsDelay != null ? 1 : 0;
  }

  public boolean allErrors() {
    return allErrors;
  }

  public @Nullable SSLContext tls() {
    return tls;
  }

  public @Nullable SSLParameters tlsParameters() {
    return tlsParameters;
  }

  public @Nullable String serverHostname() {
    return serverHostname;
  }

  public @Nullable Duration tlsHandshakeTimeout() {
    return tlsHandshakeTimeout;
  }

  public @Nullable Duration tlsShutdownTimeout() {
    return tlsShutdownTimeout;
  }

  public int limit() {
    return limit;
  }
}
