package asyncio.conformance.testkit;

import static asyncio.conformance.testkit.Channels.bytes;
import static asyncio.conformance.testkit.Channels.compare;
import static asyncio.conformance.testkit.Channels.loopback;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Datagram channels in memory do what those of the JDK do. */
class DatagramContractTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;

  private static DatagramChannel bound(Channels c) throws IOException {
    return c.datagrams().bind(loopback(0));
  }

  /** Waits for a datagram, and gives its text. */
  private static String receive(Channels c, DatagramChannel channel) throws IOException {
    c.awaitReady(channel, READ);
    ByteBuffer buffer = ByteBuffer.allocate(10);
    return channel.receive(buffer) == null
        ? "nothing"
        : "'" + StandardCharsets.UTF_8.decode(buffer.flip()) + "'";
  }

  @Test
  void datagramsKeepTheirBoundaries() throws Exception {
    compare(c -> {
      DatagramChannel one = bound(c);
      DatagramChannel other = bound(c);
      c.noteAddress("one", one::getLocalAddress);
      c.noteAddress("other", other::getLocalAddress);
      c.note("nothing", () -> other.receive(ByteBuffer.allocate(1)));
      c.note("writable", () -> c.readyNow(one, WRITE));
      c.note("send", () -> one.send(bytes("first"), other.getLocalAddress()));
      c.note("empty", () -> one.send(bytes(""), other.getLocalAddress()));
      c.note("send", () -> one.send(bytes("long one that is cut"), other.getLocalAddress()));
      c.note("ready", () -> c.awaitReady(other, READ));
      ByteBuffer buffer = ByteBuffer.allocate(10);
      c.noteAddress("source", () -> other.receive(buffer));
      c.note("size", buffer::position);
      c.noteAddress("source of the empty", () -> other.receive(buffer.clear()));
      c.note("size", buffer::position);
      c.note("cut", () -> receive(c, other));
      c.note("nothing left", () -> other.receive(buffer.clear()));
      c.note(
          "no room",
          () -> {
            one.send(bytes("lost"), other.getLocalAddress());
            c.awaitReady(other, READ);
            return other.receive(ByteBuffer.allocate(0)) != null;
          });
      c.note("gone", () -> other.receive(buffer.clear()));
      c.note("read-only", () -> other.receive(ByteBuffer.allocate(1).asReadOnlyBuffer()));
    });
  }

  @Test
  void firstUseBindsToTheWildcard() throws Exception {
    compare(c -> {
      DatagramChannel receiver = c.provider.openDatagramChannel(StandardProtocolFamily.INET);
      receiver.configureBlocking(false);
      c.note("unbound", receiver::getLocalAddress);
      c.note("nothing", () -> receiver.receive(ByteBuffer.allocate(1)));
      c.noteAddress("bound", receiver::getLocalAddress);
      c.note("again", () -> receiver.bind(null));
      DatagramChannel sender = c.provider.openDatagramChannel(StandardProtocolFamily.INET);
      sender.configureBlocking(false);
      int port = ((InetSocketAddress) receiver.getLocalAddress()).getPort();
      c.note("send", () -> sender.send(bytes("x"), loopback(port)));
      c.noteAddress("its address", sender::getLocalAddress);
      c.awaitReady(receiver, READ);
      c.noteAddress("seen from", () -> receiver.receive(ByteBuffer.allocate(1)));
      receiver.close();
      sender.close();
    });
  }

  @Test
  void impossibleSendsAreRefused() throws Exception {
    compare(c -> {
      DatagramChannel channel = bound(c);
      DatagramChannel other = bound(c);
      c.note("too long", () -> channel.send(ByteBuffer.allocate(65508), other.getLocalAddress()));
      c.note("longest", () -> channel.send(ByteBuffer.allocate(65507), other.getLocalAddress()));
      c.note("port 0", () -> channel.send(bytes("x"), loopback(0)));
      c.note("null", () -> channel.send(bytes("x"), null));
      c.note("write", () -> channel.write(bytes("x")));
      c.note("read", () -> channel.read(ByteBuffer.allocate(1)));
      c.note(
          "broadcast", () -> channel.send(bytes("x"), new InetSocketAddress("255.255.255.255", 9)));
      c.note("taken", () -> c.datagrams().bind(other.getLocalAddress()));
      c.note(
          "nobody",
          () -> {
            DatagramChannel gone = bound(c);
            var address = gone.getLocalAddress();
            gone.close();
            return channel.send(bytes("x"), address) + channel.send(bytes("x"), address);
          });
      c.note("nothing came back", () -> channel.receive(ByteBuffer.allocate(1)));
    });
  }

  @Test
  void connectedChannelTalksToOneOnly() throws Exception {
    compare(c -> {
      DatagramChannel one = bound(c);
      DatagramChannel other = bound(c);
      DatagramChannel third = bound(c);
      third.send(bytes("before"), one.getLocalAddress());
      c.awaitReady(one, READ);
      one.connect(other.getLocalAddress());
      c.note("connected", one::isConnected);
      c.noteAddress("local", one::getLocalAddress);
      c.noteAddress("remote", one::getRemoteAddress);
      c.note("dropped", () -> one.receive(ByteBuffer.allocate(9)));
      c.note("again", () -> one.connect(other.getLocalAddress()));
      c.note("another", () -> one.send(bytes("x"), third.getLocalAddress()));
      c.note("same", () -> one.send(bytes("sent"), other.getLocalAddress()));
      c.note("written", () -> one.write(bytes("wrote")));
      c.note("empty", () -> one.write(bytes("")));
      c.note("empty send", () -> one.send(bytes(""), other.getLocalAddress()));
      c.note("gathered", () -> one.write(new ByteBuffer[] {bytes("ab"), bytes("cd")}));
      c.note("too long", () -> one.write(ByteBuffer.allocate(65508)));
      c.note("first", () -> receive(c, other));
      c.note("second", () -> receive(c, other));
      c.note("third", () -> receive(c, other));
      c.note("no more", () -> other.receive(ByteBuffer.allocate(9)));
      third.send(bytes("stranger"), one.getLocalAddress());
      other.send(bytes("friend"), one.getLocalAddress());
      other.send(bytes(""), one.getLocalAddress());
      other.send(bytes("scatter"), one.getLocalAddress());
      c.note("friend", () -> receive(c, one));
      c.awaitReady(one, READ);
      c.note("empty", () -> one.read(ByteBuffer.allocate(5)));
      c.awaitReady(one, READ);
      ByteBuffer[] targets = {ByteBuffer.allocate(3), ByteBuffer.allocate(2)};
      c.note("scattered", () -> one.read(targets));
      c.note("nothing", () -> one.read(ByteBuffer.allocate(5)));
      one.disconnect();
      c.note("connected", one::isConnected);
      c.noteAddress("local", one::getLocalAddress);
      c.note("remote", one::getRemoteAddress);
      c.note("third again", () -> third.send(bytes("hello"), one.getLocalAddress()));
      c.note("comes", () -> receive(c, one));
    });
  }

  @Test
  void connectedChannelHearsOnceThatNobodyIsThere() throws Exception {
    compare(c -> {
      DatagramChannel one = bound(c);
      DatagramChannel other = bound(c);
      one.connect(other.getLocalAddress());
      other.close();
      c.note("write", () -> one.write(bytes("x")));
      c.note("ready", () -> c.awaitReady(one, READ));
      c.note("receive", () -> one.receive(ByteBuffer.allocate(1)));
      c.note("once", () -> one.receive(ByteBuffer.allocate(1)));
      c.note("write", () -> one.write(bytes("x")));
      c.awaitReady(one, READ);
      c.note("next write", () -> one.write(bytes("x")));
      c.note("open", one::isOpen);
      c.note("written again", () -> one.write(bytes("x")));
    });
  }

  @Test
  void closedChannelRefusesEverything() throws Exception {
    compare(c -> {
      DatagramChannel channel = bound(c);
      channel.close();
      c.note("receive", () -> channel.receive(ByteBuffer.allocate(1)));
      c.note("send", () -> channel.send(bytes("x"), loopback(1)));
      c.note("read", () -> channel.read(ByteBuffer.allocate(1)));
      c.note("write", () -> channel.write(bytes("x")));
      c.note("bind", () -> channel.bind(null));
      c.note("connect", () -> channel.connect(loopback(1)));
      c.note("local", channel::getLocalAddress);
      c.note("option", () -> channel.getOption(StandardSocketOptions.SO_BROADCAST));
      c.note("connected", channel::isConnected);
    });
  }

  @Test
  void registeredChannelKeepsItsPortUntilTheFlush() throws Exception {
    compare(c -> {
      DatagramChannel channel = bound(c);
      c.register(channel);
      var address = channel.getLocalAddress();
      channel.close();
      c.note("taken", () -> c.datagrams().bind(address));
      c.flush();
      c.note("free", () -> c.datagrams().bind(address).isOpen());
    });
  }

  @Test
  void optionsHaveTheSameDefaultsAndChecks() throws Exception {
    compare(c -> {
      DatagramChannel channel = c.datagrams();
      c.note("broadcast", () -> channel.getOption(StandardSocketOptions.SO_BROADCAST));
      c.note("reuse", () -> channel.getOption(StandardSocketOptions.SO_REUSEADDR));
      c.note("ttl", () -> channel.getOption(StandardSocketOptions.IP_MULTICAST_TTL));
      c.note("loop", () -> channel.getOption(StandardSocketOptions.IP_MULTICAST_LOOP));
      c.note("interface", () -> channel.getOption(StandardSocketOptions.IP_MULTICAST_IF));
      c.note("nodelay", () -> channel.getOption(StandardSocketOptions.TCP_NODELAY));
      c.note("bad ttl", () -> channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 256));
      c.note("ops", channel::validOps);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(loopback(0));
      c.note(
          "shared",
          () ->
              c.datagrams()
                  .setOption(StandardSocketOptions.SO_REUSEADDR, true)
                  .bind(channel.getLocalAddress())
                  .isOpen());
    });
  }

  @Test
  void groupsAreCheckedAndJoinedOnce() throws Exception {
    NetworkInterface any = NetworkInterface.networkInterfaces().findFirst().orElseThrow();
    compare(c -> {
      DatagramChannel channel = c.provider.openDatagramChannel(StandardProtocolFamily.INET);
      try {
        c.note("no group", () -> channel.join(InetAddress.ofLiteral("127.0.0.1"), any));
        c.note("IPv6", () -> channel.join(InetAddress.ofLiteral("ff02::1"), any));
        c.note(
            "source",
            () ->
                channel.join(
                    InetAddress.ofLiteral("239.0.0.1"), any, InetAddress.ofLiteral("239.0.0.2")));
      } finally {
        channel.close();
      }
    });
  }
}
