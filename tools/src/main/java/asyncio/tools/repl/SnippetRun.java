package asyncio.tools.repl;

import asyncio.CancelledError;
import asyncio.Task;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One run of a snippet: started by JShell's thread, which waits for it, run by a task of the loop,
 * and perhaps stopped by the thread that reads the terminal.
 */
final class SnippetRun {
  /** The code of a snippet; its value is what JShell shows. */
  @FunctionalInterface
  interface Body {
    String run() throws Throwable;
  }

  /** The outcome: exactly one of the last two is not null, or none if the loop ended before. */
  private record Outcome(@Nullable String value, @Nullable Throwable failure) {}

  private final Body body;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Written before {@link #ended} is counted down, read after. */
  private @Nullable Outcome outcome;

  /** Written on the loop's thread, read by the others. */
  private volatile @Nullable Task<?> task;

  private volatile @Nullable Thread thread;
  private volatile boolean stopRequested;

  SnippetRun(Body body) {
    this.body = body;
  }

  /** Runs the snippet, in its task. No failure leaves this method: it belongs to JShell. */
  void run() {
    thread = Thread.currentThread();
    try {
      outcome = new Outcome(body.run(), null);
    } catch (Throwable t) {
      outcome = new Outcome(null, t);
    } finally {
      thread = null;
      ended.countDown();
    }
  }

  void startedAs(Task<?> started) {
    task = started;
  }

  /** The task; null before it was made. */
  @Nullable Task<?> task() {
    return task;
  }

  /** The thread that is inside the snippet; null outside. */
  @Nullable Thread thread() {
    return thread;
  }

  void requestStop() {
    stopRequested = true;
  }

  boolean stopRequested() {
    return stopRequested;
  }

  boolean isEnded() {
    return ended.getCount() == 0;
  }

  /** The loop has ended: whoever waits is released. */
  void abandon() {
    ended.countDown();
  }

  /** Waits for the end and gives its outcome. */
  String result() throws Exception {
    ended.await();
    Outcome result = outcome;
    if (result == null) {
      throw new LoopEndedException("the loop has ended");
    }
    if (result.value != null) {
      return result.value;
    }
    Throwable failure = result.failure;
    if (stopRequested && failure instanceof CancelledError) {
      throw new SnippetStoppedException();
    }
    throw new InvocationTargetException(failure);
  }
}
