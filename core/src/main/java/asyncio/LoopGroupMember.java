package asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One loop of a {@link LoopGroup}: a coroutine on the caller's loop that waits for the end of a run
 * on another one.
 *
 * <p>A virtual thread stands where the program's main thread stands in a single run: it calls the
 * runner, which puts the loop on a thread of its own, and waits.
 */
final class LoopGroupMember<T extends @Nullable Object> implements Coroutine<T>, Runnable {
  /*
   * Who cancels writes `cancelled`, then reads `mainTask`; who starts writes `mainTask`, then reads `cancelled`. So one of
   * them, or both, will know of the other, and cancelling a task that has ended does nothing.
   */

  /** A request to cancel, with what {@link Task#cancel(Object)} was given. */
  private record Request(@Nullable Object reason) {}

  private final AbstractEventLoop callers;
  private final Scope.With<Integer, T, ?> main;
  private final int index;
  private final RunOptions options;
  private final Context context;

  /** On the caller's loop; set when the run is over and its loop closed. */
  private final Future<@Nullable Void> ended;

  /** Shared, volatile: see above. */
  private volatile @Nullable Task<?> mainTask;

  private volatile @Nullable Request cancelled;

  /** Written before `ended` is set, by way of the loop's queue, and read after that. */
  private @Nullable T result;

  private @Nullable Throwable thrown;

  /** What the main coroutine threw; the runner may have wrapped it. Handed over as `thrown` is. */
  private @Nullable Throwable original;

  LoopGroupMember(
      AbstractEventLoop callers, Scope.With<Integer, T, ?> main, int index, RunOptions options) {
    this.callers = callers;
    this.main = main;
    this.index = index;
    this.options = options;
    this.context = Asyncio.copyContext();
    this.ended = callers.createFuture();
  }

  // ---- on the caller's loop

  @Override
  public T await() throws Exception {
    callers.noteThreadAwaited(ended);
    Thread.ofVirtual().name("asyncio-loop-" + index + "-runner").start(this);
    CancelledError ours = null;
    while (!ended.isDone()) {
      try {
        Asyncio.await(Asyncio.shield(ended));
      } catch (CancelledError e) {
        ours = e;
        cancel(e.reason());
      } catch (Throwable t) {
        cancel("the loop of the task that waits for it cannot wait any more");
        throw t;
      }
    }
    return outcome(ours);
  }

  private void cancel(@Nullable Object reason) {
    cancelled = new Request(reason);
    Task<?> task = mainTask;
    if (task != null) {
      task.loop.enqueueFromAnywhere(new Handle(task.loop, null, () -> task.cancel(reason)));
    }
  }

  @SuppressWarnings("NullAway") // a T may be null
  private T outcome(@Nullable CancelledError ours) throws Exception {
    Throwable t = thrown;
    if (t == null) {
      return result;
    }
    if (ours != null && t instanceof CancelledError) {
      throw ours;
    }
    throw Throwables.<RuntimeException>sneak(
        original != null && t.getCause() == original ? original : t);
  }

  // ---- on the member's threads

  @Override
  public void run() {
    try (Runner runner = new Runner(options, "asyncio-loop-" + index)) {
      result = runner.run(this::runMain, context);
    } catch (Throwable t) {
      thrown = t;
    }
    callers.enqueueFromAnywhere(new Handle(callers, null, this::end));
  }

  private void end() {
    if (!ended.isDone()) {
      ended.setResult(null);
    }
  }

  /** In the member's main task. */
  private T runMain() throws Exception {
    Task<?> task = Objects.requireNonNull(Asyncio.currentTask());
    mainTask = task;
    Request request = cancelled;
    if (request != null) {
      throw new CancelledError(request.reason);
    }
    try {
      return main.call(index);
    } catch (Throwable t) {
      original = t;
      throw Throwables.<RuntimeException>sneak(t);
    }
  }

  @Override
  public String toString() {
    return "loop " + index + " of a group, " + main;
  }
}
