package asyncio.internal.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The buffers that all TLS connections of a loop share; on the heap, where the JDK's ciphers are
 * fastest.
 *
 * <p>A connection borrows one while it works, and gives it back before it waits. One that is
 * carried by another borrows a second one meanwhile.
 */
final class TlsBuffers {
  /** Room for what one read brings and for the record that had begun before it. */
  static final int SIZE = 288 * 1024;

  private static final int KEPT = 4;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(KEPT);

  /** Lends a buffer of {@link #SIZE}, cleared. */
  ByteBuffer take() {
    ByteBuffer buffer = free.poll();
    return buffer == null ? ByteBuffer.allocate(SIZE) : buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    if (free.size() < KEPT) {
      free.push(buffer);
    }
  }
}
