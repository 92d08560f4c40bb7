package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The timer heap against a sorted set, and the bounds on what it keeps. */
class TimerQueueTest {
  private static final Comparator<TimerHandle> BY_DEADLINE_THEN_AGE =
      Comparator.<TimerHandle>comparingLong(TimerHandle::when)
          .thenComparingLong(timer -> timer.sequence);

  private final SelectorEventLoop loop = new SelectorEventLoop(Engine.PORTABLE);
  private final TimerQueue queue = loop.timers;

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  private TimerHandle add(long when) {
    var timer = new TimerHandle(loop, null, () -> {}, when);
    queue.add(timer);
    return timer;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyMixOfOperationsEqualsASortedSet(long seed) {
    Random random = new Random(seed);
    int range = seed % 2 == 0 ? 20 : 1_000_000; // many equal deadlines, or hardly any
    TreeSet<TimerHandle> model = new TreeSet<>(BY_DEADLINE_THEN_AGE);
    List<TimerHandle> everMade = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          TimerHandle timer = add(random.nextInt(range));
          model.add(timer);
          everMade.add(timer);
        }
        case 4, 5, 6 -> {
          if (!everMade.isEmpty()) {
            TimerHandle timer =
                everMade.get(
                    random.nextInt(everMade.size())); // waiting, fired, or cancelled already
            timer.cancel();
            model.remove(timer);
          }
        }
        case 7, 8 -> {
          long now = random.nextInt(range);
          TimerHandle expected =
              !model.isEmpty() && model.first().when() <= now ? model.pollFirst() : null;
          assertThat(queue.pollDue(now)).isSameAs(expected);
        }
        default -> {
          queue.prune();
          assertThat(queue.firstDeadline())
              .isEqualTo(model.isEmpty() ? EventLoop.NEVER : model.first().when());
          assertThat(queue.size()).isBetween(model.size(), Math.max(100, 2 * model.size() + 1));
        }
      }
    }
    List<TimerHandle> rest = new ArrayList<>();
    for (TimerHandle timer = queue.pollDue(Long.MAX_VALUE);
        timer != null;
        timer = queue.pollDue(Long.MAX_VALUE)) {
      rest.add(timer);
    }
    assertThat(rest)
        .usingElementComparator((a, b) -> a == b ? 0 : 1)
        .containsExactlyElementsOf(model);
    assertThat(queue.size()).isZero();
  }

  @Test
  void cancelledTimersAtTheHeadAreDropped() {
    List<TimerHandle> timers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      timers.add(add(i));
    }
    timers.subList(0, 4).forEach(TimerHandle::cancel);
    timers.get(7).cancel();
    queue.prune();
    assertThat(queue.size()).isEqualTo(6);
    assertThat(queue.firstDeadline()).isEqualTo(4);
  }

  @Test
  void moreThanHundredOfWhichMoreThanHalfAreCancelledAreCompacted() {
    List<TimerHandle> timers = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      timers.add(add(i));
    }
    timers.subList(1, 51).forEach(TimerHandle::cancel);
    queue.prune();
    assertThat(queue.size()).as("50 of 101").isEqualTo(101);
    timers.get(51).cancel();
    queue.prune();
    assertThat(queue.size()).as("51 of 101").isEqualTo(50);
    assertThat(timers.get(1).scheduled).isFalse();
    assertThat(timers.get(0).scheduled).isTrue();
  }

  @Test
  void hundredAreNotCompacted() {
    List<TimerHandle> timers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      timers.add(add(i));
    }
    timers.subList(1, 100).forEach(TimerHandle::cancel);
    queue.prune();
    assertThat(queue.size()).isEqualTo(100);
  }

  @Test
  void cancellingWhatLeftTheQueueIsNotCounted() {
    List<TimerHandle> timers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      timers.add(add(i));
    }
    for (int i = 0; i < 80; i++) {
      assertThat(queue.pollDue(1_000)).isNotNull().satisfies(TimerHandle::cancel);
    }
    timers.get(199).cancel();
    queue.prune();
    assertThat(queue.size()).as("compaction would have removed the last one").isEqualTo(120);
  }

  @Test
  void clearForgetsEverythingAndIsUsableAfterwards() {
    TimerHandle timer = add(5);
    queue.clear();
    timer.cancel();
    queue.prune();
    assertThat(queue.size()).isZero();
    assertThat(queue.firstDeadline()).isEqualTo(EventLoop.NEVER);
    TimerHandle later = add(7);
    assertThat(queue.pollDue(6)).isNull();
    assertThat(queue.pollDue(7)).isSameAs(later);
  }
}
