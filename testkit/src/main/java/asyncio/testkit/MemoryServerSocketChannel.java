package asyncio.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A listener in memory. It does what the JDK's does, in the same order. */
final class MemoryServerSocketChannel extends ServerSocketChannel implements MemoryChannel {
  private static final int DEFAULT_BACKLOG = 50;

  /** A connection that nobody has accepted. */
  private record Arrived(StreamEnd end, SocketAddress local, SocketAddress remote) {}

  private final MemoryNetwork network;
  private final ProtocolFamily family;
  private final Link link;

  // guarded by network.lock
  private final ChannelOptions options;
  private final Deque<Arrived> queue = new ArrayDeque<>();

  /** Clients that the queue has no room for: to them the connect just takes long. */
  private final Deque<Connect> waiting = new ArrayDeque<>();

  private int backlog;
  private @Nullable SocketAddress local;
  private boolean released;

  MemoryServerSocketChannel(MemoryNetwork network, ProtocolFamily family) {
    super(network);
    this.network = network;
    this.family = family;
    this.link = new Link(network);
    this.options =
        isUnix()
            ? ChannelOptions.ofUnixListener(network.receiveBuffer())
            : ChannelOptions.ofListener(network.receiveBuffer());
    network.opened(this);
  }

  private boolean isUnix() {
    return family == StandardProtocolFamily.UNIX;
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // ---- addresses and options

  @Override
  public ServerSocketChannel bind(@Nullable SocketAddress address, int backlog) throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      if (local != null) {
        throw new AlreadyBoundException();
      }
      network.runDue();
      SocketAddress bound = isUnix() ? bindUnix(address) : bindInet(address);
      this.backlog = backlog < 1 ? DEFAULT_BACKLOG : backlog;
      local = bound;
      link.remote = bound; // where its conditions are
    }
    return this;
  }

  private SocketAddress bindInet(@Nullable SocketAddress address) throws IOException {
    InetSocketAddress inet =
        address == null
            ? new InetSocketAddress(Addresses.any(family), 0)
            : Addresses.checkInet(address, family);
    return network.tcpPorts.bind(
        this,
        Addresses.bound(inet.getAddress(), family),
        inet.getPort(),
        family == StandardProtocolFamily.INET6,
        options.isSet(StandardSocketOptions.SO_REUSEPORT));
  }

  private SocketAddress bindUnix(@Nullable SocketAddress address) throws IOException {
    UnixDomainSocketAddress unix =
        address == null ? network.unixNames.generate() : Addresses.checkUnix(address);
    if (unix.getPath().toString().isEmpty()) {
      throw new BindException("Server socket cannot bind to unnamed address");
    }
    network.unixNames.bind(this, Addresses.checkPath(unix));
    return unix;
  }

  @Override
  public @Nullable SocketAddress getLocalAddress() throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      return local;
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    options.check(name);
    options.checkValue(name, value);
    synchronized (network.lock) {
      ensureOpen();
      options.set(name, value);
    }
    return this;
  }

  @Override
  @SuppressWarnings("NullAway") // the JDK's own declaration says nothing about null
  public <T> T getOption(SocketOption<T> name) throws IOException {
    options.check(name);
    synchronized (network.lock) {
      ensureOpen();
      return options.get(name);
    }
  }

  @Override
  public ServerSocket socket() {
    throw new UnsupportedOperationException(
        "a channel in memory has no ServerSocket; use the channel itself");
  }

  // ---- connections

  @Override
  public @Nullable SocketChannel accept() throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      if (local == null) {
        throw new NotYetBoundException();
      }
      network.runDue();
      if (queue.isEmpty()) {
        if (isBlocking()) {
          throw MemoryNetwork.wouldBlock("accept");
        }
        return null;
      }
      if (link.failsAccept()) {
        throw new IOException("Too many open files");
      }
      Arrived first = queue.removeFirst();
      SocketChannel accepted =
          new MemorySocketChannel(network, family, first.end, first.local, first.remote);
      while (!waiting.isEmpty() && hasRoom()) {
        arrive(waiting.removeFirst());
      }
      network.changed();
      return accepted;
    }
  }

  private boolean hasRoom() {
    return queue.size() <= backlog; // one more than asked for, as the kernel has it
  }

  /** Takes a client in, or lets it wait. */
  void arrive(Connect connect) {
    if (connect.isAbandoned()) {
      return;
    }
    if (!hasRoom()) {
      waiting.add(connect);
      return;
    }
    MemorySocketChannel client = connect.client();
    SocketAddress target = client.target();
    Link serverLink = new Link(network);
    serverLink.remote = connect.local();
    int receiveBuffer = options.getInt(StandardSocketOptions.SO_RCVBUF);
    StreamEnd ours;
    StreamEnd theirs;
    if (isUnix()) {
      ours = StreamEnd.unix(serverLink, network.sendBuffer(), receiveBuffer);
      theirs = StreamEnd.unix(client.link(), client.sendBuffer(), client.receiveBuffer());
    } else {
      ours = StreamEnd.tcp(serverLink, network.sendBuffer(), receiveBuffer);
      theirs = StreamEnd.tcp(client.link(), client.sendBuffer(), client.receiveBuffer());
    }
    StreamEnd.connect(ours, theirs);
    queue.add(new Arrived(ours, target, connect.local()));
    link.touch();
    connect.establish(theirs);
  }

  /** Takes a client in at once, or not at all. */
  void arriveAtOnce(Connect connect) throws SocketException {
    if (!hasRoom()) {
      throw new SocketException("Resource temporarily unavailable");
    }
    arrive(connect);
  }

  // ---- readiness

  @Override
  public Link link() {
    return link;
  }

  @Override
  public int readyOps(int interest) {
    return isOpen() && (local == null || !queue.isEmpty()) ? interest : 0;
  }

  // ---- the end

  @Override
  protected void implConfigureBlocking(boolean block) {}

  @Override
  protected void implCloseSelectableChannel() {
    if (!isRegistered()) {
      kill();
    }
  }

  @Override
  public void kill() {
    synchronized (network.lock) {
      if (released) {
        return;
      }
      released = true;
      network.runDue();
      network.released(this);
      network.tcpPorts.unbind(this);
      network.unixNames.unbind(this);
      queue.forEach(arrived -> arrived.end.release(true));
      waiting.forEach(connect -> connect.fail(new ConnectException("Connection refused")));
      queue.clear();
      waiting.clear();
      network.changed();
    }
  }

  @Override
  public String toString() {
    synchronized (network.lock) {
      String what = !isOpen() ? "closed" : local == null ? "unbound" : "listening " + local;
      return "MemoryServerSocketChannel[" + what + "]";
    }
  }
}
