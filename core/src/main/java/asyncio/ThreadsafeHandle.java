package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The handle of {@link EventLoop#callSoonThreadsafe}: safe against the race of a foreign cancel
 * with the call.
 */
final class ThreadsafeHandle extends Handle {
  /*
   *   WAITING ──loop──▶ RUNNING ──loop──▶ DONE
   *      └──any thread──▶ STOPPED
   *
   * Every change is a compare-and-set or a get-and-set of `state`, so a call that was cancelled first never starts, and
   * whoever finds RUNNING can wait for `ended`, which the loop opens after the change to DONE.
   */
  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int DONE = 2;
  private static final int STOPPED = 3;

  private static final VarHandle STATE;
  private static final VarHandle ENDED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(ThreadsafeHandle.class, "state", int.class);
      ENDED = lookup.findVarHandle(ThreadsafeHandle.class, "ended", CountDownLatch.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int state = WAITING;
  private volatile boolean cancelRequested;

  /** Made by the first thread that waits for the end of the call. */
  private volatile @Nullable CountDownLatch ended;

  /** When it was made, if somebody records that; else 0. */
  private final long due;

  ThreadsafeHandle(AbstractEventLoop loop, @Nullable Object context, Runnable callback) {
    super(loop, context, callback);
    TimingsRecorder recorder = loop.recorder;
    due = recorder == null ? 0 : recorder.now();
  }

  /** When it was due, or {@code otherwise} if nobody recorded that. */
  long dueOr(long otherwise) {
    return due == 0 ? otherwise : due;
  }

  @Override
  public void cancel() {
    if (!STATE.compareAndSet(this, WAITING, STOPPED)) {
      awaitEndOfCall();
    }
    super.cancel();
    cancelRequested = true;
  }

  @Override
  public boolean isCancelled() {
    if (!cancelRequested) {
      awaitEndOfCall();
    }
    return cancelRequested;
  }

  @Override
  void run() {
    Runnable call = callback;
    if (call == null || !STATE.compareAndSet(this, WAITING, RUNNING)) {
      return;
    }
    try {
      call.run();
    } finally {
      state = DONE;
      CountDownLatch waiting = ended;
      if (waiting != null) {
        waiting.countDown();
      }
    }
  }

  /**
   * Waits for the end of a running call, unless the caller is a loop or a task, which must not
   * block.
   */
  private void awaitEndOfCall() {
    if (state != RUNNING || Handle.current() != null) {
      return;
    }
    CountDownLatch latch = ended;
    if (latch == null) {
      latch = new CountDownLatch(1);
      CountDownLatch other = (CountDownLatch) ENDED.compareAndExchange(this, null, latch);
      latch = other == null ? latch : other;
    }
    // The loop sets DONE before it looks for the latch, so one of the two sees the other.
    boolean interrupted = false;
    while (state == RUNNING) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
