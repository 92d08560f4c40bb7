package asyncio.internal.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Bytes that wait to be sent, in order.
 *
 * <p>Small pieces share a chunk; a chunk is let go of when it has been sent, so an empty queue
 * holds nothing.
 */
final class WriteQueue {
  private static final int CHUNK = 16 * 1024;

  /** Each between what was sent and what was filled: position to limit. The last may have room. */
  private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>(2);

  private long size;

  boolean isEmpty() {
    return size == 0;
  }

  long size() {
    return size;
  }

  /** Copies the remaining bytes of {@code data} behind the others. */
  void add(ByteBuffer data) {
    size += data.remaining();
    ByteBuffer last = chunks.peekLast();
    if (last != null) {
      int end = last.limit();
      int count = Math.min(data.remaining(), last.capacity() - end);
      last.limit(end + count);
      last.put(end, data, data.position(), count);
      data.position(data.position() + count);
    }
    if (data.hasRemaining()) {
      ByteBuffer chunk = ByteBuffer.allocate(Math.max(data.remaining(), CHUNK));
      chunks.add(chunk.put(data).flip());
    }
  }

  /** Copies as many of the first bytes as fit into {@code target}, and keeps them. */
  void peek(ByteBuffer target) {
    for (ByteBuffer chunk : chunks) {
      int count = Math.min(chunk.remaining(), target.remaining());
      if (count == 0) {
        return;
      }
      target.put(target.position(), chunk, chunk.position(), count);
      target.position(target.position() + count);
    }
  }

  /**
   * The first bytes themselves, at least {@code count} of them or all: buffers that begin at 0, for
   * {@link #remove}. Not to be changed.
   */
  ByteBuffer[] views(int count) {
    List<ByteBuffer> views = new ArrayList<>(chunks.size());
    int left = count;
    for (Iterator<ByteBuffer> all = chunks.iterator(); left > 0 && all.hasNext(); ) {
      ByteBuffer view = all.next().slice();
      left -= view.remaining();
      views.add(view);
    }
    return views.toArray(ByteBuffer[]::new);
  }

  /** Drops the first {@code count} bytes. */
  void remove(int count) {
    size -= count;
    for (int left = count; left > 0; ) {
      ByteBuffer first = chunks.element();
      int part = Math.min(first.remaining(), left);
      first.position(first.position() + part);
      left -= part;
      if (!first.hasRemaining()) {
        chunks.remove();
      }
    }
  }

  void clear() {
    chunks.clear();
    size = 0;
  }
}
