package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes over the outcome of a future, and keeps cancellations away from it. */
final class Shield<T extends @Nullable Object> extends Future<T> implements Waited {
  /**
   * One object for all, so that a failure behind several cancelled shields is reported once
   * (SHIELD-6).
   */
  private static final Consumer<Future<?>> REPORT_FAILURE = Shield::reportFailure;

  private final Consumer<Future<T>> takeOver = this::copyOutcomeOf;

  private final Future<T> inner;

  private Shield(Future<T> inner) {
    super(inner.loop);
    this.inner = inner;
  }

  static <T extends @Nullable Object> Future<T> of(Awaitable<? extends T> awaitable) {
    Future<T> inner = Asyncio.ensureFuture(awaitable);
    if (inner.isDone()) {
      return inner;
    }
    Shield<T> outer = new Shield<>(inner);
    TaskStepper current = TaskStepper.currentOrNull();
    if (current != null) {
      inner.addAwaitedBy(current.task);
      inner.addDoneCallback(done -> done.discardAwaitedBy(current.task));
    }
    inner.addDoneCallback(outer.takeOver);
    outer.addDoneCallback(_ -> {
      if (!inner.isDone()) {
        inner.removeDoneCallback(outer.takeOver);
        inner.removeDoneCallback(REPORT_FAILURE);
        inner.addDoneCallback(REPORT_FAILURE);
      }
    });
    return outer;
  }

  private static void reportFailure(Future<?> inner) {
    Throwable failure = inner.isCancelled() ? null : inner.exception();
    if (failure != null) {
      inner.loop.callExceptionHandler(
          new ErrorContext(failure.getClass().getSimpleName() + " exception in shielded future")
              .with(ErrorContext.EXCEPTION, failure)
              .with(ErrorContext.FUTURE, inner)
              .with(ErrorContext.SOURCE_TRACEBACK, inner.origin()));
    }
  }

  @Override
  public WaitKind kindOfWait() {
    return inner instanceof Waited waited
        ? waited.kindOfWait()
        : inner instanceof Task<?> ? WaitKind.TASKS : WaitKind.FUTURE;
  }

  @Override
  public String describeWait() {
    return inner instanceof Waited waited
        ? "shielded: " + waited.describeWait()
        : inner instanceof Task<?> ? "shielded task" : "shielded future";
  }

  @Override
  public Need need() {
    return Need.ALL;
  }

  @Override
  public boolean hasHolders() {
    return true;
  }

  @Override
  public void holders(Consumer<Object> to) {
    if (!inner.isDone()) {
      to.accept(inner);
    }
  }

  @Override
  String typeName() {
    return "Future";
  }
}
