package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;

/**
 * What an event loop does with channels that the program has opened itself: one operation, for
 * which the calling task waits (PEP 3156 'Wrapped socket methods'). A loop without I/O throws
 * {@link UnsupportedOperationException} from all of it.
 *
 * <p>The channel is in non-blocking mode, and stays the program's, which closes it in the end. Each
 * operation tries first without waiting, and suspends the task only if that would block.
 *
 * <p><b>Order:</b> on one channel one task may wait to read (or accept), and one to write (or
 * connect). A second one is refused, as is a callback of {@code addReader} or {@code addWriter} for
 * that direction.
 *
 * <p><b>Threading:</b> loop-confined; so is closing the channel.
 *
 * <p><b>Cancellation:</b> takes effect at once: what is called next on the channel meets nothing of
 * the old operation. A cancelled receive has taken no data, a cancelled accept no connection; a
 * cancelled {@link #sockSendall(SelectableChannel, ByteBuffer) sockSendall} has sent what the
 * buffer says.
 *
 * <p><b>Errors:</b> what fails on the way to a stream's peer is {@link ConnectionResetException} or
 * {@link BrokenPipeException}; other failures keep the JDK's type. If the channel is closed while a
 * task waits, that gets {@link java.nio.channels.ClosedChannelException}. A channel in blocking
 * mode is an {@link IllegalArgumentException}. A channel that a transport uses, or that is waited
 * for already, and a caller that is no task, are an {@link IllegalStateException}.
 *
 * <p>The selector of the loop lets go of a channel in the iteration after the last operation on it.
 * Until then {@code configureBlocking(true)} throws {@link
 * java.nio.channels.IllegalBlockingModeException}: let one iteration pass with {@code sleep} first.
 */
public interface SocketLoop {

  // ---- receiving

  /**
   * Receives up to {@code count} bytes of a stream or a pipe, or one datagram of a connected
   * channel, cut at {@code count}.
   *
   * @return at least one byte, in an array of their number; an empty array at the end-of-file, for
   *     an empty datagram, or if {@code count} is 0. At most 256 KiB.
   */
  @Suspends
  default <C extends SelectableChannel & ReadableByteChannel> byte[] sockRecv(C channel, int count)
      throws IOException {
    throw Unsupported.by(this, "sockRecv");
  }

  /**
   * As {@link #sockRecv}, into a buffer, whose position moves behind the bytes.
   *
   * @return how many they are; 0 at the end-of-file, for an empty datagram, or if the buffer has no
   *     room
   */
  @Suspends
  default <C extends SelectableChannel & ReadableByteChannel> int sockRecvInto(
      C channel, ByteBuffer buffer) throws IOException {
    throw Unsupported.by(this, "sockRecvInto");
  }

  /**
   * Receives a datagram. What is beyond {@code count} bytes is dropped.
   *
   * @throws java.net.PortUnreachableException if the channel is connected, and nobody listened
   *     where it sent to; once
   */
  @Suspends
  default ReceivedDatagram sockRecvfrom(DatagramChannel channel, int count) throws IOException {
    throw Unsupported.by(this, "sockRecvfrom");
  }

  /**
   * As {@link #sockRecvfrom}, into a buffer, whose position moves behind the bytes; what it has no
   * room for is dropped.
   */
  @Suspends
  default ReceivedInto sockRecvfromInto(DatagramChannel channel, ByteBuffer buffer)
      throws IOException {
    throw Unsupported.by(this, "sockRecvfromInto");
  }

  // ---- sending

  /**
   * Sends all remaining bytes of {@code data} on a stream or a pipe, or as one datagram of a
   * connected channel, and returns when the operating system has taken them. The position of {@code
   * data} moves along, also before a failure; until the end the bytes must not change.
   */
  @Suspends
  default <C extends SelectableChannel & WritableByteChannel> void sockSendall(
      C channel, ByteBuffer data) throws IOException {
    throw Unsupported.by(this, "sockSendall");
  }

  /** As {@link #sockSendall(SelectableChannel, ByteBuffer)}, for a whole array. */
  @Suspends
  default <C extends SelectableChannel & WritableByteChannel> void sockSendall(
      C channel, byte[] data) throws IOException {
    sockSendall(channel, ByteBuffer.wrap(data));
  }

  /**
   * Sends the remaining bytes of {@code data} as one datagram. A connected channel cannot send an
   * empty one.
   *
   * @param address where to; a host name in it is looked up
   * @return how many bytes
   */
  @Suspends
  default int sockSendto(DatagramChannel channel, ByteBuffer data, SocketAddress address)
      throws IOException {
    throw Unsupported.by(this, "sockSendto");
  }

  /** As {@link #sockSendto(DatagramChannel, ByteBuffer, SocketAddress)}, for a whole array. */
  @Suspends
  default int sockSendto(DatagramChannel channel, byte[] data, SocketAddress address)
      throws IOException {
    return sockSendto(channel, ByteBuffer.wrap(data), address);
  }

  // ---- connecting

  /**
   * Connects a stream socket. A host name in the address is looked up, and the first of its
   * addresses taken that the socket is able to connect to.
   *
   * <p>The JDK closes a channel whose connect fails. One whose connect was cancelled is still
   * connecting: it can be closed, or connected to the same address again, which goes on waiting.
   *
   * @throws java.net.ConnectException if nobody listens there
   */
  @Suspends
  default void sockConnect(SocketChannel channel, SocketAddress address) throws IOException {
    throw Unsupported.by(this, "sockConnect");
  }

  /**
   * Has a datagram channel send to one address, and receive from there alone. A host name in it is
   * looked up.
   */
  @Suspends
  default void sockConnect(DatagramChannel channel, SocketAddress address) throws IOException {
    throw Unsupported.by(this, "sockConnect");
  }

  /** Accepts a connection: a channel in non-blocking mode, and the peer's address. */
  @Suspends
  default AcceptedSocket sockAccept(ServerSocketChannel channel) throws IOException {
    throw Unsupported.by(this, "sockAccept");
  }

  // ---- files

  /** As {@link #sockSendfile(SocketChannel, SeekableByteChannel, SendfileOptions)}, all of it. */
  @Suspends
  default long sockSendfile(SocketChannel channel, SeekableByteChannel file) throws IOException {
    return sockSendfile(channel, file, SendfileOptions.DEFAULT);
  }

  /**
   * Sends a file on a stream socket. Afterwards, whatever happened, the position of the file is
   * behind what was sent (spec SENDFILE-2, SENDFILE-15).
   *
   * <p>A {@link java.nio.channels.FileChannel} is sent by {@code transferTo}, 256 KiB at a time, on
   * the loop's thread. If its first call fails, and for every other channel, the fallback reads
   * blocks of 256 KiB in the default executor. An interrupt of the task's thread that comes within
   * a call closes file and socket, as the JDK has it; one that is set already waits.
   *
   * @param file open for reading; not to be used by others meanwhile
   * @return how many bytes were sent
   * @throws SendfileNotAvailableException if only the fallback would work, which the options forbid
   */
  @Suspends
  default long sockSendfile(
      SocketChannel channel, SeekableByteChannel file, SendfileOptions options) throws IOException {
    throw Unsupported.by(this, "sockSendfile");
  }
}
