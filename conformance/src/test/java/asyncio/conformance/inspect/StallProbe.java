package asyncio.conformance.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.inspect.StallReport;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The stalls of one loop, for tests: they wait for a report, and never for a time. */
final class StallProbe {
  static final Duration LIMIT = Duration.ofMillis(20);

  private final BlockingQueue<StallReport> reports = new LinkedBlockingQueue<>();

  private StallProbe() {}

  /** Has {@code loop} find stalls of {@link #LIMIT}. */
  static StallProbe of(EventLoop loop) {
    StallProbe stalls = listening(loop);
    loop.stallFinder().setLimit(LIMIT);
    return stalls;
  }

  static StallProbe listening(EventLoop loop) {
    StallProbe stalls = new StallProbe();
    loop.stallFinder().addListener(stalls.reports::add);
    return stalls;
  }

  /**
   * The next report of something that is held in a method. On a busy machine there may be others
   * before it.
   */
  StallReport heldIn(String method) {
    return next(report -> !report.over() && isIn(report, method));
  }

  /** The next report that says that such a stall is over. */
  StallReport overIn(String method) {
    return next(report -> report.over() && isIn(report, method));
  }

  static boolean isIn(StallReport report, String method) {
    StackTraceElement frame = report.blockingFrame();
    return frame != null && frame.getMethodName().equals(method);
  }

  /** The next report of the wanted kind. */
  StallReport next(Predicate<StallReport> wanted) {
    for (; ; ) {
      StallReport report;
      try {
        report = reports.poll(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      assertThat(report).as("a report").isNotNull();
      if (wanted.test(report)) {
        return report;
      }
    }
  }

  boolean isEmpty() {
    return reports.isEmpty();
  }
}
