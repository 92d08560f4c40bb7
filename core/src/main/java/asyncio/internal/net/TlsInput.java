package asyncio.internal.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Encrypted bytes that have arrived and were not decrypted yet, cut into records.
 *
 * <p>The array is borrowed while there are bytes, so that an idle connection holds none. It is on
 * the heap, where the JDK's ciphers are fastest.
 */
final class TlsInput {
  private static final int HEADER = 5;
  private static final byte[] NONE = {};

  /** Arrays of the usual size that nobody uses, for all connections of a loop. */
  static final class Pool {
    private static final int ARRAY = 96 * 1024;
    private static final int KEPT = 16;
    private final ArrayDeque<byte[]> free = new ArrayDeque<>();

    byte[] take(int size) {
      byte[] array = size <= ARRAY ? free.poll() : null;
      return array != null ? array : new byte[Math.max(size, ARRAY)];
    }

    void giveBack(byte[] array) {
      if (array.length == ARRAY && free.size() < KEPT) {
        free.push(array);
      }
    }
  }

  private final Pool pool;
  private byte[] bytes = NONE;
  private int start;
  private int end;
  private boolean anyRecordSeen;

  TlsInput(Pool pool) {
    this.pool = pool;
  }

  int size() {
    return end - start;
  }

  /** Takes all of {@code data}. */
  void add(ByteBuffer data) {
    int count = data.remaining();
    if (bytes.length - end < count) {
      makeRoom(count);
    }
    data.get(bytes, end, count);
    end += count;
  }

  private void makeRoom(int count) {
    int size = size();
    if (bytes.length < size + count) {
      byte[] bigger = pool.take(Math.max(size + count, size * 2));
      System.arraycopy(bytes, start, bigger, 0, size);
      pool.giveBack(bytes);
      bytes = bigger;
    } else {
      System.arraycopy(bytes, start, bytes, 0, size);
    }
    start = 0;
    end = size;
  }

  /**
   * Whether the engine can make something of what is here: a whole record, or something that is
   * none.
   *
   * @param largest the size of the largest record
   */
  boolean hasRecord(int largest) {
    int size = size();
    if (size < HEADER) {
      return false;
    }
    if (!anyRecordSeen && !isTls()) {
      return true; // plain HTTP, say: the engine tells from the first bytes
    }
    int length = length();
    return size >= length || length > largest;
  }

  private boolean isTls() {
    int type = bytes[start];
    return type >= 20 && type <= 23;
  }

  /** The size of the first record, with its header, as the header says. */
  int length() {
    return HEADER + ((bytes[start + 3] & 0xff) << 8 | bytes[start + 4] & 0xff);
  }

  /** Whether the first record is, in clear text, an alert. */
  boolean startsWithAlert() {
    return size() >= HEADER && bytes[start] == 21;
  }

  /** What the engine is to look at: the first record, or all if it is none. */
  ByteBuffer record(int largest) {
    boolean cut = (anyRecordSeen || isTls()) && length() <= largest;
    return ByteBuffer.wrap(bytes, start, cut ? length() : size());
  }

  /** Drops the first {@code count} bytes, which the engine has taken. */
  void remove(int count) {
    anyRecordSeen |= count > 0;
    start += count;
    if (start == end) {
      clear();
    }
  }

  void clear() {
    pool.giveBack(bytes);
    bytes = NONE;
    start = 0;
    end = 0;
  }
}
