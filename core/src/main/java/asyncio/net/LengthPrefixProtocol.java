package asyncio.net;

import java.util.Arrays;

/**
 * Messages with their length in front, as an unsigned big-endian number of 8, 16 or 32 bits (spec
 * HER-47).
 */
public final class LengthPrefixProtocol extends FramedProtocol {
  private static final int DEFAULT_LIMIT = 99_999;

  private final int prefix;

  /**
   * Makes a protocol for one connection; a message may have 99,999 bytes at first.
   *
   * @param bits of the length: 8, 16 or 32
   * @param handler called with each message, without its length
   */
  public LengthPrefixProtocol(int bits, Handler handler) {
    super(handler, DEFAULT_LIMIT);
    if (bits != 8 && bits != 16 && bits != 32) {
      throw new IllegalArgumentException("bits must be 8, 16 or 32: " + bits);
    }
    prefix = bits / 8;
  }

  /**
   * Sends a message with its length, as one write.
   *
   * @throws IllegalArgumentException if the length does not fit into the prefix
   * @throws IllegalStateException if there is no connection yet
   */
  public void writeMessage(byte[] message) {
    if (prefix < 4 && message.length >= 1 << (8 * prefix)) {
      throw new IllegalArgumentException(
          "a message of "
              + message.length
              + " bytes is too long for a length of "
              + 8 * prefix
              + " bits");
    }
    byte[] frame = new byte[prefix + message.length];
    for (int i = 0; i < prefix; i++) {
      frame[i] = (byte) (message.length >>> (8 * (prefix - 1 - i)));
    }
    System.arraycopy(message, 0, frame, prefix, message.length);
    send(frame);
  }

  @Override
  boolean deliverNext() throws Exception {
    if (tail - head < prefix) {
      return false;
    }
    long length = 0;
    for (int i = 0; i < prefix; i++) {
      length = (length << 8) | (buffer[head + i] & 0xff);
    }
    if (length > limit) {
      throw new LimitOverrunException(
          "a message of " + length + " bytes is longer than the limit of " + limit, prefix);
    }
    if (tail - head < prefix + length) {
      return false;
    }
    int start = head + prefix;
    head = start + (int) length;
    handle(Arrays.copyOfRange(buffer, start, head));
    return true;
  }
}
