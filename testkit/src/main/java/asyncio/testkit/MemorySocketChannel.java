package asyncio.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stream channel in memory. It does what the JDK's does, in the same order. */
final class MemorySocketChannel extends SocketChannel implements MemoryChannel {

  /*
   * UNCONNECTED ─ connect ─▶ PENDING ─ finishConnect ─▶ CONNECTED
   *      └──────────────────────┴──────── close ─────────┴───▶ CLOSING ─ the last key is flushed ─▶ CLOSED
   */
  private enum State {
    UNCONNECTED,
    PENDING,
    CONNECTED,
    CLOSING,
    CLOSED
  }

  private final MemoryNetwork network;
  private final ProtocolFamily family;
  private final Link link;

  // guarded by network.lock
  private final ChannelOptions options;
  private State state = State.UNCONNECTED;
  private @Nullable SocketAddress local;
  private @Nullable SocketAddress remote;

  /** There once the handshake is over, that is perhaps before {@link #finishConnect}. */
  private @Nullable StreamEnd end;

  private @Nullable Connect connect;
  private boolean inputShut;
  private boolean outputShut;
  private boolean wasReset;

  MemorySocketChannel(MemoryNetwork network, ProtocolFamily family) {
    super(network);
    this.network = network;
    this.family = family;
    this.link = new Link(network);
    this.options =
        isUnix()
            ? ChannelOptions.ofUnix(network.sendBuffer(), network.receiveBuffer())
            : ChannelOptions.ofTcp(network.sendBuffer(), network.receiveBuffer());
    network.opened(this);
  }

