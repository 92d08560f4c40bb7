package asyncio.conformance.net;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts everybody, but takes its time: as one that asks a server somewhere. */
final class SlowTrust extends X509ExtendedTrustManager {
  private final Runnable asked;
  private final CountDownLatch released;

  private SlowTrust(Runnable asked, CountDownLatch released) {
    this.asked = asked;
    this.released = released;
  }

  /**
   * A client that trusts when {@code released} is.
   *
   * @param asked run when it is asked, in its thread
   */
  static SSLContext client(Runnable asked, CountDownLatch released) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new SlowTrust(asked, released)}, null);
    return context;
  }

  private void take() throws CertificateException {
    asked.run();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new CertificateException(e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    take();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    take();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    take();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
