package asyncio.internal.net;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Datagrams that wait to be sent, in order. */
final class DatagramQueue {
  /** What each one counts besides its bytes, so that empty ones count too (DG-20). */
  private static final int OVERHEAD = 8;

  /**
   * A datagram.
   *
   * @param address null for the peer of a connected socket
   */
  record Datagram(ByteBuffer bytes, @Nullable SocketAddress address) {
    int size() {
      return bytes.capacity() + OVERHEAD;
    }
  }

  private final ArrayDeque<Datagram> datagrams = new ArrayDeque<>(4);
  private long size;

  boolean isEmpty() {
    return datagrams.isEmpty();
  }

  /** The bytes of all of them, and 8 for each. */
  long size() {
    return size;
  }

  /** Adds a copy of the remaining bytes of {@code data}. */
  void add(ByteBuffer data, @Nullable SocketAddress address) {
    ByteBuffer bytes = ByteBuffer.allocate(data.remaining()).put(data).flip();
    Datagram datagram = new Datagram(bytes, address);
    datagrams.add(datagram);
    size += datagram.size();
  }

  @Nullable Datagram peek() {
    return datagrams.peek();
  }

  /** Drops the first one. */
  void remove() {
    size -= datagrams.remove().size();
  }

  void clear() {
    datagrams.clear();
    size = 0;
  }
}
