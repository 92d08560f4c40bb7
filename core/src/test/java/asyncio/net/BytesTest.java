package asyncio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BytesTest {

  @Test
  void findsTheFirstOneAtEveryPlace() {
    byte[] array = new byte[40];
    for (int from = 0; from <= array.length; from++) {
      for (int to = from; to <= array.length; to++) {
        assertThat(Bytes.indexOf(array, from, to, (byte) 7)).isEqualTo(-1);
        for (int at = 0; at < array.length; at++) {
          array[at] = 7;
          assertThat(Bytes.indexOf(array, from, to, (byte) 7))
              .isEqualTo(from <= at && at < to ? at : -1);
          array[at] = 0;
        }
      }
    }
  }

  @Test
  void agreesWithAPlainLoopOnRandomBytes() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] array = new byte[random.nextInt(40)];
      for (int k = 0; k < array.length; k++) {
        // Neighbours of the wanted value, and of its sign bit, are where tricks go wrong.
        array[k] = (byte) (new int[] {0, 1, 127, 128, 129, 255}[random.nextInt(6)]);
      }
      byte wanted = (byte) new int[] {0, 1, 127, 128, 255}[random.nextInt(5)];
      int expected = 0;
      while (expected < array.length && array[expected] != wanted) {
        expected++;
      }
      assertThat(Bytes.indexOf(array, 0, array.length, wanted))
          .isEqualTo(expected < array.length ? expected : -1);
    }
  }
}
