package asyncio.testkit;

import asyncio.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory: the channels and selectors of NIO without sockets, threads and real time,
 * for tests that are to do the same in each run.
 *
 * <p>A {@link VirtualTimeLoop} has one of its own; another loop gets one as {@code new
 * SelectorEventLoop(engine, network)}. Every numeric address is an address of this network, ports
 * that nobody chooses are given out in turn, and the paths of UNIX sockets are names without files.
 * Channels do what those of the JDK do on Linux, down to the exceptions; but they cannot wait: in
 * blocking mode an operation that would have to wait throws {@link UnsupportedOperationException}.
 *
 * <p>A test can make it slow, or have it fail: see {@link NetworkConditions}.
 *
 * <p><b>Order:</b> a connect ends in a later poll than the one it began in, even without a delay.
 * Bytes arrive when they are written, or after the latency that was set. A selector finds channels
 * in the order in which they became ready.
 *
 * <p><b>Threading:</b> thread-safe, as channels are. Delays are in the time of the loop that was
 * made with the network last; without one, in real time.
 */
public final class MemoryNetwork extends SelectorProvider {
  private static final int DEFAULT_BUFFER = 65536;

  /** Guards everything here, and in the channels and selectors of this network. */
  final Object lock = new Object();

  // guarded by lock
  final PortTable<MemoryChannel> tcpPorts = new PortTable<>();
  final PortTable<MemoryDatagramChannel> udpPorts = new PortTable<>();
  final UnixNames unixNames = new UnixNames();
  private final NetworkEvents events = new NetworkEvents();
  private final NetworkConditions everywhere = new NetworkConditions(this);
  private final Map<Object, NetworkConditions> byAddress = new HashMap<>();
  private final Map<MemoryChannel, List<StackTraceElement>> channels = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(0);
  private int sendBuffer = DEFAULT_BUFFER;
  private int receiveBuffer = DEFAULT_BUFFER;
  private int opensToFail;
  private final Map<String, List<InetAddress>> hosts = new LinkedHashMap<>();
  private Duration lookupDelay = Duration.ZERO;
  private long eventNumber;
  private LongSupplier clock = System::nanoTime;
  private final List<Runnable> listeners = new ArrayList<>();
  private @Nullable Orders orders;

  /** Makes an empty network, in which {@code localhost} is the only name. */
  public MemoryNetwork() {
    addHost("localhost", "127.0.0.1", "::1");
  }

  // ---- opening

