package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.loop.MeteredTransport;
import asyncio.internal.loop.Traffic;
import asyncio.internal.net.DatagramQueue.Datagram;
import asyncio.net.BaseProtocol;
import asyncio.net.DatagramProtocol;
import asyncio.net.DatagramTransport;
import asyncio.net.GroupMembership;
import asyncio.net.WriteBufferLimits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transport of a datagram socket (spec DG-11 to DG-23).
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class DatagramSocketTransport extends FlowControlledTransport
    implements DatagramTransport, MeteredTransport, IoPoller.Listener, Runnable {
  /*
   * Its life is that of a ChannelTransport: NEW, OPEN, CLOSING, LOST, ENDED; there is no end-of-file, and reading cannot be
   * paused. An error of the operating system's changes nothing: it is told to the protocol, and the next datagram may do
   * better.
   *
   * What of the JDK shows through:
   *
   * - receive() also on connected sockets: their read() takes an empty datagram for an end-of-file.
   * - Sending returns 0 where it would block, and for an empty datagram that was sent. So an empty one counts as sent.
   * - A connected socket does not send an empty datagram, and does not say so.
   */
  private static final int LOST_WRITES_TO_WARN = 5;
  private static final int LONGEST_DATAGRAM = 64 * 1024;

  /** So many datagrams are received or sent, at most, before others have a turn. */
  private static final int MOST_IN_A_ROW = 32;

  private final Object context;
  private final DatagramChannel channel;
  private final IoPoller.Registration registration;
  private final IoHost.IoCallback reader;
  private final Traffic traffic;
  private final DatagramQueue queue = new DatagramQueue();
  private final @Nullable SocketAddress peername;

  /** The one address that it sends to, or null if each datagram says where. */
  private final @Nullable SocketAddress target;

  private IoHost.@Nullable IoCallback writer;
  private @Nullable DatagramProtocol protocol;
  private @Nullable SocketAddress sockname;
  private @Nullable SocketView view;

  private boolean started;
  private boolean closing;
  private boolean lost;
  private boolean wantsWritable;
  private int sendsAfterLoss;

  /** How many datagrams to try to receive in the next turn; grows while there are more. */
  private int atOnce = 1;

  /**
   * Takes over a channel, which is in non-blocking mode.
   *
   * @throws IOException if the channel is closed
   * @throws IllegalStateException if another transport, or a task, has it
   */
  DatagramSocketTransport(
      Network network,
      DatagramChannel channel,
      @Nullable SocketAddress target,
      DatagramProtocol protocol)
      throws IOException {
    super(network.host, WriteBufferLimits.DEFAULT);
    this.traffic = new Traffic(host.traffic());
    this.channel = channel;
    this.target = target;
    this.protocol = protocol;
    this.sockname = channel.getLocalAddress();
    this.peername = channel.getRemoteAddress();
    this.context = host.captureContext();
    this.reader = host.callback(context, this);
    this.registration = network.register(channel, this);
    host.loop().resourceOpened(this);
  }

  /** Schedules the first three steps: connectionMade, the start of receiving, {@code made}. */
  void start(Runnable made) {
    host.callSoon(context, this::makeConnection);
    host.callSoon(
        context,
        () -> {
          started = true;
          updateInterest();
        });
    host.callSoon(context, made);
  }

  private void makeConnection() {
    DatagramProtocol told = protocol;
    if (told != null) {
      try {
        told.connectionMade(this);
      } catch (Throwable t) {
        throw Sneaky.rethrow(t); // reported by the loop as of a callback; the endpoint goes on
      }
    }
  }

  // ---- information and protocol

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    Object value =
        switch (name) {
          case "socket" -> view();
          case "sockname" -> sockname();
          case "peername" -> peername;
          default -> null;
        };
    return value == null ? otherwise : value;
  }

  /** The local address. A socket that was not bound gets one when it sends. */
  private @Nullable SocketAddress sockname() {
    if (sockname == null && channel.isOpen()) {
      try {
        sockname = channel.getLocalAddress();
      } catch (IOException e) {
        host.log(Level.DEBUG, this + " does not tell its address", e);
      }
    }
    return sockname;
  }

  private SocketView view() {
    SocketView made = view;
    if (made == null || made.getsockname() == null) {
      made = new SocketView(channel, sockname(), peername);
      view = made;
    }
    return made;
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    if (!(Objects.requireNonNull(protocol, "protocol") instanceof DatagramProtocol taken)) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " is no DatagramProtocol; " + this + " needs one");
    }
    this.protocol = taken;
  }

  @Override
  public @Nullable DatagramProtocol getProtocol() {
    return protocol;
  }

  @Override
  WriteBufferLimits defaultLimits() {
    return WriteBufferLimits.DEFAULT;
  }

  @Override
  public GroupMembership joinGroup(InetAddress group, NetworkInterface via) throws IOException {
    host.checkOnLoop("joinGroup");
    MembershipKey key = channel.join(group, via);
    return new Membership(key);
  }

  @Override
  public GroupMembership joinGroup(InetAddress group, NetworkInterface via, InetAddress source)
      throws IOException {
    host.checkOnLoop("joinGroup");
    MembershipKey key = channel.join(group, via, source);
    return new Membership(key);
  }

  // ---- receiving

  private void updateInterest() {
    if (!lost) {
      registration.setInterest(
          (started && !closing ? IoPoller.READ : 0) | (wantsWritable ? IoPoller.WRITE : 0));
    }
  }

  @Override
  public void ready(int operations) {
    if ((operations & IoPoller.READ) != 0) {
      reader.queue();
    }
    if ((operations & IoPoller.WRITE) != 0 && writer != null) {
      writer.queue();
    }
  }

  /** Receives what there is: the turn of a socket that was found readable. */
  @Override
  public void run() {
    int received = 0;
    while (received < atOnce && receiveOne()) {
      received++;
    }
    atOnce = received == atOnce ? Math.min(atOnce * 2, MOST_IN_A_ROW) : Math.max(received, 1);
  }

  private boolean receiveOne() {
    DatagramProtocol told = protocol;
    if (told == null || closing) {
      return false;
    }
    ByteBuffer buffer = host.readBuffer().limit(LONGEST_DATAGRAM);
    SocketAddress sender;
    try {
      sender = channel.receive(buffer);
    } catch (Throwable t) {
      failed(t, "Fatal read error on datagram transport");
      return false;
    }
    if (sender == null) {
      return false;
    }
    buffer.flip();
    traffic.addReceived(buffer.remaining());
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    try {
      told.datagramReceived(ByteBuffer.wrap(bytes), sender);
    } catch (Throwable t) {
      reportCall("protocol.datagram_received() failed", t, told);
    }
    return true;
  }

  /** Tells the protocol what the operating system says; anything else ends the endpoint. */
  private void failed(Throwable t, String message) {
    if (!(t instanceof IOException error) || t instanceof ClosedChannelException) {
      fail(t, message);
      return;
    }
    DatagramProtocol told = protocol;
    if (told != null) {
      try {
        told.errorReceived(error);
      } catch (Throwable thrown) {
        reportCall("protocol.error_received() failed", thrown, told);
      }
    }
  }

  // ---- sending

  @Override
  public void sendTo(ByteBuffer data, @Nullable SocketAddress address) {
    Objects.requireNonNull(data, "data");
    host.checkOnLoop("sendTo");
    SocketAddress to = checked(address);
    if (closing) {
      noteDropped();
    } else if (!queue.isEmpty()) {
      queue.add(data, to);
      pauseIfFull();
    } else {
      try {
        if (!send(data, to)) {
          queue.add(data, to);
          setWantsWritable(true);
          pauseIfFull();
        }
      } catch (Throwable t) {
        failed(t, "Fatal write error on datagram transport");
      }
    }
    data.position(data.limit());
  }

  /** Where to send. */
  private @Nullable SocketAddress checked(@Nullable SocketAddress address) {
    if (target != null) {
      if (address != null && !address.equals(target)) {
        throw new IllegalArgumentException(
            "Invalid address: must be null or " + target + ", not " + address);
      }
      return target;
    }
    if (address == null) {
      throw new IllegalArgumentException(
          "address: is null, and " + this + " is not connected; say where to send");
    }
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IllegalArgumentException(
          "address: "
              + address
              + " needs a DNS lookup, which sendTo() does not wait for; use getaddrinfo before");
    }
    return address;
  }

  private void noteDropped() {
    if (++sendsAfterLoss >= LOST_WRITES_TO_WARN) {
      host.log(
          Level.WARNING,
          "socket.send() raised exception: a datagram for " + this + " is dropped, it is closed",
          null);
    }
  }

  /** Sends a datagram; false if that would block. */
  private boolean send(ByteBuffer data, @Nullable SocketAddress to) throws IOException {
    int count = data.remaining();
    ByteBuffer source = data;
    if (!data.isDirect() && count <= LONGEST_DATAGRAM) {
      source = host.writeBuffer().put(0, data, data.position(), count).limit(count);
    }
    if (peername != null) {
      if (count == 0) {
        throw new SocketException(
            "an empty datagram cannot be sent by a connected socket, to " + peername);
      }
      int sent = channel.write(source);
      traffic.addSent(sent);
      return sent > 0;
    }
    try {
      int sent = channel.send(source, to);
      traffic.addSent(sent);
      return sent > 0 || count == 0;
    } catch (UnsupportedAddressTypeException e) {
      throw IoErrors.ofAddress("cannot send to " + to, e);
    }
  }

  private void setWantsWritable(boolean wanted) {
    if (wantsWritable != wanted) {
      wantsWritable = wanted;
      if (wanted && writer == null) {
        writer = host.callback(context, this::sendQueue);
      } else if (!wanted && writer != null) {
        writer.withdraw();
      }
      updateInterest();
    }
  }

  /** Sends of the queue what the kernel takes: the turn of a socket that was found writable. */
  private void sendQueue() {
    for (int i = 0; i < MOST_IN_A_ROW && !lost; i++) {
      Datagram first = queue.peek();
      if (first == null) {
        break;
      }
      Throwable failure = null;
      try {
        if (!send(first.bytes(), first.address())) {
          break;
        }
      } catch (Throwable t) {
        failure = t;
      }
      queue.remove();
      if (failure != null) {
        failed(failure, "Fatal write error on datagram transport");
      }
    }
    if (!lost) {
      resumeIfDrained(); // may send, close or abort
    }
    if (!lost && queue.isEmpty()) {
      setWantsWritable(false);
      if (closing) {
        lose();
        callConnectionLost(null);
      }
    }
  }

  @Override
  public long getWriteBufferSize() {
    return bufferSize();
  }

  @Override
  long bufferSize() {
    return queue.size();
  }

  // ---- for metrics, on any thread

  @Override
  public String kind() {
    return "datagram";
  }

  @Override
  public @Nullable String localEnd() {
    SocketAddress known = sockname;
    return known == null ? null : known.toString();
  }

  @Override
  public @Nullable String otherEnd() {
    return target == null ? null : target.toString();
  }

  @Override
  public @Nullable BaseProtocol talksTo() {
    return protocol;
  }

  @Override
  public boolean hasPausedWriting() {
    return isWritingPaused();
  }

  @Override
  public boolean isReading() {
    return !closing;
  }

  @Override
  public Traffic traffic() {
    return traffic;
  }

  @Override
  public long keptBytes() {
    return queue.size();
  }

  // ---- the end

  @Override
  public void close() {
    host.checkOnLoop("close");
    if (closing) {
      return;
    }
    closing = true;
    reader.withdraw();
    if (queue.isEmpty()) {
      loseSoon(null);
    } else {
      updateInterest();
    }
  }

  @Override
  public void abort() {
    host.checkOnLoop("abort");
    forceClose(null);
  }

  /** Ends the endpoint because of {@code t}, which is reported unless it is an I/O error. */
  private void fail(Throwable t, String message) {
    if (host.isExit(t)) {
      throw Sneaky.rethrow(t);
    }
    if (!(t instanceof IOException)) {
      report(message, t, protocol);
    } else if (host.loop().isDebug()) {
      host.log(Level.DEBUG, this + ": " + message, t);
    }
    forceClose(t);
  }

  private void forceClose(@Nullable Throwable t) {
    if (lost) {
      return;
    }
    queue.clear();
    closing = true;
    reader.withdraw();
    loseSoon(t);
  }

  private void loseSoon(@Nullable Throwable t) {
    lose();
    host.callSoon(context, () -> callConnectionLost(t));
  }

  private void lose() {
    lost = true;
    wantsWritable = false;
    registration.setInterest(0);
  }

  private void callConnectionLost(@Nullable Throwable t) {
    DatagramProtocol told = protocol;
    try {
      if (told != null) {
        told.connectionLost(t);
      }
    } catch (Throwable thrown) {
      throw Sneaky.rethrow(thrown); // reported by the loop as of a callback
    } finally {
      registration.release();
      IoErrors.closeQuietly(host, channel);
      protocol = null;
      host.loop().resourceClosed(this);
    }
  }

  /** The channel was closed by others: that is what receiving would meet. */
  @Override
  public void closedBehind() {
    if (!lost) {
      fail(new ClosedChannelException(), "the channel was closed by others");
    }
  }

  /** The loop was closed: nobody will be told any more, and nothing may stay open. */
  @Override
  public void loopClosed() {
    closing = true;
    lost = true;
    protocol = null;
    IoErrors.closeQuietly(host, channel);
  }

  @Override
  public String toString() {
    return "<DatagramSocketTransport"
        + (protocol == null ? " closed" : closing ? " closing" : "")
        + " "
        + sockname
        + (target == null ? "" : " to " + target)
        + " write buffer "
        + bufferSize()
        + ">";
  }
}
