package asyncio.conformance.net;

import asyncio.EventLoop;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.TlsContexts;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** The certificates and keys in the folder {@code tls} of the resources; make.sh made them. */
final class Tls {
  /** Names that the server's certificate is for. */
  static final String NAME = "localhost";

  static final String OTHER_NAME = "other.test";

  private static final SSLContext SERVER = server("chain", "localhost.key");
  private static final SSLContext CLIENT = client("root");

  private Tls() {}

  static Path file(String name) {
    try {
      return Path.of(Tls.class.getResource("tls/" + name + ".pem").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A server for {@link #NAME}, with a chain of certificates. */
  static SSLContext server() {
    return SERVER;
  }

  static SSLContext server(String certificate, String key) {
    try {
      return TlsContexts.server(file(certificate), file(key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client that trusts the servers with good certificates. */
  static SSLContext client() {
    return CLIENT;
  }

  static SSLContext client(String trusted) {
    try {
      return TlsContexts.client(file(trusted));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client that shows a certificate. */
  static SSLContext clientWithCertificate() {
    try {
      return TlsContexts.client(file("root"), file("client"), file("client.key"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server that looks at the certificates of clients. */
  static SSLContext serverThatTrusts() {
    try {
      return TlsContexts.server(file("chain"), file("localhost.key"), file("root"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ServerOptions serving() {
    return ServerOptions.tls(SERVER);
  }

  static ConnectOptions connecting() {
    return ConnectOptions.tls(CLIENT).withServerHostname(NAME);
  }

  /**
   * Has virtual time stand still for longer while keys are computed in the executor: that may take
   * a second on a busy machine.
   */
  static void bePatient(EventLoop loop) {
    if (loop instanceof VirtualTimeLoop virtual) {
      virtual.setPatience(Duration.ofSeconds(30));
    }
  }

  /** Parameters for one version of the protocol only. */
  static SSLParameters only(String version) {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {version});
    return parameters;
  }
}
