package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waiting for one thing with a limit. */
final class WaitFor {

  private WaitFor() {}

  static <T extends @Nullable Object> T waitFor(
      Awaitable<? extends T> awaitable, @Nullable Duration timeout) {
    Objects.requireNonNull(awaitable, "awaitable");
    TaskStepper stepper = TaskStepper.currentOrThrow("waitFor()");
    if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
      return withoutTime(stepper, awaitable, timeout);
    }
    Scope.Body<T, RuntimeException> wait = () -> Asyncio.await(awaitable);
    return new Timeout(timeout).run(wait);
  }

  private static <T extends @Nullable Object> T withoutTime(
      TaskStepper stepper, Awaitable<? extends T> awaitable, Duration timeout) {
    Future<T> future = Asyncio.ensureFuture(awaitable);
    if (future.isDone()) {
      return future.result();
    }
    cancelAndWait(stepper, future);
    try {
      return future.result();
    } catch (CancelledError e) {
      throw new TimeoutException("the work was not done within " + timeout, e);
    }
  }

  /** Cancels a future and waits until it has really ended, in whatever way. */
  private static void cancelAndWait(TaskStepper stepper, Future<?> future) {
    Waiter waiter =
        new Waiter(stepper.loop, "end of a cancelled future", Need.ALL, List.of(future));
    Consumer<Future<?>> release = _ -> waiter.release();
    future.addDoneCallback(release);
    try {
      future.cancel();
      waiter.await(stepper);
    } finally {
      future.removeDoneCallback(release);
    }
  }
}
