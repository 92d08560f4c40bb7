package asyncio.conformance.heritage;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.net.Connection;
import asyncio.net.Endpoints;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.Transport;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints from descriptions, as users of Twisted know them. */
@LoopTest
class EndpointTest {

  private static final class Echo implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport made) {
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }

  private static final class Client implements Protocol {
    final Future<String> answer = new Future<>();

    @Override
    public void connectionMade(Transport transport) {
      transport.write("ping".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      answer.setResult(StandardCharsets.UTF_8.decode(data).toString());
    }
  }

  private static int port(Server server) {
    return ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
  }

  private static void pingThrough(Server server, String client) throws IOException {
    try (var _ = server.scope()) {
      Connection<Client> connection = Endpoints.clientFromString(client).connect(Client::new);
      assertThat(await(connection.protocol().answer)).isEqualTo("ping");
      connection.transport().close();
    }
  }

  @LoopTest
  @Spec({"HER-37", "HER-41"})
  void aServerOnTcpTellsItsPortAndStopsListening() throws IOException {
    Server server =
        Endpoints.serverFromString("tcp:0:interface=127.0.0.1:backlog=10").listen(Echo::new);
    assertThat(port(server)).isPositive();
    pingThrough(server, "tcp:127.0.0.1:" + port(server));
    assertThat(server.isServing()).isFalse();
  }

  @LoopTest
  @Spec("HER-37")
  void allPartsMayBeNamed() throws IOException {
    Server server =
        Endpoints.serverFromString("tcp:port=8080:interface=127.0.0.1").listen(Echo::new);
    assertThat(port(server)).isEqualTo(8080);
    pingThrough(server, "tcp:host=127.0.0.1:port=8080:timeout=5");
  }

  @LoopTest
  @Spec("HER-37")
  void tcp6ServesOnAddressesOfThatFamily() throws IOException {
    Server server = Endpoints.serverFromString("tcp6:0:interface=\\:\\:1").listen(Echo::new);
    assertThat(server.sockets().getFirst().getsockname().toString()).contains("0:0:0:0:0:0:0:1");
    pingThrough(server, "tcp:\\:\\:1:" + port(server));
  }

  @LoopTest
  @Spec("HER-37")
  void unixEndpointsNameAPath() throws IOException {
    pingThrough(
        Endpoints.serverFromString("unix:/tmp/endpoint.sock").listen(Echo::new),
        "unix:/tmp/endpoint.sock");
  }

  @LoopTest
  @Spec("HER-41")
  void whatBindingFailsWithComesOutOfListening() throws IOException {
    try (var _ = Endpoints.serverFromString("tcp:8080:interface=127.0.0.1").listen(Echo::new)) {
      assertThatThrownBy(
              () -> Endpoints.serverFromString("tcp:8080:interface=127.0.0.1").listen(Echo::new))
          .isInstanceOf(BindException.class)
          .hasMessageContaining("8080");
    }
  }

  @ParameterizedTest
  @CsvSource({"a:b=c\\d,a\\:b=c\\\\d", "plain,plain", "::1,\\:\\:1"})
  @Spec("HER-38")
  void aValueIsQuotedWithBackslashes(String value, String quoted) {
    assertThat(Endpoints.quote(value)).isEqualTo(quoted);
  }

  @LoopTest
  @Spec("HER-38")
  void aQuotedValueIsReadBack() throws IOException {
    String path = "/tmp/a:b\\c.sock";
    String unix = "unix:" + Endpoints.quote(path);
    Server server = Endpoints.serverFromString(unix).listen(Echo::new);
    assertThat(server.sockets().getFirst().getsockname()).hasToString(path);
    pingThrough(server, unix);
  }

  @LoopTest
  @Spec("HER-39")
  void aClientGivesUpAfterThirtySecondsAndAServerListensEverywhere(
      MemoryNetwork network, LoopProbe probe) throws IOException {
    try (Server server = Endpoints.serverFromString("tcp:0").listen(Echo::new)) {
      InetSocketAddress address = (InetSocketAddress) server.sockets().getFirst().getsockname();
      assertThat(address.getAddress().isAnyLocalAddress()).isTrue();
    }
    network.everywhere().setConnectDelay(Duration.ofDays(1));
    Task<?> patient =
        createTask(() -> Endpoints.clientFromString("tcp:127.0.0.1:80").connect(Client::new));
    long begun = patient.loop().time();
    assertThatThrownBy(() -> await(patient)).isInstanceOf(TimeoutException.class);
    assertThat(patient.loop().time() - begun).isEqualTo(Duration.ofSeconds(30).toNanos());
    Task<?> hasty =
        createTask(
            () -> Endpoints.clientFromString("tcp:127.0.0.1:80:timeout=5").connect(Client::new));
    begun = patient.loop().time();
    assertThatThrownBy(() -> await(hasty)).isInstanceOf(TimeoutException.class);
    assertThat(patient.loop().time() - begun).isEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "foo:1,type 'foo'",
        "\"\",type ''",
        "tcp,port is missing",
        "tcp:abc,port is 'abc'",
        "tcp:65536,port is '65536'",
        "tcp:80:90,'90' is one part too many",
        "tcp:80:color=red,'color' means nothing",
        "tcp:port=80:90,'90' comes behind a named part",
        "tcp:80:backlog=many,backlog is 'many'",
        "unix,address is missing",
        "ssl:443,privateKey is missing",
        "ssl:443:privateKey=/nowhere/key.pem,/nowhere/key.pem"
      })
  @Spec("HER-40")
  void aBadDescriptionOfAServerNamesTheBadPart(String description, String named) {
    assertThatThrownBy(() -> Endpoints.serverFromString(description))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endpoint '" + description + "'")
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo:1", "", "tcp", "tcp:host", "tcp:host:abc", "tls:h:1:trustRoots=/no"})
  @Spec("HER-40")
  void aBadDescriptionOfAClientIsRefused(String description) {
    assertThatThrownBy(() -> Endpoints.clientFromString(description))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endpoint '" + description + "'");
  }
}
