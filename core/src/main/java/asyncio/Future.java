package asyncio;

import asyncio.internal.inspect.Waited;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A result that may not be there yet.
 *
 * <p>Somebody completes it, once, with {@link #setResult}, {@link #setException} or {@link
 * #cancel}; tasks {@link #await} it and callbacks are told through {@link #addDoneCallback} (PEP
 * 3156 'Futures'; spec FUT-1 to FUT-32).
 *
 * <p><b>Order:</b> completing runs nothing: each callback and each waiting task is queued, in order
 * of registration, and runs in the next iteration of the loop.
 *
 * <p><b>Threading:</b> loop-confined, except for the methods inherited from {@link
 * java.util.concurrent.Future}: {@link #isDone}, {@link #isCancelled}, {@link #get()}, {@link
 * #cancel(boolean)}, {@link #state}, {@link #resultNow} and {@link #exceptionNow} are thread-safe.
 *
 * <p><b>Errors:</b> an exception that was set and that nobody ever retrieves is reported to the
 * loop's exception handler.
 *
 * @param <T> the type of the result
 */
public class Future<T extends @Nullable Object>
    implements Awaitable<T>, java.util.concurrent.Future<T> {
  /*
   * `outcome` is null while pending. It then becomes, once and for good, a Cancelled, a Failure, NULL_RESULT or else the
   * result itself; a release write publishes it to threads that ask with an acquire read.
   *
   * `callbacks` is the last node of a circular list (its `next` is the first), null when empty. A node is the handle that
   * will be queued: a DoneCallback, or the step of a waiting task, which waits for one future at a time.
   */
  private static final VarHandle OUTCOME;
  private static final Object NULL_RESULT = new Object();

  static {
    try {
      OUTCOME = MethodHandles.lookup().findVarHandle(Future.class, "outcome", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Which registration of callbacks a class of users' overrides, so that awaits have to go through
   * it (TASK-27).
   */
  private enum Observed {
    NOT,
    PLAIN,
    WITH_CONTEXT
  }

  private static final ClassValue<Observed> OBSERVED =
      new ClassValue<>() {
        @Override
        protected Observed computeValue(Class<?> type) {
          return overrides(type, Context.class, Consumer.class)
              ? Observed.WITH_CONTEXT
              : overrides(type, Consumer.class) ? Observed.PLAIN : Observed.NOT;
        }

        private boolean overrides(Class<?> type, Class<?>... parameters) {
          try {
            return type.getMethod("addDoneCallback", parameters).getDeclaringClass()
                != Future.class;
          } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
          }
        }
      };

  private static final class Cancelled {
    final @Nullable Object reason;

    /**
     * The error that ended a task's coroutine; the first retrieval throws this very one (TASK-54).
     */
    @Nullable CancelledError original;

    Cancelled(@Nullable Object reason, @Nullable CancelledError original) {
      this.reason = reason;
      this.original = original;
    }

    CancelledError take() {
      CancelledError error = original;
      original = null;
      return error != null ? error : new CancelledError(reason);
    }
  }

  private static final class Failure {
    final Throwable exception;

    /** Watches for a failure that nobody retrieves; null once somebody has. */
    @Nullable Unretrieved unretrieved;

    Failure(Throwable exception) {
      this.exception = exception;
    }
  }

  final AbstractEventLoop loop;
  private @Nullable Object outcome;
  private @Nullable Handle callbacks;

  /**
   * Tasks that combinators recorded as waiting for this future through helpers of theirs
   * (GRAPH-11): the one, which is the usual case, or a set of several.
   */
  private @Nullable Object awaitedBy;

  /** In debug mode, where this was created. */
  private final @Nullable List<StackTraceElement> origin;

  /**
   * Makes a pending future of the running or current loop.
   *
   * @throws IllegalStateException if there is none
   */
  public Future() {
    this(Asyncio.getEventLoop());
  }

  /** Makes a pending future of {@code loop}. */
  public Future(EventLoop loop) {
    this.loop = (AbstractEventLoop) java.util.Objects.requireNonNull(loop, "loop");
    this.origin = this.loop.debug ? Origins.capture() : null;
  }

  /** Makes a failed future that nobody needs to look at. */
  Future(AbstractEventLoop loop, @Nullable List<StackTraceElement> origin, Throwable exception) {
    this.loop = loop;
    this.origin = origin;
    this.outcome = new Failure(exception);
  }

  // ---- state

  /** The loop this belongs to. */
  public final EventLoop loop() {
    return loop;
  }

  @Override
  public final boolean isDone() {
    return OUTCOME.getAcquire(this) != null;
  }

  @Override
  public final boolean isCancelled() {
    return OUTCOME.getAcquire(this) instanceof Cancelled;
  }

  /**
   * The result; never waits.
   *
   * @throws InvalidStateException if this is pending
   * @throws CancelledError if this was cancelled
   * @throws RuntimeException the exception of this future: an unchecked one as it is, an {@code
   *     IOException} in an {@link java.io.UncheckedIOException}, another checked one in a {@link
   *     java.util.concurrent.CompletionException}
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // a null was put there as a T
  public T result() {
    Object now = OUTCOME.getAcquire(this);
    return switch (now) {
      case null -> throw notSet("result");
      case Failure failure -> {
        markRetrieved(failure);
        throw Throwables.rethrow(failure.exception);
      }
      case Cancelled cancelled -> throw cancelled.take();
      default -> (T) (now == NULL_RESULT ? null : now);
    };
  }

  /**
   * The exception this was completed with, or null if it has a result; never waits. Always the
   * original, also if it is a checked one.
   *
   * @throws InvalidStateException if this is pending
   * @throws CancelledError if this was cancelled
   */
  public @Nullable Throwable exception() {
    return switch (OUTCOME.getAcquire(this)) {
      case null -> throw notSet("exception");
      case Failure failure -> {
        markRetrieved(failure);
        yield failure.exception;
      }
      case Cancelled cancelled -> throw cancelled.take();
      default -> null;
    };
  }

  private InvalidStateException notSet(String what) {
    return new InvalidStateException(
        what + " is not set: " + this + " is pending; await it, or ask in a done callback");
  }

  // ---- completion

  /**
   * Completes this with a result.
   *
   * @throws InvalidStateException if this is done already
   * @throws IllegalStateException if this is a task; only the end of its coroutine completes it
   */
  public void setResult(T result) {
    complete(result);
  }

  /**
   * Completes this with an exception.
   *
   * @throws InvalidStateException if this is done already
   * @throws IllegalStateException if this is a task; only the end of its coroutine completes it
   */
  public void setException(Throwable exception) {
    completeExceptionally(java.util.Objects.requireNonNull(exception, "exception"));
  }

  /** Cancels without a message: {@code cancel(null)}. */
  public final boolean cancel() {
    return cancel((Object) null);
  }

  /**
   * Cancels this if it is pending; a task is asked to end instead, see {@link Task#cancel(Object)}.
   *
   * @param reason becomes the {@link CancelledError#reason} that those who retrieve the outcome
   *     see; null for none
   * @return whether this was pending
   */
  public boolean cancel(@Nullable Object reason) {
    if (outcome != null) {
      markRetrieved();
      return false;
    }
    finish(new Cancelled(reason, null));
    return true;
  }

  final void complete(@Nullable Object result) {
    checkPending(result);
    finish(result == null ? NULL_RESULT : result);
  }

  final void completeExceptionally(Throwable exception) {
    checkPending(exception);
    Failure failure = new Failure(exception);
    failure.unretrieved = Unretrieved.watch(this, exception);
    finish(failure);
  }

  final void completeCancelled(@Nullable Object reason, @Nullable CancelledError original) {
    checkPending("a cancellation");
    finish(new Cancelled(reason, original));
  }

  /** Sets a result unless this is done, for example cancelled meanwhile (FUT-31). */
  final void completeUnlessDone(@Nullable Object result) {
    if (outcome == null) {
      finish(result == null ? NULL_RESULT : result);
    }
  }

  /**
   * Takes over the outcome of {@code source}, which is done; does nothing if this is done (FUT-32).
   * The reason of a cancellation stays with the source.
   */
  final void copyOutcomeOf(Future<?> source) {
    if (outcome != null) {
      return;
    }
    switch (source.outcome) {
      case null ->
          throw new InvalidStateException("cannot copy the state of " + source + ": it is pending");
      case Cancelled _ -> finish(new Cancelled(null, null));
      case Failure failure -> {
        source.markRetrieved(failure);
        completeExceptionally(failure.exception);
      }
      default -> finish(source.outcome);
    }
  }

  private void checkPending(@Nullable Object value) {
    if (outcome != null) {
      throw new InvalidStateException(
          this
              + " is done already; it cannot be completed again, with "
              + value
              + "; check isDone() first");
    }
  }

  private void finish(Object newOutcome) {
    OUTCOME.setRelease(this, newOutcome);
    Handle last = callbacks;
    if (last != null) {
      callbacks = null;
      Handle node = last.next;
      last.next = null;
      while (node != null) {
        Handle rest = node.next;
        node.next = null;
        loop.enqueueCompletion(node);
        node = rest;
      }
    }
  }

  // ---- callbacks

  /**
   * As {@link #addDoneCallback(Context, Consumer)}, in a copy of the caller's context. In a
   * subclass that overrides that method, this calls it.
   */
  public void addDoneCallback(Consumer<? super Future<T>> callback) {
    if (observed() == Observed.WITH_CONTEXT) {
      addDoneCallback(new Context(Context.currentBindings()), callback);
      return;
    }
    addNode(new DoneCallback(loop, Context.currentBindings(), this, callback));
  }

  /**
   * Has {@code callback} called on the loop's thread once this is done, an iteration later; never
   * at once.
   *
   * @param context the very context it runs in
   */
  public void addDoneCallback(Context context, Consumer<? super Future<T>> callback) {
    addNode(
        new DoneCallback(
            loop, java.util.Objects.requireNonNull(context, "context"), this, callback));
  }

  /**
   * Removes every registration of a callback equal to {@code callback}.
   *
   * @return how many were removed; callbacks queued already, since this is done, are not
   */
  public int removeDoneCallback(Consumer<? super Future<T>> callback) {
    // equals() is users' code and may come back here, so the list is rebuilt from what is there
    // afterwards.
    List<Handle> matching = new ArrayList<>();
    for (Handle node : nodes()) {
      if (node instanceof DoneCallback done && callback.equals(done.function())) {
        matching.add(node);
      }
    }
    int removed = 0;
    for (Handle node : matching) {
      removed += removeNode(node) ? 1 : 0;
    }
    return removed;
  }

  /** Adds a handle to be queued at completion; if this is done, queues it now. */
  final void addNode(Handle node) {
    if (outcome != null) {
      loop.enqueueCompletion(node);
      return;
    }
    Handle last = callbacks;
    if (last == null) {
      node.next = node;
    } else {
      node.next = last.next;
      last.next = node;
    }
    callbacks = node;
  }

  /**
   * Removes a handle that was added; false if it is not there, because this is done or it was
   * removed before.
   */
  @SuppressWarnings("NullAway") // the handles form a ring
  final boolean removeNode(Handle node) {
    Handle last = callbacks;
    if (last == null) {
      return false;
    }
    Handle before = last;
    do {
      Handle here = before.next;
      if (here == node) {
        if (here == before) {
          callbacks = null;
        } else {
          before.next = here.next;
          if (here == last) {
            callbacks = before;
          }
        }
        here.next = null;
        return true;
      }
      before = here;
    } while (before != last);
    return false;
  }

  /** Forgets all handles that wait for completion. */
  final void dropNodes() {
    for (Handle node : nodes()) {
      removeNode(node);
    }
  }

  /** The handles that wait for completion, first come first. */
  @SuppressWarnings("NullAway") // the handles form a ring
  final List<Handle> nodes() {
    List<Handle> nodes = new ArrayList<>();
    Handle last = callbacks;
    if (last != null) {
      Handle node = last;
      do {
        node = node.next;
        nodes.add(node);
      } while (node != last);
    }
    return nodes;
  }

  // ---- waiting

  /**
   * Waits until this is done and returns its result; if it is done already, does not suspend.
   *
   * <p><b>Cancellation:</b> cancelling the waiting task cancels this future too, at once; wrap it
   * in {@code shield} to keep it.
   *
   * @throws IllegalStateException if the caller is not a task, or this belongs to another loop
   * @throws CancelledError if this, or the waiting task, is cancelled
   * @throws RuntimeException the exception of this future, as {@link #result} throws it
   */
  @Suspends
  @Override
  public T await() {
    TaskStepper.currentOrThrow("await()").await(this);
    return result();
  }

  /**
   * As {@link #await()}, but an exception of the given type is thrown as it is.
   *
   * @throws X if this fails with one
   */
  @Suspends
  public <X extends Throwable> T await(Class<X> type) throws X {
    TaskStepper.currentOrThrow("await()").await(this);
    if (outcome instanceof Failure failure && type.isInstance(failure.exception)) {
      markRetrieved(failure);
      throw type.cast(failure.exception);
    }
    return result();
  }

  /**
   * Asks about classes of users' only. Not just for speed: code of a ClassValue that is compiled
   * into a suspended task's frames is thrown away when some code of the JDK loads one more subclass
   * of it, and then each of those frames is deoptimized as the task is resumed, which costs as much
   * as ten switches.
   */
  private Observed observed() {
    Class<?> type = getClass();
    return type == Future.class || type == Task.class || this instanceof Waited
        ? Observed.NOT
        : OBSERVED.get(type);
  }

  /**
   * Registers the step of a task that waits for this; through an overridden {@code
   * addDoneCallback}, if there is one.
   */
  final void addWaiter(TaskStepper waiter) {
    switch (observed()) {
      case NOT -> addNode(waiter);
      case PLAIN -> addDoneCallback(waiter);
      case WITH_CONTEXT -> addDoneCallback(waiter.context(), waiter);
    }
  }

  /** Takes back an {@link #addWaiter}; false if the waiter is queued already. */
  final boolean removeWaiter(TaskStepper waiter) {
    return observed() == Observed.NOT ? removeNode(waiter) : removeDoneCallback(waiter) > 0;
  }

  /**
   * What a task that awaits this is waiting for, in a word or two, for pictures of who waits for
   * what.
   */
  public String waitKind() {
    return "future";
  }

  // ---- java.util.concurrent.Future

  /**
   * Asks for cancellation from any thread; on a foreign one the request is posted to the loop.
   *
   * @param mayInterruptIfRunning ignored
   * @return whether this was pending
   */
  @Override
  public final boolean cancel(boolean mayInterruptIfRunning) {
    if (loop.isCurrent() || !loop.isRunning()) {
      return cancel((Object) null);
    }
    boolean pending = !isDone();
    if (pending) {
      loop.callSoonThreadsafe(() -> cancel((Object) null));
    }
    return pending;
  }

  /**
   * Waits for the result: inside a task of this loop by suspending it, on a foreign thread by
   * blocking it.
   *
   * @throws ExecutionException if this failed
   * @throws CancellationException if this was cancelled
   * @throws IllegalStateException on the loop's thread outside a task
   */
  @Suspends
  @Override
  public final T get() throws InterruptedException, ExecutionException {
    if (!isDone()) {
      if (checkMaySuspendForGet()) {
        TaskStepper.currentOrThrow("get()").await(this);
      } else {
        latch().await();
      }
    }
    return jdkResult();
  }

  /**
   * As {@link #get()}, for at most the given time; the future goes on.
   *
   * @throws java.util.concurrent.TimeoutException if the time is up first
   */
  @Suspends
  @Override
  public final T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    if (!isDone()) {
      boolean inTime =
          checkMaySuspendForGet()
              ? Waiting.awaitAtMost(this, unit.toNanos(timeout))
              : latch().await(timeout, unit);
      if (!inTime) {
        throw new java.util.concurrent.TimeoutException(
            this + " was not done within " + timeout + " " + unit);
      }
    }
    return jdkResult();
  }

  /** True inside a task of our loop, false on a foreign thread. */
  private boolean checkMaySuspendForGet() {
    TaskStepper current = TaskStepper.currentOrNull();
    if (current != null && current.loop == loop) {
      return true;
    }
    if (loop.isCurrent()) {
      throw new IllegalStateException(
          "get() on the loop's own thread would wait for ever: "
              + this
              + " can only be completed by this thread; await it in a task, or use a done callback");
    }
    return false;
  }

  private CountDownLatch latch() {
    CountDownLatch latch = new CountDownLatch(1);
    loop.callSoonThreadsafe(
        () -> addNode(new DoneCallback(loop, null, this, _ -> latch.countDown())));
    return latch;
  }

  private T jdkResult() throws ExecutionException {
    return switch (OUTCOME.getAcquire(this)) {
      case Failure failure -> {
        markRetrievedFromAnyThread(failure);
        throw new ExecutionException(failure.exception);
      }
      case Cancelled cancelled -> {
        CancellationException e =
            new CancellationException(cancelled.reason == null ? null : "" + cancelled.reason);
        throw e;
      }
      case null, default -> resultNowOrNull();
    };
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // a null was put there as a T
  private T resultNowOrNull() {
    Object now = OUTCOME.getAcquire(this);
    return (T) (now == NULL_RESULT ? null : now);
  }

  @Override
  public final T resultNow() {
    return switch (OUTCOME.getAcquire(this)) {
      case null -> throw notSet("result");
      case Failure _ -> throw new IllegalStateException(this + " failed");
      case Cancelled _ -> throw new IllegalStateException(this + " was cancelled");
      default -> resultNowOrNull();
    };
  }

  @Override
  public final Throwable exceptionNow() {
    return switch (OUTCOME.getAcquire(this)) {
      case null -> throw notSet("exception");
      case Failure failure -> {
        markRetrievedFromAnyThread(failure);
        yield failure.exception;
      }
      case Cancelled _ -> throw new IllegalStateException(this + " was cancelled");
      default -> throw new IllegalStateException(this + " has a result");
    };
  }

  @Override
  public final State state() {
    return switch (OUTCOME.getAcquire(this)) {
      case null -> State.RUNNING;
      case Failure _ -> State.FAILED;
      case Cancelled _ -> State.CANCELLED;
      default -> State.SUCCESS;
    };
  }

  // ---- reports

  /**
   * Says that somebody takes care of this future's exception, if it has one: nothing is reported
   * later (DBG-14).
   */
  final void markRetrieved() {
    if (outcome instanceof Failure failure) {
      markRetrieved(failure);
    }
  }

  private void markRetrieved(Failure failure) {
    Unretrieved watch = failure.unretrieved;
    if (watch != null) {
      failure.unretrieved = null;
      watch.retrieved();
    }
  }

  private void markRetrievedFromAnyThread(Failure failure) {
    markRetrieved(failure);
  }

  /** The exception without marking it as retrieved; null if there is none. */
  final @Nullable Throwable peekException() {
    return outcome instanceof Failure failure ? failure.exception : null;
  }

  /** The error that retrieving the outcome of this cancelled future throws now. */
  final CancelledError takeCancelledError() {
    return outcome instanceof Cancelled cancelled ? cancelled.take() : new CancelledError();
  }

  /** The message of the cancellation, or null. */
  final @Nullable Object cancelReason() {
    return outcome instanceof Cancelled cancelled ? cancelled.reason : null;
  }

  final @Nullable List<StackTraceElement> origin() {
    return origin;
  }

  // ---- call graph

  final void addAwaitedBy(Future<?> waiter) {
    Object recorded = awaitedBy;
    if (recorded == null || recorded == waiter) {
      awaitedBy = waiter;
    } else {
      setOf(recorded).add(waiter);
    }
  }

  final void discardAwaitedBy(Future<?> waiter) {
    Object recorded = awaitedBy;
    if (recorded == waiter) {
      awaitedBy = null;
    } else if (recorded instanceof Set<?> several) {
      several.remove(waiter);
      if (several.isEmpty()) {
        awaitedBy = null;
      }
    }
  }

  @SuppressWarnings("unchecked") // a set is always one of ours
  private Set<Future<?>> setOf(Object recorded) {
    if (recorded instanceof Future<?> one) {
      Set<Future<?>> several = new LinkedHashSet<>(4);
      several.add(one);
      awaitedBy = several;
      return several;
    }
    return (Set<Future<?>>) recorded;
  }

  /**
   * A task that combinators recorded as waiting for this future, or null. Any thread may ask; while
   * the record changes the answer may be null.
   */
  final @Nullable Task<?> recordedAwaiter() {
    try {
      Collection<Future<?>> recorded = recordedAwaiters();
      return !recorded.isEmpty() && recorded.iterator().next() instanceof Task<?> task
          ? task
          : null;
    } catch (ConcurrentModificationException | NoSuchElementException e) {
      return null;
    }
  }

  /** Those that combinators recorded; if they are several, the very set. */
  @SuppressWarnings("unchecked")
  final Collection<Future<?>> recordedAwaiters() {
    Object recorded = awaitedBy;
    if (recorded == null) {
      return List.of();
    }
    return recorded instanceof Future<?> one ? List.of(one) : (Set<Future<?>>) recorded;
  }

  /** The futures that wait for this one: tasks suspended on it, and what combinators recorded. */
  final Set<Future<?>> awaiters() {
    Set<Future<?>> awaiters = new LinkedHashSet<>(recordedAwaiters());
    for (Handle node : nodes()) {
      if (node instanceof TaskStepper stepper) {
        awaiters.add(stepper.task);
      }
    }
    if (outcome != null || observed() != Observed.NOT) {
      // Waiters that are queued to go on, or registered in a way of their own, wait until they are
      // resumed (GRAPH-10).
      for (Task<?> task : loop.tasks.snapshot()) {
        TaskStepper steps = task.stepper();
        if (steps != null && steps.waitingOn == this) {
          awaiters.add(task);
        }
      }
    }
    return awaiters;
  }

  // ---- text

  @Override
  public String toString() {
    return FutureText.describe(this);
  }

  /** The name of the type in text forms and reports. */
  String typeName() {
    String name = getClass().getSimpleName();
    return name.isEmpty() ? "Future" : name;
  }

  /** State and outcome for the text form. */
  String describeState() {
    return switch (outcome) {
      case null -> "pending";
      case Cancelled _ -> "cancelled";
      case Failure failure -> "finished exception=" + FutureText.abbreviate(failure.exception);
      default ->
          "finished result=" + FutureText.abbreviate(outcome == NULL_RESULT ? null : outcome);
    };
  }
}
