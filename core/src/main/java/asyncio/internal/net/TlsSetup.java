package asyncio.internal.net;

import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import java.net.IDN;
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
    TlsSetup setup =
        new TlsSetup(
            context,
            options.tlsParameters(),
            false,
            nameInCertificate(name),
            port,
            timeout("tlsHandshakeTimeout", options.tlsHandshakeTimeout(), HANDSHAKE_TIMEOUT),
            timeout("tlsShutdownTimeout", options.tlsShutdownTimeout(), SHUTDOWN_TIMEOUT));
    setup.check();
    return setup;
  }

  /**
   * A name as certificates have it: in ASCII, without the dot that makes it absolute; an address
   * without its zone.
   */
  private static String nameInCertificate(String name) {
    if (name.indexOf(':') >= 0) {
      int percent = name.indexOf('%');
      return percent < 0 ? name : name.substring(0, percent);
    }
    String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (relative.isEmpty() && !name.isEmpty()) {
      throw new IllegalArgumentException("serverHostname: '" + name + "' is no name of a host");
    }
    try {
      return IDN.toASCII(relative);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "serverHostname: '" + name + "' is no name of a host: " + e.getMessage(), e);
    }
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
    TlsSetup setup =
        new TlsSetup(
            context,
            options.tlsParameters(),
            true,
            null,
            -1,
            timeout("tlsHandshakeTimeout", options.tlsHandshakeTimeout(), HANDSHAKE_TIMEOUT),
            timeout("tlsShutdownTimeout", options.tlsShutdownTimeout(), SHUTDOWN_TIMEOUT));
    setup.check();
    return setup;
  }

  /** Refuses what no engine would take, before anything is looked up or opened (spec CONN-9). */
  private void check() {
    if (parameters != null) {
      newEngine();
    }
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
    if (name != null && name.isEmpty()) {
      name = null; // the certificate may be for any
    }
    SSLEngine engine =
        name != null ? context.createSSLEngine(name, port) : context.createSSLEngine();
    engine.setUseClientMode(!serverSide);
    if (parameters != null) {
      engine.setSSLParameters(parameters);
    }
    if (name != null) {
      engine.setSSLParameters(naming(engine.getSSLParameters(), name));
    }
    return engine;
  }

  /**
   * Has the name checked, and sent: the JDK does not do the former, and the latter only for names
   * with a dot. What the user has set comes first.
   *
   * @param wanted a copy of the engine's
   */
  private SSLParameters naming(SSLParameters wanted, String name) {
    if (wanted.getEndpointIdentificationAlgorithm() == null) {
      wanted.setEndpointIdentificationAlgorithm("HTTPS");
    }
    boolean isChosen = parameters != null && parameters.getServerNames() != null;
    if (!isChosen && IpLiterals.parse(name) == null) {
      try {
        wanted.setServerNames(List.of(new SNIHostName(name)));
      } catch (IllegalArgumentException e) {
        // Such as one with an underscore: the JDK can neither send it nor find it in a certificate.
        wanted.setServerNames(List.of());
      }
    }
    return wanted;
  }
}
