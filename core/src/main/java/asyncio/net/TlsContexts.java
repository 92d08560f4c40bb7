package asyncio.net;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS contexts of PEM files: {@code startServer(handler, host, port,
 * ServerOptions.tls(TlsContexts.server(cert, key)))}.
 *
 * <p>Any other {@link SSLContext} can be used as well, of the JDK's or another provider's. One
 * context should serve many connections: it keeps the sessions that can be resumed. Thread-safe.
 */
public final class TlsContexts {
  private static final char[] PASSWORD = {};

  private TlsContexts() {}

  /** For clients: trusts what this JVM trusts. */
  public static SSLContext client() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no default TLS context", e);
    }
  }

  /**
   * For clients: trusts the certificates of a file, and only them.
   *
   * @throws IOException if the file cannot be used
   */
  public static SSLContext client(Path trusted) throws IOException {
    return make(null, null, trusted);
  }

  /**
   * For clients that show a certificate: the context has both.
   *
   * @param chain its own certificate, then those that vouch for it
   * @throws IOException if a file cannot be used
   */
  public static SSLContext client(Path trusted, Path chain, Path key) throws IOException {
    return make(chain, key, trusted);
  }

  /**
   * For servers.
   *
   * @param chain the server's certificate, then those that vouch for it
   * @param key the private key of the first, not encrypted
   * @throws IOException if a file cannot be used
   */
  public static SSLContext server(Path chain, Path key) throws IOException {
    return make(chain, key, null);
  }

  /**
   * For servers that look at their clients' certificates; {@link
   * javax.net.ssl.SSLParameters#setNeedClientAuth} in the options asks for them.
   *
   * @param trusted what vouches for the clients
   * @throws IOException if a file cannot be used
   */
  public static SSLContext server(Path chain, Path key, Path trusted) throws IOException {
    return make(chain, key, trusted);
  }

  private static SSLContext make(@Nullable Path chain, @Nullable Path key, @Nullable Path trusted)
      throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          chain == null || key == null ? null : keyManagers(chain, key),
          trusted == null ? null : trustManagers(trusted),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "cannot make a TLS context of "
              + List.of(String.valueOf(chain), String.valueOf(key))
              + ", trusting "
              + trusted
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static KeyManager[] keyManagers(Path chain, Path key)
      throws IOException, GeneralSecurityException {
    X509Certificate[] certificates = Pem.certificates(chain).toArray(X509Certificate[]::new);
    PrivateKey privateKey = Pem.privateKey(key);
    if (!certificates[0].getPublicKey().getAlgorithm().equals(privateKey.getAlgorithm())
        && !privateKey.getAlgorithm().startsWith("Ed")) {
      throw new IOException(
          "the key in " + key + " does not belong to the first certificate in " + chain);
    }
    KeyStore store = emptyStore();
    store.setKeyEntry("key", privateKey, PASSWORD, certificates);
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, PASSWORD);
    return factory.getKeyManagers();
  }

  private static TrustManager[] trustManagers(Path trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    List<X509Certificate> certificates = Pem.certificates(trusted);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("trusted-" + i, certificates.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
