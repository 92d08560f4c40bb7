package asyncio.conformance.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.inspect.StallReport;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The stalls of one loop, for tests: what they wait for is a report, and never a time. */
final class StallProbe {
  static final Duration LIMIT = Duration.ofMillis(20);

  private final BlockingQueue<StallReport> reports = new LinkedBlockingQueue<>();

  private StallProbe() {}

  /** Has {@code loop} find stalls of {@link #LIMIT}. */
  static StallProbe of(EventLoop loop) {
    StallProbe stalls = new StallProbe();
    loop.stallFinder().setLimit(LIMIT);
    loop.stallFinder().addListener(stalls.reports::add);
    return stalls;
  }

  /** The next report; waits for it. On any thread but the loop's, unless it is to be held. */
  StallReport next() {
    try {
      StallReport report = reports.poll(20, TimeUnit.SECONDS);
      assertThat(report).as("a report").isNotNull();
      return report;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next report that says that the stall is over. */
  StallReport nextOver() {
    StallReport report = next();
    while (!report.over()) {
      report = next();
    }
    return report;
  }

  /** Holds the loop by waiting for a latch. */
  static void hold(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).as("released").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
