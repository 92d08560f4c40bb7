package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Task;
import org.jspecify.annotations.Nullable;

/** Checks who calls. */
final class Callers {

  private Callers() {}

  /**
   * Checks that the caller is a task of {@code loop}, also where it need not wait this time: misuse
   * is to fail at the first call.
   *
   * @throws IllegalStateException if it is not
   */
  static void checkTask(EventLoop loop, String method) {
    Task<?> task = currentTask();
    if (task == null || task.loop() != loop) {
      throw new IllegalStateException(
          task == null
              ? method
                  + " suspends, so it must be called from a task, not from a callback or from thread "
                  + Thread.currentThread()
                  + "; wrap the calling code in createTask(() -> …), or in run(() -> …) if no loop runs"
              : method
                  + " was called in "
                  + task
                  + ", but the stream belongs to another loop, "
                  + loop
                  + "; go there with runCoroutineThreadsafe(() -> …, loop)");
    }
  }

  private static @Nullable Task<?> currentTask() {
    try {
      return Asyncio.currentTask();
    } catch (IllegalStateException noLoop) {
      return null;
    }
  }

  /**
   * Checks that the caller may change what belongs to {@code loop}.
   *
   * @throws IllegalStateException if the loop runs, in another thread
   */
  static void checkThread(EventLoop loop, String method) {
    if (!loop.isCurrent() && loop.isRunning()) {
      throw new IllegalStateException(
          method
              + " was called in "
              + Thread.currentThread()
              + ", while the loop of the stream runs elsewhere; go there with"
              + " loop.callSoonThreadsafe(() -> …)");
    }
  }
}
