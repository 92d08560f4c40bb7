package asyncio;

import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import org.jspecify.annotations.Nullable;

/**
 * Cancellation of a task that is blocked inside a JDK call: it is delivered as an interrupt of the
 * task's thread.
 *
 * <p>The call then fails in its own way. Wherever such a failure passes a boundary of the library,
 * {@link #translate} turns it into the {@link CancelledError} that it stands for.
 */
final class Interrupts {

  private Interrupts() {}

  /**
   * What leaves the task through a boundary in place of {@code t}: a {@link CancelledError} if an
   * interrupt was sent to cancel the task and {@code t} comes from it, else {@code t} itself. On
   * the task's thread.
   */
  static Throwable translate(TaskStepper stepper, Throwable t) {
    if (!stepper.interruptIsCancellation || t instanceof CancelledError) {
      return t;
    }
    boolean flagged = stepper.interruptFlagDropped || Thread.currentThread().isInterrupted();
    if (!comesFromInterrupt(t, flagged)) {
      return t;
    }
    forget(stepper);
    if (stepper.loop.debug) {
      Swallowed.delivered(stepper); // at the boundary
    }
    return new CancelledError(stepper.cancelReason, t);
  }

  /**
   * No delivery is outstanding any more: it has arrived, or was taken back. On any thread that may
   * cancel the task.
   */
  static void forget(TaskStepper stepper) {
    stepper.interruptIsCancellation = false;
    stepper.interruptFlagDropped = false;
    if (Thread.currentThread() == stepper.active.thread()) {
      Thread.interrupted();
    }
  }

  /** As {@link #translate}, for the calling task; anything else is returned as it is. */
  static Throwable translateHere(Throwable t) {
    TaskStepper stepper = TaskStepper.currentOrNull();
    return stepper == null ? t : translate(stepper, t);
  }

  /** The interrupt flag was found set, and cleared, before a suspension. On the task's thread. */
  static void noteBeforeSuspension(TaskStepper stepper) {
    if (!stepper.interruptIsCancellation) {
      stepper.task.cancel(); // a foreign interrupt asks for cancellation
    } else {
      // User code restored the flag of an interrupt that was our delivery, which it has had.
      stepper.interruptFlagDropped = true;
    }
  }

  /**
   * Whether an interrupt ends the JDK call in which {@code thread} is blocked. Locks taken by
   * {@code lock()} or {@code synchronized}, {@code CompletableFuture.join()} and methods that say
   * {@code Uninterruptibly} go on waiting; a request to cancel has to wait too.
   */
  static boolean canEndCallOf(Thread thread) {
    if (thread.getState() == Thread.State.BLOCKED) {
      return false;
    }
    String called = "";
    for (StackTraceElement frame : thread.getStackTrace()) {
      String type = frame.getClassName();
      if (!type.startsWith("java.") && !type.startsWith("jdk.") && !type.startsWith("sun.")) {
        return true; // user code is reached: everything above it can be interrupted
      }
      String method = frame.getMethodName();
      boolean waitsOn =
          (type.startsWith("java.util.concurrent.locks.") && method.equals("lock"))
              || (type.startsWith("java.util.concurrent.") && method.endsWith("Uninterruptibly"))
              || (type.equals("java.util.concurrent.Phaser") && method.endsWith("waitAdvance"))
              || (called.equals("acquire")
                  && method.startsWith("await")) // signalled, and waits for the lock again
              || (type.equals("java.util.concurrent.CompletableFuture") && method.equals("join"));
      if (waitsOn) {
        return false;
      }
      called = method;
    }
    return true;
  }

  private static boolean comesFromInterrupt(@Nullable Throwable t, boolean flagged) {
    int depth = 0;
    for (Throwable cause = t; cause != null && depth < 100; cause = cause.getCause(), depth++) {
      if (cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException
          || cause instanceof FileLockInterruptionException
          || (flagged && cause instanceof java.net.SocketException)) {
        return true;
      }
    }
    return false;
  }
}
