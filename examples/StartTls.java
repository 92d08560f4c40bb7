import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** A conversation as with a mail server: it begins in clear and goes on with TLS. */
class StartTls {
  /** A certificate for localhost that is signed by nobody but itself, and its key. */
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

  SSLContext serverContext;
  SSLContext clientContext;

  void main() throws IOException {
    Path pem = Files.writeString(Files.createTempFile("localhost", ".pem"), SELF_SIGNED);
    serverContext = TlsContexts.server(pem, pem);
    clientContext = TlsContexts.client(pem);
    Files.delete(pem);
    run(() -> {
      Server server = startServer(this::serve, "127.0.0.1", 0);
      try (var _ = server.scope()) {
        talk(((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort());
      }
    });
  }

  // ---- the server

  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      writer.writeUtf8("220 ready\r\n");
      for (String line : reader.utf8Lines()) {
        boolean isSecure = writer.getExtraInfo("cipher") != null;
        switch (line) {
          case "EHLO" -> writer.writeUtf8(isSecure ? "250 AUTH\r\n" : "250 STARTTLS\r\n");
          case "STARTTLS" -> {
            writer.writeUtf8("220 go ahead\r\n");
            writer.startTls(serverContext, null); // reader and writer stay the same
          }
          case "QUIT" -> {
            writer.writeUtf8("221 bye\r\n");
            return;
          }
          default -> writer.writeUtf8(isSecure ? "250 ok\r\n" : "530 say STARTTLS first\r\n");
        }
      }
    }
  }

  // ---- the client

  void talk(int port) throws IOException {
    try (Streams mail = openConnection("127.0.0.1", port)) {
      System.out.println(mail.reader().readUtf8Line());
      say(mail, "EHLO");
      say(mail, "MAIL");
      say(mail, "STARTTLS");
      mail.writer().startTls(clientContext, "localhost");
      System.out.println("-- from here on nobody listens");
      say(mail, "EHLO");
      say(mail, "MAIL");
      say(mail, "QUIT");
    }
  }

  void say(Streams mail, String line) throws IOException {
    mail.writer().writeUtf8(line + "\r\n");
    System.out.println(line + " -> " + mail.reader().readUtf8Line());
  }
}
