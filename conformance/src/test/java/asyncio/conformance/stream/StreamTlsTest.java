package asyncio.conformance.stream;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.startServer;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.conformance.Spec;
import asyncio.net.ClientHandler;
import asyncio.net.ReadTransport;
import asyncio.net.Server;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.Streams;
import asyncio.net.TlsContexts;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Connections that go on with TLS after some words in the clear. */
class StreamTlsTest {
  private static final String HOST = "127.0.0.1";

  /** Trusts, and has, the certificate of {@code localhost}. */
  private static SSLContext localhost;

  @BeforeAll
  static void makeCertificate(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("keys");
    char[] password = "password".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "localhost",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                "password",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    keytool.getInputStream().readAllBytes();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, password);
    }
    localhost = context(keys, password);
  }

  private static SSLContext context(KeyStore keys, char[] password) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, password);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** Agrees on TLS and goes on in {@code afterwards}. */
  private static ClientHandler upgrading(ClientHandler afterwards) {
    return (reader, writer) -> {
      try (writer) {
        assertThat(reader.readUtf8Line()).isEqualTo("STARTTLS");
        writer.writeUtf8("go ahead\n");
        writer.startTls(localhost, null);
        afterwards.handle(reader, writer);
      }
    };
  }

  private static void upgrade(Streams client) throws IOException {
    client.writer().writeUtf8("STARTTLS\n");
    assertThat(client.reader().readUtf8Line()).isEqualTo("go ahead");
    client.writer().startTls(localhost, "localhost");
  }

  private static void echoLines(StreamReader reader, StreamWriter writer) throws IOException {
    for (byte[] line : reader) {
      writer.write(line);
      writer.drain();
    }
  }

  @LoopTest
  @Spec("STREAM-41")
  void readerAndWriterStayTheSame() throws Exception {
    Server server = startServer(upgrading(StreamTlsTest::echoLines), HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, StreamConnectionContract.port(server))) {
      Object before = client.writer().transport();
      assertThat(client.writer().getExtraInfo("sslcontext")).isNull();
      upgrade(client);
      assertThat(client.writer().transport()).isNotSameAs(before);
      assertThat(client.writer().getExtraInfo("sslcontext")).isSameAs(localhost);
      client.writer().writeUtf8("secret\n");
      assertThat(client.reader().readUtf8Line()).isEqualTo("secret");
    }
  }

  @LoopTest
  @Spec("STREAM-41")
  void helloThatIsInTheReaderAlreadyBelongsToTheHandshake() throws Exception {
    ClientHandler handler =
        (reader, writer) -> {
          try (writer) {
            reader.readLine();
            writer.writeUtf8("go ahead\n");
            while (!reader.toString().contains("bytes")) {
              turn();
            }
            writer.startTls(localhost, null);
            echoLines(reader, writer);
          }
        };
    Server server = startServer(handler, HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, StreamConnectionContract.port(server))) {
      upgrade(client);
      client.writer().writeUtf8("secret\n");
      assertThat(client.reader().readUtf8Line()).isEqualTo("secret");
    }
  }

  @LoopTest
  @Spec("STREAM-41")
  void failedUpgradeClosesTheConnection(EventLoop loop) throws Exception {
    Future<Throwable> serverFailure = loop.createFuture();
    ClientHandler handler =
        (reader, writer) -> {
          reader.readLine();
          try {
            writer.startTls(localhost, null);
          } catch (IOException e) {
            serverFailure.setResult(e);
            writer.close();
          }
        };
    Server server = startServer(handler, HOST, 0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, StreamConnectionContract.port(server))) {
      client.writer().writeUtf8("STARTTLS\n");
      assertThrows(
          SSLException.class, () -> client.writer().startTls(TlsContexts.client(), "localhost"));
      assertThat(client.writer().isClosing()).isTrue();
      assertThrows(SSLException.class, client.writer()::waitClosed);
      assertThat(await(serverFailure)).isInstanceOf(IOException.class);
    }
  }

  @LoopTest
  @Spec("STREAM-42")
  void readingIsPausedAndResumedOnTheNewTransport(EventLoop loop) throws Exception {
    Future<String> read = loop.createFuture();
    byte[] much = new byte[400_000];
    Server server =
        startServer(
            upgrading((reader, writer) -> {
              var transport = (ReadTransport) writer.transport();
              while (transport.isReading()) {
                turn();
              }
              writer.writeUtf8("paused\n");
              assertThat(reader.readExactly(much.length)).isEqualTo(much);
              assertThat(transport.isReading()).isTrue();
              read.setResult("all of it");
            }),
            HOST,
            0);
    try (var _ = server.scope();
        Streams client = openConnection(HOST, StreamConnectionContract.port(server))) {
      upgrade(client);
      var writing =
          createTask(() -> {
            client.writer().write(much);
            client.writer().drain();
          });
      assertThat(client.reader().readUtf8Line()).isEqualTo("paused");
      assertThat(await(read)).isEqualTo("all of it");
      await(writing);
    }
  }

  @LoopTest
  @Spec({"STREAM-42", "STREAM-40"})
  void endOfFileOverTlsClosesTheConnection() throws Exception {
    Server server = startServer(upgrading((_, writer) -> writer.writeUtf8("bye\n")), HOST, 0);
    try (var _ = server.scope()) {
      Streams client = openConnection(HOST, StreamConnectionContract.port(server));
      upgrade(client);
      assertThat(client.reader().readUtf8Line()).isEqualTo("bye");
      assertThat(client.reader().readUtf8Line()).isNull();
      client.writer().waitClosed(); // without a close() of ours
      assertThat(client.writer().isClosing()).isTrue();
    }
  }
}
