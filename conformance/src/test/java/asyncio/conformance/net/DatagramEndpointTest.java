package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.net.AddressFlag;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.SocketType;
import asyncio.net.TransportSocket;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Making datagram endpoints: DG-1 to DG-10, and DG-24. */
class DatagramEndpointTest {
  private static final DatagramOptions LOOPBACK = DatagramOptions.local("127.0.0.1", 0);

  private static DatagramEndpoint<DatagramWitness> open(EventLoop loop, DatagramOptions options)
      throws IOException {
    return loop.createDatagramEndpoint(DatagramWitness::new, options);
  }

  private static InetSocketAddress sockname(DatagramEndpoint<?> endpoint) {
    return (InetSocketAddress) endpoint.transport().getExtraInfo("sockname");
  }

  private static DatagramOptions to(DatagramEndpoint<?> endpoint) {
    InetSocketAddress address = sockname(endpoint);
    return DatagramOptions.remote(address.getHostString(), address.getPort());
  }

  @EachEngine
  @Spec({"DG-1", "DG-2", "DG-4", "DG-16"})
  void endpointsTalkOverIpv4AndIpv6(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          for (String host : new String[] {"127.0.0.1", "::1"}) {
            var server = open(loop, DatagramOptions.local(host, 0));
            assertThat(server.protocol().trail).containsExactly("made");
            assertThat(server.protocol().transport()).isSameAs(server.transport());
            server
                .protocol()
                .on(
                    "got",
                    () ->
                        server
                            .transport()
                            .sendTo(bytes("echo"), server.protocol().senders.getLast()));
            var client = open(loop, to(server));
            client.transport().sendTo(bytes("one"));
            client.transport().sendTo("two".getBytes());
            client.protocol().untilReceived(2);
            assertThat(server.protocol().received()).containsExactly("one", "two");
            assertThat(server.protocol().senders).containsOnly(sockname(client));
            assertThat(client.protocol().trail).containsExactly("made", "got echo", "got echo");
            assertThat(client.protocol().senders).containsOnly(sockname(server));
            client.transport().close();
            server.transport().close();
            client.protocol().untilLost();
          }
        });
  }

  @EachEngine
  @Spec("DG-1")
  void callReturnsAfterConnectionMadeAndBeforeAnyDatagram(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          try (var early = loop.network().openDatagramChannel();
              var sender = loop.network().openDatagramChannel()) {
            early.bind(new InetSocketAddress("10.0.0.1", 53));
            sender.send(bytes("early"), early.getLocalAddress());
            var witness = new DatagramWitness();
            witness.on("made", () -> trail.add("made"));
            witness.on("got", () -> trail.add("got"));
            loop.createDatagramEndpoint(() -> witness, DatagramOptions.DEFAULT.withSocket(early));
            trail.add("returned");
            witness.untilReceived(1);
            witness.transport().close();
            assertThat(trail)
                .containsSubsequence("made", "got")
                .containsSubsequence("made", "returned");
          }
        });
  }

  @EachEngine
  @Spec("DG-1")
  void failureInConnectionMadeIsReportedAndTheEndpointWorks(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var failing = new DatagramWitness();
          failing.on(
              "made",
              () -> {
                throw new IllegalStateException("not now");
              });
          var endpoint = loop.createDatagramEndpoint(() -> failing, LOOPBACK);
          assertThat(loop.reports).hasSize(1);
          assertThat(loop.reports.removeFirst().exception()).hasMessage("not now");
          var client = open(loop, to(endpoint));
          client.transport().sendTo(bytes("hello"));
          failing.untilReceived(1);
          client.transport().close();
          endpoint.transport().close();
        });
  }

  @EachEngine
  @Spec("DG-2")
  void datagramsKeepTheirBoundariesAndTheirOrderUpToTheLargest(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var server = open(loop, LOOPBACK);
          var client = open(loop, to(server));
          List<String> sent = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            sent.add(String.valueOf((char) ('a' + i % 26)).repeat(1 + i * 7 % 500));
          }
          for (String each : sent) {
            client.transport().sendTo(bytes(each));
            if (sent.indexOf(each) % 10 == 9) {
              server.protocol().untilReceived(sent.indexOf(each));
            }
          }
          server.protocol().untilReceived(100);
          assertThat(server.protocol().received()).isEqualTo(sent);

          String largest = "x".repeat(65_507);
          client.transport().sendTo(bytes(largest));
          server.protocol().untilReceived(101);
          assertThat(server.protocol().received().getLast()).isEqualTo(largest);
          client.transport().close();
          server.transport().close();
        });
  }

  @EachEngine
  @Spec("DG-4")
  void endpointWithAPeerHearsNobodyElse(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var server = open(loop, LOOPBACK);
          var client = open(loop, to(server));
          var stranger = open(loop, LOOPBACK);
          stranger.transport().sendTo(bytes("stranger"), sockname(client));
          server.transport().sendTo(bytes("server"), sockname(client));
          client.protocol().untilReceived(1);
          Turns.turns(3);
          assertThat(client.protocol().received()).containsExactly("server");
          assertThat(client.transport().getExtraInfo("peername")).isEqualTo(sockname(server));
          assertThat(server.transport().getExtraInfo("peername")).isNull();
          for (var each : List.of(server, client, stranger)) {
            each.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("TR-45")
  void socketIsShownAsAViewThatOutlivesIt(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var server = open(loop, LOOPBACK);
          var view = (TransportSocket) server.transport().getExtraInfo("socket");
          assertThat(view.type()).isEqualTo(SocketType.DGRAM);
          assertThat(view.family()).isEqualTo(StandardProtocolFamily.INET);
          assertThat(view.getsockname()).isEqualTo(sockname(server));
          assertThat(view.getpeername()).isNull();
          view.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 7);
          assertThat(view.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(7);
          var address = sockname(server);
          server.transport().close();
          server.protocol().untilLost();
          Turns.turn();
          assertThat(view.isOpen()).isFalse();
          assertThat(server.transport().getExtraInfo("sockname")).isEqualTo(address);
          assertThat(server.transport().getExtraInfo("nothing", "else")).isEqualTo("else");
        });
  }

  @EachEngine
  @Spec("DG-5")
  void addressesOrAFamilyAreNeeded(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          refuses("unexpected address family", () -> open(loop, DatagramOptions.DEFAULT));
          refuses(
              "can not get address information",
              () -> open(loop, DatagramOptions.local("127.0.0.1", 0).withRemoteAddress("::1", 9)));
        });
  }

  @Test
  @Spec("DG-5")
  void addressIsAHostAndAPort() {
    Snippet.accepts("asyncio.net.DatagramOptions.local(\"127.0.0.1\", 0);");
    Snippet.rejects("asyncio.net.DatagramOptions.local(\"127.0.0.1\");");
    Snippet.rejects("asyncio.net.DatagramOptions.remote(\"127.0.0.1\", \"domain\");");
    refuses("65536", () -> DatagramOptions.remote("127.0.0.1", 65536));
  }

  private static void refuses(String fragment, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fragment);
  }

  @EachEngine
  @Spec("DG-6")
  void boundOrConnectedChannelIsTakenOver(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var bound = DatagramChannel.open().bind(Sockets.anyPort());
          var server = open(loop, DatagramOptions.DEFAULT.withSocket(bound));
          assertThat(bound.isBlocking()).isFalse();
          var connected = DatagramChannel.open().connect(bound.getLocalAddress());
          var client = open(loop, DatagramOptions.DEFAULT.withSocket(connected));
          assertThat(client.transport().getExtraInfo("peername"))
              .isEqualTo(bound.getLocalAddress());
          client.transport().sendTo(bytes("hello"));
          server.protocol().untilReceived(1);
          assertThat(server.protocol().senders).containsExactly(connected.getLocalAddress());
          client.transport().close();
          server.transport().close();
          client.protocol().untilLost();
          Turns.turn();
          assertThat(bound.isOpen()).isFalse();
          assertThat(connected.isOpen()).isFalse();
        });
  }

  @EachEngine
  @Spec("TR-50")
  void channelThatIsInUseIsNotTakenOver(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (var channel = Sockets.datagrams()) {
            var receiving = createTask(() -> loop.sockRecvfrom(channel, 10));
            Turns.turn();
            assertThatThrownBy(() -> open(loop, DatagramOptions.DEFAULT.withSocket(channel)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is waited for");
            assertThat(channel.isOpen()).isTrue();
            receiving.cancel();
            var endpoint = open(loop, DatagramOptions.DEFAULT.withSocket(channel));
            assertThatThrownBy(() -> loop.sockRecvfrom(channel, 10))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is used by transport");
            assertThatThrownBy(() -> open(loop, DatagramOptions.DEFAULT.withSocket(channel)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is used by transport");
            endpoint.transport().close();
            endpoint.protocol().untilLost();
          }
        });
  }

  @EachEngine
  @Spec("DG-7")
  void familyAloneGivesAnEndpointThatSends(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          for (var family :
              new StandardProtocolFamily[] {
                StandardProtocolFamily.INET, StandardProtocolFamily.INET6
              }) {
            String host = family == StandardProtocolFamily.INET ? "127.0.0.1" : "::1";
            var server = open(loop, DatagramOptions.local(host, 0));
            var client = open(loop, DatagramOptions.DEFAULT.withFamily(family));
            assertThat(client.transport().getExtraInfo("sockname")).isNull();
            client.transport().sendTo(bytes("hello"), sockname(server));
            server.protocol().untilReceived(1);
            assertThat(sockname(client).getPort())
                .isEqualTo(((InetSocketAddress) server.protocol().senders.getFirst()).getPort());
            server.transport().sendTo(bytes("answer"), server.protocol().senders.getFirst());
            client.protocol().untilReceived(1);
            client.transport().close();
            server.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("DG-8")
  void channelExcludesAllOtherOptions(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (var channel = loop.network().openDatagramChannel()) {
            var given = DatagramOptions.DEFAULT.withSocket(channel);
            String text = "can not be used when socket is specified";
            refuses(text, () -> open(loop, given.withLocalAddress("127.0.0.1", 0)));
            refuses(text, () -> open(loop, given.withRemoteAddress("127.0.0.1", 9)));
            refuses(text, () -> open(loop, given.withFamily(StandardProtocolFamily.INET)));
            refuses(text, () -> open(loop, given.withProtocol(17)));
            refuses(text, () -> open(loop, given.withFlags(AddressFlag.NUMERICHOST)));
            refuses(text, () -> open(loop, given.withReusePort(true)));
            refuses(text, () -> open(loop, given.withAllowBroadcast(true)));
            assertThat(channel.isOpen()).isTrue();
          }
        });
  }

  @Test
  @Spec("DG-8")
  void channelIsForDatagrams() {
    Snippet.rejects(
        "java.nio.channels.SocketChannel stream = null;"
            + " asyncio.net.DatagramOptions.DEFAULT.withSocket(stream);");
  }

  @EachEngine
  @Spec("DG-9")
  void firstErrorIsRaisedWhenAllCandidatesHaveFailed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("both.example", "10.0.0.1", "10.0.0.2").name("none.example");
          var two = loop.network().openDatagramChannel(StandardProtocolFamily.INET);
          try (var one = loop.network().openDatagramChannel(StandardProtocolFamily.INET)) {
            one.bind(new InetSocketAddress("10.0.0.1", 53));
            two.bind(new InetSocketAddress("10.0.0.2", 53));
            assertThatThrownBy(() -> open(loop, DatagramOptions.local("both.example", 53)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("10.0.0.1:53")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThat(loop.network().openChannels()).containsExactly(two, one);
            two.close();
            var endpoint = open(loop, DatagramOptions.local("both.example", 53));
            assertThat(sockname(endpoint)).isEqualTo(new InetSocketAddress("10.0.0.2", 53));
            endpoint.transport().close();
          }
          assertThatThrownBy(() -> open(loop, DatagramOptions.local("none.example", 53)))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("getaddrinfo() returned an empty list");
          assertThatThrownBy(() -> open(loop, DatagramOptions.remote("127.0.0.1", 0)))
              .isInstanceOf(SocketException.class)
              .hasMessageContaining("cannot connect a datagram socket to 127.0.0.1:0");
          loop.network().failOpens(1);
          assertThatThrownBy(() -> open(loop, LOOPBACK)).isInstanceOf(SocketException.class);
        });
  }

  @EachEngine
  @Spec("DG-9")
  void channelIsClosedIfThereIsNoProtocol(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          assertThatThrownBy(() ->
                  loop.createDatagramEndpoint(
                      () -> {
                        throw new IllegalStateException("no protocol");
                      },
                      LOOPBACK))
              .hasMessage("no protocol");
        });
  }

  @EachEngine
  @Spec("DG-9")
  void cancelledCallClosesItsSocket(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var witness = new DatagramWitness();
          var opening = createTask(() -> loop.createDatagramEndpoint(() -> witness, LOOPBACK));
          Turns.turn();
          opening.cancel();
          assertThatThrownBy(opening::await).isInstanceOf(CancelledError.class);
          witness.untilLost();
          assertThat(witness.trail).containsExactly("made", "lost");
        });
  }

  @EachEngine
  void localAndRemoteAddressesArePairedByTheirFamily(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("local.example", "fd00::1", "10.0.0.1").name("remote.example", "10.0.0.2");
          var endpoint =
              open(
                  loop,
                  DatagramOptions.local("local.example", 5000)
                      .withRemoteAddress("remote.example", 53));
          assertThat(sockname(endpoint)).isEqualTo(new InetSocketAddress("10.0.0.1", 5000));
          assertThat(endpoint.transport().getExtraInfo("peername"))
              .isEqualTo(new InetSocketAddress("10.0.0.2", 53));
          endpoint.transport().close();

          var any = open(loop, DatagramOptions.local(null, 5001));
          assertThat(sockname(any).getAddress().isAnyLocalAddress()).isTrue();
          any.transport().close();
          assertThat(loop.lookUps)
              .containsExactly("local.example:5000", "remote.example:53", "null:5001 [PASSIVE]");
        });
  }

  @EachEngine
  @Spec("DG-10")
  void broadcastsAreSentIfAllowed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var one = open(loop, DatagramOptions.local(null, 9000).withReusePort(true));
          var two = open(loop, DatagramOptions.local(null, 9000).withReusePort(true));
          var everybody = new InetSocketAddress("255.255.255.255", 9000);

          var shy = open(loop, LOOPBACK);
          shy.transport().sendTo(bytes("hello"), everybody);
          assertThat(shy.protocol().trail).containsExactly("made", "error BindException");

          var caller = open(loop, LOOPBACK.withAllowBroadcast(true));
          var view = (TransportSocket) caller.transport().getExtraInfo("socket");
          assertThat(view.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
          caller.transport().sendTo(bytes("hello"), everybody);
          one.protocol().untilReceived(1);
          two.protocol().untilReceived(1);

          for (var each : List.of(one, two, shy, caller)) {
            each.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("DG-10")
  void broadcastingEndpointIsNotConnectedToItsRemoteAddress(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var server = open(loop, LOOPBACK);
          var other = open(loop, LOOPBACK);
          var caller = open(loop, to(server).withAllowBroadcast(true));
          assertThat(caller.transport().getExtraInfo("peername")).isNull();
          caller.transport().sendTo(bytes("no address"));
          caller.transport().sendTo(bytes("this one"), sockname(server));
          refuses("Invalid address", () -> caller.transport().sendTo(bytes("x"), sockname(other)));
          server.protocol().untilReceived(2);
          other.transport().sendTo(bytes("from another"), server.protocol().senders.getFirst());
          caller.protocol().untilReceived(1);
          for (var each : List.of(server, other, caller)) {
            each.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("DG-10")
  void portIsSharedByThoseWhoAllSaySo(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var one = open(loop, LOOPBACK.withReusePort(true));
          var address = DatagramOptions.local("127.0.0.1", sockname(one).getPort());
          assertThatThrownBy(() -> open(loop, address)).isInstanceOf(BindException.class);
          var two = open(loop, address.withReusePort(true));
          assertThat(sockname(two)).isEqualTo(sockname(one));
          one.transport().close();
          two.transport().close();
        });
  }

  @Test
  @Spec("DG-10")
  void thereIsNoWayToReuseAnAddress() {
    assertThat(DatagramOptions.class.getMethods())
        .extracting(Method::getName)
        .contains("withReusePort")
        .doesNotContain("withReuseAddress");
  }

  @EachEngine
  @Spec("DG-24")
  void unixDatagramsAreRefusedClearly(Engine engine) {
    NamesLoop.run(
        engine,
        loop ->
            assertThatThrownBy(() ->
                    open(loop, DatagramOptions.DEFAULT.withFamily(StandardProtocolFamily.UNIX)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("no datagram sockets of the UNIX family"));
  }

  @EachEngine
  @Spec("PROTO-24")
  void protocolIsCalledInTheContextOfTheCall(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var name = new ContextVar<String>("name");
          List<String> trail = new ArrayList<>();
          var witness = new DatagramWitness();
          for (String word : new String[] {"made", "got", "pause", "resume", "lost"}) {
            witness.on(word, () -> trail.add(word + " " + name.get("?")));
          }
          name.set("creator");
          loop.createDatagramEndpoint(() -> witness, LOOPBACK);
          name.set("other");
          var transport = witness.transport();
          transport.setWriteBufferLimits(0);
          var own = (InetSocketAddress) transport.getExtraInfo("sockname");
          loop.network().at(own).setWritesBlocked(true);
          transport.sendTo(bytes("x"), own);
          loop.network().at(own).setWritesBlocked(false);
          witness.untilReceived(1);
          transport.close();
          witness.untilLost();
          assertThat(trail)
              .containsExactlyInAnyOrder(
                  "made creator", "pause other", "resume creator", "got creator", "lost creator");
        });
  }

  @LoopTest
  void textFormTellsAddressAndState(VirtualTimeLoop loop, LoopProbe probe) throws IOException {
    var options = DatagramOptions.local("10.0.0.1", 5000).withRemoteAddress("10.0.0.2", 53);
    var transport =
        loop.createDatagramEndpoint(() -> new DatagramProtocol() {}, options).transport();
    assertThat(transport.toString())
        .isEqualTo("<DatagramSocketTransport /10.0.0.1:5000 to /10.0.0.2:53 write buffer 0>");
    transport.close();
    assertThat(transport.toString()).contains(" closing ");
    probe.runUntilAllBlocked();
    assertThat(transport.toString()).contains(" closed ");
  }
}