  /** The channel of a connection that exists. */
  MemorySocketChannel(
      MemoryNetwork network,
      ProtocolFamily family,
      StreamEnd end,
      SocketAddress local,
      SocketAddress remote) {
    super(network);
    this.network = network;
    this.family = family;
    this.link = end.link;
    this.end = end;
    this.options =
        isUnix()
            ? ChannelOptions.ofUnix(end.sendBuffer, end.receiveBuffer)
            : ChannelOptions.ofTcp(end.sendBuffer, end.receiveBuffer);
    this.local = local;
    this.remote = remote;
    this.state = State.CONNECTED;
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

  private StreamEnd connectedEnd() throws ClosedChannelException {
    if (state == State.UNCONNECTED || state == State.PENDING) {
      throw new NotYetConnectedException();
    }
    StreamEnd connected = end;
    if (state != State.CONNECTED || connected == null) {
      throw new ClosedChannelException();
    }
    return connected;
  }

  // ---- addresses and options

  @Override
  public SocketChannel bind(@Nullable SocketAddress address) throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      if (local != null) {
        throw new AlreadyBoundException();
      }
      local = isUnix() ? bindUnix(address) : bindInet(address);
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
        options.isSet(StandardSocketOptions.SO_REUSEADDR)
            || options.isSet(StandardSocketOptions.SO_REUSEPORT));
  }

  private SocketAddress bindUnix(@Nullable SocketAddress address) throws IOException {
    if (address == null) {
      return Addresses.UNNAMED;
    }
    UnixDomainSocketAddress unix = Addresses.checkUnix(address);
    if (unix.getPath().toString().isEmpty()) {
      return Addresses.UNNAMED;
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
  public @Nullable SocketAddress getRemoteAddress() throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      return remote;
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    options.check(name);
    options.checkValue(name, value);
    synchronized (network.lock) {
      ensureOpen();
      options.set(name, value);
      StreamEnd connected = end;
      if (connected != null) {
        connected.sendBuffer = options.getInt(StandardSocketOptions.SO_SNDBUF);
        connected.receiveBuffer = options.getInt(StandardSocketOptions.SO_RCVBUF);
        network.changed();
      }
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
  public Socket socket() {
    throw new UnsupportedOperationException(
        "a channel in memory has no Socket; use the channel itself");
  }

  // ---- connecting

  @Override
  public boolean isConnected() {
    synchronized (network.lock) {
      return state == State.CONNECTED;
    }
  }

  @Override
  public boolean isConnectionPending() {
    synchronized (network.lock) {
      return state == State.PENDING;
    }
  }

  @Override
  public boolean connect(SocketAddress address) throws IOException {
    SocketAddress target =
        isUnix()
            ? Addresses.checkUnix(address)
            : Addresses.target(Addresses.checkInet(address, family));
    try {
      synchronized (network.lock) {
        ensureOpen();
        if (state == State.CONNECTED) {
          throw new AlreadyConnectedException();
        }
        if (state == State.PENDING) {
          throw new ConnectionPendingException();
        }
        network.runDue();
        state = State.PENDING;
        remote = target;
        link.remote = target;
        Connect started =
            target instanceof UnixDomainSocketAddress unix
                ? network.connectUnix(this, unix)
                : network.connectTcp(this, (InetSocketAddress) target);
        connect = started;
        if (!isUnix() && isBlocking()) {
          network.runDue();
        }
        if (!isUnix() && !isBlocking()) {
          return false; // even if it could be told already: real ones never are that quick
        }
        return finish(started);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    try {
      synchronized (network.lock) {
        if (state == State.CONNECTED) {
          return true;
        }
        ensureOpen();
        Connect started = connect;
        if (state != State.PENDING || started == null) {
          throw new NoConnectionPendingException();
        }
        network.runDue();
        return finish(started);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private boolean finish(Connect started) throws IOException {
    IOException failure = started.failure();
    if (failure != null) {
      throw failure;
    }
    StreamEnd established = started.end();
    if (established == null) {
      if (isBlocking()) {
        throw MemoryNetwork.wouldBlock("connect");
      }
      return false;
    }
    connect = null;
    end = established;
    local = started.local();
    state = State.CONNECTED;
    network.changed();
    return true;
  }

  /** Where it connects to. */
  SocketAddress target() {
    return Objects.requireNonNull(remote);
  }

  int sendBuffer() {
    return options.getInt(StandardSocketOptions.SO_SNDBUF);
  }

  int receiveBuffer() {
    return options.getInt(StandardSocketOptions.SO_RCVBUF);
  }

  /** What the channel is bound to; null if to nothing. */
  @Nullable SocketAddress boundTo() {
    return local;
  }

  // ---- reading and writing

  @Override
  public int read(ByteBuffer target) throws IOException {
    Objects.requireNonNull(target);
    return (int) readAll(new ByteBuffer[] {target}, 0, 1);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, targets.length);
    return readAll(targets, offset, length);
  }

  private long readAll(ByteBuffer[] targets, int offset, int length) throws IOException {
    synchronized (network.lock) {
      StreamEnd source = connectedEnd();
      network.runDue();
      if (wasReset) {
        throw new SocketException("Connection reset");
      }
      if (inputShut) {
        return -1;
      }
      boolean anyRoom = false;
      for (int i = offset; i < offset + length; i++) {
        if (targets[i].isReadOnly()) {
          throw new IllegalArgumentException("Read-only buffer");
        }
        anyRoom |= targets[i].hasRemaining();
      }
      if (!anyRoom) {
        return 0;
      }
      long count = readInto(source, targets, offset, length);
      if (count == 0 && isBlocking()) {
        throw MemoryNetwork.wouldBlock("read");
      }
      network.changed();
      return count;
    }
  }

  private long readInto(StreamEnd source, ByteBuffer[] targets, int offset, int length)
      throws IOException {
    int left = link.maxBytes();
    long total = 0;
    for (int i = offset; i < offset + length && left > 0; i++) {
      ByteBuffer target = targets[i];
      if (!target.hasRemaining() || (total > 0 && !source.hasInput())) {
        continue;
      }
      int count;
      try {
        count = source.read(target, left);
      } catch (SocketException e) {
        wasReset = true;
        throw e;
      }
      if (count <= 0) {
        return count;
      }
      total += count;
      left -= count;
    }
    return total;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    Objects.requireNonNull(source);
    return (int) writeAll(new ByteBuffer[] {source}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, sources.length);
    return writeAll(sources, offset, length);
  }

  private long writeAll(ByteBuffer[] sources, int offset, int length) throws IOException {
    synchronized (network.lock) {
      StreamEnd target = connectedEnd();
      network.runDue();
      if (outputShut) {
        throw new AsynchronousCloseException(); // this is what the JDK throws
      }
      int left = link.maxBytes();
      long total = 0;
      boolean any = false;
      for (int i = offset; i < offset + length && left > 0; i++) {
        ByteBuffer source = sources[i];
        if (source.hasRemaining()) {
          any = true;
          int count = target.write(source, left);
          total += count;
          left -= count;
          if (source.hasRemaining()) {
            break;
          }
        }
      }
      if (any && total == 0 && isBlocking()) {
        throw MemoryNetwork.wouldBlock("write");
      }
      network.changed();
      return total;
    }
  }

  @Override
  public SocketChannel shutdownInput() throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      StreamEnd connected = connectedEnd();
      if (!inputShut) {
        inputShut = true;
        connected.shutInput();
        network.changed();
      }
    }
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      StreamEnd connected = connectedEnd();
      if (!outputShut) {
        outputShut = true;
        connected.shutOutput();
        network.changed();
      }
    }
    return this;
  }

  /** Cuts the connection: both ends see a reset. */
  void cut() {
    StreamEnd connected = end;
    if (connected == null) {
      throw new IllegalArgumentException("channel: " + this + " has no connection to be cut");
    }
    connected.cut();
  }

  // ---- readiness

  @Override
  public Link link() {
    return link;
  }

  @Override
  public int readyOps(int interest) {
    return switch (state) {
      case UNCONNECTED -> interest; // as the kernel has it: there is nothing to wait for
      case PENDING -> {
        Connect started = connect;
        if (started == null || (started.end() == null && started.failure() == null)) {
          yield 0;
        }
        yield started.failure() == null ? interest & SelectionKey.OP_CONNECT : interest;
      }
      case CONNECTED -> {
        StreamEnd connected = Objects.requireNonNull(end);
        if (connected.isBroken()) {
          yield interest;
        }
        yield interest
            & ((connected.isReadable() ? SelectionKey.OP_READ : 0)
                | (connected.isWritable() ? SelectionKey.OP_WRITE : 0));
      }
      case CLOSING, CLOSED -> 0;
    };
  }

  @Override
  public boolean spins(int interest) {
    StreamEnd connected = end;
    return state == State.CONNECTED
        && connected != null
        && connected.isWritable()
        && (interest & SelectionKey.OP_CONNECT) != 0;
  }

  // ---- the end

  @Override
  protected void implConfigureBlocking(boolean block) {}

  @Override
  protected void implCloseSelectableChannel() {
    boolean registered = isRegistered();
    synchronized (network.lock) {
      network.runDue();
      boolean wasConnected = state == State.CONNECTED;
      state = State.CLOSING;
      if (!registered) {
        release();
      } else if (wasConnected && !isHard() && end != null) {
        end.shutOutput(); // the other end hears of it before the key is flushed
      }
      network.changed();
    }
  }

  @Override
  public void kill() {
    synchronized (network.lock) {
      if (state == State.CLOSING) {
        network.runDue();
        release();
        network.changed();
      }
    }
  }

  private void release() {
    state = State.CLOSED;
    network.released(this);
    network.tcpPorts.unbind(this);
    network.unixNames.unbind(this);
    StreamEnd established = end;
    Connect started = connect;
    if (started != null) {
      established = started.end();
      started.abandon();
    }
    if (established != null) {
      established.release(isHard());
    }
  }

  private boolean isHard() {
    return !isUnix() && options.getInt(StandardSocketOptions.SO_LINGER) == 0;
  }

  @Override
  public String toString() {
    synchronized (network.lock) {
      String what =
          switch (state) {
            case UNCONNECTED -> "unconnected" + (local == null ? "" : " local=" + local);
            case PENDING -> "connection-pending remote=" + remote;
            case CONNECTED -> "connected local=" + local + " remote=" + remote;
            case CLOSING -> "closing";
            case CLOSED -> "closed";
          };
      return "MemorySocketChannel[" + what + "]";
    }
  }
}
