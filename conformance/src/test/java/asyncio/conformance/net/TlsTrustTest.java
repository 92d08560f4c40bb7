package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.startServer;
import static asyncio.conformance.net.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.Pem;
import asyncio.net.ServerOptions;
import asyncio.net.TlsCipher;
import asyncio.net.TlsContexts;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Who is trusted, by what name, and what a connection with TLS says of that. */
class TlsTrustTest extends TlsLab {

  // ---- contexts

  @LoopTest
  @Spec("TLS-1")
  void defaultContextVerifiesCertificateAndName() throws Exception {
    assertThatThrownBy(() ->
            connect(
                Tls.serving(),
                ConnectOptions.tls(TlsContexts.client()).withServerHostname(Tls.NAME)))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("certification path");
    assertThat(TlsContexts.client()).isSameAs(SSLContext.getDefault());
  }

  @LoopTest
  @Spec({"TLS-1", "TLS-6"})
  void hostIsTheNameInTheCertificate(VirtualTimeLoop loop) throws Exception {
    loop.setDebug(false); // in which the server's end would report what the client has refused
    Tls.bePatient(loop);
    loop.network().addHost("server.test", "127.0.0.1");
    loop.network().addHost("server.test.", "127.0.0.1");
    loop.network().addHost("elsewhere.test", "127.0.0.1");
    var server = loop.createServer(Servers.SILENT, "server.test", 443, Tls.serving());
    try (var _ = server.scope()) {
      var options = ConnectOptions.tls(Tls.client());
      for (String host : List.of("server.test", "server.test.", "SERVER.test", "127.0.0.1")) {
        Witness client = new Witness();
        loop.createConnection(() -> client, host, 443, options);
        client.transport().close();
        client.untilLost();
      }
      assertThatThrownBy(() -> loop.createConnection(Witness::new, "elsewhere.test", 443, options))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("elsewhere.test");
      turns(5);
    }
  }

