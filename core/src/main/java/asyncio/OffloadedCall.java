package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Waited;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A blocking call that an executor makes for a loop: what the executor runs, and the future of its
 * outcome.
 *
 * <p>One object does for both, and the handle that brings the outcome back is the only other one.
 */
final class OffloadedCall<T extends @Nullable Object> extends Future<T>
    implements Runnable, Waited {
  /*
   *   WAITING ──executor's thread──▶ STARTED
   *      └──loop's thread──▶ DROPPED
   *
   * Both changes are compare-and-sets, so a call that was cancelled first never starts.
   */
  private static final int WAITING = 0;
  private static final int STARTED = 1;
  private static final int DROPPED = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(OffloadedCall.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("UnusedVariable") // read through STATE
  private volatile int state = WAITING;

  private final Callable<? extends T> call;

  /** What the call runs in; null for that of the executor's thread. */
  private final @Nullable Context context;

  /** Counts this call; null if nobody counts. */
  private final @Nullable LoadCounter load;

  private long submittedNanos;

  OffloadedCall(
      AbstractEventLoop loop,
      Callable<? extends T> call,
      @Nullable Context context,
      @Nullable LoadCounter load) {
    super(loop);
    this.call = call;
    this.context = context;
    this.load = load;
  }

  /**
   * Hands the call over.
   *
   * @throws RuntimeException if the executor refuses it
   */
  void submitTo(Executor executor) {
    if (load != null) {
      submittedNanos = System.nanoTime();
      load.submitted();
    }
    try {
      executor.execute(this);
    } catch (Throwable t) {
      if (load != null) {
        load.refused();
      }
      throw t;
    }
  }

  /** Makes the call; on a thread of the executor. */
  @Override
  public void run() {
    if (load == null) {
      callUnlessDropped();
      return;
    }
    load.begun();
    try {
      if (loop.debug) {
        load.warnIfLate(loop, System.nanoTime() - submittedNanos, call);
      }
      callUnlessDropped();
    } finally {
      load.ended();
    }
  }

  private void callUnlessDropped() {
    if (!STATE.compareAndSet(this, WAITING, STARTED)) {
      return;
    }
    Outcome outcome = new Outcome();
    try {
      outcome.value = context == null ? call.call() : context.run(call::call);
    } catch (Throwable t) {
      outcome.failure = t;
    }
    if (!isDone()) { // else it was cancelled, and the loop may be closed
      loop.enqueueFromAnywhere(outcome);
    }
  }

  /** Cancels the call if it has not started; otherwise only its outcome is ignored. */
  @Override
  public boolean cancel(@Nullable Object reason) {
    STATE.compareAndSet(this, WAITING, DROPPED);
    return super.cancel(reason);
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
    return "call of "
        + Origins.describeCallable(call)
        + ((int) STATE.getOpaque(this) == WAITING ? ", which waits for a thread" : ", which runs");
  }

  @Override
  String typeName() {
    return "Future";
  }

  /** Completes the future, on the loop's thread. */
  private final class Outcome extends Handle {
    @Nullable Object value;
    @Nullable Throwable failure;

    Outcome() {
      super(OffloadedCall.this.loop, null, null);
    }

    @Override
    void run() {
      if (isDone()) {
        return;
      }
      if (failure == null) {
        complete(value);
      } else {
        completeExceptionally(failure);
      }
    }

    @Override
    Object code() {
      return call;
    }

    @Override
    Object subject() {
      return OffloadedCall.this;
    }

    @Override
    void describeTo(StringBuilder text) {
      text.append(" end of ").append(Origins.describeCallable(call)).append("()");
    }
  }
}
