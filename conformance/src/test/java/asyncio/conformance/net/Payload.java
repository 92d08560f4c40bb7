package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;

/** Bytes whose order can be checked: every position of the stream has a value of its own. */
final class Payload {
  private Payload() {}

  /** The bytes from {@code start} to {@code start + count} of the stream. */
  static byte[] part(long start, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = at(start + i);
    }
    return bytes;
  }

  static ByteBuffer buffer(long start, int count) {
    return ByteBuffer.wrap(part(start, count));
  }

  /** A buffer outside the heap. */
  static ByteBuffer direct(long start, int count) {
    return ByteBuffer.allocateDirect(count).put(part(start, count)).flip();
  }

  private static byte at(long position) {
    return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
  }

  /** Takes all of {@code part}, whose bytes are to be those from {@code start}; gives the end. */
  static long checkPart(long start, ByteBuffer part) {
    long position = start;
    while (part.hasRemaining()) {
      if (part.get() != at(position)) {
        throw new AssertionError("byte " + position + " is wrong");
      }
      position++;
    }
    return position;
  }

  /** Asserts that these are the first bytes of the stream, so many, none lost, none twice. */
  static void assertInOrder(byte[] received, long count) {
    assertThat((long) received.length).isEqualTo(count);
    for (int i = 0; i < received.length; i++) {
      if (received[i] != at(i)) {
        throw new AssertionError("byte " + i + " of " + count + " is wrong");
      }
    }
  }
}
