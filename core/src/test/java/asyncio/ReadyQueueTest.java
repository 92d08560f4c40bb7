package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring of ready callbacks against a deque. */
class ReadyQueueTest {
  private final SelectorEventLoop loop = new SelectorEventLoop(Engine.PORTABLE);
  private final ReadyQueue queue = new ReadyQueue();

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  private Handle handle() {
    return new Handle(loop, null, () -> {});
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void growsAndWrapsLikeADeque(long seed) {
    Random random = new Random(seed);
    ArrayDeque<Handle> model = new ArrayDeque<>();
    for (int step = 0; step < 50_000; step++) {
      // Tides: mostly filling, then mostly emptying, so that it grows with its head anywhere.
      boolean filling = step / 3_000 % 2 == 0;
      if (random.nextInt(10) < (filling ? 6 : 4)) {
        Handle handle = handle();
        queue.add(handle);
        model.add(handle);
      } else if (!model.isEmpty()) {
        assertThat(queue.remove()).isSameAs(model.remove());
      }
      assertThat(queue.size()).isEqualTo(model.size());
      assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
    }
    while (!model.isEmpty()) {
      assertThat(queue.remove()).isSameAs(model.remove());
    }
  }

  @Test
  void sameHandleMayBeInItTwice() {
    Handle handle = handle();
    queue.add(handle);
    queue.add(handle);
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.remove()).isSameAs(queue.remove());
  }

  @Test
  void clearEmptiesIt() {
    for (int i = 0; i < 100; i++) {
      queue.add(handle());
    }
    queue.clear();
    assertThat(queue.isEmpty()).isTrue();
    Handle handle = handle();
    queue.add(handle);
    assertThat(queue.remove()).isSameAs(handle);
  }
}