  @LoopTest
  @Spec({"TLS-5", "CONN-8"})
  void certificateForAnotherNameIsRefusedUnlessTheNameIsEmpty() throws Exception {
    for (String name : List.of("other.test", "local_host", "127.0.0.2", "::2")) {
      assertThatThrownBy(() ->
              connect(Tls.serving(), ConnectOptions.tls(Tls.client()).withServerHostname(name)))
          .as(name)
          .isInstanceOf(SSLHandshakeException.class);
    }
    for (String name : List.of("", "server.test", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::1%1")) {
      Ends ends = connect(Tls.serving(), ConnectOptions.tls(Tls.client()).withServerHostname(name));
      assertThat(ends.client().transport().getExtraInfo("peercert")).as(name).isNotNull();
    }
  }

  @LoopTest
  @Spec({"TLS-5", "CONN-9"})
  void namesThatCannotBeAreRefusedAtOnce(VirtualTimeLoop loop) throws Exception {
    for (String name : List.of(".", "a..b", "a".repeat(64) + ".test")) {
      assertThatThrownBy(() ->
              loop.createConnection(
                  Witness::new,
                  "host",
                  443,
                  ConnectOptions.tls(Tls.client()).withServerHostname(name)))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(name);
    }
    SSLParameters impossible = new SSLParameters();
    impossible.setProtocols(new String[] {"TLSv7"});
    assertThatThrownBy(() ->
            loop.createConnection(
                Witness::new, "host", 443, Tls.connecting().withTlsParameters(impossible)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLSv7");
    assertThatThrownBy(() ->
            loop.createServer(
                Witness::new, "host", 443, Tls.serving().withTlsParameters(impossible)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLSv7");
  }

  @LoopTest
  @Spec("TLS-5")
  void certificateThatNobodyVouchesForIsRefused() throws Exception {
    ServerOptions stranger = ServerOptions.tls(Tls.server("stranger", "stranger"));
    assertThatThrownBy(() -> connect(stranger, Tls.connecting()))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("certification path");
    Ends ends =
        connect(stranger, ConnectOptions.tls(Tls.client("stranger")).withServerHostname(Tls.NAME));
    assertThat(ends.client().isMade()).isTrue();
  }

  @LoopTest
  @Spec({"TLS-1", "TLS-6"})
  void serverStartsFromTwoFilesInOneLine(VirtualTimeLoop loop) throws Exception {
    Tls.bePatient(loop);
    for (String kind :
        List.of("rsa-pkcs1", "rsa-pss", "ec-P-256", "ec-P-384", "ec-P-521", "ed25519", "ed448")) {
      Path cert = Tls.file(kind + ".cert");
      Path key = Tls.file(kind);
      var server =
          startServer(
              (reader, writer) -> writer.write(reader.readLine()),
              "127.0.0.1",
              443,
              ServerOptions.tls(TlsContexts.server(cert, key)));
      try (var _ = server.scope();
          var streams =
              openConnection(
                  "127.0.0.1",
                  443,
                  ConnectOptions.tls(TlsContexts.client(cert)).withServerHostname(Tls.NAME))) {
        streams.writer().writeUtf8("hello\n");
        assertThat(streams.reader().readUtf8Line()).as(kind).isEqualTo("hello");
      }
    }
  }

  /** A private key that counts how often it is asked for its number. */
  private record CountedKey(ECPrivateKey key, AtomicInteger uses) implements ECPrivateKey {

    @Override
    public BigInteger getS() {
      uses.incrementAndGet();
      return key.getS();
    }

    @Override
    public ECParameterSpec getParams() {
      return key.getParams();
    }

    @Override
    public String getAlgorithm() {
      return key.getAlgorithm();
    }

    @Override
    public String getFormat() {
      return key.getFormat();
    }

    @Override
    public byte[] getEncoded() {
      return key.getEncoded();
    }
  }

  @LoopTest
  @Spec("TLS-1")
  void handshakesSignWithTheKeyThatWasGiven() throws Exception {
    var key =
        new CountedKey((ECPrivateKey) Pem.privateKey(Tls.file("ec-P-256")), new AtomicInteger());
    Path certificate = Tls.file("ec-P-256.cert");
    ServerOptions serving =
        ServerOptions.tls(TlsContexts.of(Pem.certificates(certificate), key, null));
    for (int i = 0; i < 2; i++) {
      int before = key.uses.get();
      connect(
          serving,
          ConnectOptions.tls(TlsContexts.client(certificate)).withServerHostname(Tls.NAME));
      assertThat(key.uses).as("not a copy that is decrypted anew").hasValueGreaterThan(before);
    }
  }

  // ---- names that are sent

  private static List<SNIServerName> namesAskedFor(Transport server) {
    SSLEngine engine = (SSLEngine) server.getExtraInfo("ssl_object");
    return ((ExtendedSSLSession) engine.getSession()).getRequestedServerNames();
  }

  @LoopTest
  @Spec("TLS-5")
  void nameIsSentUnlessItIsAnAddress() throws Exception {
    for (String name : List.of(Tls.NAME, "server.test", "server.test.")) {
      Ends ends = connect(Tls.serving(), Tls.connecting().withServerHostname(name));
      assertThat(namesAskedFor(ends.server().transport()))
          .containsExactly(new SNIHostName(name.endsWith(".") ? "server.test" : name));
    }
    for (String name : List.of("127.0.0.1", "::1", "")) {
      Ends ends = connect(Tls.serving(), Tls.connecting().withServerHostname(name));
      assertThat(namesAskedFor(ends.server().transport())).isEmpty();
    }
    SSLParameters chosen = new SSLParameters();
    chosen.setServerNames(List.of(new SNIHostName("chosen.test")));
    Ends ends = connect(Tls.serving(), Tls.connecting().withTlsParameters(chosen));
    assertThat(namesAskedFor(ends.server().transport()))
        .containsExactly(new SNIHostName("chosen.test"));
  }

  /** Has a certificate for each name that clients ask for. */
  private static final class ByName extends X509ExtendedKeyManager {

    @Override
    public String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
      var session = (ExtendedSSLSession) engine.getHandshakeSession();
      return session.getRequestedServerNames().contains(new SNIHostName(Tls.OTHER_NAME))
          ? "other"
          : "chain";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      try {
        return Pem.certificates(Tls.file(alias)).toArray(X509Certificate[]::new);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      try {
        return Pem.privateKey(Tls.file(alias.equals("other") ? "other.key" : "localhost.key"));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }
  }

  @LoopTest
  @Spec("TLS-5")
  void serverMayPickItsCertificateByTheName() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new ByName()}, null, null);
    for (String name : List.of(Tls.NAME, Tls.OTHER_NAME)) {
      Ends ends =
          connect(
              ServerOptions.tls(context),
              ConnectOptions.tls(Tls.client()).withServerHostname(name));
      var shown = (X509Certificate) ends.client().transport().getExtraInfo("peercert");
      assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=" + name);
    }
  }

  // ---- clients' certificates

  private static SSLParameters asking(String version, boolean needs) {
    SSLParameters parameters = Tls.only(version);
    if (needs) {
      parameters.setNeedClientAuth(true);
    } else {
      parameters.setWantClientAuth(true);
    }
    return parameters;
  }

  private static ServerOptions trusting(String version, boolean needs) {
    return ServerOptions.tls(Tls.serverThatTrusts()).withTlsParameters(asking(version, needs));
  }

  @LoopTest
  @Spec({"TLS-3", "TLS-6"})
  void certificateOfAClientIsSeenByTheServer() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      Ends ends =
          connect(
              trusting(version, true),
              ConnectOptions.tls(Tls.clientWithCertificate()).withServerHostname(Tls.NAME));
      var shown = (X509Certificate) ends.server().transport().getExtraInfo("peercert");
      assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=a client");
    }
  }

  @LoopTest
  @Spec("TLS-3")
  void clientMayHaveNoneIfTheServerOnlyWantsOne() throws Exception {
    Ends ends = connect(trusting("TLSv1.3", false), Tls.connecting());
    assertThat(ends.server().transport().getExtraInfo("peercert", "none")).isEqualTo("none");
  }

  @LoopTest
  @Spec({"TLS-5", "TLS-8"})
  void clientWithoutCertificateIsRefusedByAServerThatNeedsOne() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness server = new Witness();
    Witness client = new Witness();
    Task<Transport> accepting =
        createTask(() -> accept(server, pair.first(), trusting("TLSv1.2", true)));
    assertThatThrownBy(() -> connect(client, pair.second(), Tls.connecting()))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> await(accepting)).hasRootCauseInstanceOf(SSLException.class);
    turns(5);
    assertThat(server.trail).isEmpty();
    assertThat(client.trail).isEmpty();
  }

  @LoopTest
  @Spec({"TLS-5", "TLS-8"})
  void inVersion13SuchAClientHearsOfItAfterItsOwnHandshake() throws Exception {
    MemoryNetwork.Pair pair = pair();
    Witness server = new Witness();
    Witness client = new Witness();
    Task<Transport> accepting =
        createTask(() -> accept(server, pair.first(), trusting("TLSv1.3", true)));
    connect(client, pair.second(), Tls.connecting());
    client.untilLost();
    assertThat(client.trail).containsExactly("made", "lost");
    assertThat(client.lostWith()).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> await(accepting)).hasRootCauseInstanceOf(SSLException.class);
    assertThat(server.trail).isEmpty();
  }

  // ---- information

  @LoopTest
  @Spec({"TLS-3", "TLS-6", "TR-44"})
  void connectionTellsWhatWasNegotiated() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      Ends ends = connect(Tls.serving().withTlsParameters(Tls.only(version)), Tls.connecting());
      for (Witness each : List.of(ends.server(), ends.client())) {
        boolean isServer = each == ends.server();
        Transport transport = each.transport();
        assertThat(transport.getExtraInfo("sslcontext"))
            .isSameAs(isServer ? Tls.server() : Tls.client());
        assertThat(transport.getExtraInfo("ssl_object")).isInstanceOf(SSLEngine.class);
        assertThat(transport.getExtraInfo("compression", "none")).isEqualTo("none");
        assertThat(transport.getExtraInfo("cipher"))
            .isInstanceOfSatisfying(
                TlsCipher.class,
                cipher -> {
                  assertThat(cipher.protocol()).isEqualTo(version);
                  assertThat(cipher.name()).startsWith("TLS_").contains("AES_256");
                  assertThat(cipher.bits()).isEqualTo(256);
                });
        assertThat(transport.getExtraInfo("sockname")).isNotNull();
        assertThat(transport.getExtraInfo("peername")).isNotNull();
        assertThat(transport.getExtraInfo("socket")).isNotNull();
        assertThat(transport.getExtraInfo("no such thing", 7)).isEqualTo(7);
        if (isServer) {
          assertThat(transport.getExtraInfo("peercert")).isNull();
        } else {
          var shown = (X509Certificate) transport.getExtraInfo("peercert");
          assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=localhost");
        }
      }
    }
  }

  @LoopTest
  @Spec("TLS-3")
  void bitsAreThoseOfTheSuite() throws Exception {
    for (String suite : List.of("TLS_AES_128_GCM_SHA256 128", "TLS_CHACHA20_POLY1305_SHA256 256")) {
      SSLParameters parameters = new SSLParameters();
      parameters.setCipherSuites(new String[] {suite.split(" ")[0]});
      Ends ends = connect(Tls.serving().withTlsParameters(parameters), Tls.connecting());
      var cipher = (TlsCipher) ends.client().transport().getExtraInfo("cipher");
      assertThat(cipher.name() + " " + cipher.bits()).isEqualTo(suite);
    }
  }

  @LoopTest
  @Spec("TLS-3")
  void applicationProtocolIsReadFromTheEngine() throws Exception {
    SSLParameters serving = new SSLParameters();
    serving.setApplicationProtocols(new String[] {"h2", "http/1.1"});
    SSLParameters connecting = new SSLParameters();
    connecting.setApplicationProtocols(new String[] {"spdy", "http/1.1", "h2"});
    Ends ends =
        connect(
            Tls.serving().withTlsParameters(serving),
            Tls.connecting().withTlsParameters(connecting));
    for (Witness each : List.of(ends.server(), ends.client())) {
      var engine = (SSLEngine) each.transport().getExtraInfo("ssl_object");
      assertThat(engine.getApplicationProtocol()).isEqualTo("h2");
    }
    connecting.setApplicationProtocols(new String[] {"spdy"});
    assertThatThrownBy(() ->
            connect(
                Tls.serving().withTlsParameters(serving),
                Tls.connecting().withTlsParameters(connecting)))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("no_application_protocol");
  }

  @LoopTest
  @Spec("TLS-4")
  void closedConnectionTellsNothingAndDoesNotFail() throws Exception {
    Ends ends = connect();
    Transport transport = ends.client().transport();
    List<Object> inside = new ArrayList<>();
    ends.client().on("lost", () -> inside.add(transport.getExtraInfo("peername")));
    transport.close();
    ends.client().untilLost();
    turns(2);
    for (String name :
        List.of("peercert", "cipher", "compression", "sslcontext", "ssl_object", "peername")) {
      assertThat(transport.getExtraInfo(name)).as(name).isNull();
      assertThat(transport.getExtraInfo(name, "default")).as(name).isEqualTo("default");
    }
    assertThat(inside).as("while connectionLost runs").doesNotContainNull();
    assertThat(transport.getProtocol()).isNull();
    assertThat(transport.isClosing()).isTrue();
    assertThat(transport.isReading()).isFalse();
    assertThat(transport.toString()).contains("lost");
  }

  // ---- resumption

  @LoopTest
  @Spec("TLS-3")
  void secondConnectionResumesTheSessionOfTheFirst(VirtualTimeLoop loop) throws Exception {
    Tls.bePatient(loop);
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      var options = ConnectOptions.tls(Tls.client("root")).withServerHostname(Tls.NAME);
      var server =
          loop.createServer(
              Servers.Echo::new,
              "127.0.0.1",
              443,
              Tls.serving().withTlsParameters(Tls.only(version)));
      try (var _ = server.scope()) {
        for (boolean isResumed : new boolean[] {false, true}) {
          Witness client = new Witness();
          loop.createConnection(() -> client, "127.0.0.1", 443, options);
          client.write("x");
          client.untilReceived(1); // the ticket comes before that
          var engine = (SSLEngine) client.transport().getExtraInfo("ssl_object");
          assertThat(engine.getSession().getValue("seen before"))
              .as(version)
              .isEqualTo(isResumed ? true : null);
          engine.getSession().putValue("seen before", true);
          client.transport().close();
          client.untilLost();
        }
      }
    }
  }
}
