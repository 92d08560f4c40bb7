package asyncio.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The table of threads holds what a map would. */
class ThreadIndexTest {

  @Test
  void holdsWhatWasPutAsAMapDoes() {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 2, 7, 8, 9, 1_000}) {
      ThreadIndex index = new ThreadIndex(size);
      Map<Long, Integer> map = new HashMap<>();
      while (map.size() < size) {
        long thread = 1 + random.nextInt(5 * size);
        int task = random.nextInt(1_000);
        index.put(thread, task);
        map.put(thread, task);
      }
      for (long thread = 1; thread <= 5L * size + 1; thread++) {
        assertThat(index.get(thread)).isEqualTo(map.getOrDefault(thread, ThreadIndex.NONE));
      }
    }
  }
}
