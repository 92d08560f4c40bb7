package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The ways between a loop's futures and those of other threads (EXEC-24 to EXEC-36). */
final class ThreadBridges {

  private ThreadBridges() {}

  static <T extends @Nullable Object> CompletableFuture<T> submit(
      Awaitable<? extends T> coroutine, EventLoop loop) {
    Objects.requireNonNull(coroutine, "coroutine");
    AbstractEventLoop target = (AbstractEventLoop) Objects.requireNonNull(loop, "loop");
    if (coroutine instanceof java.util.concurrent.Future) {
      throw new IllegalArgumentException(
          "A coroutine object is required, not "
              + coroutine
              + "; for a future there is toCompletableFuture");
    }
    BridgedFuture<T> outcome = new BridgedFuture<>(target);
    target.callSoonThreadsafe(() -> {
      try {
        outcome.connect(target.<T>createTask(coroutine));
      } catch (Throwable t) {
        outcome.completeExceptionally(t);
        throw t;
      }
    });
    return outcome;
  }

  @SuppressWarnings("unchecked")
  static <T extends @Nullable Object> CompletableFuture<T> toCompletableFuture(
      Future<? extends T> future) {
    AbstractEventLoop loop = future.loop;
    BridgedFuture<T> outcome = new BridgedFuture<>(loop);
    if (future.isDone() || loop.isCurrent() || !loop.isRunning()) {
      outcome.connect(future);
    } else {
      loop.callSoonThreadsafe(() -> outcome.connect(future));
    }
    return outcome;
  }

  @SuppressWarnings("unchecked")
  static <T extends @Nullable Object> Future<T> wrap(
      java.util.concurrent.Future<? extends T> future, @Nullable EventLoop loop) {
    Objects.requireNonNull(future, "future");
    if (future instanceof Future<?> ours) {
      return (Future<T>) ours;
    }
    if (future instanceof CompletionStage<?> stage) {
      return wrap((CompletionStage<? extends T>) stage, loop);
    }
    Mirror<T> mirror = new Mirror<>(loop);
    mirror.addDoneCallback(_ -> passCancellationOn(mirror, future));
    if (future.isDone()) {
      mirror.takeOutcomeOf(future);
    } else {
      mirror.loop.noteThreadAwaited(mirror);
      // Such a future calls nobody back, so a thread has to wait for it.
      Thread.ofVirtual().name("asyncio-wrap").start(() -> mirror.takeOutcomeOf(future));
    }
    return mirror;
  }

  static <T extends @Nullable Object> Future<T> wrap(
      CompletionStage<? extends T> stage, @Nullable EventLoop loop) {
    Objects.requireNonNull(stage, "stage");
    Mirror<T> mirror = new Mirror<>(loop);
    mirror.addDoneCallback(_ -> passCancellationOn(mirror, stage.toCompletableFuture()));
    mirror.loop.noteThreadAwaited(mirror);
    stage.whenComplete((value, failure) -> mirror.completeThreadsafe(value, failure));
    return mirror;
  }

  private static void passCancellationOn(
      Future<?> mirror, java.util.concurrent.Future<?> original) {
    if (!mirror.isCancelled() || original.isDone()) {
      return;
    }
    if (original.getClass().getModule() == Object.class.getModule()) {
      original.cancel(true);
    } else {
      // That of a distributed executor may ask another machine, and wait for the answer.
      Thread.ofVirtual().name("asyncio-cancel").start(() -> cancel(original, mirror));
    }
  }

  /** On a thread that may block. */
  private static void cancel(java.util.concurrent.Future<?> original, Future<?> mirror) {
    try {
      original.cancel(true);
    } catch (Throwable t) {
      AbstractEventLoop loop = mirror.loop;
      loop.enqueueFromAnywhere(
          new Handle(
              loop,
              null,
              () ->
                  loop.callExceptionHandler(
                      new ErrorContext(
                              "a future that was awaited could not be cancelled: " + original)
                          .with(ErrorContext.EXCEPTION, t)
                          .with(ErrorContext.FUTURE, mirror))));
    }
  }

  /** A loop's future that takes over the outcome of another kind of future. */
  private static final class Mirror<T extends @Nullable Object> extends Future<T>
      implements Waited {

    Mirror(@Nullable EventLoop loop) {
      super(loop != null ? loop : Asyncio.getEventLoop());
    }

    /** Waits for {@code future} if it is not done. On any thread. */
    void takeOutcomeOf(java.util.concurrent.Future<? extends T> future) {
      try {
        completeThreadsafe(future.get(), null);
      } catch (ExecutionException e) {
        completeThreadsafe(null, e.getCause() != null ? e.getCause() : e);
      } catch (Throwable t) {
        completeThreadsafe(null, t);
      }
    }

    /**
     * Brings the outcome to the loop, one hop later; drops it if the loop is closed. On any thread.
     */
    void completeThreadsafe(@Nullable Object value, @Nullable Throwable failure) {
      loop.enqueueFromAnywhere(
          new Handle(
              loop,
              null,
              () -> {
                if (!isDone()) {
                  take(value, failure);
                }
              }));
    }

    private void take(@Nullable Object value, @Nullable Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause == null) {
        complete(value);
      } else if (cause instanceof CancellationException) {
        cancel((Object) cause.getMessage());
      } else {
        completeExceptionally(cause);
      }
    }

    @Override
    public String waitKind() {
      return "thread";
    }

    @Override
    public WaitKind kindOfWait() {
      return WaitKind.THREAD;
    }

    @Override
    public String describeWait() {
      return "future of another thread";
    }

    @Override
    String typeName() {
      return "Future";
    }
  }
}
