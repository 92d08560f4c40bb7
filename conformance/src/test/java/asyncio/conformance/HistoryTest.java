package asyncio.conformance;

import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Timeout;

/** What PEP 3156 laid down at the beginning and still holds. */
@Timeout(30)
class HistoryTest {
  private int inside;
  private int overlaps;

  private void enterAndLeave() {
    if (++inside != 1) {
      overlaps++;
    }
    Thread.onSpinWait();
    inside--;
  }

  @EachEngine
  @Spec("HIST-11")
  void callbacksAreSerialisedWhereverTheyComeFrom(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          int each = 1_000;
          CountDownLatch left = new CountDownLatch(3 * each);
          Runnable callback =
              () -> {
                enterAndLeave();
                left.countDown();
              };
          try (var _ = new Loops.Background(loop)) {
            for (int i = 0; i < each; i++) {
              loop.callSoonThreadsafe(callback);
              loop.callSoonThreadsafe(() -> loop.callSoon(callback));
              loop.callSoonThreadsafe(() -> createTask(callback::run));
            }
            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
          }
          assertThat(overlaps).isZero();
        });
  }

  @EachEngine
  @Spec("HIST-11")
  void theClockIsNotTheWallClockAndOneLoggerServesAll(Engine engine) throws Exception {
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop -> {
            long age = System.currentTimeMillis() * 1_000_000 - loop.time();
            assertThat(TimeUnit.NANOSECONDS.toDays(age))
                .as("days between the origins of the two clocks")
                .isGreaterThan(10_000);
            loop.setDebug(true);
            assertThat(loop.isDebug()).isTrue();
          });
      assertThat(log.records(Level.FINE)).as("the closing of the loop, in debug mode").isNotEmpty();
      assertThat(log.records()).allMatch(each -> each.getLoggerName().equals("asyncio"));
    }
  }
}
