package asyncio.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sends and receives datagrams (PEP 3156 'Datagram transports'). */
public interface DatagramTransport extends BaseTransport {

  /**
   * Sends the remaining bytes of {@code data} as one datagram, now or, behind those that wait,
   * later. They are taken before this returns (spec DG-11 to DG-16).
   *
   * @param address where to; null for the peer of a connected endpoint
   * @throws IllegalArgumentException if {@code address} is unresolved, or not the peer of a
   *     connected endpoint, or null on an endpoint that is not connected
   */
  default void sendTo(ByteBuffer data, @Nullable SocketAddress address) {
    throw Unsupported.by(this, "sendTo");
  }

  /** As {@link #sendTo(ByteBuffer, SocketAddress)}, for a whole array. */
  default void sendTo(byte[] data, @Nullable SocketAddress address) {
    sendTo(ByteBuffer.wrap(data), address);
  }

  /** Sends to the peer of a connected endpoint. */
  default void sendTo(ByteBuffer data) {
    sendTo(data, null);
  }

  /** As {@link #sendTo(ByteBuffer)}, for a whole array. */
  default void sendTo(byte[] data) {
    sendTo(ByteBuffer.wrap(data), null);
  }

  /**
   * Receives what is sent to a multicast group, besides all else; the endpoint has to be bound to
   * the group's port, and must not be connected. Options that are for sending to a group, its reach
   * and its interface, are set on {@code getExtraInfo("socket")}.
   *
   * <p>Joining a second time gives the same membership. Several programs of one machine can receive
   * on the port if each has set {@link DatagramOptions#withReusePort}.
   *
   * @param via where the group is to be joined
   * @throws IOException if that is not possible, or the endpoint is closed
   * @throws IllegalArgumentException if {@code group} is no multicast address, or of another family
   *     than the endpoint
   */
  default GroupMembership joinGroup(InetAddress group, NetworkInterface via) throws IOException {
    throw Unsupported.by(this, "joinGroup");
  }

  /**
   * As {@link #joinGroup(InetAddress, NetworkInterface)}, but receives only what {@code source}
   * sends there; joins that differ in their source add up.
   */
  default GroupMembership joinGroup(InetAddress group, NetworkInterface via, InetAddress source)
      throws IOException {
    throw Unsupported.by(this, "joinGroup");
  }

  /**
   * Ends the endpoint at once: drops what was not sent, and schedules {@code connectionLost(null)}.
   */
  default void abort() {
    throw Unsupported.by(this, "abort");
  }

  /** As {@link WriteTransport#setWriteBufferLimits(int, int)}. */
  default void setWriteBufferLimits(int low, int high) {
    throw Unsupported.by(this, "setWriteBufferLimits");
  }

  /** As {@link WriteTransport#setWriteBufferLimits(int)}. */
  default void setWriteBufferLimits(int high) {
    setWriteBufferLimits(high / 4, high);
  }

  /** As {@link WriteTransport#setWriteBufferLimits(WriteBufferLimits)}. */
  default void setWriteBufferLimits(WriteBufferLimits limits) {
    setWriteBufferLimits(limits.low(), limits.high());
  }

  /** As {@link WriteTransport#resetWriteBufferLimits}. */
  default void resetWriteBufferLimits() {
    throw Unsupported.by(this, "resetWriteBufferLimits");
  }

  /** As {@link WriteTransport#getWriteBufferLimits}. */
  default WriteBufferLimits getWriteBufferLimits() {
    throw Unsupported.by(this, "getWriteBufferLimits");
  }

  /** What is kept: the bytes of each waiting datagram, and 8 more for each (spec DG-20). */
  default long getWriteBufferSize() {
    throw Unsupported.by(this, "getWriteBufferSize");
  }
}
