package asyncio.conformance.testkit;

import static asyncio.conformance.testkit.Channels.bytes;
import static asyncio.conformance.testkit.Channels.compare;
import static asyncio.conformance.testkit.Channels.fill;
import static asyncio.conformance.testkit.Channels.loopback;
import static asyncio.conformance.testkit.Channels.read;

import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Stream channels in memory do what those of the JDK do. */
class ChannelContractTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;
  private static final int CONNECT = SelectionKey.OP_CONNECT;
  private static final int ACCEPT = SelectionKey.OP_ACCEPT;

  // ---- life cycle

  @Test
  void channelThatIsNotConnectedRefusesWhatNeedsAConnection() throws Exception {
    compare(c -> {
      SocketChannel channel = c.socket();
      c.note("connected", channel::isConnected);
      c.note("pending", channel::isConnectionPending);
      c.note("local", channel::getLocalAddress);
      c.note("remote", channel::getRemoteAddress);
      c.note("read", () -> read(channel, 1));
      c.note("write", () -> channel.write(bytes("x")));
      c.note("finish", channel::finishConnect);
      c.note("shutdownInput", channel::shutdownInput);
      c.note("shutdownOutput", channel::shutdownOutput);
      c.note("still open", channel::isOpen);
    });
  }

  @Test
  void connectEndsInALaterPoll() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      c.noteAddress("server", server::getLocalAddress);
      SocketChannel client = c.socket();
      c.note("accept", server::accept);
      c.note("connect", () -> client.connect(server.getLocalAddress()));
      c.note("pending", client::isConnectionPending);
      c.note("connected", client::isConnected);
      c.note("local", client::getLocalAddress);
      c.noteAddress("remote", client::getRemoteAddress);
      c.note("again", () -> client.connect(server.getLocalAddress()));
      c.note("bind", () -> client.bind(null));
      c.note("write", () -> client.write(bytes("x")));
      c.note("read", () -> read(client, 1));
      c.note("ready", () -> c.awaitReady(client, CONNECT));
      c.note("still pending", client::isConnectionPending);
      c.note("finish", client::finishConnect);
      c.note("finish again", client::finishConnect);
      c.note("connect again", () -> client.connect(server.getLocalAddress()));
      c.note("bind again", () -> client.bind(null));
      c.note("ready to write", () -> c.awaitReady(client, READ | WRITE));
      c.noteAddress("local", client::getLocalAddress);
      c.note("server ready", () -> c.awaitReady(server, ACCEPT));
      SocketChannel accepted = server.accept();
      c.note("blocking", accepted::isBlocking);
      c.noteAddress("its local", accepted::getLocalAddress);
      c.noteAddress("its remote", accepted::getRemoteAddress);
      c.note("no other", server::accept);
      accepted.close();
    });
  }

  @Test
  void connectToNobodyIsRefusedAndClosesTheChannel() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      var address = server.getLocalAddress();
      server.close();
      SocketChannel client = c.socket();
      c.register(client);
      c.note("connect", () -> client.connect(address));
      c.note("ready", () -> c.awaitReady(client, CONNECT));
      c.note("finish", client::finishConnect);
      c.note("open", client::isOpen);
      c.note("finish again", client::finishConnect);
      c.note(
          "port 0",
          () -> {
            SocketChannel other = c.socket();
            boolean done = other.connect(loopback(0));
            c.awaitReady(other, CONNECT);
            return done || other.finishConnect();
          });
    });
  }

  @Test
  void closedChannelRefusesEverything() throws Exception {
    compare(c -> {
      var ends = c.connected();
      SocketChannel channel = ends.client();
      channel.close();
      channel.close();
      c.note("connected", channel::isConnected);
      c.note("read", () -> read(channel, 1));
      c.note("write", () -> channel.write(bytes("x")));
      c.note("local", channel::getLocalAddress);
      c.note("remote", channel::getRemoteAddress);
      c.note("option", () -> channel.getOption(StandardSocketOptions.TCP_NODELAY));
      c.note("unknown option", () -> channel.getOption(StandardSocketOptions.IP_MULTICAST_LOOP));
      c.note("connect", () -> channel.connect(loopback(1)));
      c.note("finish", channel::finishConnect);
      c.note("bind", () -> channel.bind(null));
      c.note("shutdownInput", channel::shutdownInput);
      c.note("shutdownOutput", channel::shutdownOutput);
      c.note("blocking", () -> channel.configureBlocking(true));
      c.note("register", () -> channel.register(c.selector, READ));
      ServerSocketChannel server = c.listening();
      server.close();
      c.note("accept", server::accept);
      c.note("server bind", () -> server.bind(null));
      c.note("server local", server::getLocalAddress);
    });
  }

  @Test
  void addressesOfTheWrongKindAreRefused() throws Exception {
    compare(c -> {
      var unresolved = InetSocketAddress.createUnresolved("host", 1);
      var unix = UnixDomainSocketAddress.of("/nowhere/socket");
      c.note("unresolved", () -> c.socket().connect(unresolved));
      c.note("unix", () -> c.socket().connect(unix));
      c.note("null", () -> c.socket().connect(null));
      c.note("inet", () -> c.socket(StandardProtocolFamily.UNIX).connect(loopback(1)));
      c.note("null path", () -> c.socket(StandardProtocolFamily.UNIX).connect(null));
      c.note("bind unresolved", () -> c.server().bind(unresolved));
      c.note("bind unix", () -> c.server().bind(unix));
      c.note("bind inet", () -> c.server(StandardProtocolFamily.UNIX).bind(loopback(1)));
      c.note("unbound accept", () -> c.server().accept());
      c.note("bind datagrams", () -> c.datagrams().bind(unix));
      SocketChannel ipv4 = c.socket(StandardProtocolFamily.INET);
      c.note("IPv6 from IPv4", () -> ipv4.connect(new InetSocketAddress("::1", 1)));
      c.note("still open", ipv4::isOpen);
    });
  }

  @Test
  void interestThatComesTooEarlyOrStaysTooLong() throws Exception {
    compare(c -> {
      SocketChannel channel = c.socket();
      c.note("early connect", () -> c.readyNow(channel, CONNECT));
      c.note("early write", () -> c.readyNow(channel, WRITE));
      c.note("early both", () -> c.readyNow(channel, READ | WRITE));
      c.note("early unix", () -> c.readyNow(c.socket(StandardProtocolFamily.UNIX), READ | WRITE));
      c.note("unbound", () -> c.readyNow(c.server(), ACCEPT));
      c.note("unbound unix", () -> c.readyNow(c.server(StandardProtocolFamily.UNIX), ACCEPT));
      var ends = c.connected();
      c.note("late connect", () -> c.readyNow(ends.client(), CONNECT));
      c.note("late connect does not wait", () -> c.awaitReady(ends.client(), CONNECT));
      c.register(ends.server());
      ends.client().close();
      c.awaitReady(ends.server(), READ);
      c.note("connect at the end", () -> c.readyNow(ends.server(), CONNECT));
      ends.server().shutdownOutput();
      c.note("connect after both ends", () -> c.readyNow(ends.server(), CONNECT));
      c.note("write after both ends", () -> c.readyNow(ends.server(), WRITE));
    });
  }

  // ---- bytes

  @Test
  void bytesComeInOrderInAsManyPartsAsTheReaderWants() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.note("nothing yet", () -> read(ends.server(), 10));
      c.note("write", () -> ends.client().write(bytes("hello ")));
      c.note("write", () -> ends.client().write(bytes("world")));
      c.note("empty write", () -> ends.client().write(bytes("")));
      c.note("first", () -> c.awaitRead(ends.server(), 3));
      c.note("no room", () -> read(ends.server(), 0));
      c.note("rest", () -> c.awaitRead(ends.server(), 100));
      c.note("nothing left", () -> read(ends.server(), 10));
      c.note("not ready", () -> c.readyNow(ends.server(), READ));
      c.note("read-only", () -> ends.server().read(ByteBuffer.allocate(1).asReadOnlyBuffer()));
      ByteBuffer[] sources = {bytes("ab"), bytes(""), bytes("cde"), bytes("f")};
      c.note("gather", () -> ends.server().write(sources, 1, 2));
      c.note("gather all", () -> ends.server().write(sources));
      c.awaitReady(ends.client(), READ);
      ByteBuffer[] targets = {
        ByteBuffer.allocate(1), ByteBuffer.allocate(0), ByteBuffer.allocate(4)
      };
      c.note("scatter", () -> ends.client().read(targets));
      c.note("first target", () -> targets[0].position());
      c.note("last target", () -> targets[2].position());
      c.note("rest", () -> read(ends.client(), 9));
      c.note("bad range", () -> ends.client().write(sources, 3, 2));
    });
  }

  @Test
  void fullBuffersTakeNothingAndAreWritableAgainOnceRead() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.client(), ends.server());
      long total = fill(ends.client());
      while (c.readyNow(ends.client(), WRITE).equals("[write]")) {
        total += fill(ends.client()); // a kernel may move some of it first
      }
      long all = total;
      c.note("no room", () -> ends.client().write(bytes("x")));
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
      long left = all;
      while (left > 0) {
        c.awaitReady(ends.server(), READ);
        left -= ends.server().read(buffer.clear());
      }
      long rest = left;
      c.note("rest", () -> rest);
      c.note("room", () -> c.awaitReady(ends.client(), WRITE));
      c.note("write", () -> ends.client().write(bytes("x")));
    });
  }

  @Test
  void halfCloseIsAnEndForTheOtherAndLeavesTheWayBackOpen() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.client(), ends.server());
      ends.client().write(bytes("last"));
      ends.client().shutdownOutput();
      ends.client().shutdownOutput();
      c.note("write", () -> ends.client().write(bytes("x")));
      c.note("empty write", () -> ends.client().write(bytes("")));
      c.note("data first", () -> c.awaitRead(ends.server(), 10));
      c.note("end", () -> c.awaitRead(ends.server(), 10));
      c.note("end again", () -> read(ends.server(), 10));
      c.note("no room at the end", () -> read(ends.server(), 0));
      c.note("ready at the end", () -> c.readyNow(ends.server(), READ | WRITE));
      c.note("way back", () -> ends.server().write(bytes("answer")));
      c.note("answer", () -> c.awaitRead(ends.client(), 10));
      ends.server().shutdownOutput();
      c.note("both ended", () -> c.awaitRead(ends.client(), 10));
      c.note("ready after both", () -> c.readyNow(ends.server(), WRITE));
    });
  }

  @Test
  void inputThatWasShutDownIsAtItsEnd() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.client(), ends.server());
      ends.server().write(bytes("unread"));
      c.awaitReady(ends.client(), READ);
      ends.client().shutdownInput();
      c.note("read", () -> read(ends.client(), 10));
      c.note("no room", () -> read(ends.client(), 0));
      c.note("ready", () -> c.readyNow(ends.client(), READ));
      c.note("peer writes on", () -> ends.server().write(bytes("x")));
      c.note("own output", () -> ends.client().write(bytes("out")));
      c.note("arrives", () -> c.awaitRead(ends.server(), 10));
    });
  }

  // ---- closing and resets

  @Test
  void closeOfARegisteredChannelIsHalfACloseUntilItsKeyIsFlushed() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.client());
      ends.client().write(bytes("bye"));
      ends.client().close();
      c.note("keys", () -> c.selector.keys().size());
      SocketChannel peer = ends.server();
      try (var selector = c.provider.openSelector()) {
        peer.register(selector, READ);
        selector.select(_ -> {});
        c.note("data", () -> read(peer, 10));
        selector.select(_ -> {});
        c.note("end", () -> read(peer, 10));
        c.note("write is taken", () -> peer.write(bytes("x")));
        c.note("and again", () -> peer.write(bytes("x")));
      }
      c.flush();
      c.note("keys", () -> c.selector.keys().size());
      c.note("ready", () -> c.awaitReady(peer, WRITE));
      c.note("write is broken", () -> peer.write(bytes("x")));
      c.note("read", () -> read(peer, 10));
    });
  }

  @Test
  void closeOfAnUnregisteredChannelIsAtOnce() throws Exception {
    compare(c -> {
      var ends = c.connected();
      ends.client().close();
      c.note("end", () -> c.awaitRead(ends.server(), 10));
      c.note("first write", () -> ends.server().write(bytes("x")));
      c.awaitReady(ends.server(), READ);
      c.note("second write", () -> ends.server().write(bytes("x")));
      c.note("third write", () -> ends.server().write(bytes("x")));
      c.note("read", () -> read(ends.server(), 10));
      c.note("empty write", () -> ends.server().write(bytes("")));
    });
  }

  @Test
  void resetIsThrownByEachReadAfterTheDataThatCameBefore() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.server());
      ends.client().write(bytes("data"));
      c.awaitReady(ends.server(), READ);
      ends.client().setOption(StandardSocketOptions.SO_LINGER, 0);
      ends.client().close();
      c.note("ready", () -> c.awaitReady(ends.server(), WRITE));
      c.note("data", () -> c.awaitRead(ends.server(), 10));
      c.note("reset", () -> read(ends.server(), 10));
      c.note("again", () -> read(ends.server(), 10));
      c.note("no room", () -> read(ends.server(), 0));
      c.note("write", () -> ends.server().write(bytes("x")));
      c.note("open", ends.server()::isOpen);
      c.note("connected", ends.server()::isConnected);
      c.note("shutdownOutput", () -> ends.server().shutdownOutput() == ends.server());
    });
  }

  @Test
  void writeAfterAResetTakesTheErrorAway() throws Exception {
    compare(c -> {
      var ends = c.connected();
      ends.client().setOption(StandardSocketOptions.SO_LINGER, 0);
      ends.client().close();
      c.note("ready", () -> c.awaitReady(ends.server(), READ | WRITE));
      c.note("write", () -> ends.server().write(bytes("x")));
      c.note("write again", () -> ends.server().write(bytes("x")));
      c.note("read", () -> read(ends.server(), 10));
    });
  }

  @Test
  void resetOfARegisteredChannelWaitsForItsFlush() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.client(), ends.server());
      ends.client().setOption(StandardSocketOptions.SO_LINGER, 0);
      ends.client().close();
      c.note("nothing yet", () -> read(ends.server(), 10));
      c.flush();
      c.note("reset", () -> c.awaitRead(ends.server(), 10));
    });
  }

  @Test
  void closeWithUnreadInputIsAResetAfterTheEnd() throws Exception {
    compare(c -> {
      var ends = c.connected();
      ends.server().write(bytes("unread"));
      c.awaitReady(ends.client(), READ);
      ends.client().close();
      c.note("reset", () -> c.awaitRead(ends.server(), 10));
      var others = c.connected();
      c.register(others.client());
      others.server().write(bytes("unread"));
      c.awaitReady(others.client(), READ);
      others.client().close();
      c.note("nothing to write wrong yet", () -> others.server().write(bytes("x")));
      c.flush();
      c.note("end", () -> c.awaitRead(others.server(), 10));
      c.note("broken", () -> others.server().write(bytes("x")));
    });
  }

  @Test
  void pausedChannelNoticesAResetOnlyThroughItsInterest() throws Exception {
    compare(c -> {
      var ends = c.connected();
      c.register(ends.server());
      ends.client().setOption(StandardSocketOptions.SO_LINGER, 0);
      ends.client().close();
      c.note("write sees it", () -> c.awaitReady(ends.server(), WRITE));
      c.note("no interest does not", () -> c.readyNow(ends.server(), 0));
    });
  }

  // ---- listeners

  @Test
  void addressThatIsTakenCannotBeBound() throws Exception {
    compare(c -> {
      ServerSocketChannel first = c.server();
      first.bind(loopback(0));
      int port = ((InetSocketAddress) first.getLocalAddress()).getPort();
      c.note("same", () -> c.server().bind(loopback(port)));
      c.note("twice", () -> first.bind(null));
      c.note(
          "IPv4 wildcard",
          () -> c.server(StandardProtocolFamily.INET).bind(new InetSocketAddress("0.0.0.0", port)));
      c.note(
          "another address",
          () -> {
            try (var other = c.server().bind(new InetSocketAddress("127.0.0.2", port))) {
              return other.isOpen();
            }
          });
      c.note("client", () -> c.socket().bind(loopback(port)));
      first.close();
      c.note("free again", () -> c.server().bind(loopback(port)).isOpen());
    });
  }

  @Test
  void portsAreSharedOnlyIfAllAgree() throws Exception {
    compare(c -> {
      ServerSocketChannel first = c.server();
      first.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      first.bind(loopback(0));
      var address = first.getLocalAddress();
      c.note("without", () -> c.server().bind(address));
      c.note(
          "with",
          () ->
              c.server()
                  .setOption(StandardSocketOptions.SO_REUSEPORT, true)
                  .bind(address)
                  .isOpen());
    });
  }

  @Test
  void closedListenerResetsThoseThatWait() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      SocketChannel client = c.socket();
      client.connect(server.getLocalAddress());
      c.note("ready", () -> c.awaitReady(client, CONNECT));
      c.note("finish", client::finishConnect);
      c.note("write", () -> client.write(bytes("early")));
      server.close();
      c.note("reset", () -> c.awaitRead(client, 10));
    });
  }

  @Test
  void closedListenerListensUntilItsKeyIsFlushed() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      var address = server.getLocalAddress();
      c.register(server);
      server.close();
      c.note("accept", server::accept);
      SocketChannel client = c.socket();
      client.connect(address);
      try (var selector = c.provider.openSelector()) {
        client.register(selector, CONNECT);
        selector.select(_ -> {});
        c.note("connects", client::finishConnect);
      }
      c.note("taken", () -> c.server().bind(address));
      c.flush();
      c.note("free", () -> c.server().bind(address).isOpen());
    });
  }

  @Test
  void pendingConnectMeetsAChannelThatWasClosedMeanwhile() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      SocketChannel client = c.socket();
      c.register(client);
      client.connect(server.getLocalAddress());
      client.close();
      c.flush();
      c.awaitReady(server, ACCEPT);
      SocketChannel accepted = server.accept();
      accepted.configureBlocking(false);
      c.note("end", () -> c.awaitRead(accepted, 10));
      accepted.close();
    });
  }

  @Test
  void wildcardReachesTheLoopback() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.server(StandardProtocolFamily.INET);
      server.bind(null);
      c.noteAddress("server", server::getLocalAddress);
      SocketChannel client = c.socket(StandardProtocolFamily.INET);
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      client.connect(new InetSocketAddress("0.0.0.0", port));
      c.noteAddress("remote", client::getRemoteAddress);
      c.awaitReady(client, CONNECT);
      c.note("finish", client::finishConnect);
      c.noteAddress("local", client::getLocalAddress);
      c.awaitReady(server, ACCEPT);
      try (SocketChannel accepted = server.accept()) {
        c.noteAddress("accepted local", accepted::getLocalAddress);
        c.noteAddress("accepted remote", accepted::getRemoteAddress);
      }
    });
  }

  @Test
  void boundClientConnectsFromWhereItIsBound() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listening();
      SocketChannel client = c.socket();
      c.note("null", () -> client.bind(loopback(0)) == client);
      c.noteAddress("bound", client::getLocalAddress);
      c.note("twice", () -> client.bind(loopback(0)));
      var ends = c.connect(client, server);
      c.noteAddress("local", client::getLocalAddress);
      c.noteAddress("seen", ends.server()::getRemoteAddress);
    });
  }

  // ---- options

  @Test
  void optionsHaveTheSameDefaultsAndChecks() throws Exception {
    compare(c -> {
      SocketChannel channel = c.socket();
      c.note("nodelay", () -> channel.getOption(StandardSocketOptions.TCP_NODELAY));
      c.note("keepalive", () -> channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
      c.note("reuseaddr", () -> channel.getOption(StandardSocketOptions.SO_REUSEADDR));
      c.note("reuseport", () -> channel.getOption(StandardSocketOptions.SO_REUSEPORT));
      c.note("linger", () -> channel.getOption(StandardSocketOptions.SO_LINGER));
      c.note("tos", () -> channel.getOption(StandardSocketOptions.IP_TOS));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_LINGER, -7);
      c.note("nodelay", () -> channel.getOption(StandardSocketOptions.TCP_NODELAY));
      c.note("linger", () -> channel.getOption(StandardSocketOptions.SO_LINGER));
      c.note("null", () -> channel.getOption(null));
      c.note("null value", () -> channel.setOption(StandardSocketOptions.SO_LINGER, null));
      c.note("buffer", () -> channel.setOption(StandardSocketOptions.SO_SNDBUF, -1));
      c.note("bad tos", () -> channel.setOption(StandardSocketOptions.IP_TOS, 256));
      c.note("other", () -> channel.setOption(StandardSocketOptions.SO_BROADCAST, true));
      ServerSocketChannel server = c.server();
      c.note("listener reuseaddr", () -> server.getOption(StandardSocketOptions.SO_REUSEADDR));
      c.note("listener keepalive", () -> server.getOption(StandardSocketOptions.SO_KEEPALIVE));
      SocketChannel unix = c.socket(StandardProtocolFamily.UNIX);
      c.note("unix nodelay", () -> unix.setOption(StandardSocketOptions.TCP_NODELAY, true));
      c.note("unix linger", () -> unix.getOption(StandardSocketOptions.SO_LINGER));
      c.note("ops", channel::validOps);
      c.note("server ops", server::validOps);
      c.note("family", () -> c.provider.openSocketChannel(null));
    });
  }

  // ---- UNIX sockets

  @Test
  void unixConnectIsAtOnce() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.listeningUnix();
      c.noteAddress("server", server::getLocalAddress);
      SocketChannel client = c.socket(StandardProtocolFamily.UNIX);
      c.note("local before", client::getLocalAddress);
      c.note("connect", () -> client.connect(server.getLocalAddress()));
      c.note("connected", client::isConnected);
      c.noteAddress("local", client::getLocalAddress);
      c.noteAddress("remote", client::getRemoteAddress);
      c.note("finish", client::finishConnect);
      c.note("ready", () -> c.awaitReady(server, ACCEPT));
      try (SocketChannel accepted = server.accept()) {
        c.noteAddress("accepted local", accepted::getLocalAddress);
        c.noteAddress("accepted remote", accepted::getRemoteAddress);
        c.note("nobody else", server::accept);
      }
    });
  }

  @Test
  void unixPathsAreChecked() throws Exception {
    compare(c -> {
      Path path = c.path("socket");
      var address = UnixDomainSocketAddress.of(path);
      c.note("missing", () -> c.socket(StandardProtocolFamily.UNIX).connect(address));
      ServerSocketChannel server = c.server(StandardProtocolFamily.UNIX);
      server.bind(address);
      c.note("taken", () -> c.server(StandardProtocolFamily.UNIX).bind(address));
      server.close();
      c.note("nobody", () -> c.socket(StandardProtocolFamily.UNIX).connect(address));
      var unnamed = UnixDomainSocketAddress.of("");
      c.note("unnamed", () -> c.server(StandardProtocolFamily.UNIX).bind(unnamed));
      c.note("to the unnamed", () -> c.socket(StandardProtocolFamily.UNIX).connect(unnamed));
      var tooLong = UnixDomainSocketAddress.of("/" + "x".repeat(106));
      c.note("long", () -> c.server(StandardProtocolFamily.UNIX).bind(tooLong));
    });
  }

  @Test
  void fullUnixBacklogFailsAtOnce() throws Exception {
    compare(c -> {
      ServerSocketChannel server = c.server(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(c.path("socket")), 1);
      for (int i = 0; i < 3; i++) {
        SocketChannel client = c.socket(StandardProtocolFamily.UNIX);
        c.note("connect", () -> client.connect(server.getLocalAddress()));
        c.note("open", client::isOpen);
      }
    });
  }

  @Test
  void unixEndsCloseAsTheKernelHasIt() throws Exception {
    compare(c -> {
      var ends = c.connectedUnix();
      ends.client().write(bytes("data"));
      ends.client().shutdownOutput();
      c.note("data", () -> c.awaitRead(ends.server(), 10));
      c.note("end", () -> c.awaitRead(ends.server(), 10));
      c.note("way back", () -> ends.server().write(bytes("back")));
      c.note("back", () -> c.awaitRead(ends.client(), 10));
      ends.client().close();
      c.note("write", () -> ends.server().write(bytes("x")));
      c.note("read", () -> read(ends.server(), 10));
      var others = c.connectedUnix();
      others.server().write(bytes("unread"));
      c.awaitReady(others.client(), READ);
      others.client().close();
      c.note("ready", () -> c.awaitReady(others.server(), WRITE));
      c.note("reset", () -> read(others.server(), 10));
      c.note("again", () -> read(others.server(), 10));
      c.note("write", () -> others.server().write(bytes("x")));
      var third = c.connectedUnix();
      third.server().shutdownInput();
      c.note("to a deaf end", () -> third.client().write(bytes("x")));
      c.note(
          "hard",
          () -> {
            var hard = c.connectedUnix();
            hard.client().setOption(StandardSocketOptions.SO_LINGER, 0);
            hard.client().close();
            return c.awaitRead(hard.server(), 10);
          });
    });
  }

  @Test
  void registeredUnixChannelClosesInTwoSteps() throws Exception {
    compare(c -> {
      var ends = c.connectedUnix();
      c.register(ends.client());
      ends.client().close();
      c.note("end", () -> read(ends.server(), 10));
      c.note("write is taken", () -> ends.server().write(bytes("x")));
      c.flush();
      c.note("write is not", () -> ends.server().write(bytes("x")));
      c.note("read", () -> read(ends.server(), 10));
    });
  }

  // ---- pipes

  @Test
  void pipesAreLikeThoseOfTheSystem() throws Exception {
    compare(c -> {
      var pipe = c.pipe();
      c.register(pipe.source(), pipe.sink());
      ByteBuffer buffer = ByteBuffer.allocate(10);
      c.note("nothing", () -> pipe.source().read(buffer));
      c.note("writable", () -> c.readyNow(pipe.sink(), WRITE));
      c.note("write", () -> pipe.sink().write(bytes("data")));
      c.note("readable", () -> c.awaitReady(pipe.source(), READ));
      c.note("read", () -> pipe.source().read(buffer));
      c.note("capacity", () -> fill(pipe.sink()));
      c.note("full", () -> c.readyNow(pipe.sink(), WRITE));
      pipe.source().close();
      c.flush();
      c.note("ready", () -> c.awaitReady(pipe.sink(), WRITE));
      c.note("broken", () -> pipe.sink().write(bytes("x")));
      c.note("closed", () -> pipe.source().read(buffer));
      var other = c.pipe();
      other.sink().write(bytes("last"));
      other.sink().close();
      c.note("last", () -> other.source().read(buffer.clear()));
      c.note("ready", () -> c.awaitReady(other.source(), READ));
      c.note("end", () -> other.source().read(buffer));
    });
  }

  @Test
  void openChannelCannotBeBlockingWhileItIsRegistered() throws Exception {
    compare(c -> {
      SocketChannel channel = c.socket();
      channel.configureBlocking(true);
      c.note("register", () -> channel.register(c.selector, CONNECT));
      channel.configureBlocking(false);
      c.note("ops", () -> channel.register(c.selector, ACCEPT));
      SelectionKey key = channel.register(c.selector, CONNECT, "attached");
      c.note("attachment", key::attachment);
      c.note("same key", () -> channel.register(c.selector, READ, "other") == key);
      c.note("interest", key::interestOps);
      c.note("blocking", () -> channel.configureBlocking(true));
      c.note("bad interest", () -> key.interestOps(ACCEPT));
      key.cancel();
      c.note("valid", key::isValid);
      c.note("interest", key::interestOps);
      c.note("ready", key::readyOps);
      c.note("register", () -> channel.register(c.selector, READ));
      c.note("registered", channel::isRegistered);
      c.flush();
      c.note("registered", channel::isRegistered);
      c.note("register", () -> channel.register(c.selector, READ).isValid());
    });
  }
}
