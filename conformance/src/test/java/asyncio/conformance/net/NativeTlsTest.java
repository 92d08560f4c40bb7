package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.TlsCipher;
import asyncio.net.TlsContexts;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;

/** Engines of another provider than the JDK's. */
class NativeTlsTest extends TlsLab {

  private static Transport transportOf(Witness end) {
    return end.transport();
  }

  @LoopTest
  @Spec({"TLS-1", "TLS-3", "TLS-6"})
  void enginesOfTwoProvidersUnderstandEachOther() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      for (boolean isServer : new boolean[] {true, false}) {
        ServerOptions serving = isServer ? NativeTls.serving() : Tls.serving();
        Ends ends =
            connect(
                serving.withTlsParameters(Tls.only(version)),
                isServer ? Tls.connecting() : NativeTls.connecting());
        Transport foreign = transportOf(isServer ? ends.server() : ends.client());
        assertThat(foreign.getExtraInfo("ssl_object").getClass().getName()).contains("conscrypt");
        TlsCipher cipher = (TlsCipher) foreign.getExtraInfo("cipher");
        assertThat(cipher.protocol()).isEqualTo(version);
        assertThat(cipher.bits()).isIn(128, 256);
        ends.client().write("hello");
        ends.server().untilReceived(5);
        ends.server().write("hello yourself");
        ends.client().untilReceived(14);
        ends.client().transport().close();
        ends.server().untilLost();
        ends.client().untilLost();
        assertThat(ends.server().trail).containsExactly("made", "data", "eof", "lost");
        assertThat(ends.client().lostWith()).isNull();
        assertThat(ends.server().lostWith()).isNull();
      }
    }
  }

  @LoopTest
  @Spec("TLS-5")
  void certificateAndNameAreVerifiedByForeignEnginesToo() throws Exception {
    assertThatThrownBy(() ->
            connect(
                Tls.serving(),
                ConnectOptions.tls(NativeTls.client()).withServerHostname("elsewhere.test")))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("elsewhere.test");
    assertThatThrownBy(() ->
            connect(
                Tls.serving(),
                ConnectOptions.tls(NativeTls.clientOfThisJvm()).withServerHostname(Tls.NAME)))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("certification path");
  }

  @LoopTest
  @Spec({"TLS-3", "TLS-6"})
  void foreignEnginesShowAndAskForCertificatesOfClients() throws Exception {
    SSLParameters asking = new SSLParameters();
    asking.setNeedClientAuth(true);
    for (boolean isServer : new boolean[] {true, false}) {
      Ends ends =
          connect(
              ServerOptions.tls(isServer ? NativeTls.server() : Tls.serverThatTrusts())
                  .withTlsParameters(asking),
              ConnectOptions.tls(
                      isServer ? Tls.clientWithCertificate() : NativeTls.clientWithCertificate())
                  .withServerHostname(Tls.NAME));
      var shown = (X509Certificate) ends.server().transport().getExtraInfo("peercert");
      assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=a client");
    }
  }

  @LoopTest
  @Spec("TLS-3")
  void foreignEnginesNegotiateTheApplicationProtocol() throws Exception {
    SSLParameters parameters = new SSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    Ends ends =
        connect(
            NativeTls.serving().withTlsParameters(parameters),
            NativeTls.connecting().withTlsParameters(parameters));
    for (Witness end : List.of(ends.server(), ends.client())) {
      var engine = (SSLEngine) end.transport().getExtraInfo("ssl_object");
      assertThat(engine.getApplicationProtocol()).isEqualTo("h2");
    }
  }

  @LoopTest
  @Spec("TLS-1")
  void providerWithoutTlsIsRefused() {
    Provider none = new Provider("none", "1", "has nothing") {};
    assertThatThrownBy(() -> TlsContexts.of(List.of(), null, null, none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none");
  }
}