  @Override
  public AbstractSelector openSelector() {
    return new MemorySelector(this);
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return openSocketChannel(StandardProtocolFamily.INET6);
  }

  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
    synchronized (lock) {
      checkMayOpen(family, true);
      return new MemorySocketChannel(this, family);
    }
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return openServerSocketChannel(StandardProtocolFamily.INET6);
  }

  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    synchronized (lock) {
      checkMayOpen(family, true);
      return new MemoryServerSocketChannel(this, family);
    }
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return openDatagramChannel(StandardProtocolFamily.INET6);
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    synchronized (lock) {
      checkMayOpen(family, false);
      return new MemoryDatagramChannel(this, family);
    }
  }

  @Override
  public Pipe openPipe() throws IOException {
    synchronized (lock) {
      checkMayOpen(StandardProtocolFamily.INET6, false);
      return new MemoryPipe(this);
    }
  }

  private void checkMayOpen(ProtocolFamily family, boolean mayBeUnix) throws IOException {
    Objects.requireNonNull(family, "'family' is null");
    if (family != StandardProtocolFamily.INET
        && family != StandardProtocolFamily.INET6
        && !(mayBeUnix && family == StandardProtocolFamily.UNIX)) {
      throw new UnsupportedOperationException("Protocol family not supported");
    }
    if (opensToFail > 0) {
      opensToFail--;
      throw new SocketException("Too many open files");
    }
  }

  /** The two ends of a connection. */
  public record Pair(SocketChannel first, SocketChannel second) {}

  /**
   * Makes a connection whose ends are both at hand, in non-blocking mode, to try a protocol or a
   * transport on: what is written to one end is read from the other.
   */
  public Pair pair() throws IOException {
    synchronized (lock) {
      Link firstLink = new Link(this);
      Link secondLink = new Link(this);
      InetAddress host = Addresses.target(new InetSocketAddress(0)).getAddress();
      SocketAddress firstAddress = new InetSocketAddress(host, tcpPorts.freePort());
      SocketAddress secondAddress = new InetSocketAddress(host, tcpPorts.freePort());
      firstLink.remote = secondAddress;
      secondLink.remote = firstAddress;
      StreamEnd firstEnd = StreamEnd.tcp(firstLink, sendBuffer, receiveBuffer);
      StreamEnd secondEnd = StreamEnd.tcp(secondLink, sendBuffer, receiveBuffer);
      StreamEnd.connect(firstEnd, secondEnd);
      ProtocolFamily family = StandardProtocolFamily.INET6;
      SocketChannel first =
          new MemorySocketChannel(this, family, firstEnd, firstAddress, secondAddress);
      SocketChannel second =
          new MemorySocketChannel(this, family, secondEnd, secondAddress, firstAddress);
      first.configureBlocking(false);
      second.configureBlocking(false);
      return new Pair(first, second);
    }
  }

  // ---- what a test sets

  /**
   * Sets the buffer sizes of channels that are opened or accepted from now on, in bytes; 64 KiB
   * each at first. A connection holds as much as the sender's send buffer and the receiver's
   * receive buffer together; the options {@code SO_SNDBUF} and {@code SO_RCVBUF} change them.
   */
  public void setBufferSizes(int send, int receive) {
    if (send < 1 || receive < 0) {
      throw new IllegalArgumentException(
          "send must be positive, and receive not negative: " + send + ", " + receive);
    }
    synchronized (lock) {
      sendBuffer = send;
      receiveBuffer = receive;
    }
  }

  /** The conditions for all traffic for which nothing else is set. */
  public NetworkConditions everywhere() {
    return everywhere;
  }

  /** The conditions for what goes to an address, and for a listener that is bound to it. */
  public NetworkConditions at(SocketAddress address) {
    return atKey(Objects.requireNonNull(address, "address"));
  }

  /** The conditions for what goes to any port of a host for which nothing else is set. */
  public NetworkConditions at(InetAddress host) {
    return atKey(Objects.requireNonNull(host, "host"));
  }

  private NetworkConditions atKey(Object key) {
    synchronized (lock) {
      return byAddress.computeIfAbsent(key, _ -> new NetworkConditions(this));
    }
  }

  /**
   * The conditions for one channel: for what it reads, and for what it sends.
   *
   * @throws IllegalArgumentException if the channel is of another network
   */
  public NetworkConditions of(Channel channel) {
    return own(channel).link().own;
  }

  private MemoryChannel own(Channel channel) {
    if (!(channel instanceof MemoryChannel ours) || ours.link().network != this) {
      throw new IllegalArgumentException("channel: " + channel + " is not of this network");
    }
    return ours;
  }

  /**
   * Cuts the connection of a channel, as a router does that forgets it: at both ends the next read
   * or write fails with a reset, after what has arrived already was read.
   */
  public void reset(SocketChannel channel) {
    MemoryChannel ours = own(channel);
    synchronized (lock) {
      runDue();
      ((MemorySocketChannel) ours).cut();
      changed();
    }
  }

  /** Has the next {@code times} channels fail to open, as without descriptors. */
  public void failOpens(int times) {
    synchronized (lock) {
      opensToFail = times;
    }
  }

  // ---- names

  /**
   * Gives a host a name: the loop looks names up here, and nowhere else.
   *
   * @param name in lower or upper case, which makes no difference
   * @param addresses numeric, in the order in which look-ups give them
   */
  public void addHost(String name, String... addresses) {
    List<InetAddress> parsed = Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
    synchronized (lock) {
      hosts.put(name.toLowerCase(Locale.ROOT), parsed);
    }
  }

  /** Has each look-up of a name take so long. */
  public void setLookupDelay(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative: " + delay);
    }
    synchronized (lock) {
      lookupDelay = delay;
    }
  }

  Duration lookupDelay() {
    synchronized (lock) {
      return lookupDelay;
    }
  }

  /** The addresses of a name; none if it is not known. */
  List<InetAddress> addressesOf(String name) {
    synchronized (lock) {
      return hosts.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
  }

  /** The name that was given to an address first; null if it has none. */
  @Nullable String nameOf(InetAddress address) {
    synchronized (lock) {
      return hosts.entrySet().stream()
          .filter(host -> host.getValue().contains(address))
          .map(Map.Entry::getKey)
          .findFirst()
          .orElse(null);
    }
  }

  // ---- what a test looks at

  /**
   * The channels that are open now, and those that were closed but live on because the selector
   * that they are registered with has not been asked since; in the order in which they were opened.
   */
  public List<Channel> openChannels() {
    synchronized (lock) {
      return List.copyOf(channels.keySet());
    }
  }

  /** Where each of the {@linkplain #openChannels() open channels} was opened. */
  Map<Channel, List<StackTraceElement>> openChannelsWithOrigin() {
    synchronized (lock) {
      return new LinkedHashMap<>(channels);
    }
  }

  // ---- for the loop

  /**
   * Says whose time it is from now on, and whom to tell of changes.
   *
   * @param listener is called on any thread, with the lock held
   */
  void addLoop(LongSupplier clock, Runnable listener) {
    synchronized (lock) {
      this.clock = clock;
      listeners.add(listener);
    }
  }

  /** Has the selectors find channels in other orders; null for the natural one. */
  void setOrders(@Nullable Orders orders) {
    synchronized (lock) {
      this.orders = orders;
    }
  }

  void removeLoop(Runnable listener) {
    synchronized (lock) {
      listeners.remove(listener);
    }
  }

  /** When the next thing happens by itself. */
  long nextEventTime() {
    synchronized (lock) {
      return events.next();
    }
  }

  /** Lets everything happen whose time has come. */
  void catchUp() {
    synchronized (lock) {
      runDue();
    }
  }

  // ---- for channels and selectors; guarded by lock

  void runDue() {
    if (events.runDue(clock.getAsLong())) {
      changed();
    }
  }

  long now() {
    return clock.getAsLong();
  }

  void schedule(long when, Runnable action) {
    events.add(when, action);
  }

  /** How long until something happens by itself, in nanoseconds. */
  long timeToNextEvent() {
    long next = events.next();
    return next == EventLoop.NEVER ? next : Math.max(0, next - now());
  }

  /** Says that a channel may have become ready. */
  void changed() {
    lock.notifyAll();
    listeners.forEach(Runnable::run);
  }

  @Nullable Orders orders() {
    return orders;
  }

  long nextEventNumber() {
    return ++eventNumber;
  }

  double nextRandom() {
    return random.nextDouble();
  }

  int sendBuffer() {
    return sendBuffer;
  }

  int receiveBuffer() {
    return receiveBuffer;
  }

  void opened(MemoryChannel channel) {
    channels.put(channel, Frames.capture());
  }

  void released(MemoryChannel channel) {
    channels.remove(channel);
  }

  /** The conditions that hold, the nearest first. */
  List<NetworkConditions> conditions(NetworkConditions own, @Nullable SocketAddress remote) {
    List<NetworkConditions> conditions = new ArrayList<>(4);
    conditions.add(own);
    if (remote != null && !byAddress.isEmpty()) {
      NetworkConditions ofAddress = byAddress.get(remote);
      if (ofAddress != null) {
        conditions.add(ofAddress);
      }
      NetworkConditions ofHost =
          remote instanceof InetSocketAddress inet ? byAddress.get(inet.getAddress()) : null;
      if (ofHost != null) {
        conditions.add(ofHost);
      }
    }
    conditions.add(everywhere);
    return conditions;
  }

  static UnsupportedOperationException wouldBlock(String attempt) {
    return new UnsupportedOperationException(
        attempt
            + " would have to wait, which a channel in memory cannot;"
            + " call configureBlocking(false), and wait with a selector");
  }

  // ---- connecting

  Connect connectTcp(MemorySocketChannel client, InetSocketAddress target) throws IOException {
    InetAddress source = Addresses.source(target.getAddress());
    InetSocketAddress bound = (InetSocketAddress) client.boundTo();
    InetSocketAddress local =
        bound == null
            ? new InetSocketAddress(source, tcpPorts.freePort())
            : bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(source, bound.getPort())
                : bound;
    Connect connect = new Connect(client, local);
    Supplier<? extends IOException> failure = client.link().connectFailure();
    schedule(
        client.link().endOfConnect(),
        () -> {
          if (failure != null) {
            connect.fail(failure.get());
          } else {
            arrive(connect, target);
          }
        });
    return connect;
  }

  private void arrive(Connect connect, InetSocketAddress target) {
    for (MemoryChannel channel : tcpPorts.at(target)) {
      if (channel instanceof MemoryServerSocketChannel server) {
        server.arrive(connect);
        tcpPorts.moveBack(server);
        return;
      }
    }
    connect.fail(new ConnectException("Connection refused"));
  }

  Connect connectUnix(MemorySocketChannel client, UnixDomainSocketAddress target)
      throws IOException {
    Supplier<? extends IOException> failure = client.link().connectFailure();
    if (failure != null) {
      throw failure.get();
    }
    Path path = Addresses.checkPath(target);
    boolean isUnnamed = target.getPath().toString().isEmpty();
    if (!isUnnamed && !unixNames.isKnown(path)) {
      throw new SocketException("No such file or directory");
    }
    if (isUnnamed || !(unixNames.at(path) instanceof MemoryServerSocketChannel server)) {
      throw new ConnectException("Connection refused");
    }
    SocketAddress local = client.boundTo();
    Connect connect = new Connect(client, local == null ? Addresses.UNNAMED : local);
    server.arriveAtOnce(connect);
    return connect;
  }

  @Override
  public String toString() {
    synchronized (lock) {
      return "<MemoryNetwork channels=" + channels.size() + ">";
    }
  }
}
