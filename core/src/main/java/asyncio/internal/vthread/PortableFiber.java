package asyncio.internal.vthread;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A coroutine on an ordinary virtual thread that runs only while it holds the turn. */
final class PortableFiber extends Fiber implements Runnable {
  /*
   * `mine` is the baton: true lets the coroutine run, false the loop. Each side gives way by writing it and then waits
   * until the other has written it back. Being volatile it publishes everything the giver did.
   */
  private static final ThreadLocal<@Nullable PortableFiber> CURRENT = new ThreadLocal<>();

  /** More than parking needs, by a margin. */
  private static final int FRAMES_TO_PARK = 64;

  private final Thread thread;
  private volatile boolean mine;
  private @Nullable Thread loopThread;
  private boolean started;
  private boolean suspended;

  PortableFiber(Body body, @Nullable String threadName) {
    super(body);
    Thread.Builder.OfVirtual builder = Thread.ofVirtual();
    this.thread = (threadName == null ? builder : builder.name(threadName)).unstarted(this);
  }

  static @Nullable PortableFiber of(Thread thread) {
    PortableFiber fiber = CURRENT.get();
    return fiber != null && fiber.thread == thread ? fiber : null;
  }

  @Override
  public void resume() {
    loopThread = Thread.currentThread();
    suspended = false;
    mine = true;
    if (started) {
      LockSupport.unpark(thread);
    } else {
      started = true;
      thread.start();
    }
    boolean interrupted = false;
    while (mine) {
      LockSupport.park(this);
      if (Thread.interrupted()) { // a set flag would turn this wait into a spin
        interrupted |= !body().waiterInterrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Never needed: while a JDK call blocks a coroutine of this engine, the loop waits with it. */
  @Override
  public void resumeBlocked() {}

  @Override
  public void suspend() {
    ensureStack(FRAMES_TO_PARK);
    suspended = true;
    giveTurnToLoop();
    try {
      while (!mine) {
        LockSupport.park(this);
        if (Thread.interrupted()) {
          body().interruptedWhileSuspended();
        }
      }
    } catch (StackOverflowError e) {
      awaitTurnOnCarrier(); // the JDK needs stack to put a deep stack away
    }
  }

  /** Waits without leaving the carrier, which a monitor does where parking fails. */
  private synchronized void awaitTurnOnCarrier() {
    while (!mine) {
      try {
        wait(1);
      } catch (InterruptedException e) {
        body().interruptedWhileSuspended();
      }
    }
  }

  @Override
  public void run() {
    CURRENT.set(this);
    if (!started) { // by resume(); that is published by the start of this thread
      started = true;
      body().startedByOther();
      while (!mine) {
        LockSupport.park(this);
      }
    }
    try {
      body().runBody();
    } finally {
      giveTurnToLoop();
    }
  }

  @Override
  public Thread thread() {
    return thread;
  }

  @Override
  public boolean isBlocked() {
    return false;
  }

  @Override
  public boolean isSuspended() {
    return suspended;
  }

  /**
   * Fails while that does no harm: once the turn is given away, a thread that cannot park would run
   * beside the loop.
   */
  private static int ensureStack(int frames) {
    return frames == 0 ? 0 : 1 + ensureStack(frames - 1);
  }

  private void giveTurnToLoop() {
    Thread waiting = loopThread;
    mine = false;
    LockSupport.unpark(waiting);
  }
}
