package asyncio.internal.vthread;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine on a virtual thread whose scheduler is the coroutine itself.
 *
 * <p>Waking it is inline: {@link #resume} unparks the thread, the JDK hands the thread's
 * continuation to {@link #execute}, and {@code resume} runs it in the same call.
 */
final class DirectFiber extends Fiber implements Executor, Runnable {
  /*
   * Modes, and who changes them:
   *
   *          resume()           run()        suspend()             resume()            suspend() returns
   *    NEW ───────────▶ STARTED ─────▶ BODY ───────────▶ SUSPENDED ─────────▶ WAKING ───────────────────▶ BODY
   *     loop thread       own thread    │   own thread               loop thread         own thread
   *                                     ▼ runBody() returned (own thread)
   *                                   ENDED
   *
   * If somebody else starts the thread, it becomes STARTED in execute(), on the starter's thread, which tells the owner;
   * resume() then finds it so, and the continuation submitted.
   *
   * In BODY the thread is mounted, or off the loop in a blocking JDK call, or that call has ended and `submitted` is set.
   *
   * `mode` is plain: the loop's thread and the coroutine's exclude one another. Another thread reads it in execute(),
   * after its compare-and-set of the JDK's thread state, which follows every write of `mode` made before the thread was
   * unmounted; so it never takes BODY for something else. Taking WAKING or SUSPENDED for one another, or for BODY, costs
   * one call of resumeBlocked() that finds nothing to do.
   *
   * `submitted` (release/acquire) says that the JDK has handed the continuation over and nobody has run it since. In
   * WAKING resume() is waiting for that. In BODY a blocking JDK call has ended; in SUSPENDED somebody else unparked or
   * interrupted the thread: both times the owner is asked for resumeBlocked(). The spurious run in SUSPENDED uses up the
   * permit, without which a later interrupt would go unnoticed, and sees the interrupt if there was one.
   *
   * A reader of the stack can hand the continuation over a second time, after it was run already. So `submitted` may be
   * set with nothing to run: the continuation then returns at once, and whoever expected more from it waits for the next.
   */
  private static final byte NEW = 0;
  private static final byte STARTED = 1;
  private static final byte BODY = 2;
  private static final byte SUSPENDED = 3;
  private static final byte WAKING = 4;
  private static final byte ENDED = 5;

  private static final int SPINS_BEFORE_YIELD = 1_000;

  /**
   * How often park may come back without having left the carrier before the reason is looked for.
   */
  private static final int IDLE_PARKS = 2;

  private static final VarHandle SUBMITTED;

  static {
    try {
      SUBMITTED =
          MethodHandles.lookup().findVarHandle(DirectFiber.class, "submitted", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Thread thread;

  /**
   * The one continuation of our thread; set in the first resume(), by the JDK's call of execute()
   * inside start().
   */
  private @Nullable Runnable continuation;

  /** The thread that mounted us last. */
  private @Nullable Thread carrier;

  private byte mode = NEW;

  @SuppressWarnings("UnusedVariable") // through SUBMITTED
  private boolean submitted;

  private boolean mounted;

  /** Whether the thread was mounted since a park began: tells if that park has left the carrier. */
  private boolean remounted;

  DirectFiber(Body body, @Nullable String threadName) {
    super(body);
    this.thread = JdkInternals.newVirtualThread(this, threadName, this);
  }

  static @Nullable DirectFiber of(Thread thread) {
    // Threads that code in a coroutine starts inherit its scheduler, hence the second comparison.
    return JdkInternals.schedulerOf(thread) instanceof DirectFiber fiber && fiber.thread == thread
        ? fiber
        : null;
  }

  @Override
  public void resume() {
    if (Thread.currentThread().isVirtual()) {
      Carriers.run(this::resume);
      return;
    }
    if (mode == NEW) {
      mode = STARTED;
      thread.start();
    } else if (mode != STARTED) {
      mode = WAKING;
      LockSupport.unpark(thread);
    }
    // A reader of the thread's stack can hold the thread for a moment: then the hand-over comes
    // late, from the reader's
    // thread, or the continuation returns without having run. Both end with a new submission.
    int waiting = mode;
    do {
      awaitSubmission();
      runContinuation();
    } while (mode == waiting);
  }

  @Override
  public void resumeBlocked() {
    if ((boolean) SUBMITTED.getAcquire(this)) {
      if (Thread.currentThread().isVirtual()) {
        Carriers.run(this::runContinuation);
        return;
      }
      runContinuation();
    }
  }

  @Override
  public void suspend() {
    mode = SUSPENDED;
    try {
      parkUntilResumed();
    } catch (StackOverflowError e) {
      mode = BODY; // the JDK has undone its part: the thread never left the carrier
      throw e;
    }
  }

  private void parkUntilResumed() {
    int idle = 0;
    for (; ; ) {
      remounted = false;
      LockSupport.park();
      if (mode == WAKING) {
        mode = BODY;
        return;
      }
      if (Thread.interrupted()) {
        body().interruptedWhileSuspended();
      } else if (remounted) {
        idle = 0; // a spurious run: park again
      } else {
        // The thread never left the carrier: a stale permit, or it is pinned and used the loop
        // thread's permit up.
        LockSupport.unpark(carrier);
        if (++idle >= IDLE_PARKS) {
          throwIfPinned();
        }
      }
    }
  }

  /** Takes over a continuation from the JDK. Runs on any thread, must neither throw nor block. */
  @Override
  public void execute(Runnable submittedContinuation) {
    if (submittedContinuation != continuation) {
      if (continuation != null) {
        // A virtual thread that code in this coroutine started: the JDK passed our scheduler on to
        // it.
        JdkInternals.defaultScheduler().execute(submittedContinuation);
        return;
      }
      continuation = submittedContinuation;
      if (mode == NEW) {
        mode = STARTED;
        SUBMITTED.setRelease(this, true);
        body().startedByOther();
        return;
      }
    }
    SUBMITTED.setRelease(this, true);
    int now = mode;
    if (now == BODY || now == SUSPENDED) {
      body().unblocked();
    }
  }

  /** The main method of the coroutine's thread. */
  @Override
  public void run() {
    mode = BODY;
    try {
      body().runBody();
    } finally {
      mode = ENDED;
    }
  }

  @Override
  public Thread thread() {
    return thread;
  }

  /** Asks the JDK for the thread's state, as {@code submitted} may be left over. */
  @Override
  public boolean isBlocked() {
    return mode == BODY && !mounted && thread.getState() != Thread.State.RUNNABLE;
  }

  @Override
  public boolean isSuspended() {
    return mode == SUSPENDED;
  }

  private void awaitSubmission() {
    for (int spins = 0; !(boolean) SUBMITTED.getAcquire(this); spins++) {
      if (spins < SPINS_BEFORE_YIELD) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  @SuppressWarnings("NullAway") // submitted before it is run
  private void runContinuation() {
    SUBMITTED.setOpaque(this, false);
    carrier = Thread.currentThread();
    remounted = true;
    mounted = true;
    try {
      continuation.run();
    } finally {
      mounted = false;
    }
  }

  /**
   * Yields, which permits do not keep from leaving the carrier: only a pinned thread comes back
   * without having left.
   */
  private void throwIfPinned() {
    remounted = false;
    Thread.yield();
    if (!remounted) {
      mode = BODY;
      throw new PinnedException(pinningFrame());
    }
  }

  /**
   * The frame to blame. Frames of native code that called back into Java through the foreign
   * function API do not show.
   */
  private static String pinningFrame() {
    for (StackTraceElement frame : Thread.currentThread().getStackTrace()) {
      boolean pins = frame.isNativeMethod() || frame.getMethodName().equals("<clinit>");
      if (pins && !isThreadMachinery(frame)) {
        return frame.toString();
      }
    }
    return "native code that called back";
  }

  private static boolean isThreadMachinery(StackTraceElement frame) {
    String type = frame.getClassName();
    return type.startsWith("jdk.internal.vm.")
        || type.equals("java.lang.VirtualThread")
        || type.equals("java.lang.Thread");
  }
}
