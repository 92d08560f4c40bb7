package asyncio.net;

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
