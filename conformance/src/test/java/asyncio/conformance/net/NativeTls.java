package asyncio.conformance.net;

import static org.junit.jupiter.api.Assumptions.abort;

import asyncio.net.ConnectOptions;
import asyncio.net.Pem;
import asyncio.net.ServerOptions;
import asyncio.net.TlsContexts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.conscrypt.Conscrypt;

/** As {@link Tls}, with the engines of Conscrypt, another provider than the JDK's. */
final class NativeTls {
  private NativeTls() {}

  /** Conscrypt; the test is skipped where its native code does not run. */
  private static Provider provider() {
    try {
      return Conscrypt.newProvider();
    } catch (LinkageError e) {
      return abort("Conscrypt has no native code for this system: " + e);
    }
  }

  private static List<X509Certificate> certificates(String file) {
    try {
      return Pem.certificates(Tls.file(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PrivateKey key(String file) {
    try {
      return Pem.privateKey(Tls.file(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server for {@link Tls#NAME}, which may look at the certificates of clients. */
  static SSLContext server() {
    return TlsContexts.of(
        certificates("chain"), key("localhost.key"), certificates("root"), provider());
  }

  static SSLContext client() {
    return TlsContexts.of(List.of(), null, certificates("root"), provider());
  }

  static SSLContext clientWithCertificate() {
    return TlsContexts.of(
        certificates("client"), key("client.key"), certificates("root"), provider());
  }

  /** A client that trusts what this JVM trusts. */
  static SSLContext clientOfThisJvm() {
    return TlsContexts.of(List.of(), null, null, provider());
  }

  static ServerOptions serving() {
    return ServerOptions.tls(server());
  }

  static ConnectOptions connecting() {
    return ConnectOptions.tls(client()).withServerHostname(Tls.NAME);
  }
}
