package asyncio.internal.net;

import asyncio.Suspends;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.AcceptedSocket;
import asyncio.net.AddressInfo;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.net.ReceivedDatagram;
import asyncio.net.ReceivedInto;
import asyncio.net.SendfileOptions;
import asyncio.net.SocketType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations on channels of the user's, as {@link asyncio.net.SocketLoop} says.
 *
 * <p>Each is a loop: try; if that would block, wait, and try again. The waiting task does the
 * operation itself when it goes on, so one that is cancelled before has taken nothing.
 */
public final class SocketOperations {
  private static final byte[] NO_BYTES = {};
  private static final int READ = IoPoller.READ;
  private static final int WRITE = IoPoller.WRITE;

  /** The blocks in which a file is read that the operating system does not send by itself. */
  private static final int LARGE_BLOCK = 256 * 1024;

  /** After so many full buffers in a row, sending lets others run. */
  private static final int SENDS_IN_A_ROW = 4;

  private final IoHost host;

  public SocketOperations(IoHost host) {
    this.host = host;
  }

  /** Checks what all operations check before they try. */
  private void enter(SelectableChannel channel, int operation) {
    if (channel.isBlocking()) {
      throw new IllegalArgumentException(
          "the socket must be non-blocking: " + channel + "; call configureBlocking(false) first");
    }
    ChannelWait.checkFree(host, channel, operation);
  }

  // ---- receiving

  @Suspends
  public <C extends SelectableChannel & ReadableByteChannel> byte[] receive(C channel, int count)
      throws IOException {
    enter(channel, READ);
    checkCount(count);
    if (count == 0) {
      return NO_BYTES;
    }
    for (; ; ) {
      ByteBuffer buffer = readBuffer(count);
      int received = read(channel, buffer);
      if (received != 0) {
        host.traffic().addReceived(Math.max(received, 0));
        return received < 0 ? NO_BYTES : bytes(buffer);
      }
      ChannelWait.await(host, channel, READ);
    }
  }

  @Suspends
  public <C extends SelectableChannel & ReadableByteChannel> int receiveInto(
      C channel, ByteBuffer target) throws IOException {
    enter(channel, READ);
    checkWritable(target);
    if (!target.hasRemaining()) {
      return 0;
    }
    for (; ; ) {
      int received;
      if (target.isDirect()) {
        received = read(channel, target);
      } else {
        ByteBuffer buffer = readBuffer(target.remaining());
        received = read(channel, buffer);
        target.put(buffer.flip());
      }
      if (received != 0) {
        int count = Math.max(received, 0);
        host.traffic().addReceived(count);
        return count;
      }
      ChannelWait.await(host, channel, READ);
    }
  }

  @Suspends
  public ReceivedDatagram receiveFrom(DatagramChannel channel, int count) throws IOException {
    enter(channel, READ);
    checkCount(count);
    for (; ; ) {
      ByteBuffer buffer = readBuffer(count);
      SocketAddress sender = channel.receive(buffer);
      if (sender != null) {
        host.traffic().addReceived(buffer.position());
        return new ReceivedDatagram(ByteBuffer.wrap(bytes(buffer)), sender);
      }
      ChannelWait.await(host, channel, READ);
    }
  }

  @Suspends
  public ReceivedInto receiveFromInto(DatagramChannel channel, ByteBuffer target)
      throws IOException {
    enter(channel, READ);
    checkWritable(target);
    int start = target.position();
    for (; ; ) {
      SocketAddress sender;
      if (target.isDirect()) {
        sender = channel.receive(target);
      } else {
        ByteBuffer buffer = readBuffer(target.remaining());
        sender = channel.receive(buffer);
        target.put(buffer.flip());
      }
      if (sender != null) {
        host.traffic().addReceived(target.position() - start);
        return new ReceivedInto(target.position() - start, sender);
      }
      ChannelWait.await(host, channel, READ);
    }
  }

