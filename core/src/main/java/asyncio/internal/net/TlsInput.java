package asyncio.internal.net;

import java.nio.ByteBuffer;
import java.util.HexFormat;
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

  /** The size of the largest record that a version of TLS allows. */
  private static final int LARGEST = HEADER + 16 * 1024 + 2048;

  private static final int ALERT = 21;
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 24;
  private static final int MAJOR_VERSION = 3;
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
    } else if (size > LARGEST && size <= TlsBuffers.SIZE) {
      moveTo(buffers.take(), true);
    } else {
      moveTo(ByteBuffer.allocate(fittingSize(size)), false);
    }
  }

  /** So many bytes, and the rest of the record if its header is here. */
  private int fittingSize(int size) {
    int record = size() >= HEADER ? Math.min(length(), LARGEST) : SMALLEST;
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
    if (isBorrowed && size() <= LARGEST) {
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
   */
  boolean hasRecord() {
    int size = size();
    return size >= HEADER && (size >= length() || !beginsWithRecord());
  }

  private boolean beginsWithRecord() {
    return looksLikeTls() && length() <= LARGEST;
  }

  /** Plain HTTP, say, shows from its first bytes. */
  private boolean looksLikeTls() {
    int type = type();
    return type >= FIRST_TYPE
        && type <= LAST_TYPE
        && bytes.get(bytes.position() + 1) == MAJOR_VERSION;
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

  /**
   * Has the engine decrypt the first record, or look at all if that is none.
   *
   * @throws SSLException if it refuses that; also for what is no record, if there were some before:
   *     the JDK's would wait for as much as the header seems to say
   */
  SSLEngineResult unwrap(SSLEngine engine, ByteBuffer target) throws SSLException {
    ByteBuffer source = bytes;
    if (anyTaken && !looksLikeTls()) {
      throw new SSLException(
          "Unrecognized record, plaintext connection? The next bytes are " + firstBytes());
    }
    int end = source.limit();
    if (beginsWithRecord()) {
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

  private String firstBytes() {
    byte[] first = new byte[HEADER];
    bytes.get(bytes.position(), first);
    return HexFormat.ofDelimiter(" ").formatHex(first);
  }
}
