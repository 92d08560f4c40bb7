package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Awaitables in the order in which they complete, as {@link Asyncio#asCompleted} returns it.
 *
 * <pre>{@code
 * for (Future<String> page : asCompleted(downloads).futures()) {
 *   show(page.result());
 * }
 * }</pre>
 *
 * <p>{@link #futures} waits in the loop statement and gives the completed futures themselves. Plain
 * iteration gives an item for each awaitable at once; <em>awaiting</em> an item gives the next
 * result. Iteration of either kind can be broken off and resumed: all iterators of one object
 * continue where the last one stopped.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public final class AsCompleted<T extends @Nullable Object> implements Iterable<Awaitable<T>> {
  private final AbstractEventLoop loop;
  private final @Nullable Duration timeout;
  private final Consumer<Future<T>> whenDone = this::noteDone;
  private final Set<Future<T>> running = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Completions that nobody has taken, oldest first; an empty slot stands for one that the time ran
   * out for.
   */
  private final ArrayDeque<Slot<T>> completed = new ArrayDeque<>();

  /** Those who wait for a completion, longest first. */
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  private @Nullable TimerHandle timer;
  private int itemsLeft;

  private record Slot<T extends @Nullable Object>(@Nullable Future<T> future) {}

  AsCompleted(Collection<? extends Awaitable<? extends T>> awaitables, @Nullable Duration timeout) {
    this.loop = (AbstractEventLoop) Asyncio.getEventLoop();
    this.timeout = timeout;
    // in the order given, each future once
    Set<Future<T>> futures = Collections.newSetFromMap(new IdentityHashMap<>());
    java.util.List<Future<T>> ordered = new java.util.ArrayList<>();
    for (Awaitable<? extends T> awaitable : awaitables) {
      Future<T> future = Asyncio.ensureFuture(awaitable, loop);
      if (futures.add(future)) {
        ordered.add(future);
      }
    }
    running.addAll(ordered);
    itemsLeft = ordered.size();
    for (Future<T> future : ordered) {
      future.addDoneCallback(whenDone);
    }
    if (timeout != null && itemsLeft > 0) {
      timer = loop.schedule(new TimerHandle(loop, null, this::expire, loop.deadlineAfter(timeout)));
    }
  }

  // ---- iteration

  /**
   * Items for plain iteration. Each can be awaited once, and gives the result, or throws the
   * exception, of the next awaitable to complete: the n-th to be awaited gets the n-th completion.
   * After the time is up it throws {@link TimeoutException}.
   */
  @Override
  public Iterator<Awaitable<T>> iterator() {
    return new Items<>() {
      @Override
      Awaitable<T> take() {
        return new Item();
      }
    };
  }

  /**
   * The futures as they complete: those that were given, and the tasks made for coroutines. The
   * iterator's {@code next()} suspends; it throws {@link TimeoutException} once the time is up, but
   * never what a future failed with.
   */
  public Iterable<Future<T>> futures() {
    return () ->
        new Items<>() {
          @Override
          @Suspends
          Future<T> take() {
            return nextCompletion();
          }
        };
  }

  private abstract class Items<E> implements Iterator<E> {
    @Override
    public boolean hasNext() {
      return itemsLeft > 0;
    }

    @Override
    public E next() {
      if (itemsLeft == 0) {
        throw new NoSuchElementException("every awaitable has been delivered");
      }
      itemsLeft--;
      return take();
    }

    abstract E take();
  }

  private final class Item implements Coroutine<T> {
    private boolean awaited;

    @Override
    public T await() {
      if (awaited) {
        throw new IllegalStateException(
            "an item of asCompleted can be awaited once; take the next item for the next result");
      }
      awaited = true;
      return nextCompletion().result();
    }
  }

  // ---- the queue of completions

  @Suspends
  private Future<T> nextCompletion() {
    TaskStepper stepper = TaskStepper.currentOrThrow("asCompleted()");
    while (completed.isEmpty()) {
      Waiter waiter =
          new Waiter(loop, "next completion", timeout == null ? Need.ANY : Need.ANYBODY, running);
      waiters.add(waiter);
      try {
        waiter.await(stepper);
      } catch (Throwable t) {
        waiters.remove(waiter);
        if (!completed.isEmpty() && !waiter.isCancelled()) {
          releaseNext(); // it was this one's turn; pass it on
        }
        throw t;
      }
    }
    Future<T> future = completed.remove().future();
    if (future == null) {
      throw new TimeoutException("not all awaitables were done within " + timeout, null);
    }
    return future;
  }

  private void deliver(@Nullable Future<T> future) {
    completed.add(new Slot<>(future));
    releaseNext();
  }

  private void releaseNext() {
    for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
      if (!waiter.isDone()) {
        waiter.release();
        return;
      }
    }
  }

  private void noteDone(Future<T> future) {
    if (running.remove(future)) {
      deliver(future);
      if (running.isEmpty() && timer != null) {
        timer.cancel();
      }
    }
  }

  private void expire() {
    for (Future<T> future : running) {
      future.removeDoneCallback(whenDone);
      deliver(null);
    }
    running.clear();
  }
}
