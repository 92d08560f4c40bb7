package asyncio.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** A certificate for {@code localhost} that it has signed itself, on P-256, and its key, as PEM. */
record TlsFiles(String certificate, String key) {
  private static final String NAME = "server";
  private static final String PASSWORD = "changeit";

  /** Has the JDK's keytool make them, in the toolbox. */
  static TlsFiles make(Toolbox tools) throws Exception {
    Path store = tools.file("store");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                NAME,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool makes no certificate: " + said);
    }
    return convert(store, tools.file("certificate.pem"), tools.file("key.pem"));
  }

  private static TlsFiles convert(Path store, Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    write(certificate, "CERTIFICATE", keys.getCertificate(NAME).getEncoded());
    write(key, "PRIVATE KEY", keys.getKey(NAME, PASSWORD.toCharArray()).getEncoded());
    return new TlsFiles(certificate.toString(), key.toString());
  }

  private static void write(Path file, String label, byte[] data) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(data);
    Files.write(
        file, List.of("-----BEGIN " + label + "-----", body, "-----END " + label + "-----"));
  }
}
