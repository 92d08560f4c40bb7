import asyncio.*;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A loop that lives on a foreign thread with a queue of its own: Swing's event thread, or that of
 * any other framework. It has no I/O of its own, and ends with its host.
 */
final class HostedLoop extends AbstractEventLoop {
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private final long start = System.nanoTime();
  private final AtomicBoolean turnRequested = new AtomicBoolean();
  private final Executor host;

  /** Makes the loop of the one thread that {@code host} runs everything on, in order. */
  HostedLoop(Executor host) {
    this.host = host;
    host.execute(this::runForeverSetUp);
  }

  @Override
  protected void wakeUp() {
    if (turnRequested.compareAndSet(false, true)) {
      host.execute(this::turn);
    }
  }

  private void turn() {
    turnRequested.set(false);
    runOnce();
    if (hasReady()) {
      wakeUp();
    } else if (nextDeadline() != NEVER) {
      TIMER.schedule(this::wakeUp, nextDeadline() - time(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  protected void poll(long timeoutNanos) {} // waiting is the host's business

  @Override
  public long time() {
    return System.nanoTime() - start;
  }

  @Override
  public boolean isRunning() {
    return true;
  }

  @Override
  public void runForever() {
    throw new UnsupportedOperationException("the host runs this loop");
  }

  @Override
  public void stop() {
    throw new UnsupportedOperationException("the host runs this loop");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("the host runs this loop");
  }
}
