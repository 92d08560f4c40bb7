package asyncio;

import asyncio.internal.vthread.CoroutineEngine;
import asyncio.internal.vthread.Fiber;
import asyncio.internal.vthread.PortableEngine;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call of a generator by a thread that is no task: a plain thread, or a loop's that runs a
 * callback.
 *
 * <p>While a body is blocked in a JDK call the thread waits with it, as it would in a call of any
 * method; interrupting the thread interrupts that call.
 */
final class PlainStrand implements Strand, InLoop {
  private final Thread thread = Thread.currentThread();

  /** The loop whose callback calls, and that callback; null outside a loop. */
  private final @Nullable InLoop outer = InLoop.current();

  private final @Nullable AbstractEventLoop loop =
      outer == null ? AbstractEventLoop.RUNNING.get() : null;
  private final @Nullable Handle callback = loop == null ? null : loop.runningHandle;

  private @Nullable Fiber active;
  private @Nullable Fiber handOver;
  private boolean returned;
  private volatile boolean unblocked;

  // Guarded by this: what becomes of an interrupt of the thread. It is heard of up to three times,
  // and counts once; except one that comes in the instant in which the JDK mounts a body on the
  // thread, and changes the flag itself: that one can be lost, or count twice.
  private boolean interruptHeard;
  private boolean interruptPending;
  private @Nullable Fiber turn;

  @Override
  @SuppressWarnings("NullAway") // a body that enters another one is active
  public void enter(Fiber body) {
    if (isCaller()) {
      drive(body);
      return;
    }
    handOver = body;
    try {
      active.suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      handOver = null;
      throw e;
    }
  }

  /** Whether the calling thread is the one whose call this is, and not a body's. */
  boolean isCaller() {
    return Thread.currentThread() == thread;
  }

  private void drive(Fiber first) {
    AbstractEventLoop l = loop;
    Thread outerThread = l == null ? null : l.activeThread;
    InterruptWatch watch = thread.isVirtual() ? null : new InterruptWatch(this);
    if (watch != null) {
      watch.start();
    }
    Fiber running = first;
    boolean blocked = false;
    try {
      for (; ; ) {
        active = running;
        if (unblocked) {
          unblocked = false;
        }
        if (l != null) {
          l.activeThread = running.thread();
        }
        keepPermit();
        if (blocked) {
          running.resumeBlocked();
        } else {
          giveTurnTo(running);
          running.resume();
        }
        if (returned) {
          return;
        }
        Fiber next = handOver;
        blocked = next == null;
        if (next != null) {
          handOver = null;
          running = next;
        } else {
          awaitUnblocked();
        }
      }
    } finally {
      if (watch != null) {
        watch.stop();
      }
      if (l != null) {
        l.activeThread = outerThread;
        keepPermit();
      }
      keepInterrupt();
    }
  }

  private synchronized void giveTurnTo(Fiber body) {
    turn = body;
    if (interruptPending) {
      interruptPending = false;
      body.thread().interrupt();
    }
  }

  /** The thread was interrupted: that is for the body that has the turn. On any thread. */
  synchronized void callerInterrupted() {
    if (!interruptHeard) {
      interruptHeard = true;
      Fiber body = turn;
      if (body != null) {
        body.thread().interrupt();
      } else {
        interruptPending = true;
      }
    }
  }

  private synchronized void keepInterrupt() {
    if (interruptPending) {
      thread.interrupt();
    } else if (interruptHeard) {
      Thread.interrupted(); // the flag may be left of what the body has heard
    }
  }

  /** What tells a body that is pinned from one that is not; see {@link Fiber.PinnedException}. */
  private void keepPermit() {
    if (!thread.isVirtual()) {
      LockSupport.unpark(thread);
    }
  }

  private void awaitUnblocked() {
    while (!unblocked) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        callerInterrupted();
      }
    }
  }

  @Override
  public synchronized boolean giveBack(@Nullable Fiber caller) {
    handOver = caller;
    returned = caller == null;
    if (!interruptHeard && thread.isInterrupted()) {
      callerInterrupted(); // before the JDK clears the flag, see InterruptWatch
    }
    turn = null;
    return Thread.interrupted();
  }

  @Override
  public synchronized void keepTurn() {
    turn = active;
    handOver = null;
    returned = false;
  }

  @Override
  public void unblocked() {
    unblocked = true;
    LockSupport.unpark(thread);
  }

  @Override
  public synchronized void interruptedWhileSuspended() {
    interruptPending = true; // came when the body was about to give the turn away
  }

  @Override
  public CoroutineEngine engine() {
    if (loop != null) {
      return loop.coroutines;
    }
    return thread.isVirtual()
        ? PortableEngine.instance() // no other thread can be mounted on this one
        : Engine.preferred().coroutines();
  }

  @Override
  public @Nullable InLoop inLoop() {
    return outer != null ? outer : callback != null ? this : null;
  }

  // ---- what a callback is

  @Override
  @SuppressWarnings("NullAway") // asked only if there is one, see inLoop()
  public AbstractEventLoop loop() {
    return loop;
  }

  @Override
  @SuppressWarnings("NullAway") // as loop()
  public Handle handle() {
    return callback;
  }

  @Override
  public @Nullable TaskStepper stepper() {
    return null;
  }
}
