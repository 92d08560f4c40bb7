package asyncio.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A datagram channel in memory. It does what the JDK's does, in the same order. */
final class MemoryDatagramChannel extends DatagramChannel implements MemoryChannel {
  private static final int LONGEST = 65507;
  private static final int LONGEST_V6 = 65527;

  /** What a datagram takes of the receive buffer besides its bytes. */
  private static final int OVERHEAD = 64;

  private static final class Datagram {
    final byte[] bytes;
    final InetSocketAddress source;

    Datagram(byte[] bytes, InetSocketAddress source) {
      this.bytes = bytes;
      this.source = source;
    }

    int size() {
      return bytes.length + OVERHEAD;
    }
  }

  private final MemoryNetwork network;
  private final ProtocolFamily family;
  private final Link link;

  // guarded by network.lock
  private final ChannelOptions options;
  private final Deque<Datagram> received = new ArrayDeque<>();
  private final List<MemoryMembership> memberships = new ArrayList<>();
  private int receivedSize;

  /** What it was bound to; {@link #local} says more once it is connected. */
  private @Nullable InetSocketAddress bound;

  private @Nullable InetSocketAddress local;
  private @Nullable InetSocketAddress remote;
  private boolean unreachable;
  private boolean released;

  MemoryDatagramChannel(MemoryNetwork network, ProtocolFamily family) {
    super(network);
    this.network = network;
    this.family = family;
    this.link = new Link(network);
    this.options = ChannelOptions.ofDatagrams(network.sendBuffer(), network.receiveBuffer());
    network.opened(this);
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // ---- addresses and options

  @Override
  public DatagramChannel bind(@Nullable SocketAddress address) throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      if (bound != null) {
        throw new AlreadyBoundException();
      }
      InetSocketAddress inet =
          address == null
              ? new InetSocketAddress(Addresses.any(family), 0)
              : Addresses.checkInet(address, family);
      bindTo(inet);
    }
    return this;
  }

  private InetSocketAddress bindTo(InetSocketAddress address) throws BindException {
    InetSocketAddress now =
        network.udpPorts.bind(
            this,
            Addresses.bound(address.getAddress(), family),
            address.getPort(),
            family == StandardProtocolFamily.INET6,
            options.isSet(StandardSocketOptions.SO_REUSEADDR)
                || options.isSet(StandardSocketOptions.SO_REUSEPORT));
    bound = now;
    local = now;
    return now;
  }

  private InetSocketAddress ensureBound() throws BindException {
    InetSocketAddress now = local;
    return now != null ? now : bindTo(new InetSocketAddress(Addresses.any(family), 0));
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
  public <T> DatagramChannel setOption(SocketOption<T> name, T value) throws IOException {
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
  public DatagramSocket socket() {
    throw new UnsupportedOperationException(
        "a channel in memory has no DatagramSocket; use the channel itself");
  }

  // ---- connecting

  @Override
  public boolean isConnected() {
    synchronized (network.lock) {
      return remote != null;
    }
  }

  @Override
  public DatagramChannel connect(SocketAddress address) throws IOException {
    InetSocketAddress target = Addresses.checkInet(address, family);
    synchronized (network.lock) {
      ensureOpen();
      if (remote != null) {
        throw new AlreadyConnectedException();
      }
      if (target.getPort() == 0) {
        throw new SocketException("Can't connect to port 0");
      }
      network.runDue();
      InetSocketAddress now = ensureBound();
      remote = target;
      link.remote = target;
      local = new InetSocketAddress(sourceFor(Addresses.target(target), now), now.getPort());
      received.clear(); // what others have sent before is not for a connected channel
      receivedSize = 0;
    }
    return this;
  }

  private static InetAddress sourceFor(InetSocketAddress target, InetSocketAddress local) {
    return local.getAddress().isAnyLocalAddress()
        ? Addresses.source(target.getAddress())
        : local.getAddress();
  }

  @Override
  public DatagramChannel disconnect() {
    synchronized (network.lock) {
      if (isOpen() && remote != null) {
        remote = null;
        link.remote = null;
        local = bound;
        unreachable = false;
      }
    }
    return this;
  }

  // ---- receiving

  @Override
  public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    synchronized (network.lock) {
      Datagram datagram = take(false, "receive");
      if (datagram == null) {
        return null;
      }
      fill(target, datagram.bytes, 0);
      return datagram.source;
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    Objects.requireNonNull(target);
    return (int) readOne(new ByteBuffer[] {target}, 0, 1);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, targets.length);
    return readOne(targets, offset, length);
  }

  private long readOne(ByteBuffer[] targets, int offset, int length) throws IOException {
    synchronized (network.lock) {
      Datagram datagram = take(true, "read");
      if (datagram == null) {
        return 0;
      }
      int done = 0;
      for (int i = offset; i < offset + length; i++) {
        done += fill(targets[i], datagram.bytes, done);
      }
      return datagram.bytes.length == 0 ? -1 : done; // the JDK takes it for an end-of-file
    }
  }

  private @Nullable Datagram take(boolean mustBeConnected, String attempt) throws IOException {
    ensureOpen();
    if (mustBeConnected && remote == null) {
      throw new NotYetConnectedException();
    }
    ensureBound();
    network.runDue();
    throwIfUnreachable();
    Datagram first = received.poll();
    if (first == null) {
      if (isBlocking()) {
        throw MemoryNetwork.wouldBlock(attempt);
      }
      return null;
    }
    receivedSize -= first.size();
    return first;
  }

  private void throwIfUnreachable() throws PortUnreachableException {
    if (unreachable) {
      unreachable = false;
      throw new PortUnreachableException();
    }
  }

  /** Copies what there is room for. */
  private static int fill(ByteBuffer target, byte[] bytes, int from) {
    int count = Math.min(target.remaining(), bytes.length - from);
    target.put(bytes, from, count);
    return count;
  }

  // ---- sending

  @Override
  public int send(ByteBuffer source, SocketAddress address) throws IOException {
    Objects.requireNonNull(source);
    InetSocketAddress target = Addresses.checkInet(address, family);
    synchronized (network.lock) {
      ensureOpen();
      InetSocketAddress from = ensureBound();
      if (remote != null) {
        if (!target.equals(remote)) {
          throw new AlreadyConnectedException();
        }
        return (int) writeOne(new ByteBuffer[] {source}, 0, 1);
      }
      if (target.getPort() == 0) {
        throw new SocketException("Can't send to port 0");
      }
      if (source.remaining() > longest(target)) {
        throw new SocketException("Message too long");
      }
      if (isBroadcast(target.getAddress()) && !options.isSet(StandardSocketOptions.SO_BROADCAST)) {
        throw new BindException("Permission denied");
      }
      network.runDue();
      link.remote = target;
      try {
        if (!mayWrite()) {
          return 0;
        }
        int size = source.remaining();
        byte[] bytes = new byte[size];
        source.get(bytes);
        dispatch(bytes, from, target);
        return size;
      } finally {
        link.remote = null;
      }
    }
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    Objects.requireNonNull(source);
    return (int) writeConnected(new ByteBuffer[] {source}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, sources.length);
    return writeConnected(sources, offset, length);
  }

  private long writeConnected(ByteBuffer[] sources, int offset, int length) throws IOException {
    synchronized (network.lock) {
      ensureOpen();
      if (remote == null) {
        throw new NotYetConnectedException();
      }
      return writeOne(sources, offset, length);
    }
  }

  private long writeOne(ByteBuffer[] sources, int offset, int length) throws IOException {
    InetSocketAddress target = Objects.requireNonNull(remote);
    InetSocketAddress from = Objects.requireNonNull(local);
    long size = 0;
    for (int i = offset; i < offset + length; i++) {
      size += sources[i].remaining();
    }
    if (size == 0) {
      return 0; // the JDK does not get as far as sending anything
    }
    if (size > longest(target)) {
      throw new IOException("Message too long");
    }
    network.runDue();
    throwIfUnreachable();
    if (!mayWrite()) {
      return 0;
    }
    byte[] bytes = new byte[(int) size];
    int done = 0;
    for (int i = offset; i < offset + length; i++) {
      int part = sources[i].remaining();
      sources[i].get(bytes, done, part);
      done += part;
    }
    dispatch(bytes, from, target);
    return size;
  }

  private static int longest(InetSocketAddress target) {
    return target.getAddress() instanceof Inet4Address ? LONGEST : LONGEST_V6;
  }

  private boolean mayWrite() {
    if (link.writesBlocked()) {
      if (isBlocking()) {
        throw MemoryNetwork.wouldBlock("send");
      }
      return false;
    }
    return true;
  }

  private void dispatch(byte[] bytes, InetSocketAddress from, InetSocketAddress to) {
    if (!link.loses()) {
      InetSocketAddress target = Addresses.target(to);
      InetSocketAddress source = new InetSocketAddress(sourceFor(target, from), from.getPort());
      link.sendUnordered(() -> arriveAt(target, new Datagram(bytes, source)));
    }
    network.changed();
  }

  // ---- arriving

  /** Gives a datagram of this channel to those it is for. */
  private void arriveAt(InetSocketAddress target, Datagram datagram) {
    InetAddress address = target.getAddress();
    if (address.isMulticastAddress()) {
      for (MemoryDatagramChannel other : network.udpPorts.withPort(target.getPort())) {
        boolean loops = other != this || options.isSet(StandardSocketOptions.IP_MULTICAST_LOOP);
        if (loops && other.isMember(address, datagram.source) && other.takesFrom(datagram.source)) {
          other.arrive(datagram);
        }
      }
      return;
    }
    if (isBroadcast(address)) {
      for (MemoryDatagramChannel other : network.udpPorts.withPort(target.getPort())) {
        if (other.isAtWildcard() && other.takesFrom(datagram.source)) {
          other.arrive(datagram);
        }
      }
      return;
    }
    MemoryDatagramChannel best = null;
    for (MemoryDatagramChannel other : network.udpPorts.at(target)) {
      if (other.takesFrom(datagram.source) && (best == null || other.isConnected())) {
        best = other;
        if (best.isConnected()) {
          break;
        }
      }
    }
    if (best != null) {
      best.arrive(datagram);
    } else if (target.equals(remote)) {
      link.sendUnordered(this::arriveUnreachable);
    }
  }

  private void arriveUnreachable() {
    if (remote != null) {
      unreachable = true;
      link.touch();
    }
  }

  private static boolean isBroadcast(InetAddress address) {
    if (!(address instanceof Inet4Address)) {
      return false;
    }
    for (byte b : address.getAddress()) {
      if (b != -1) {
        return false;
      }
    }
    return true;
  }

  private boolean isAtWildcard() {
    InetSocketAddress now = bound;
    return now != null && now.getAddress().isAnyLocalAddress();
  }

  private boolean isMember(InetAddress group, InetSocketAddress source) {
    return memberships.stream().anyMatch(m -> m.takes(group, source.getAddress()));
  }

  private boolean takesFrom(InetSocketAddress source) {
    return remote == null || Addresses.target(remote).equals(source);
  }

  private void arrive(Datagram datagram) {
    boolean fits =
        receivedSize == 0
            || receivedSize + datagram.size() <= options.getInt(StandardSocketOptions.SO_RCVBUF);
    if (fits && !released) { // else it is lost, as datagrams are
      received.add(datagram);
      receivedSize += datagram.size();
      link.touch();
    }
  }

  // ---- groups

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface networkInterface)
      throws IOException {
    return joinFrom(group, networkInterface, null);
  }

  @Override
  public MembershipKey join(
      InetAddress group, NetworkInterface networkInterface, InetAddress source) throws IOException {
    return joinFrom(group, networkInterface, Objects.requireNonNull(source));
  }

  private MembershipKey joinFrom(
      InetAddress group, NetworkInterface networkInterface, @Nullable InetAddress source)
      throws IOException {
    if (!group.isMulticastAddress()) {
      throw new IllegalArgumentException("Group not a multicast address");
    }
    if (family == StandardProtocolFamily.INET && !(group instanceof Inet4Address)) {
      throw new IllegalArgumentException("Only IPv6 sockets can join IPv6 multicast group");
    }
    if (source != null && source.isMulticastAddress()) {
      throw new IllegalArgumentException("Source address is multicast address");
    }
    Objects.requireNonNull(networkInterface);
    synchronized (network.lock) {
      ensureOpen();
      for (MemoryMembership membership : memberships) {
        if (membership.isOf(group, networkInterface, source)) {
          return membership;
        }
      }
      MemoryMembership joined = new MemoryMembership(this, group, networkInterface, source);
      memberships.add(joined);
      return joined;
    }
  }

  Object lock() {
    return network.lock;
  }

  /** Leaves a group. */
  void leave(MemoryMembership membership) {
    memberships.remove(membership);
  }

  boolean isMemberBy(MemoryMembership membership) {
    return memberships.contains(membership);
  }

  // ---- readiness

  @Override
  public Link link() {
    return link;
  }

  @Override
  public int readyOps(int interest) {
    if (!isOpen()) {
      return 0;
    }
    if (unreachable) {
      return interest;
    }
    return interest
        & ((received.isEmpty() ? 0 : SelectionKey.OP_READ)
            | (link.writesBlocked() ? 0 : SelectionKey.OP_WRITE));
  }

  // ---- the end

  @Override
  protected void implConfigureBlocking(boolean block) {}

  @Override
  protected void implCloseSelectableChannel() {
    boolean registered = isRegistered();
    synchronized (network.lock) {
      memberships.clear();
      if (!registered) {
        kill();
      }
    }
  }

  @Override
  public void kill() {
    synchronized (network.lock) {
      if (!released) {
        released = true;
        received.clear();
        network.released(this);
        network.udpPorts.unbind(this);
      }
    }
  }

  @Override
  public String toString() {
    synchronized (network.lock) {
      String what =
          !isOpen()
              ? "closed"
              : local == null
                  ? "unbound"
                  : "local=" + local + (remote == null ? "" : " remote=" + remote);
      return "MemoryDatagramChannel[" + what + "]";
    }
  }
}
