package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.net.Pem;
import asyncio.net.TlsContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys in files that OpenSSL 3 has written. */
class PemTest {
  private static final char[] SECRET = "secret".toCharArray();

  @TempDir private Path folder;

  private Path write(String... texts) throws IOException {
    return Files.writeString(folder.resolve("file.pem"), String.join("\n", texts));
  }

  private static String text(String name) throws IOException {
    return Files.readString(Tls.file(name));
  }

  // ---- certificates

  @Test
  void certificatesOfAChainKeepTheirOrder() throws Exception {
    List<X509Certificate> chain = Pem.certificates(Tls.file("chain"));
    assertThat(chain)
        .extracting(each -> each.getSubjectX500Principal().getName())
        .containsExactly("CN=localhost", "CN=Test authority");
    chain.getFirst().verify(chain.get(1).getPublicKey());
  }

  @Test
  void textAndOtherBlocksAroundCertificatesAreSkipped() throws Exception {
    Path file =
        write(
            "Certificate:\n  Issuer: somebody\n",
            text("ec-P-256"),
            text("root").replace("\n", "\r\n"),
            "and so on");
    assertThat(Pem.certificates(file)).hasSize(1);
    assertThat(Pem.privateKey(file).getAlgorithm()).isEqualTo("EC");
    Path trusted =
        write(text("root").replace("BEGIN C", "BEGIN X509 C").replace("END C", "END X509 C"));
    assertThat(Pem.certificates(trusted)).hasSize(1);
  }

  @Test
  void whatIsNoCertificateIsSaidSo() throws Exception {
    assertThatThrownBy(() -> Pem.certificates(Tls.file("ec-P-256")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ec-P-256.pem")
        .hasMessageContaining("no certificate");
    Path broken = write(text("root").replaceFirst("\n\\w{20}", "\n"));
    assertThatThrownBy(() -> Pem.certificates(broken))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file.pem holds a broken certificate");
    Path cutOff = write(text("root").substring(0, 300));
    assertThatThrownBy(() -> Pem.certificates(cutOff)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Pem.certificates(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  // ---- keys

  @ParameterizedTest
  @CsvSource({
    "rsa-pkcs1, rsa-pkcs1",
    "rsa-pkcs8, rsa-pkcs1",
    "rsa-pss, rsa-pss",
    "ec-P-256, ec-P-256",
    "ec-P-384, ec-P-384",
    "ec-P-521, ec-P-521",
    "ec-sec1, ec-P-256",
    "ec-pkcs8, ec-P-256",
    "ed25519, ed25519",
    "ed448, ed448"
  })
  void keysOfAllFormsBelongToTheirCertificates(String key, String certificate) throws Exception {
    PrivateKey read = Pem.privateKey(Tls.file(key));
    assertThat(Pem.privateKey(Tls.file(key), SECRET)).isEqualTo(read);
    // Refuses a key that is not the certificate's.
    TlsContexts.of(Pem.certificates(Tls.file(certificate + ".cert")), read, null);
  }

  @ParameterizedTest
  @CsvSource({
    "rsa-aes256, rsa-pkcs1",
    "rsa-aes128-sha512, rsa-pkcs1",
    "rsa-pbe-sha1-3des, rsa-pkcs1",
    "ec-aes256, ec-P-256"
  })
  void encryptedKeysNeedTheirPassword(String encrypted, String certificate) throws Exception {
    Path file = Tls.file(encrypted);
    // Refuses a key that is not the certificate's.
    TlsContexts.of(
        Pem.certificates(Tls.file(certificate + ".cert")), Pem.privateKey(file, SECRET), null);
    assertThatThrownBy(() -> Pem.privateKey(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(encrypted + ".pem")
        .hasMessageContaining("give its password");
    assertThatThrownBy(() -> Pem.privateKey(file, "wrong".toCharArray()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("password is wrong");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa-dek", "rsa-scrypt", "rsa-des3"})
  void encryptionThatTheJdkDoesNotKnowIsToBeConverted(String name) {
    assertThatThrownBy(() -> Pem.privateKey(Tls.file(name), SECRET))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("openssl pkcs8 -topk8");
  }

  @Test
  void curveThatHasNoNameIsRefused() {
    assertThatThrownBy(() -> Pem.privateKey(Tls.file("ec-explicit")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be used");
  }

  @Test
  void fileWithoutKeyIsSaidSo() {
    assertThatThrownBy(() -> Pem.privateKey(Tls.file("root")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("root.pem holds no private key");
  }

  @Test
  void otherKindsOfKeysAreNamed() throws Exception {
    Path file = write(text("rsa-pkcs8").replace("PRIVATE KEY", "OPENSSH PRIVATE KEY"));
    assertThatThrownBy(() -> Pem.privateKey(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("OPENSSH PRIVATE KEY");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa-pkcs1", "ec-sec1", "rsa-pkcs8", "rsa-aes256", "root"})
  void damagedFilesGiveAnIoException(String name) throws Exception {
    String whole = text(name);
    int begin = whole.indexOf("-----\n") + 6;
    int end = whole.indexOf("-----END");
    byte[] bytes = Base64.getMimeDecoder().decode(whole.substring(begin, end));
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = java.util.Arrays.copyOf(bytes, bytes.length - random.nextInt(bytes.length));
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(Math.min(damaged.length, 40))] = (byte) random.nextInt();
      }
      Path file =
          write(
              whole.substring(0, begin)
                  + Base64.getMimeEncoder().encodeToString(damaged)
                  + "\n"
                  + whole.substring(end));
      try {
        if (name.equals("root")) {
          Pem.certificates(file);
        } else {
          Pem.privateKey(file, SECRET);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("file.pem");
      }
    }
    Path noBase64 = write(whole.substring(0, begin) + "=A=\n" + whole.substring(end));
    assertThatThrownBy(
            () -> {
              Pem.certificates(noBase64);
              Pem.privateKey(noBase64, SECRET);
            })
        .isInstanceOf(IOException.class);
  }

  // ---- contexts

  @Test
  void keyOfAnotherCertificateIsRefused() {
    for (String[] files :
        List.of(
            new String[] {"chain", "other.key"},
            new String[] {"chain", "rsa-pkcs8"},
            new String[] {"rsa-pkcs1.cert", "rsa-pss"},
            new String[] {"rsa-pkcs1.cert", "ed25519"},
            new String[] {"ed25519.cert", "ed448"})) {
      assertThatThrownBy(() -> TlsContexts.server(Tls.file(files[0]), Tls.file(files[1])))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(files[1] + ".pem")
          .hasMessageContaining("not that of the first certificate");
    }
    assertThatThrownBy(() -> TlsContexts.of(List.of(), Pem.privateKey(Tls.file("ed448")), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belong together");
  }

  @Test
  void certificateAndKeyMayBeInOneFile() throws Exception {
    SSLContext context = TlsContexts.server(Tls.file("stranger"), Tls.file("stranger"));
    assertThat(context.getProtocol()).isEqualTo("TLS");
  }
}
