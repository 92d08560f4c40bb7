import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLHandshakeException;

/**
 * Sends lines back over TLS: {@code TlsEcho PORT CERTIFICATE KEY}, and then {@code openssl s_client
 * -connect localhost:PORT}. Without arguments it uses the certificate below, which is signed by
 * nobody but itself, and is its own client.
 */
class TlsEcho {
  /** Made with {@code openssl req -x509 -newkey … -subj /CN=localhost}; key and certificate. */
  static final String SELF_SIGNED =
      """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFwB98yTJq84aNsK5
      bwxOqqeQnIczhqcQWCr7uD6doCShRANCAAR2MuYOkFw0NWDAw7WPWcIyFzgOGdVT
      Zxh3hqCxOA1hWDj0Pf7KWOXdFt2T9by/rAkqZor/JIZo3fPCM8SPl6eE
      -----END PRIVATE KEY-----
      -----BEGIN CERTIFICATE-----
      MIIBdTCCARqgAwIBAgIUbkBMzt7WDWlYJdeNKfniZKhPZg4wCgYIKoZIzj0EAwIw
      FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
      MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
      PQMBBwNCAAR2MuYOkFw0NWDAw7WPWcIyFzgOGdVTZxh3hqCxOA1hWDj0Pf7KWOXd
      Ft2T9by/rAkqZor/JIZo3fPCM8SPl6eEo0gwRjAUBgNVHREEDTALgglsb2NhbGhv
      c3QwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUnNl9aIPpzAfsLC6FJvN99o1r
      MucwCgYIKoZIzj0EAwIDSQAwRgIhALpr2Ott0u1OMFz8UQjmdIF3doxRV7au4nZk
      g5Dk1OFgAiEAv8ifoiJRDF1BiiiBBdRLZt8KsPYJj9EaI3w+fZdimD8=
      -----END CERTIFICATE-----
      """;

  void main(String[] args) throws IOException {
    if (args.length == 3) {
      run(() -> {
        var tls = ServerOptions.tls(TlsContexts.server(Path.of(args[1]), Path.of(args[2])));
        startServer(this::echo, null, Integer.parseInt(args[0]), tls).serveForever();
      });
      return;
    }
    Path pem = Files.writeString(Files.createTempFile("localhost", ".pem"), SELF_SIGNED);
    run(() -> {
      var server =
          startServer(this::echo, "127.0.0.1", 0, ServerOptions.tls(TlsContexts.server(pem, pem)));
      try (var _ = server.scope()) {
        int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
        talk(port, ConnectOptions.tls(TlsContexts.client(pem))); // trusts this one
        talk(port, ConnectOptions.tls(TlsContexts.client())); // trusts what Java trusts
      }
    });
    Files.delete(pem);
  }

  void talk(int port, ConnectOptions tls) throws IOException {
    try (Streams streams = openConnection("127.0.0.1", port, tls.withServerHostname("localhost"))) {
      var certificate = (X509Certificate) streams.writer().getExtraInfo("peercert");
      var cipher = (TlsCipher) streams.writer().getExtraInfo("cipher");
      System.out.println("connected to " + certificate.getSubjectX500Principal());
      System.out.println("with " + cipher.protocol() + ", " + cipher.bits() + " bits");
      streams.writer().writeUtf8("nobody else can read this\n");
      System.out.println("echo: " + streams.reader().readUtf8Line());
    } catch (SSLHandshakeException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
        writer.drain();
      }
    }
  }
}
