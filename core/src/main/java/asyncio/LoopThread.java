package asyncio;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs code that drives a loop on a thread of its own while the caller waits.
 *
 * <p>A task's step clears the interrupt flag of the thread it is mounted on, and each engine has a
 * kind of thread that suits it; so the caller's own thread only waits.
 */
final class LoopThread<T extends @Nullable Object> implements Runnable {
  /** The name of a thread whose loop needs no name of its own. */
  static final String NAME = "asyncio-loop";

  private final Supplier<T> body;
  private @Nullable T result;
  private @Nullable Throwable thrown;

  private LoopThread(Supplier<T> body) {
    this.body = body;
  }

  /**
   * Calls {@code body} on a thread of the kind that suits the loop's engine.
   *
   * @param name of the thread
   * @param onInterrupt called on the calling thread each time that one is interrupted, which is
   *     then dealt with; null to keep the interrupt for the caller
   * @return what {@code body} returns; throws what it throws, the same object
   */
  static <T extends @Nullable Object> T call(
      AbstractEventLoop loop, String name, Supplier<T> body, @Nullable Runnable onInterrupt) {
    LoopThread<T> call = new LoopThread<>(body);
    Thread thread = loop.coroutines.newLoopThread(name, call);
    thread.start();
    boolean interrupted = false;
    for (; ; ) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        if (onInterrupt != null) {
          onInterrupt.run();
        } else {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return call.outcome();
  }

  @Override
  public void run() {
    try {
      result = body.get();
    } catch (Throwable t) {
      thrown = t;
    }
  }

  @SuppressWarnings("NullAway") // a T may be null
  private T outcome() {
    Throwable t = thrown;
    if (t != null) {
      appendStackOfCaller(t);
      throw Throwables.rethrow(t);
    }
    return result;
  }

  /**
   * Puts the calling thread's frames below those of the loop's thread: a reader sees who called
   * {@code run}, and the launcher of single-file programs, which cuts its own frames off the end of
   * what leaves {@code main}, finds them there.
   */
  private static void appendStackOfCaller(Throwable t) {
    StackTraceElement[] here = new Throwable().getStackTrace();
    int skipped = 0;
    while (skipped < here.length
        && here[skipped].getClassName().equals(LoopThread.class.getName())) {
      skipped++;
    }
    StackTraceElement[] callers = Arrays.copyOfRange(here, skipped, here.length);
    StackTraceElement[] frames = t.getStackTrace();
    int start = frames.length - callers.length;
    if (start >= 0 && Arrays.equals(frames, start, frames.length, callers, 0, callers.length)) {
      return; // the same object comes this way again
    }
    StackTraceElement[] all = Arrays.copyOf(frames, frames.length + callers.length);
    System.arraycopy(callers, 0, all, frames.length, callers.length);
    t.setStackTrace(all);
  }
}
