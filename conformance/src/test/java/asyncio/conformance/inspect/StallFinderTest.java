package asyncio.conformance.inspect;

import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.inspect.StallFinder;
import asyncio.inspect.StallReport;
import asyncio.inspect.StallReport.Kind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The stall finder: what it finds, and what it says of it. */
class StallFinderTest {

  @EachEngine
  void callbackThatHoldsTheLoopIsReportedWhileItDoes(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch release = new CountDownLatch(1);
          loop.callSoon(() -> StallProbe.hold(release));
          StallReport held;
          try (var _ = new HeldLoop(loop)) {
            held = stalls.next();
            assertThat(StallFinder.recent(loop))
                .extracting(StallReport::number)
                .containsExactly(held.number());
            release.countDown();
          }
          StallReport over = stalls.nextOver();
          assertThat(held.kind()).isEqualTo(Kind.CALLBACK);
          assertThat(held.over()).isFalse();
          assertThat(held.held()).isGreaterThanOrEqualTo(StallProbe.LIMIT);
          assertThat(held.task()).isNull();
          assertThat(held.blockingFrame().getMethodName()).isEqualTo("hold");
          assertThat(over.held()).isGreaterThanOrEqualTo(held.held());
          assertThat(over.number()).isEqualTo(held.number());
        });
  }

  /** Runs a loop on a thread of its own; {@link #close} stops it. */
  private record HeldLoop(asyncio.AbstractEventLoop loop, Thread thread) implements AutoCloseable {
    HeldLoop(asyncio.AbstractEventLoop loop) {
      this(loop, Thread.ofPlatform().start(loop::runForever));
    }

    @Override
    public void close() {
      loop.callSoonThreadsafe(loop::stop);
      try {
        assertThat(thread.join(Duration.ofSeconds(20))).as("the loop has stopped").isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
