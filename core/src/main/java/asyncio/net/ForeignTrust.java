package asyncio.net;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's trust manager for the engines of others, with the word for a kind of authentication
 * that it understands.
 *
 * <p>Version 1.3 of the protocol negotiates none; the JDK's engines say {@code UNKNOWN} for that,
 * Conscrypt's {@code GENERIC}, which the JDK's trust manager refuses.
 */
final class ForeignTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager ofJdk;

  ForeignTrust(X509ExtendedTrustManager ofJdk) {
    this.ofJdk = ofJdk;
  }

  private static String known(String authType) {
    return authType.equals("GENERIC") ? "UNKNOWN" : authType;
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return ofJdk.getAcceptedIssuers();
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    ofJdk.checkServerTrusted(chain, known(authType), engine);
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    ofJdk.checkClientTrusted(chain, known(authType), engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    ofJdk.checkServerTrusted(chain, known(authType), socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    ofJdk.checkClientTrusted(chain, known(authType), socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ofJdk.checkServerTrusted(chain, known(authType));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ofJdk.checkClientTrusted(chain, known(authType));
  }
}
