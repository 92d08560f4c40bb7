package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The results of several futures as one list.
 *
 * <p><b>Cancellation:</b> a request goes to the children; this is done once they are, and then
 * fails with a {@link CancelledError} whatever they did (GATHER-16 to GATHER-18).
 */
final class GatherFuture extends Future<List<@Nullable Object>> implements Waited {

  /** Is told of each child that ends; before all children exist there is no future to tell. */
  private static final class Collector implements Consumer<Future<?>> {
    private final boolean returnExceptions;

    /** The task that called gather, recorded as waiting for each child. */
    private final @Nullable Task<?> caller;

    private @Nullable GatherFuture outer;
    private int unfinished;

    Collector(boolean returnExceptions, @Nullable Task<?> caller) {
      this.returnExceptions = returnExceptions;
      this.caller = caller;
    }

    @Override
    public void accept(Future<?> child) {
      unfinished--;
      if (caller != null) {
        child.discardAwaitedBy(caller);
      }
      GatherFuture future = outer;
      if (future == null || future.isDone()) {
        child.markRetrieved();
        return;
      }
      if (!returnExceptions) {
        Throwable failure = outcomeOf(child);
        if (failure != null) {
          future.fail(failure);
          return;
        }
      }
      if (unfinished == 0) {
        future.finish(child);
      }
    }

    private static @Nullable Throwable outcomeOf(Future<?> child) {
      return child.isCancelled() ? child.takeCancelledError() : child.exception();
    }
  }

  /** One for each argument; a future given twice is there twice. */
  private final List<Future<?>> children;

  private boolean cancelRequested;

  /**
   * Whether a request is on its way to the children; it comes back if one of them waits for this.
   */
  private boolean passingOn;

  private boolean leftByChild;

  private GatherFuture(AbstractEventLoop loop, List<Future<?>> children) {
    super(loop);
    this.children = children;
  }

  /**
   * Starts the coroutines among {@code awaitables}, in order, and gives the future of all the
   * results.
   */
  static Future<List<@Nullable Object>> of(
      Iterable<? extends Awaitable<?>> awaitables, boolean returnExceptions) {
    TaskStepper current = TaskStepper.currentOrNull();
    Collector collector = new Collector(returnExceptions, current == null ? null : current.task);
    List<Future<?>> children = new ArrayList<>();
    List<Future<?>> doneAlready = new ArrayList<>();
    Map<Future<?>, Boolean> seen = new IdentityHashMap<>();
    AbstractEventLoop loop = null;
    for (Awaitable<?> awaitable : awaitables) {
      Future<?> child = Asyncio.<@Nullable Object>ensureFuture(awaitable, loop);
      loop = child.loop;
      children.add(child);
      if (child != awaitable) {
        TaskStepper.dontReportIfLeft(child); // DBG-17
      } else if (seen.put(child, true) != null) {
        continue;
      }
      collector.unfinished++;
      if (child.isDone()) {
        doneAlready.add(child);
      } else {
        if (collector.caller != null) {
          child.addAwaitedBy(collector.caller);
        }
        child.addDoneCallback(collector);
      }
    }
    if (loop == null) {
      Future<List<@Nullable Object>> empty = Asyncio.getEventLoop().createFuture();
      empty.complete(List.of());
      return empty;
    }
    GatherFuture outer = new GatherFuture(loop, children);
    collector.outer = outer;
    doneAlready.forEach(collector);
    return outer;
  }

  /** All children are done: {@code last} was the last. */
  private void finish(Future<?> last) {
    if (cancelRequested) {
      fail(last.isCancelled() ? last.takeCancelledError() : new CancelledError());
      children.forEach(Future::markRetrieved);
      return;
    }
    List<@Nullable Object> results = new ArrayList<>(children.size());
    for (Future<?> child : children) {
      results.add(resultOf(child));
    }
    complete(Collections.unmodifiableList(results));
  }

  private void fail(Throwable failure) {
    completeExceptionally(failure);
    if (leftByChild) {
      markRetrieved(); // who would have asked is gone
    }
  }

  private static @Nullable Object resultOf(Future<?> child) {
    if (child.isCancelled()) {
      return new CancelledError(child.cancelReason());
    }
    Throwable failure = child.exception();
    return failure != null ? failure : child.result();
  }

  @Override
  public WaitKind kindOfWait() {
    return WaitKind.TASKS;
  }

  @Override
  public String describeWait() {
    return "gather of " + children.size();
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
    for (Future<?> child : children) {
      if (!child.isDone()) {
        to.accept(child);
      }
    }
  }

  /**
   * Lets a child that waits for this stop waiting if the request to cancel it comes from here;
   * else, false.
   */
  boolean releaseFromCircle(TaskStepper child, @Nullable Object reason) {
    if (!passingOn || !child.leaveCircle(reason)) {
      return false;
    }
    leftByChild = true;
    return true;
  }

  @Override
  public boolean cancel(@Nullable Object reason) {
    if (isDone()) {
      return false;
    }
    boolean accepted = false;
    passingOn = true;
    try {
      for (Future<?> child : children) {
        accepted |= child.cancel(reason);
      }
    } finally {
      passingOn = false;
    }
    cancelRequested |= accepted;
    return accepted;
  }
}
