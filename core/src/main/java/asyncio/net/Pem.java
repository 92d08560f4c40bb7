package asyncio.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and private keys from PEM files, as OpenSSL and others write them.
 *
 * <p>Keys may be in PKCS#8, encrypted or not, or in the older forms of RSA (PKCS#1) and elliptic
 * curves (SEC1). Thread-safe; files are read in the calling thread.
 */
public final class Pem {
  private Pem() {}

  /**
   * All certificates of a file, in its order; text around them is skipped.
   *
   * @throws IOException if the file cannot be read, or holds no certificate, or a broken one
   */
  public static List<X509Certificate> certificates(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    List<X509Certificate> found = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (PemBlock block : PemBlock.all(text)) {
        if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
        }
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " holds a broken certificate: " + e.getMessage(), e);
    }
    if (found.isEmpty()) {
      throw new IOException(file + " holds no certificate; it should have a CERTIFICATE block");
    }
    return List.copyOf(found);
  }

  /**
   * The first private key of a file.
   *
   * @throws IOException as {@link #privateKey(Path, char[])}
   */
  public static PrivateKey privateKey(Path file) throws IOException {
    return privateKey(file, null);
  }

  /**
   * The first private key of a file.
   *
   * @param password for an encrypted key; null if it is not
   * @throws IOException if the file cannot be read, or its key cannot, or if there is none; the
   *     text says what to do
   */
  public static PrivateKey privateKey(Path file, char @Nullable [] password) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    for (PemBlock block : PemBlock.all(text)) {
      if (block.label().endsWith("PRIVATE KEY")) {
        try {
          return PemKey.decode(block, password);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
          throw new IOException(
              file + " holds a private key that cannot be used: " + e.getMessage(), e);
        }
      }
    }
    throw new IOException(file + " holds no private key; it should have a PRIVATE KEY block");
  }
}
