package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The way into a loop for other threads: nothing is lost, doubled or overtaken, and somebody always
 * wakes the loop.
 */
class ArrivalsTest {
  private final SelectorEventLoop loop = new SelectorEventLoop(Engine.PORTABLE);
  private final Arrivals arrivals = new Arrivals();
  private final ReadyQueue taken = new ReadyQueue();

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  /** Knows its producer and its number there. */
  private static final class Numbered extends Handle {
    final int producer;
    final int number;

    Numbered(AbstractEventLoop loop, int producer, int number) {
      super(loop, null, null);
      this.producer = producer;
      this.number = number;
    }
  }

  @Test
  void takesInOrderOfArrivalBehindWhatIsThere() {
    Handle first = new Numbered(loop, 0, 0);
    taken.add(first);
    List<Handle> added = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      Handle handle = new Numbered(loop, 0, i);
      added.add(handle);
      assertThat(arrivals.add(handle)).as("only the first has to wake the loop").isEqualTo(i == 1);
    }
    assertThat(arrivals.isEmpty()).isFalse();
    arrivals.takeAll(taken);

    assertThat(arrivals.isEmpty()).isTrue();
    assertThat(taken.remove()).isSameAs(first);
    for (Handle handle : added) {
      assertThat(taken.remove()).isSameAs(handle);
      assertThat(handle.next).isNull();
    }
    assertThat(arrivals.add(new Numbered(loop, 0, 9))).isTrue();
  }

  @Test
  void manyProducersAndASleepyConsumerLoseNothing() throws InterruptedException {
    int producers = 4;
    int each = 50_000;
    Semaphore wakeUps = new Semaphore(0);
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int producer = p;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                for (int i = 0; i < each; i++) {
                  if (arrivals.add(new Numbered(loop, producer, i))) {
                    wakeUps.release();
                  }
                }
              }));
    }
    start.countDown();
    int[] next = new int[producers];
    int total = 0;
    while (total < producers * each) {
      // As the loop does it: sleep only until woken. A missed wake-up ends here.
      assertThat(wakeUps.tryAcquire(20, TimeUnit.SECONDS))
          .as("a wake-up after %d handles", total)
          .isTrue();
      arrivals.takeAll(taken);
      while (!taken.isEmpty()) {
        Numbered handle = (Numbered) taken.remove();
        assertThat(handle.number)
            .as("producer %d", handle.producer)
            .isEqualTo(next[handle.producer]++);
        total++;
      }
    }
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    assertThat(arrivals.isEmpty()).isTrue();
    assertThat(next).containsOnly(each);
  }
}
