package asyncio.conformance.net;

import static asyncio.conformance.net.Servers.SILENT;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.AddressFlag;
import asyncio.net.ConnectOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.List;

/** From hosts and ports to the addresses that are tried, and those that are bound to. */
class ConnectAddressTest {
  private static final String HOST = "192.0.2.1";

  @EachEngine
  @Spec("CONN-11")
  void theLoopLooksUpTheHostWithTheOptionsOfTheCall(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", HOST, "2001:db8::1");
          try (var _ = loop.createServer(SILENT, "2001:db8::1", 80).scope()) {
            var options =
                ConnectOptions.DEFAULT
                    .withFamily(StandardProtocolFamily.INET6)
                    .withProtocol(6)
                    .withFlags(AddressFlag.ADDRCONFIG);
            var connection = loop.createConnection(SILENT, "host", 80, options);
            assertThat(loop.lookUps).containsExactly("host:80 INET6 protocol 6 [ADDRCONFIG]");
            assertThat(connection.transport().getExtraInfo("peername"))
                .isEqualTo(new InetSocketAddress("2001:db8::1", 80));
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-11")
  void aNameWithoutAddressesIsAnError(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("nowhere");
          assertThatThrownBy(() -> loop.createConnection(SILENT, "nowhere", 80))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("getaddrinfo() returned an empty list");
        });
  }

  @EachEngine
  @Spec("CONN-12")
  void aLiteralWithANumericPortIsNotLookedUp(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createServer(SILENT, List.of(HOST, "::1"), "80", OPTIONS).scope()) {
            loop.createConnection(SILENT, HOST, 80).transport().close();
            loop.createConnection(SILENT, HOST, "80", ConnectOptions.DEFAULT).transport().close();
            loop.createConnection(SILENT, "::1", 80).transport().close();
          }
          for (String port : new String[] {"0", "", null}) {
            assertThatThrownBy(
                    () -> loop.createConnection(SILENT, HOST, port, ConnectOptions.DEFAULT))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("192.0.2.1:0");
          }
          assertThat(loop.lookUps).isEmpty();
        });
  }

  private static final asyncio.net.ServerOptions OPTIONS = asyncio.net.ServerOptions.DEFAULT;

  @EachEngine
  @Spec("CONN-12")
  void namesOfServicesZonesAndAbsentHostsAreLookedUp(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(
                  () -> loop.createConnection(SILENT, HOST, "http", ConnectOptions.DEFAULT))
              .hasMessageContaining("192.0.2.1:80");
          assertThatThrownBy(() -> loop.createConnection(SILENT, "fe80::1%1", 80))
              .hasMessageContaining("]:80");
          assertThatThrownBy(() -> loop.createConnection(SILENT, null, 81))
              .hasMessageContaining("127.0.0.1:81");
          assertThat(loop.lookUps).containsExactly("192.0.2.1:http", "fe80::1%1:80", "null:81");
        });
  }

  @EachEngine
  @Spec("CONN-13")
  void theFirstLocalAddressOfTheFamilyThatCanBeHadIsBound(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("local", "2001:db8::9", "192.0.2.8", "192.0.2.9");
          try (var _ = loop.createServer(SILENT, HOST, 80).scope();
              // takes one of the local addresses away
              var _ = loop.createServer(SILENT, "192.0.2.8", 5000).scope()) {
            var connection =
                loop.createConnection(
                    SILENT, HOST, 80, ConnectOptions.DEFAULT.withLocalAddress("local", 5000));
            assertThat(connection.transport().getExtraInfo("sockname"))
                .isEqualTo(new InetSocketAddress("192.0.2.9", 5000));
            assertThat(loop.lookUps).containsExactly("local:5000");
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-13")
  void aLocalNameWithoutAddressesIsAnError(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("nowhere");
          assertThatThrownBy(() ->
                  loop.createConnection(
                      SILENT, HOST, 80, ConnectOptions.DEFAULT.withLocalAddress("nowhere", 0)))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("getaddrinfo() returned an empty list");
        });
  }

  @EachEngine
  @Spec("CONN-14")
  void anAttemptWithoutALocalAddressOfItsFamilyFails(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", "2001:db8::1", HOST);
          var options = ConnectOptions.DEFAULT.withLocalAddress("192.0.2.9", 0).withAllErrors(true);
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80, options))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  group ->
                      assertThat(group.exceptions())
                          .extracting(Throwable::getMessage)
                          .containsExactly(
                              "no matching local address with family INET6 found",
                              "Connect call failed 192.0.2.1:80: Connection refused"));
        });
  }

  @EachEngine
  @Spec("CONN-14")
  void anAddressThatCannotBeBoundIsNamedInTheError(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("local", "192.0.2.8", "192.0.2.9");
          try (var _ = loop.createServer(SILENT, "192.0.2.8", 5000).scope();
              var _ = loop.createServer(SILENT, "192.0.2.9", 5000).scope()) {
            var options = ConnectOptions.DEFAULT.withLocalAddress("192.0.2.8", 5000);
            assertThatThrownBy(() -> loop.createConnection(SILENT, HOST, 80, options))
                .isInstanceOf(BindException.class)
                .hasMessage(
                    "error while attempting to bind on address 192.0.2.8:5000: "
                        + "Address already in use")
                .hasCauseInstanceOf(BindException.class);
            var several = ConnectOptions.DEFAULT.withLocalAddress("local", 5000);
            assertThatThrownBy(
                    () -> loop.createConnection(SILENT, HOST, 80, several.withAllErrors(true)))
                .isInstanceOfSatisfying(
                    ExceptionGroup.class, group -> assertThat(group.exceptions()).hasSize(2));
          }
        });
  }

  @EachEngine
  @Spec({"CONN-13", "CONN-14"})
  void realSocketsBindToLocalAddresses(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(SILENT, "127.0.0.1", 0);
              var _ = server.scope()) {
            var connection =
                loop.createConnection(
                    SILENT,
                    "127.0.0.1",
                    port(server),
                    ConnectOptions.DEFAULT.withLocalAddress("127.0.0.1", 0));
            var local = (InetSocketAddress) connection.transport().getExtraInfo("sockname");
            assertThat(local.getHostString()).isEqualTo("127.0.0.1");
            connection.transport().close();
            assertThatThrownBy(() ->
                    loop.createConnection(
                        SILENT,
                        "127.0.0.1",
                        port(server),
                        ConnectOptions.DEFAULT.withLocalAddress("127.0.0.1", port(server))))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("127.0.0.1:" + port(server));
          }
        });
  }
}
