package asyncio.internal.net;

import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How one side of a TLS connection is set up; made from options that were checked.
 *
 * @param serverHostname the name that the certificate must be for; empty for any; null on a server
 * @param port with the name, the key under which sessions are resumed; -1 if there is none
 */
record TlsSetup(
    SSLContext context,
    @Nullable SSLParameters parameters,
    boolean serverSide,
    @Nullable String serverHostname,
    int port,
    Duration handshakeTimeout,
    Duration shutdownTimeout) {

  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

  /**
   * The client's side, or null if the options ask for plain TCP.
   *
   * @param host the name to use unless the options give one; null if there is none
   * @throws IllegalArgumentException if the options contradict each other (spec CONN-7, CONN-8,
   *     TLS-2)
   */
  static @Nullable TlsSetup of(ConnectOptions options, @Nullable String host, int port) {
    SSLContext context = options.tls();
    String name = options.serverHostname();
    if (context == null) {
      refuse("serverHostname", name);
      refuse("tlsHandshakeTimeout", options.tlsHandshakeTimeout());
      refuse("tlsShutdownTimeout", options.tlsShutdownTimeout());
      refuse("tlsParameters", options.tlsParameters());
      return null;
    }
    if (name == null) {
      name = host;
    }
    if (name == null || (name.isEmpty() && options.serverHostname() == null)) {
      throw new IllegalArgumentException(
          "serverHostname: TLS without a host needs one; use withServerHostname, with \"\" for a"
              + " connection whose certificate may be for any name");
    }
    return new TlsSetup(
        context,
        options.tlsParameters(),
        false,
        name,
        port,
        timeout("tlsHandshakeTimeout", options.tlsHandshakeTimeout(), HANDSHAKE_TIMEOUT),
        timeout("tlsShutdownTimeout", options.tlsShutdownTimeout(), SHUTDOWN_TIMEOUT));
  }

  /** The server's side, or null if the options ask for plain TCP. */
  static @Nullable TlsSetup of(ServerOptions options) {
    SSLContext context = options.tls();
    if (context == null) {
      refuse("tlsHandshakeTimeout", options.tlsHandshakeTimeout());
      refuse("tlsShutdownTimeout", options.tlsShutdownTimeout());
      refuse("tlsParameters", options.tlsParameters());
      return null;
    }
    return new TlsSetup(
        context,
        options.tlsParameters(),
        true,
        null,
        -1,
        timeout("tlsHandshakeTimeout", options.tlsHandshakeTimeout(), HANDSHAKE_TIMEOUT),
        timeout("tlsShutdownTimeout", options.tlsShutdownTimeout(), SHUTDOWN_TIMEOUT));
  }

  private static void refuse(String option, @Nullable Object value) {
    if (value != null) {
      throw new IllegalArgumentException(
          option + " is only meaningful with TLS: " + value + "; add withTls(context)");
    }
  }

  private static Duration timeout(String option, @Nullable Duration value, Duration otherwise) {
    if (value == null) {
      return otherwise;
    }
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(option + " must be a positive time, got " + value);
    }
    return value;
  }

  SSLEngine newEngine() {
    String name = serverHostname;
    boolean named = name != null && !name.isEmpty();
    SSLEngine engine = named ? context.createSSLEngine(name, port) : context.createSSLEngine();
    engine.setUseClientMode(!serverSide);
    if (parameters != null) {
      engine.setSSLParameters(parameters);
    }
    SSLParameters wanted = engine.getSSLParameters(); // a copy
    if (named) {
      wanted.setEndpointIdentificationAlgorithm("HTTPS");
      if (!isAddress(name)) {
        // Explicitly: the JDK leaves it out for names without a dot.
        wanted.setServerNames(List.of(new SNIHostName(name)));
      }
    }
    engine.setSSLParameters(wanted);
    return engine;
  }

  private static boolean isAddress(String name) {
    try {
      InetAddress.ofLiteral(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
