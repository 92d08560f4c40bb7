package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.testkit.Channels.bytes;
import static asyncio.conformance.testkit.Channels.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.SelectorEventLoop;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.Protocol;
import asyncio.net.SocketType;
import asyncio.net.Transport;
import asyncio.testkit.DeadlockError;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network in memory under a loop in virtual time. */
class MemoryNetworkTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 80);
  private static final InetSocketAddress OTHER = new InetSocketAddress("192.0.2.2", 80);

  private static void readable(EventLoop loop, SelectableChannel channel) {
    Future<@Nullable Void> ready = loop.createFuture();
    loop.addReader(
        channel,
        () -> {
          loop.removeReader(channel);
          ready.setResult(null);
        });
    await(ready);
  }

  private static void writable(EventLoop loop, SelectableChannel channel) {
    Future<@Nullable Void> ready = loop.createFuture();
    loop.addWriter(
        channel,
        () -> {
          loop.removeWriter(channel);
          ready.setResult(null);
        });
    await(ready);
  }

  private static ServerSocketChannel listen(MemoryNetwork network) throws IOException {
    ServerSocketChannel server = network.openServerSocketChannel();
    server.configureBlocking(false);
    server.bind(SERVER, 1);
    return server;
  }

  private static SocketChannel connect(VirtualTimeLoop loop, SocketAddress address)
      throws IOException {
    SocketChannel client = loop.network().openSocketChannel();
    try {
      client.configureBlocking(false);
      assertThat(client.connect(address)).isFalse();
      writable(loop, client);
      assertThat(client.finishConnect()).isTrue();
      return client;
    } catch (Throwable t) {
      client.close();
      throw t;
    }
  }

  private static DatagramChannel datagrams(MemoryNetwork network, @Nullable SocketAddress address)
      throws IOException {
    DatagramChannel channel = network.openDatagramChannel();
    channel.configureBlocking(false);
    return channel.bind(address);
  }

  // ---- streams

  @LoopTest
  void connectionCarriesBytesBothWays(VirtualTimeLoop loop) throws IOException {
    try (var server = listen(loop.network());
        var client = connect(loop, SERVER)) {
      readable(loop, server);
      try (var accepted = server.accept()) {
        accepted.configureBlocking(false);
        client.write(bytes("ping"));
        readable(loop, accepted);
        assertThat(read(accepted, 10)).isEqualTo("'ping'");
        accepted.write(bytes("pong"));
        readable(loop, client);
        assertThat(read(client, 10)).isEqualTo("'pong'");
        assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
        assertThat(client.getRemoteAddress()).isEqualTo(SERVER);
      }
    }
    assertThat(loop.time()).isZero();
  }

  @LoopTest
  void latencyAndConnectDelayPassInVirtualTime(VirtualTimeLoop loop) throws IOException {
    loop.network().at(SERVER).setLatency(seconds(10)).setConnectDelay(seconds(100));
    try (var server = listen(loop.network());
        var client = connect(loop, SERVER)) {
      assertThat(loop.time()).isEqualTo(seconds(100).toNanos());
      try (var accepted = server.accept()) {
        accepted.configureBlocking(false);
        client.write(bytes("ping"));
        assertThat(read(accepted, 10)).isEqualTo("''");
        readable(loop, accepted);
        assertThat(loop.time()).isEqualTo(seconds(110).toNanos());
        assertThat(read(accepted, 10)).isEqualTo("'ping'");
        accepted.write(bytes("pong"));
        assertThat(read(client, 10)).isEqualTo("'pong'"); // the other direction has none
      }
    }
  }

  @LoopTest
  void connectTakesTwiceTheLatencyUnlessItsDelayIsSet(VirtualTimeLoop loop) throws IOException {
    loop.network().everywhere().setLatency(seconds(3));
    try (var _ = listen(loop.network());
        var _ = connect(loop, SERVER)) {
      assertThat(loop.time()).isEqualTo(seconds(6).toNanos());
    }
  }

  @LoopTest
  void nothingOvertakesWhatWasWrittenBefore(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    var pair = network.pair();
    try (var first = pair.first();
        var second = pair.second()) {
      network.of(first).setLatency(seconds(5));
      first.write(bytes("slow "));
      network.of(first).setLatency(Duration.ZERO);
      first.write(bytes("fast"));
      first.shutdownOutput();
      assertThat(read(second, 20)).isEqualTo("''");
      sleep(seconds(5));
      assertThat(read(second, 20)).isEqualTo("'slow fast'");
      assertThat(read(second, 20)).isEqualTo("end");
    }
  }

  @LoopTest
  void trickleMovesAByteAtATime(MemoryNetwork network) throws IOException {
    var pair = network.pair();
    try (var first = pair.first();
        var second = pair.second()) {
      network.of(first).setMaxBytes(1);
      assertThat(first.write(bytes("abc"))).isEqualTo(1);
      assertThat(first.write(new ByteBuffer[] {bytes("bc"), bytes("d")})).isEqualTo(1);
      assertThat(read(second, 10)).isEqualTo("'ab'");
      second.write(bytes("xyz"));
      assertThat(read(first, 10)).isEqualTo("'x'");
      network.everywhere().setMaxBytes(2);
      network.of(first).clear();
      assertThat(read(first, 10)).isEqualTo("'yz'");
    }
  }

  @LoopTest
  void blockedWriteTakesNothingUntilItIsUnblocked(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    var pair = network.pair();
    try (var first = pair.first();
        var second = pair.second()) {
      network.of(first).setWritesBlocked(true);
      assertThat(first.write(bytes("x"))).isZero();
      loop.callLater(seconds(2), () -> network.of(first).setWritesBlocked(false));
      writable(loop, first);
      assertThat(loop.time()).isEqualTo(seconds(2).toNanos());
      assertThat(first.write(bytes("x"))).isEqualTo(1);
      assertThat(read(second, 1)).isEqualTo("'x'");
    }
  }

  @LoopTest
  void connectionHoldsAsMuchAsItsTwoBuffers(MemoryNetwork network) throws IOException {
    network.setBufferSizes(3, 2);
    var pair = network.pair();
    try (var first = pair.first();
        var second = pair.second()) {
      assertThat(first.write(bytes("1234567"))).isEqualTo(5);
      assertThat(first.write(bytes("67"))).isZero();
      assertThat(read(second, 1)).isEqualTo("'1'");
      assertThat(first.write(bytes("67"))).isEqualTo(1);
      second.setOption(StandardSocketOptions.SO_RCVBUF, 10);
      assertThat(first.write(bytes("7"))).isEqualTo(1);
    }
  }

  @LoopTest
  void resetOnDemandReachesBothEnds(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    var pair = network.pair();
    try (var first = pair.first();
        var second = pair.second()) {
      first.write(bytes("before"));
      network.reset(second);
      readable(loop, second);
      assertThat(read(second, 10)).isEqualTo("'before'");
      assertThatThrownBy(() -> read(second, 10))
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertThatThrownBy(() -> first.write(bytes("x")))
          .isInstanceOf(IOException.class)
          .hasMessage("Connection reset by peer");
      try (var unconnected = network.openSocketChannel()) {
        assertThatIllegalArgumentException().isThrownBy(() -> network.reset(unconnected));
      }
    }
  }

  @LoopTest
  void connectsFailOnDemandAndThenNoLonger(VirtualTimeLoop loop) throws IOException {
    loop.network()
        .at(SERVER.getAddress())
        .setConnectDelay(seconds(1))
        .failConnects(1, () -> new NoRouteToHostException("no way"));
    try (var _ = listen(loop.network())) {
      assertThatThrownBy(() -> connect(loop, SERVER))
          .isInstanceOf(NoRouteToHostException.class)
          .hasMessage("no way");
      assertThat(loop.time()).isEqualTo(seconds(1).toNanos());
      connect(loop, SERVER).close();
    }
  }

  @LoopTest
  void hostThatNeverAnswersLetsTheConnectHang(VirtualTimeLoop loop) throws IOException {
    loop.network().at(OTHER).setConnectDelay(Duration.ofSeconds(Long.MAX_VALUE));
    try (var client = loop.network().openSocketChannel()) {
      client.configureBlocking(false);
      client.connect(OTHER);
      assertThatThrownBy(() -> timeout(seconds(3600), () -> writable(loop, client)))
          .isInstanceOf(TimeoutException.class);
      loop.removeWriter(client);
      assertThat(client.finishConnect()).isFalse();
    }
  }

  @LoopTest
  void acceptsFailOnDemandAndTheConnectionWaits(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    try (var server = listen(network);
        var _ = connect(loop, SERVER)) {
      network.at(SERVER).failAccepts(2);
      for (int i = 0; i < 2; i++) {
        readable(loop, server);
        assertThatThrownBy(server::accept)
            .isInstanceOf(IOException.class)
            .hasMessage("Too many open files");
      }
      readable(loop, server);
      server.accept().close();
    }
  }

  @LoopTest
  void opensFailOnDemand(MemoryNetwork network) throws IOException {
    network.failOpens(1);
    assertThatThrownBy(network::openSocketChannel).isInstanceOf(SocketException.class);
    network.openSocketChannel().close();
  }

  @LoopTest
  void fullBacklogLetsTheNextClientWait(VirtualTimeLoop loop, LoopProbe probe) throws Exception {
    List<SocketChannel> channels = new ArrayList<>();
    try (var server = listen(loop.network())) { // a backlog of 1 has room for two
      channels.add(connect(loop, SERVER));
      channels.add(connect(loop, SERVER));
      Task<SocketChannel> third = createTask(() -> connect(loop, SERVER));
      probe.runUntilAllBlocked();
      assertThat(third.isDone()).isFalse();
      channels.add(server.accept());
      channels.add(await(third));
      channels.add(server.accept());
    }
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }

  @LoopTest
  void sharedPortIsServedInTurn(VirtualTimeLoop loop, MemoryNetwork network) throws IOException {
    try (var one = network.openServerSocketChannel();
        var other = network.openServerSocketChannel()) {
      for (ServerSocketChannel server : List.of(one, other)) {
        server.configureBlocking(false);
        server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        server.bind(SERVER);
      }
      for (int i = 0; i < 4; i++) {
        connect(loop, SERVER).close();
      }
      for (ServerSocketChannel server : List.of(one, other)) {
        server.accept().close();
        server.accept().close();
        assertThat(server.accept()).isNull();
      }
    }
  }

  @LoopTest
  void channelsAreFoundInTheOrderInWhichTheyBecameReady(
      VirtualTimeLoop loop, MemoryNetwork network, LoopProbe probe) throws IOException {
    List<MemoryNetwork.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      MemoryNetwork.Pair pair = network.pair();
      String name = "pair " + i;
      pairs.add(pair);
      loop.addReader(
          pair.second(),
          () -> {
            loop.removeReader(pair.second());
            probe.trail().add(name);
          });
    }
    probe.runUntilAllBlocked();
    for (int i : new int[] {1, 2, 0}) {
      pairs.get(i).first().write(bytes("x"));
    }
    probe.runUntilAllBlocked();
    assertThat(probe.trail()).containsExactly("pair 1", "pair 2", "pair 0");
    for (MemoryNetwork.Pair pair : pairs) {
      pair.first().close();
      pair.second().close();
    }
  }

  @LoopTest
  void operationThatWouldBlockSaysWhatToDo(MemoryNetwork network) throws IOException {
    try (var server = network.openServerSocketChannel();
        var client = network.openSocketChannel()) {
      server.bind(SERVER);
      assertThatThrownBy(server::accept)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContainingAll("accept", "configureBlocking(false)");
      assertThat(client.connect(SERVER)).isTrue(); // this one does not have to wait
      try (var accepted = server.accept()) {
        assertThatThrownBy(() -> read(accepted, 1))
            .isInstanceOf(UnsupportedOperationException.class);
        client.write(bytes("x"));
        assertThat(read(accepted, 1)).isEqualTo("'x'");
      }
    }
  }

  // ---- datagrams

  @LoopTest
  void datagramsAreLostAndDelayedOnDemand(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    try (var one = datagrams(network, null);
        var other = datagrams(network, OTHER)) {
      network.at(OTHER).setLatency(seconds(1)).dropDatagrams(2);
      for (int i = 0; i < 4; i++) {
        assertThat(one.send(bytes("message " + i), OTHER)).isEqualTo(9);
      }
      ByteBuffer buffer = ByteBuffer.allocate(9);
      assertThat(other.receive(buffer)).isNull();
      readable(loop, other);
      assertThat(loop.time()).isEqualTo(seconds(1).toNanos());
      assertThat(other.receive(buffer)).isEqualTo(address(OTHER, one));
      assertThat(buffer.flip()).isEqualTo(bytes("message 2"));
      network.everywhere().setWritesBlocked(true);
      assertThat(one.send(bytes("x"), OTHER)).isZero();
    }
  }

  private static InetSocketAddress address(InetSocketAddress host, DatagramChannel channel)
      throws IOException {
    int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    return new InetSocketAddress(host.getAddress(), port);
  }

  @Test
  void lossIsTheSameInEachRun() throws IOException {
    List<Integer> counts = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      MemoryNetwork network = new MemoryNetwork();
      network.everywhere().setLoss(0.5);
      int count = 0;
      try (var one = datagrams(network, null);
          var other = datagrams(network, OTHER)) {
        for (int i = 0; i < 100; i++) {
          one.send(bytes("x"), OTHER);
          count += other.receive(ByteBuffer.allocate(1)) == null ? 0 : 1;
        }
      }
      counts.add(count);
    }
    assertThat(counts.get(0)).isEqualTo(counts.get(1)).isBetween(30, 70);
  }

  @LoopTest
  void fullReceiverDropsWhatComes(MemoryNetwork network) throws IOException {
    network.setBufferSizes(1000, 1000);
    try (var one = datagrams(network, null);
        var other = datagrams(network, OTHER)) {
      for (int i = 0; i < 100; i++) {
        assertThat(one.send(bytes("x"), OTHER)).isEqualTo(1);
      }
      int count = 0;
      while (other.receive(ByteBuffer.allocate(1)) != null) {
        count++;
      }
      assertThat(count).isBetween(5, 50);
    }
  }

  @LoopTest
  void broadcastReachesAllWhoListenEverywhere(MemoryNetwork network) throws IOException {
    try (var sender = datagrams(network, null);
        var first = network.openDatagramChannel();
        var second = network.openDatagramChannel()) {
      for (DatagramChannel channel : List.of(first, second)) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(5000));
      }
      sender.setOption(StandardSocketOptions.SO_BROADCAST, true);
      sender.send(bytes("x"), new InetSocketAddress("255.255.255.255", 5000));
      assertThat(first.receive(ByteBuffer.allocate(1))).isNotNull();
      assertThat(second.receive(ByteBuffer.allocate(1))).isNotNull();
    }
  }

  @LoopTest
  void groupReachesItsMembers(MemoryNetwork network) throws IOException {
    NetworkInterface any = NetworkInterface.networkInterfaces().findFirst().orElseThrow();
    InetAddress group = InetAddress.ofLiteral("239.1.2.3");
    try (var sender = datagrams(network, null);
        var member = datagrams(network, new InetSocketAddress(5000))) {
      SocketAddress target = new InetSocketAddress(group, 5000);
      ByteBuffer buffer = ByteBuffer.allocate(1);
      sender.send(bytes("x"), target);
      assertThat(member.receive(buffer)).isNull();
      var key = member.join(group, any);
      assertThat(member.join(group, any)).isSameAs(key);
      sender.send(bytes("x"), target);
      SocketAddress source = member.receive(buffer);
      assertThat(source).isNotNull();
      key.block(((InetSocketAddress) source).getAddress());
      sender.send(bytes("x"), target);
      assertThat(member.receive(buffer.clear())).isNull();
      key.drop();
      assertThat(key.isValid()).isFalse();
    }
  }

  // ---- the library on top of it

  /** Sends back what comes, a second later. */
  private static final class Echo implements Protocol {
    private final VirtualTimeLoop loop;
    private Transport transport;

    Echo(VirtualTimeLoop loop) {
      this.loop = loop;
    }

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      loop.callLater(seconds(1), () -> transport.write(data));
    }
  }

  @LoopTest
  void serversAndConnectionsRunInVirtualTime(VirtualTimeLoop loop, MemoryNetwork network)
      throws Exception {
    network.addHost("server.test", "192.0.2.1");
    network.everywhere().setLatency(seconds(10));
    StringBuilder answer = new StringBuilder();
    Future<@Nullable Throwable> end = loop.createFuture();
    try (var _ = loop.createServer(() -> new Echo(loop), "server.test", 7).scope()) {
      var connection =
          loop.createConnection(
              () ->
                  new Protocol() {
                    private Transport transport;

                    @Override
                    public void connectionMade(Transport transport) {
                      this.transport = transport;
                      transport.write("hello".getBytes(StandardCharsets.UTF_8));
                    }

                    @Override
                    public void dataReceived(ByteBuffer data) {
                      answer.append(StandardCharsets.UTF_8.decode(data));
                      transport.close();
                    }

                    @Override
                    public void connectionLost(@Nullable Throwable cause) {
                      end.setResult(cause);
                    }
                  },
              "server.test",
              7);
      assertThat(connection.transport().isClosing()).isFalse();
      assertThat(loop.time()).isEqualTo(seconds(20).toNanos());
      assertThat(await(end)).isNull();
    }
    assertThat(answer.toString()).isEqualTo("hello");
    assertThat(loop.time()).isEqualTo(seconds(51).toNanos()); // there, a second, back, end
  }

  // ---- names

  @LoopTest
  void namesAreThoseOfTheNetwork(VirtualTimeLoop loop, MemoryNetwork network) throws IOException {
    network.addHost("Db.test", "192.0.2.7", "2001:db8::7");
    network.setLookupDelay(seconds(2));
    var options = AddressOptions.DEFAULT.withType(SocketType.STREAM);
    assertThat(loop.getaddrinfo("db.TEST", 5432, options))
        .extracting(AddressInfo::address)
        .containsExactly(
            new InetSocketAddress("192.0.2.7", 5432), new InetSocketAddress("2001:db8::7", 5432));
    assertThat(loop.time()).isEqualTo(seconds(2).toNanos());
    assertThat(loop.getaddrinfo("db.test", 1, options.withFamily(StandardProtocolFamily.INET6)))
        .extracting(AddressInfo::family)
        .containsExactly(StandardProtocolFamily.INET6);
    network.addHost("old.test", "192.0.2.8");
    assertThatThrownBy(
            () -> loop.getaddrinfo("old.test", 1, options.withFamily(StandardProtocolFamily.INET6)))
        .isInstanceOf(UnknownHostException.class);
    long before = loop.time();
    assertThat(loop.getaddrinfo("192.0.2.9", 1, options)).hasSize(1);
    assertThat(loop.time()).isEqualTo(before);
  }

  @LoopTest
  void unknownNameIsNotLookedUpElsewhere(VirtualTimeLoop loop) {
    assertThatThrownBy(() -> loop.getaddrinfo("example.org", 80, AddressOptions.DEFAULT))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContainingAll("example.org", "addHost");
  }

  @LoopTest
  void addressesHaveTheNamesTheyWereGiven(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    network.addHost("web.test", "192.0.2.1");
    assertThat(loop.getnameinfo(SERVER, NameFlag.NUMERICSERV).host()).isEqualTo("web.test");
    assertThat(loop.getnameinfo(OTHER, NameFlag.NUMERICSERV).host()).isEqualTo("192.0.2.2");
    assertThat(loop.getnameinfo(SERVER, NameFlag.NUMERICHOST).host()).isEqualTo("192.0.2.1");
    assertThatThrownBy(() -> loop.getnameinfo(OTHER, NameFlag.NAMEREQD))
        .isInstanceOf(UnknownHostException.class);
  }

  // ---- loops

  @ParameterizedTest
  @EnumSource(Engine.class)
  void waitForAChannelThatNothingWillComeToIsADeadlock(Engine engine) throws IOException {
    var loop = new VirtualTimeLoop(engine);
    loop.setPatience(millis(1));
    var pair = loop.network().pair();
    Future<@Nullable Void> never = loop.createFuture();
    loop.addReader(pair.second(), () -> never.setResult(null));
    assertThatThrownBy(() -> loop.runUntilComplete(never)).isInstanceOf(DeadlockError.class);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void advanceLetsThingsArriveInTheirTime(Engine engine) throws IOException {
    var loop = new VirtualTimeLoop(engine);
    var pair = loop.network().pair();
    List<Long> times = new ArrayList<>();
    loop.addReader(
        pair.second(),
        () -> {
          times.add(loop.time());
          try {
            read(pair.second(), 10);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    loop.network().everywhere().setLatency(seconds(3));
    pair.first().write(bytes("x"));
    loop.advance(seconds(2));
    assertThat(times).isEmpty();
    loop.advance(seconds(2));
    assertThat(times).containsExactly(seconds(3).toNanos());
    assertThat(loop.time()).isEqualTo(seconds(4).toNanos());
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void loopInRealTimeWaitsInANetworkInMemoryToo(Engine engine) throws IOException {
    var network = new MemoryNetwork();
    network.everywhere().setLatency(millis(5));
    var pair = network.pair();
    var loop = new SelectorEventLoop(engine, network);
    try {
      List<String> trail = new ArrayList<>();
      loop.runUntilComplete(() -> {
        pair.first().write(bytes("by itself"));
        readable(loop, pair.second());
        trail.add(read(pair.second(), 10));
        network.everywhere().clear();
        Thread writer =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    pair.first().write(bytes("by others"));
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
        readable(loop, pair.second());
        trail.add(read(pair.second(), 10));
        writer.join();
        return null;
      });
      assertThat(trail).containsExactly("'by itself'", "'by others'");
    } finally {
      loop.close();
    }
  }

  @LoopTest
  void channelOfAnotherNetworkIsRefused(VirtualTimeLoop loop) throws IOException {
    try (var stranger = SocketChannel.open()) {
      stranger.configureBlocking(false);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loop.addReader(stranger, () -> {}))
          .withMessageContaining("is not of this loop's network");
      assertThatIllegalArgumentException().isThrownBy(() -> loop.network().of(stranger));
    }
  }

  @LoopTest
  void channelIsOpenUntilItsKeyIsFlushed(VirtualTimeLoop loop, MemoryNetwork network)
      throws IOException {
    var pair = network.pair();
    loop.addReader(pair.first(), () -> {});
    sleep(Duration.ZERO);
    loop.removeReader(pair.first());
    pair.first().close();
    pair.second().close();
    assertThat(network.openChannels()).containsExactly(pair.first());
    sleep(Duration.ZERO);
    assertThat(network.openChannels()).isEmpty();
  }
}
