package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.noSuspend;
import static asyncio.Asyncio.sleep;
import static asyncio.net.NameFlag.DGRAM;
import static asyncio.net.NameFlag.NAMEREQD;
import static asyncio.net.NameFlag.NOFQDN;
import static asyncio.net.NameFlag.NUMERICHOST;
import static asyncio.net.NameFlag.NUMERICSERV;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;

/** DNS-6: what addresses are called. */
@Timeout(30)
class NameLookupTest {

  private static NameInfo name(String literal, int port, NameFlag... flags)
      throws UnknownHostException {
    var address = new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    return getRunningLoop().getnameinfo(address, flags);
  }

  @EachEngine
  @Spec("DNS-6")
  void addressAndPortAreNamedAsTheBlockingCallNamesThem(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          var name = ScriptedNames.fresh().with("192.0.2.31").alsoNameOf("192.0.2.31");
          String blocking = InetAddress.ofLiteral("192.0.2.31").getCanonicalHostName();
          assertThat(blocking).isEqualTo(name.text);

          assertThat(name("192.0.2.31", 80)).isEqualTo(new NameInfo(blocking, "http"));
          assertThat(name("192.0.2.31", 80, NUMERICSERV)).isEqualTo(new NameInfo(blocking, "80"));
          assertThat(name("192.0.2.31", 80, NAMEREQD).host()).isEqualTo(blocking);
          assertThat(name("192.0.2.31", 64999).service()).isEqualTo("64999");
        });
  }

  @EachEngine
  @Spec("DNS-6")
  void lookUpRunsOnAnotherThreadWhileTheLoopGoesOn(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          // The JDK asks for the addresses of the name that it finds.
          var name = ScriptedNames.fresh().with("192.0.2.32").alsoNameOf("192.0.2.32").blocking();
          var lookup = createTask(() -> trail.add(name("192.0.2.32", 22).service()));
          sleep(millis(0));
          name.awaitAsked();
          loop.callSoon(() -> trail.add("callback"));
          sleep(millis(0));
          name.release();
          lookup.await();
          assertThat(trail).containsExactly("callback", "ssh");
          assertThat(name.askers.getFirst().getName()).startsWith("asyncio-lookup-");
        });
  }

  @EachEngine
  @Spec("DNS-6")
  void addressWithoutANameIsGivenAsALiteralUnlessANameIsRequired(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          // The name is not known in turn, or belongs to another address: it does not count.
          ScriptedNames.fresh().alsoNameOf("192.0.2.33");
          ScriptedNames.fresh().with("192.0.2.1").alsoNameOf("192.0.2.34");
          for (String literal : List.of("192.0.2.33", "192.0.2.34")) {
            assertThat(name(literal, 80)).isEqualTo(new NameInfo(literal, "http"));
            assertThatThrownBy(() -> name(literal, 80, NAMEREQD))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining(literal)
                .hasMessageContaining("NAMEREQD");
          }
          assertThatThrownBy(() -> name("127.0.0.1", 80, NUMERICHOST, NAMEREQD))
              .isInstanceOf(UnknownHostException.class);
        });
  }

  @EachEngine
  @Spec("DNS-6")
  void numericHostIsWrittenInItsShortestFormAndNeedsNoLookUp(Engine engine) throws Exception {
    Map<String, String> forms =
        Map.of(
            "127.0.0.1", "127.0.0.1",
            "0:0:0:0:0:0:0:1", "::1",
            "0:0:0:0:0:0:0:0", "::",
            "2001:DB8:0:0:1:0:0:0", "2001:db8:0:0:1::",
            "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1",
            "0:0:1:0:0:0:1:1", "0:0:1::1:1");
    OnRealLoop.run(
        engine,
        loop ->
            noSuspend(() -> {
              for (String literal : forms.keySet()) {
                assertThat(name(literal, 80, NUMERICHOST, NUMERICSERV))
                    .isEqualTo(new NameInfo(forms.get(literal), "80"));
              }
              var mapped = loop.getaddrinfo("::ffff:192.0.2.1", 80, AddressOptions.DEFAULT);
              assertThat(loop.getnameinfo(mapped.getFirst().address(), NUMERICHOST).host())
                  .isEqualTo("::ffff:192.0.2.1");
              var zone = loop.getaddrinfo("fe80::1%99999", 80, AddressOptions.DEFAULT);
              assertThat(loop.getnameinfo(zone.getFirst().address(), NUMERICHOST).host())
                  .isEqualTo("fe80::1%99999");
            }));
  }

  @EachEngine
  @Spec("DNS-6")
  void flagForDatagramsChoosesTheirServiceNames(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          assertThat(name("127.0.0.1", 123, NUMERICHOST, DGRAM).service()).isEqualTo("ntp");
          assertThat(name("127.0.0.1", 123, NUMERICHOST).service()).isEqualTo("123");
        });
  }

  @EachEngine
  @Spec("DNS-6")
  void namesOfOtherDomainsKeepTheirDomain(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          var name = ScriptedNames.fresh().with("192.0.2.35").alsoNameOf("192.0.2.35");
          assertThat(name("192.0.2.35", 80, NOFQDN).host()).isEqualTo(name.text);
        });
  }

  @EachEngine
  @Spec("DNS-6")
  void unresolvedAddressIsRefused(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop ->
            assertThatThrownBy(
                    () -> loop.getnameinfo(InetSocketAddress.createUnresolved("localhost", 80)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("localhost")
                .hasMessageContaining("getaddrinfo"));
  }
}
