package asyncio.internal.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * Encrypted bytes that have arrived and were not decrypted yet, cut into records.
 *
 * <p>An idle connection holds no buffer, and one that waits for the rest of a record holds room for
 * that record alone.
 */
final class TlsInput {
  private static final int HEADER = 5;
  private static final int SMALLEST = 64;

  /** A whole record, nearly always: more than this is for a buffer of the loop's. */
  private static final int SMALL = 18 * 1024;

  private static final int ALERT = 21;
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 23;
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  private final TlsBuffers buffers;

  /** The bytes are between position and limit. */
  private ByteBuffer bytes = NONE;

  private boolean isBorrowed;
  private boolean anyTaken;

  TlsInput(TlsBuffers buffers) {
    this.buffers = buffers;
  }

  int size() {
    return bytes.remaining();
  }

  /** Takes all of {@code data}. */
  void add(ByteBuffer data) {
    int count = data.remaining();
    if (bytes.capacity() - bytes.limit() < count) {
      makeRoom(size() + count);
    }
    int end = bytes.limit();
    bytes.limit(end + count);
    bytes.put(end, data, data.position(), count);
    data.position(data.limit());
  }

  private void makeRoom(int size) {
    if (size <= bytes.capacity()) {
      bytes.compact().flip();
    } else if (size > SMALL && size <= TlsBuffers.SIZE) {
      moveTo(buffers.take(), true);
    } else {
      moveTo(ByteBuffer.allocate(fittingSize(size)), false);
    }
  }

  /** So many bytes, and the rest of the record if its header is here. */
  private int fittingSize(int size) {
    int record = size() >= HEADER ? Math.min(length(), SMALL) : SMALLEST;
    return Math.max(size, record);
  }

  private void moveTo(ByteBuffer target, boolean borrowed) {
    target.put(bytes).flip();
    release();
    bytes = target;
    isBorrowed = borrowed;
  }

  private void release() {
    if (isBorrowed) {
      buffers.giveBack(bytes);
      isBorrowed = false;
    }
    bytes = NONE;
  }

  /** Gives back what is not needed to wait for more. */
  void settle() {
    if (isBorrowed && size() <= SMALL) {
      moveTo(ByteBuffer.allocate(fittingSize(size())), false);
    }
  }

  void clear() {
    release();
  }

  // ---- records

  /**
   * Whether an engine can make something of what is here: a whole record, or something that is
   * none.
   *
   * @param largest the size of the largest record
   */
  boolean hasRecord(int largest) {
    int size = size();
    return size >= HEADER && (!beginsWithRecord(largest) || size >= length());
  }

  /** Whether this looks like a record; plain HTTP, say, shows from its first bytes. */
  private boolean beginsWithRecord(int largest) {
    int type = type();
    return (anyTaken || (type >= FIRST_TYPE && type <= LAST_TYPE)) && length() <= largest;
  }

  private int type() {
    return bytes.get(bytes.position());
  }

  /** The size of the first record, with its header, as the header says. */
  private int length() {
    return HEADER + Short.toUnsignedInt(bytes.getShort(bytes.position() + HEADER - 2));
  }

  /** Whether an alert comes next. */
  boolean beginsWithAlert() {
    return size() >= HEADER && type() == ALERT;
  }

  /** Has the engine decrypt the first record, or look at all if that is none. */
  SSLEngineResult unwrap(SSLEngine engine, ByteBuffer target, int largest) throws SSLException {
    ByteBuffer source = bytes;
    int end = source.limit();
    if (beginsWithRecord(largest)) {
      source.limit(source.position() + length());
    }
    SSLEngineResult result;
    try {
      result = engine.unwrap(source, target);
    } finally {
      source.limit(end);
    }
    anyTaken |= result.bytesConsumed() > 0;
    if (!source.hasRemaining()) {
      release();
    }
    return result;
  }
}
