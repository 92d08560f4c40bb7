package asyncio.conformance.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AbstractEventLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a loop, which a callback or a task may hold, on a thread of its own until it is closed. */
final class HeldLoop implements AutoCloseable {
  private final AbstractEventLoop loop;
  private final Thread thread;

  HeldLoop(AbstractEventLoop loop) {
    this.loop = loop;
    this.thread = Thread.ofPlatform().start(loop::runForever);
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

  /** Waits for a latch; in a callback this holds the loop. */
  static void untilReleased(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).as("released").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Computes until a latch is released; in a task too this holds the loop, on both engines. */
  static void computeUntilReleased(CountDownLatch latch) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (latch.getCount() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
