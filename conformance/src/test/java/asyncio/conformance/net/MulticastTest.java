package asyncio.conformance.net;

import static asyncio.conformance.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.net.DatagramOptions;
import asyncio.net.TransportSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;

/** Datagram endpoints in multicast groups. */
class MulticastTest {
  private static final InetAddress GROUP = InetAddress.ofLiteral("239.255.7.7");

  private static NetworkInterface loopback() throws Exception {
    return NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
  }

  /** Over the machine's own loopback. */
  @EachEngine
  void membersReceiveWhatIsSentToTheGroup(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var shared = DatagramOptions.local(null, 0).withReusePort(true);
          var one = loop.createDatagramEndpoint(DatagramWitness::new, shared);
          int port = ((InetSocketAddress) one.transport().getExtraInfo("sockname")).getPort();
          var two =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local(null, port).withReusePort(true));
          one.transport().joinGroup(GROUP, loopback());
          var membership = two.transport().joinGroup(GROUP, loopback());
          assertThat(membership.group()).isEqualTo(GROUP);
          assertThat(membership.networkInterface()).isEqualTo(loopback());

          var sender =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local("127.0.0.1", 0));
          var view = (TransportSocket) sender.transport().getExtraInfo("socket");
          view.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback());
          var address = new InetSocketAddress(GROUP, port);
          sender.transport().sendTo(bytes("to all"), address);
          one.protocol().untilReceived(1);
          two.protocol().untilReceived(1);

          membership.close();
          assertThat(membership.isValid()).isFalse();
          membership.close();
          sender.transport().sendTo(bytes("to members"), address);
          one.protocol().untilReceived(2);
          Turns.turns(3);
          assertThat(one.protocol().received()).containsExactly("to all", "to members");
          assertThat(two.protocol().received()).containsExactly("to all");

          one.transport().close();
          two.transport().close();
          sender.transport().close();
        });
  }

  @EachEngine
  void sourcesCanBeChosenOrBlocked(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var options = DatagramOptions.local(null, 9000).withReusePort(true);
          var choosy = loop.createDatagramEndpoint(DatagramWitness::new, options);
          var open = loop.createDatagramEndpoint(DatagramWitness::new, options);
          var good =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local("10.0.0.1", 0));
          var bad =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local("10.0.0.2", 0));
          choosy.transport().joinGroup(GROUP, loopback(), InetAddress.ofLiteral("10.0.0.1"));
          var membership = open.transport().joinGroup(GROUP, loopback());
          var address = new InetSocketAddress(GROUP, 9000);

          good.transport().sendTo(bytes("good 1"), address);
          bad.transport().sendTo(bytes("bad 1"), address);
          open.protocol().untilReceived(2);
          membership.block(InetAddress.ofLiteral("10.0.0.2"));
          bad.transport().sendTo(bytes("bad 2"), address);
          good.transport().sendTo(bytes("good 2"), address);
          open.protocol().untilReceived(3);
          membership.unblock(InetAddress.ofLiteral("10.0.0.2"));
          bad.transport().sendTo(bytes("bad 3"), address);
          open.protocol().untilReceived(4);
          assertThat(open.protocol().received())
              .containsExactly("good 1", "bad 1", "good 2", "bad 3");
          assertThat(choosy.protocol().received()).containsExactly("good 1", "good 2");

          choosy.transport().close();
          open.transport().close();
          good.transport().close();
          bad.transport().close();
          open.protocol().untilLost();
          Turns.turn();
          assertThat(membership.isValid()).isFalse();
        });
  }

  @EachEngine
  void whatCannotBeJoinedIsRefused(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var endpoint =
              loop.createDatagramEndpoint(
                  DatagramWitness::new, DatagramOptions.local("127.0.0.1", 0));
          var transport = endpoint.transport();
          assertThatThrownBy(
                  () -> transport.joinGroup(InetAddress.ofLiteral("10.0.0.1"), loopback()))
              .isInstanceOf(IllegalArgumentException.class);
          transport.close();
          endpoint.protocol().untilLost();
          Turns.turn();
          assertThatThrownBy(() -> transport.joinGroup(GROUP, loopback()))
              .isInstanceOf(ClosedChannelException.class);
        });
  }
}
