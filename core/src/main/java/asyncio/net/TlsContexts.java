package asyncio.net;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS contexts of PEM files: {@code startServer(handler, host, port,
 * ServerOptions.tls(TlsContexts.server(cert, key)))}.
 *
 * <p>Any other {@link SSLContext} can be used as well, of the JDK's or another provider's. One
 * context should serve many connections: it keeps the sessions that can be resumed. Thread-safe.
 */
public final class TlsContexts {
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

  /**
   * For what the other methods do not cover: a key with a password, certificates from elsewhere.
   *
   * {@snippet :
   * TlsContexts.of(Pem.certificates(chain), Pem.privateKey(key, password), null);
   * }
   *
   * @param chain its own certificate, then those that vouch for it; empty for none
   * @param key the private key of the first; null for none
   * @param trusted what vouches for peers; null for what this JVM trusts
   * @throws IllegalArgumentException if the key is not that of the certificate
   */
  public static SSLContext of(
      List<X509Certificate> chain,
      @Nullable PrivateKey key,
      @Nullable Collection<X509Certificate> trusted) {
    try {
      return of(chain, key, trusted, SSLContext.getInstance("TLS"), false);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
  }

  /**
   * As above, with the engines of another provider, such as Conscrypt's, which encrypt in native
   * code.
   *
   * {@snippet :
   * TlsContexts.of(Pem.certificates(chain), Pem.privateKey(key), null, Conscrypt.newProvider());
   * }
   *
   * @param engines has an {@link SSLContext} for {@code "TLS"}
   * @throws IllegalArgumentException if the provider has none, or if the key is not that of the
   *     certificate
   */
  public static SSLContext of(
      List<X509Certificate> chain,
      @Nullable PrivateKey key,
      @Nullable Collection<X509Certificate> trusted,
      Provider engines) {
    try {
      return of(chain, key, trusted, SSLContext.getInstance("TLS", engines), true);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException("engines: " + engines + " has no context for TLS", e);
    }
  }

  private static SSLContext of(
      List<X509Certificate> chain,
      @Nullable PrivateKey key,
      @Nullable Collection<X509Certificate> trusted,
      SSLContext context,
      boolean isForeign) {
    if (chain.isEmpty() != (key == null)) {
      throw new IllegalArgumentException(
          "chain and key belong together: give both, or an empty list and null");
    }
    try {
      context.init(
          key == null ? null : keyManagers(chain, key),
          trusted == null && !isForeign ? null : trustManagers(trusted, isForeign),
          null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("cannot make a TLS context: " + e.getMessage(), e);
    }
  }

  private static SSLContext make(@Nullable Path chain, @Nullable Path key, @Nullable Path trusted)
      throws IOException {
    List<X509Certificate> certificates = chain == null ? List.of() : Pem.certificates(chain);
    PrivateKey privateKey = key == null ? null : Pem.privateKey(key);
    List<X509Certificate> vouching = trusted == null ? null : Pem.certificates(trusted);
    try {
      return of(certificates, privateKey, vouching);
    } catch (IllegalArgumentException e) {
      throw new IOException(key + " and " + chain + ": " + e.getMessage(), e);
    }
  }

  private static KeyManager[] keyManagers(List<X509Certificate> chain, PrivateKey key)
      throws GeneralSecurityException {
    if (!KeyPairs.belong(key, chain.getFirst().getPublicKey())) {
      throw new IllegalArgumentException(
          "the key is not that of the first certificate, "
              + chain.getFirst().getSubjectX500Principal());
    }
    return new KeyManager[] {new OneKey(chain, key)};
  }

  private static TrustManager[] trustManagers(
      @Nullable Collection<X509Certificate> trusted, boolean isForeign)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(trusted == null ? null : storeOf(trusted));
    TrustManager[] managers = factory.getTrustManagers();
    for (int i = 0; i < managers.length; i++) {
      if (isForeign && managers[i] instanceof X509ExtendedTrustManager ofJdk) {
        managers[i] = new ForeignTrust(ofJdk);
      }
    }
    return managers;
  }

  private static KeyStore storeOf(Collection<X509Certificate> trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int i = 0;
    for (X509Certificate certificate : trusted) {
      store.setCertificateEntry("trusted-" + i++, certificate);
    }
    return store;
  }
}
