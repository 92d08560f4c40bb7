package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits that are no scopes: sleeping, and waiting for a future without touching it. */
final class Waiting {

  /** What a sleeping task waits for; as the callback of its timer it completes itself. */
  private static class Sleep extends Future<@Nullable Void> implements Waited, Runnable {
    Sleep(AbstractEventLoop loop) {
      super(loop);
    }

    @Override
    public void run() {
      completeUnlessDone(null);
    }

    @Override
    public String waitKind() {
      return "timer";
    }

    @Override
    public WaitKind kindOfWait() {
      return WaitKind.TIMER;
    }

    @Override
    public String describeWait() {
      return "sleep";
    }

    @Override
    String typeName() {
      return "Future";
    }
  }

  /** What a task waits for that waits for a future and keeps an eye on the clock. */
  private static final class TimedWait extends Sleep {
    private final Future<?> future;

    TimedWait(AbstractEventLoop loop, Future<?> future) {
      super(loop);
      this.future = future;
    }

    @Override
    public WaitKind kindOfWait() {
      return future instanceof Task<?> ? WaitKind.TASKS : WaitKind.FUTURE;
    }

    @Override
    public String describeWait() {
      return "future, for a limited time";
    }

    @Override
    public boolean hasHolders() {
      return true;
    }

    @Override
    public void holders(Consumer<Object> to) {
      to.accept(future);
    }
  }

  private Waiting() {}

  /**
   * A timer that completes {@code wait} at a deadline, in loop time, unless it is done. Cancelled,
   * it lets go of it, as it may stay in the queue for long.
   */
  static <W extends Future<@Nullable Void> & Waited & Runnable> TimerHandle alarm(
      W wait, long deadline) {
    return new TimerHandle(wait.loop, null, wait, deadline);
  }

  /** The future that {@code timer} will complete, if it is one of those here. On any thread. */
  static @Nullable Future<?> futureOf(TimerHandle timer) {
    Runnable callback = timer.callback;
    return callback instanceof Waited && callback instanceof Future<?> wait ? wait : null;
  }

  /**
   * Suspends the calling task for at least the given time; for exactly one iteration if it is not
   * positive.
   */
  static <T extends @Nullable Object> T sleep(java.time.Duration delay, T result) {
    TaskStepper stepper = TaskStepper.currentOrThrow("sleep()");
    if (delay.isNegative() || delay.isZero()) {
      stepper.yieldNow();
      return result;
    }
    AbstractEventLoop loop = stepper.loop;
    Sleep future = new Sleep(loop);
    TimerHandle timer = loop.schedule(alarm(future, loop.deadlineAfter(delay)));
    try {
      stepper.await(future);
      future.result();
      return result;
    } finally {
      timer.cancel();
    }
  }

  /**
   * Suspends the calling task until {@code future} is done, for at most the given time; the future
   * is not cancelled, whatever happens.
   *
   * @return whether it is done
   */
  static boolean awaitAtMost(Future<?> future, long nanos) {
    TaskStepper stepper = TaskStepper.currentOrThrow("get()");
    AbstractEventLoop loop = stepper.loop;
    TimedWait waiter = new TimedWait(loop, future);
    DoneCallback wake = new DoneCallback(loop, null, future, _ -> waiter.completeUnlessDone(null));
    future.addNode(wake);
    TimerHandle timer =
        loop.schedule(
            alarm(waiter, Durations.deadline(loop.time(), java.time.Duration.ofNanos(nanos))));
    try {
      stepper.await(waiter);
      waiter.result();
      return future.isDone();
    } finally {
      timer.cancel();
      future.removeNode(wake);
    }
  }
}
