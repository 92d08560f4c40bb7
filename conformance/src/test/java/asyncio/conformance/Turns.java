package asyncio.conformance;

import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Ways to pass the time inside a task of a {@link ClockLoop}. */
final class Turns {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Turns() {}

  /**
   * Lets everything that is ready run: the rest of this iteration, and the next one up to the
   * caller.
   */
  static void turn() {
    sleep(Duration.ZERO);
  }

  static void turns(int count) {
    for (int i = 0; i < count; i++) {
      turn();
    }
  }

  /**
   * Calls {@code body} with {@code loop} as the current loop of this thread, which it does not run.
   */
  static <T> T withCurrentLoop(EventLoop loop, Supplier<T> body) {
    Asyncio.setEventLoop(loop);
    try {
      return body.get();
    } finally {
      Asyncio.setEventLoop(null);
    }
  }

  /** Asserts that nothing but the caller's own sleep wakes the loop for an hour. */
  static void assertNoTimerIsLeft(ClockLoop loop) {
    int before = loop.iterations;
    sleep(Duration.ofHours(1));
    assertThat(loop.iterations - before)
        .as("iterations of a lonely sleep: its timer, its end")
        .isEqualTo(2);
  }

  /** Collects garbage and turns until {@code condition} holds. */
  static void collectUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time of the garbage collections").isLessThan(deadline);
      System.gc();
      turn();
    }
  }

  /**
   * Collects garbage until exceptions that nobody retrieved have certainly been reported; returns
   * all reports so far.
   */
  static List<ErrorContext> reportsAfterCollection(ClockLoop loop) {
    for (int round = 0; round < 2; round++) {
      Throwable control = new IllegalStateException("control");
      forget(loop, control);
      collectUntil(() -> loop.reports.removeIf(report -> report.exception() == control));
    }
    List<ErrorContext> found = List.copyOf(loop.reports);
    loop.reports.clear();
    return found;
  }

  private static void forget(ClockLoop loop, Throwable exception) {
    loop.createFuture().setException(exception);
  }
}
