package asyncio.net;

import javax.net.ssl.SSLSession;

/**
 * What a TLS connection is encrypted with: the value of {@code getExtraInfo("cipher")}.
 *
 * @param name of the cipher suite, such as {@code TLS_AES_256_GCM_SHA384}
 * @param protocol the version of TLS, such as {@code TLSv1.3}
 * @param bits the length of the key; 0 if nothing is encrypted
 */
public record TlsCipher(String name, String protocol, int bits) {

  /** What {@code session} has negotiated. */
  public static TlsCipher of(SSLSession session) {
    String name = session.getCipherSuite();
    return new TlsCipher(name, session.getProtocol(), bits(name));
  }

  /** The JDK does not tell; names do. */
  private static int bits(String name) {
    if (name.contains("_256_") || name.contains("CHACHA20")) {
      return 256;
    }
    if (name.contains("3DES")) {
      return 112;
    }
    return name.contains("_NULL_") ? 0 : 128;
  }
}
