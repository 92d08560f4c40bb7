package asyncio;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The view that other threads have of a loop's future: it takes over the outcome, and passes a
 * cancellation back.
 *
 * <p><b>Threading:</b> thread-safe, but for {@link #connect}.
 */
final class BridgedFuture<T extends @Nullable Object> extends CompletableFuture<T> {
  private final AbstractEventLoop loop;

  BridgedFuture(AbstractEventLoop loop) {
    this.loop = loop;
  }

  /** Begins to mirror {@code source}; on the loop's thread, or while the loop is at rest. */
  void connect(Future<? extends T> source) {
    if (source.isDone()) {
      takeOutcomeOf(source);
      return;
    }
    source.addNode(new DoneCallback(loop, null, source, _ -> takeOutcomeOf(source)));
    whenComplete((_, _) -> {
      if (isCancelled()) {
        loop.enqueueFromAnywhere(new Handle(loop, null, source::cancel));
      }
    });
  }

  private void takeOutcomeOf(Future<? extends T> source) {
    if (source.isCancelled()) {
      Object reason = source.cancelReason();
      completeExceptionally(new CancellationException(reason == null ? null : reason.toString()));
      return;
    }
    Throwable failure = source.exception();
    if (failure == null) {
      complete(source.result());
    } else {
      completeExceptionally(failure);
    }
  }

  // ---- waiting

  @Override
  public T get() throws InterruptedException, ExecutionException {
    checkMayBlock("get()");
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    checkMayBlock("get()");
    return super.get(timeout, unit);
  }

  @Override
  public T join() {
    checkMayBlock("join()");
    return super.join();
  }

  private void checkMayBlock(String method) {
    if (!isDone() && (loop.isCurrent() || Asyncio.runningLoopOrNull() == loop)) {
      throw new IllegalStateException(
          method
              + " in the loop's own thread would wait for ever: the outcome can only come from this very loop, "
              + loop
              + "; use createTask and await here, and runCoroutineThreadsafe from other threads");
    }
  }

  /** What is derived from this has the same guard. */
  @Override
  public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
    return new BridgedFuture<>(loop);
  }
}
