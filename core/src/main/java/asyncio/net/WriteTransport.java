package asyncio.net;

import java.nio.ByteBuffer;

/**
 * A transport that data is written to.
 *
 * <p>{@link #write} never waits: what the operating system does not take now is kept and sent
 * later. When more than the high mark is kept, the protocol's {@code pauseWriting} is called, and
 * {@code resumeWriting} once it has shrunk to the low mark (spec FLOW-1 to FLOW-18).
 */
public interface WriteTransport extends BaseTransport {

  /**
   * Sends the remaining bytes of {@code data}, in the order of the calls. They are taken before
   * this returns, and {@code data} is left without remaining bytes: the caller may use it again.
   *
   * <p>Once the connection is lost or aborted the bytes are dropped, from the fifth such call on
   * with a warning in the log (spec TR-26).
   *
   * @throws IllegalStateException after {@link #writeEof}, or while a file is being sent
   */
  default void write(ByteBuffer data) {
    throw Unsupported.by(this, "write");
  }

  /** As {@link #write(ByteBuffer)}, for a whole array. */
  default void write(byte[] data) {
    write(ByteBuffer.wrap(data));
  }

  /** Sends the same bytes as a {@link #write(ByteBuffer)} of all of {@code pieces} joined. */
  default void writeLines(Iterable<ByteBuffer> pieces) {
    int size = 0;
    for (ByteBuffer piece : pieces) {
      size = Math.addExact(size, piece.remaining());
    }
    ByteBuffer joined = ByteBuffer.allocate(size);
    for (ByteBuffer piece : pieces) {
      joined.put(piece);
    }
    write(joined.flip());
  }

  /**
   * Ends the writing direction once everything is sent; reading goes on (spec TR-31 to TR-33).
   * Idempotent; does nothing on a transport that is closing.
   *
   * @throws UnsupportedOperationException if {@link #canWriteEof} is false
   */
  default void writeEof() {
    throw Unsupported.by(this, "writeEof");
  }

  /** Whether this kind of transport can end one direction alone. */
  default boolean canWriteEof() {
    throw Unsupported.by(this, "canWriteEof");
  }

  /**
   * Ends the connection at once: drops what was not sent, and schedules {@code
   * connectionLost(null)} (spec TR-12, TR-13).
   */
  default void abort() {
    throw Unsupported.by(this, "abort");
  }

  /**
   * Sets the marks, in bytes. If that makes more than {@code high} of what is kept, writing is
   * paused inside this call (spec FLOW-2, FLOW-3, FLOW-11).
   *
   * @throws IllegalArgumentException unless {@code high ≥ low ≥ 0}; the old marks stay
   */
  default void setWriteBufferLimits(int low, int high) {
    throw Unsupported.by(this, "setWriteBufferLimits");
  }

  /** Sets the high mark, and the low one to a quarter of it. */
  default void setWriteBufferLimits(int high) {
    setWriteBufferLimits(high / 4, high);
  }

  /** Sets the marks, as {@link #setWriteBufferLimits(int, int)} does. */
  default void setWriteBufferLimits(WriteBufferLimits limits) {
    setWriteBufferLimits(limits.low(), limits.high());
  }

  /** Sets the marks to what they were at first. */
  default void resetWriteBufferLimits() {
    throw Unsupported.by(this, "resetWriteBufferLimits");
  }

  /** The marks, in bytes. */
  default WriteBufferLimits getWriteBufferLimits() {
    throw Unsupported.by(this, "getWriteBufferLimits");
  }

  /** How many bytes are kept: written, and not yet taken by the operating system. */
  default long getWriteBufferSize() {
    throw Unsupported.by(this, "getWriteBufferSize");
  }
}
