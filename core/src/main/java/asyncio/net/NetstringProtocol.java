package asyncio.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Netstrings: {@code 5:hello,} is the message {@code hello} (spec HER-47). */
public final class NetstringProtocol extends FramedProtocol {
  private static final int DEFAULT_LIMIT = 99_999;
  private static final int MOST_DIGITS = 10;

  /**
   * Makes a protocol for one connection; a message may have 99,999 bytes at first.
   *
   * @param handler called with each message
   */
  public NetstringProtocol(Handler handler) {
    super(handler, DEFAULT_LIMIT);
  }

  /**
   * Sends a message as a netstring, as one write.
   *
   * @throws IllegalStateException if there is no connection yet
   */
  public void writeMessage(byte[] message) {
    byte[] length = (message.length + ":").getBytes(StandardCharsets.US_ASCII);
    byte[] frame = Arrays.copyOf(length, length.length + message.length + 1);
    System.arraycopy(message, 0, frame, length.length, message.length);
    frame[frame.length - 1] = ',';
    send(frame);
  }

  @Override
  boolean deliverNext() throws Exception {
    long length = 0;
    int at = head;
    for (; at < tail && buffer[at] != ':'; at++) {
      int digit = buffer[at] - '0';
      boolean leadingZero = at > head && buffer[head] == '0';
      if (digit < 0 || digit > 9 || leadingZero || at - head >= MOST_DIGITS) {
        throw malformed("a length in decimal digits and a colon");
      }
      length = length * 10 + digit;
    }
    if (at == tail) {
      return false;
    }
    if (at == head) {
      throw malformed("a length in decimal digits before the colon");
    }
    if (length > limit) {
      throw new LimitOverrunException(
          "a netstring of " + length + " bytes is longer than the limit of " + limit, at - head);
    }
    int start = at + 1;
    if (tail - start < length + 1) {
      return false;
    }
    int end = start + (int) length;
    if (buffer[end] != ',') {
      throw malformed("a comma behind the message");
    }
    head = end + 1;
    handle(Arrays.copyOfRange(buffer, start, end));
    return true;
  }

  private IOException malformed(String expected) {
    String seen = new String(buffer, head, Math.min(20, tail - head), StandardCharsets.ISO_8859_1);
    return new IOException("no netstring: expected " + expected + " in: " + seen);
  }
}
