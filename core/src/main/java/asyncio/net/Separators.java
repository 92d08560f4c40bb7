package asyncio.net;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The byte sequences of which the first one ends a piece of a stream.
 *
 * <p>A search looks at each byte once, as the last one of a separator; so it can go on where it
 * stopped for lack of bytes, without going back.
 */
final class Separators {
  static final Separators NEWLINE = new Separators(new byte[][] {{'\n'}});

  private final byte[][] shortestFirst;

  /** The last byte of all of them, or -1 if they do not end alike. */
  private final int lastByte;

  private Separators(byte[][] shortestFirst) {
    if (shortestFirst[0].length == 0) {
      throw new IllegalArgumentException("a separator must have at least one byte");
    }
    this.shortestFirst = shortestFirst;
    this.lastByte = commonLastByte(shortestFirst);
  }

  private static int commonLastByte(byte[][] separators) {
    int common = lastByte(separators[0]);
    for (byte[] separator : separators) {
      if (lastByte(separator) != common) {
        return -1;
      }
    }
    return common;
  }

  private static int lastByte(byte[] separator) {
    return separator[separator.length - 1] & 0xFF;
  }

  /**
   * @throws IllegalArgumentException if it is empty
   */
  static Separators of(byte[] separator) {
    return new Separators(new byte[][] {separator});
  }

  /**
   * @throws IllegalArgumentException if there is none, or an empty one
   */
  static Separators ofAny(byte[][] separators) {
    if (separators.length == 0) {
      throw new IllegalArgumentException("no separator was given; at least one is needed");
    }
    byte[][] sorted = separators.clone();
    Arrays.sort(sorted, Comparator.comparingInt(separator -> separator.length));
    return new Separators(sorted);
  }

  int longest() {
    return shortestFirst[shortestFirst.length - 1].length;
  }

  /**
   * The index behind the separator whose end comes first, or -1.
   *
   * @param start the first byte that may belong to it
   * @param from the first byte that may be its last one; those before have been looked at
   * @param to behind the last byte there is
   */
  int find(byte[] bytes, int start, int from, int to) {
    for (int i = from; ; i++) {
      i = nextLastByte(bytes, i, to);
      if (i < 0) {
        return -1;
      }
      if (lengthAt(bytes, start, i + 1) > 0) {
        return i + 1;
      }
    }
  }

  private int nextLastByte(byte[] bytes, int from, int to) {
    if (lastByte >= 0) {
      return Bytes.indexOf(bytes, from, to, (byte) lastByte);
    }
    return from < to ? from : -1;
  }

  /** The length of the shortest separator that ends before index {@code end}; 0 if none does. */
  int lengthAt(byte[] bytes, int start, int end) {
    for (byte[] separator : shortestFirst) {
      int begin = end - separator.length;
      if (begin < start) {
        return 0;
      }
      if (endsWith(bytes, begin, separator)) {
        return separator.length;
      }
    }
    return 0;
  }

  private static boolean endsWith(byte[] bytes, int begin, byte[] separator) {
    // From the end, where the difference is more likely: the search may know the last byte already.
    for (int i = separator.length - 1; i >= 0; i--) {
      if (bytes[begin + i] != separator[i]) {
        return false;
      }
    }
    return true;
  }
}
