package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits that are no scopes: sleeping, and waiting for a future without touching it. */
final class Waiting {

  /** What a sleeping task waits for. */
  private static class Sleep<T extends @Nullable Object> extends Future<T> implements Waited {
    Sleep(AbstractEventLoop loop) {
      super(loop);
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
  private static final class TimedWait extends Sleep<@Nullable Object> {
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

  /** Completes a future at a deadline. */
  private static final class Alarm extends TimerHandle {
    private @Nullable Future<?> future;
    private @Nullable Object result;

    Alarm(AbstractEventLoop loop, long when, Future<?> future, @Nullable Object result) {
      super(loop, null, null, when);
      this.future = future;
      this.result = result;
    }

    @Override
    void run() {
      Future<?> target = future;
      if (target != null) {
        target.completeUnlessDone(result);
      }
    }

    @Override
    public void cancel() {
      super.cancel();
      future = null; // a cancelled timer may stay in the queue for long; what it was for need not
      result = null;
    }
  }

  private Waiting() {}

  /** A timer that completes {@code future} at a deadline, in loop time, unless it is done. */
  static TimerHandle alarm(Future<?> future, long deadline) {
    return new Alarm(future.loop, deadline, future, null);
  }

  /** The future that {@code timer} will complete, if it is one of those here. On any thread. */
  static @Nullable Future<?> futureOf(TimerHandle timer) {
    return timer instanceof Alarm alarm ? alarm.future : null;
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
    Sleep<T> future = new Sleep<>(loop);
    TimerHandle timer = loop.schedule(new Alarm(loop, loop.deadlineAfter(delay), future, result));
    try {
      stepper.await(future);
      return future.result();
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
    Sleep<@Nullable Object> waiter = new TimedWait(loop, future);
    DoneCallback wake = new DoneCallback(loop, null, future, _ -> waiter.completeUnlessDone(null));
    future.addNode(wake);
    TimerHandle timer =
        loop.schedule(
            new Alarm(
                loop,
                Durations.deadline(loop.time(), java.time.Duration.ofNanos(nanos)),
                waiter,
                null));
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
