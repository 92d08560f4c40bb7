package asyncio.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds bytes in arrays. */
final class Bytes {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Bytes() {}

  /**
   * The first index of {@code wanted} from {@code from} up to but not including {@code to}; or -1.
   */
  static int indexOf(byte[] array, int from, int to, byte wanted) {
    long pattern = (wanted & 0xFF) * ONES;
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      // Eight bytes at a time: where one of them is the wanted one, the difference has a zero byte,
      // and the lowest high bit that stays set is that of the first such byte.
      long difference = (long) LONGS.get(array, i) ^ pattern;
      long zeros = (difference - ONES) & ~difference & HIGH_BITS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (array[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
