package asyncio.net;

import java.net.ProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to serve: the keyword arguments of {@code create_server} and its relatives. Immutable: each
 * {@code with} method returns changed options.
 */
public final class ServerOptions {
  private static final int DEFAULT_BACKLOG = 100;
  private static final int DEFAULT_LIMIT = 64 * 1024;

  /** Plain TCP, serving at once. */
  public static final ServerOptions DEFAULT = new ServerOptions();

  private @Nullable ProtocolFamily family;
  private Set<AddressFlag> flags = Set.of(AddressFlag.PASSIVE);
  private @Nullable ServerSocketChannel socket;
  private int backlog = DEFAULT_BACKLOG;
  private @Nullable Boolean reuseAddress;
  private boolean reusePort;
  private boolean keepAlive;
  private boolean startServing = true;
  private boolean cleanupSocket = true;
  private @Nullable SSLContext tls;
  private @Nullable SSLParameters tlsParameters;
  private @Nullable Duration tlsHandshakeTimeout;
  private @Nullable Duration tlsShutdownTimeout;
  private int limit = DEFAULT_LIMIT;

  private ServerOptions() {}

  private ServerOptions(ServerOptions from) {
    family = from.family;
    flags = from.flags;
    socket = from.socket;
    backlog = from.backlog;
    reuseAddress = from.reuseAddress;
    reusePort = from.reusePort;
    keepAlive = from.keepAlive;
    startServing = from.startServing;
    cleanupSocket = from.cleanupSocket;
    tls = from.tls;
    tlsParameters = from.tlsParameters;
    tlsHandshakeTimeout = from.tlsHandshakeTimeout;
    tlsShutdownTimeout = from.tlsShutdownTimeout;
    limit = from.limit;
  }

  /** Options for a server with TLS. */
  public static ServerOptions tls(SSLContext context) {
    return DEFAULT.withTls(context);
  }

  /** Addresses of this family only. */
  public ServerOptions withFamily(@Nullable ProtocolFamily family) {
    ServerOptions copy = new ServerOptions(this);
    copy.family = family;
    return copy;
  }

  /** How hosts are looked up; at first with {@link AddressFlag#PASSIVE} alone. */
  public ServerOptions withFlags(AddressFlag... flags) {
    ServerOptions copy = new ServerOptions(this);
    copy.flags = Set.copyOf(Arrays.asList(flags));
    return copy;
  }

  /**
   * Uses this channel, which is bound, instead of opening one; the server closes it (spec SRV-6).
   */
  public ServerOptions withSocket(@Nullable ServerSocketChannel socket) {
    ServerOptions copy = new ServerOptions(this);
    copy.socket = socket;
    return copy;
  }

  /** How many connections may wait to be accepted, and are accepted at once; 100 at first. */
  public ServerOptions withBacklog(int backlog) {
    ServerOptions copy = new ServerOptions(this);
    copy.backlog = backlog;
    return copy;
  }

  /**
   * Sets {@code SO_REUSEADDR}; null, as at first, for what is usual on this system (spec SRV-9).
   */
  public ServerOptions withReuseAddress(@Nullable Boolean reuseAddress) {
    ServerOptions copy = new ServerOptions(this);
    copy.reuseAddress = reuseAddress;
    return copy;
  }

  /** Lets other servers that say the same listen on the same port (spec SRV-9, SRV-10). */
  public ServerOptions withReusePort(boolean reusePort) {
    ServerOptions copy = new ServerOptions(this);
    copy.reusePort = reusePort;
    return copy;
  }

  /** Sets {@code SO_KEEPALIVE} on each connection (spec SRV-11). */
  public ServerOptions withKeepAlive(boolean keepAlive) {
    ServerOptions copy = new ServerOptions(this);
    copy.keepAlive = keepAlive;
    return copy;
  }

  /** Whether to accept connections at once, as at first, or with {@link Server#startServing}. */
  public ServerOptions withStartServing(boolean startServing) {
    ServerOptions copy = new ServerOptions(this);
    copy.startServing = startServing;
    return copy;
  }

  /**
   * Whether closing a server on a UNIX socket removes the socket's file; so at first (spec UNIX-7).
   */
  public ServerOptions withCleanupSocket(boolean cleanupSocket) {
    ServerOptions copy = new ServerOptions(this);
    copy.cleanupSocket = cleanupSocket;
    return copy;
  }

  /** Has connections use TLS, with keys and trust of {@code context}. */
  public ServerOptions withTls(@Nullable SSLContext context) {
    ServerOptions copy = new ServerOptions(this);
    copy.tls = context;
    return copy;
  }

  /** Further settings of TLS: application protocols, client certificates, cipher suites. */
  public ServerOptions withTlsParameters(@Nullable SSLParameters parameters) {
    ServerOptions copy = new ServerOptions(this);
    copy.tlsParameters = parameters;
    return copy;
  }

  /** How long a TLS handshake may take; 60 s at first. */
  public ServerOptions withTlsHandshakeTimeout(@Nullable Duration timeout) {
    ServerOptions copy = new ServerOptions(this);
    copy.tlsHandshakeTimeout = timeout;
    return copy;
  }

  /** How long the orderly end of TLS may take; 30 s at first. */
  public ServerOptions withTlsShutdownTimeout(@Nullable Duration timeout) {
    ServerOptions copy = new ServerOptions(this);
    copy.tlsShutdownTimeout = timeout;
    return copy;
  }

  /**
   * How many bytes a stream's line may have; when a reader holds more than twice as many, reading
   * is paused. 64 KiB at first. Streams only.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public ServerOptions withLimit(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    ServerOptions copy = new ServerOptions(this);
    copy.limit = limit;
    return copy;
  }

  public @Nullable ProtocolFamily family() {
    return family;
  }

  public Set<AddressFlag> flags() {
    return flags;
  }

  public @Nullable ServerSocketChannel socket() {
    return socket;
  }

  public int backlog() {
    return backlog;
  }

  public @Nullable Boolean reuseAddress() {
    return reuseAddress;
  }

  public boolean reusePort() {
    return reusePort;
  }

  public boolean keepAlive() {
    return keepAlive;
  }

  public boolean startServing() {
    return startServing;
  }

  public boolean cleanupSocket() {
    return cleanupSocket;
  }

  public @Nullable SSLContext tls() {
    return tls;
  }

  public @Nullable SSLParameters tlsParameters() {
    return tlsParameters;
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