  private static void checkCount(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count: must not be negative: " + count);
    }
  }

  private static void checkWritable(ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("buffer: is read-only: " + target);
    }
  }

  private ByteBuffer readBuffer(int count) {
    ByteBuffer buffer = host.readBuffer();
    return buffer.limit(Math.min(count, buffer.capacity()));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    buffer.flip();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static int read(ReadableByteChannel channel, ByteBuffer target) throws IOException {
    try {
      return channel.read(target);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      throw channel instanceof DatagramChannel
          ? e
          : new ConnectionResetException(
              "cannot receive from " + channel + ": " + IoErrors.text(e), e);
    }
  }

  // ---- sending

  @Suspends
  public <C extends SelectableChannel & WritableByteChannel> void sendAll(
      C channel, ByteBuffer data) throws IOException {
    enter(channel, WRITE);
    while (data.hasRemaining()) {
      sendSome(channel, data);
      if (data.hasRemaining()) {
        ChannelWait.await(host, channel, WRITE);
      }
    }
  }

  /** Sends until the channel takes no more, or others should have a turn. */
  private void sendSome(WritableByteChannel channel, ByteBuffer data) throws IOException {
    int end = data.limit();
    for (int i = 0; i < SENDS_IN_A_ROW && data.hasRemaining(); i++) {
      ByteBuffer buffer = host.writeBuffer();
      int part = Math.min(data.remaining(), buffer.capacity());
      int sent;
      if (data.isDirect()) {
        data.limit(data.position() + part);
        try {
          sent = write(channel, data);
        } finally {
          data.limit(end);
        }
      } else {
        buffer.put(0, data, data.position(), part).limit(part);
        sent = write(channel, buffer);
        data.position(data.position() + sent);
      }
      host.traffic().addSent(sent);
      if (sent < part) {
        return;
      }
    }
  }

  static int write(WritableByteChannel channel, ByteBuffer source) throws IOException {
    try {
      return channel.write(source);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      throw channel instanceof DatagramChannel
          ? e
          : new BrokenPipeException("cannot send to " + channel + ": " + IoErrors.text(e), e);
    }
  }

  @Suspends
  public int sendTo(DatagramChannel channel, ByteBuffer data, SocketAddress address)
      throws IOException {
    enter(channel, WRITE);
    List<? extends SocketAddress> targets = List.of(address);
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      targets = resolve(inet, SocketType.DGRAM);
      enter(channel, WRITE);
    }
    int count = data.remaining();
    if (count == 0 && channel.isConnected()) {
      throw new SocketException(
          "an empty datagram cannot be sent on a connected channel: " + channel);
    }
    for (; ; ) {
      ByteBuffer source = data;
      if (!data.isDirect() && count <= host.writeBuffer().capacity()) {
        source = host.writeBuffer().put(0, data, data.position(), count).limit(count);
      }
      if (send(channel, source, targets) > 0 || count == 0) { // an empty one is sent, or lost
        data.position(data.limit());
        host.traffic().addSent(count);
        return count;
      }
      ChannelWait.await(host, channel, WRITE);
    }
  }

  private static int send(
      DatagramChannel channel, ByteBuffer source, List<? extends SocketAddress> targets)
      throws IOException {
    UnsupportedAddressTypeException mismatch = null;
    for (SocketAddress target : targets) {
      try {
        return channel.send(source, target);
      } catch (UnsupportedAddressTypeException e) {
        mismatch = e; // the next one may be of the family
      }
    }
    throw wrongFamily(channel, targets, mismatch);
  }

  // ---- connecting

  @Suspends
  public void connect(SocketChannel channel, SocketAddress address) throws IOException {
    enter(channel, WRITE);
    List<? extends SocketAddress> targets = List.of(address);
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      targets = resolve(inet, SocketType.STREAM);
      enter(channel, WRITE);
    }
    if (channel.isConnectionPending()) { // since a call that was cancelled
      checkPending(channel, targets);
    } else if (begin(channel, targets)) {
      return;
    }
    while (!channel.finishConnect()) {
      ChannelWait.await(host, channel, WRITE);
    }
  }

  /** Begins to connect to the first address that the channel takes; true if that is the end too. */
  private static boolean begin(SocketChannel channel, List<? extends SocketAddress> targets)
      throws IOException {
    UnsupportedAddressTypeException mismatch = null;
    for (SocketAddress target : targets) {
      try {
        return channel.connect(target);
      } catch (UnsupportedAddressTypeException e) {
        mismatch = e; // the next one may be of the family
      }
    }
    throw wrongFamily(channel, targets, mismatch);
  }

  private static void checkPending(SocketChannel channel, List<? extends SocketAddress> targets)
      throws IOException {
    SocketAddress pending = channel.getRemoteAddress();
    if (!targets.contains(pending)) {
      throw new IllegalStateException(
          channel
              + " is being connected to "
              + pending
              + ", and cannot be connected to "
              + targets
              + "; close it, and open another one");
    }
  }

  @Suspends
  public void connect(DatagramChannel channel, SocketAddress address) throws IOException {
    enter(channel, WRITE);
    List<? extends SocketAddress> targets = List.of(address);
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      targets = resolve(inet, SocketType.DGRAM);
      enter(channel, WRITE);
    }
    UnsupportedAddressTypeException mismatch = null;
    for (SocketAddress target : targets) {
      try {
        channel.connect(target);
        return;
      } catch (UnsupportedAddressTypeException e) {
        mismatch = e; // the next one may be of the family
      }
    }
    throw wrongFamily(channel, targets, mismatch);
  }

  @Suspends
  private List<InetSocketAddress> resolve(InetSocketAddress address, SocketType type)
      throws IOException {
    String port = String.valueOf(address.getPort());
    return AddressResolution.resolve(host.loop(), address.getHostString(), port, null, type, false)
        .stream()
        .map(AddressInfo::address)
        .toList();
  }

  private static IOException wrongFamily(
      SelectableChannel channel,
      List<? extends SocketAddress> addresses,
      @Nullable UnsupportedAddressTypeException cause) {
    IOException failure =
        new SocketException(
            channel
                + " is of another address family than "
                + addresses
                + "; open one of that family");
    failure.initCause(cause);
    return failure;
  }

  // ---- accepting

  @Suspends
  public AcceptedSocket accept(ServerSocketChannel channel) throws IOException {
    enter(channel, READ);
    for (; ; ) {
      SocketChannel accepted = channel.accept();
      if (accepted != null) {
        return prepared(accepted);
      }
      ChannelWait.await(host, channel, READ);
    }
  }

  private static AcceptedSocket prepared(SocketChannel accepted) throws IOException {
    try {
      accepted.configureBlocking(false);
      return new AcceptedSocket(accepted, accepted.getRemoteAddress());
    } catch (Throwable t) {
      accepted.close();
      throw t;
    }
  }

  // ---- files

  @Suspends
  public long sendFile(SocketChannel channel, SeekableByteChannel file, SendfileOptions options)
      throws IOException {
    enter(channel, WRITE);
    return new FileSender(
            host,
            host.traffic(),
            channel,
            () -> ChannelWait.await(host, channel, WRITE),
            LARGE_BLOCK)
        .send(file, options);
  }
}
