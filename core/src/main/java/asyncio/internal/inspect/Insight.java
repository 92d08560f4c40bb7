package asyncio.internal.inspect;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Task;
import asyncio.inspect.TransportInfo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way into the loops for the package that shows them; provided by the package of the loops.
 *
 * <p><b>Threading:</b> on any thread. Nothing here waits for a loop; what a loop changes meanwhile
 * is seen before or after the change.
 */
public abstract class Insight {
  private static volatile @Nullable Insight provided;

  /** Called once, before the first loop is made. */
  public static void provide(Insight insight) {
    provided = insight;
  }

  /** Null as long as there has been no loop in this JVM. */
  public static @Nullable Insight get() {
    return provided;
  }

  /** The loops that are not closed, oldest first. */
  public abstract List<EventLoop> liveLoops();

  /** Counts the loops of the JVM, from 1. */
  public abstract long numberOf(EventLoop loop);

  /**
   * Has {@code work}, which must not hold the loop, run once that is closed or collected; on
   * whichever thread.
   */
  public abstract void onEnd(EventLoop loop, Runnable work);

  /** What a task runs, or a handle calls: the class of the user's code. */
  public abstract String codeOf(Object taskOrHandle);

  /** The name of the task whose step a handle runs; null if it runs none. */
  public abstract @Nullable String taskOf(Handle handle);

  /** Whether a task is blocked in a call of the JDK; on its loop's thread. */
  public abstract boolean isBlocked(Task<?> task);

  /** The class of the exception that a task has failed with, or null. */
  public abstract @Nullable String exceptionOf(Task<?> task);

  /** The open transports, oldest first. */
  public abstract List<TransportInfo> transportsOf(EventLoop loop);

  /** The thread that runs the loop, or null. */
  public abstract @Nullable Thread runnerOf(EventLoop loop);

  /** The unfinished tasks, oldest first. */
  public abstract List<Task<?>> tasksOf(EventLoop loop);

  /**
   * The identity of a task or another future; a task that runs on a thread of its own has that
   * one's number.
   */
  public abstract long idOf(Future<?> future);

  /** Null if the task is done meanwhile. */
  public abstract @Nullable TaskFacts factsOf(Task<?> task);

  /**
   * Whether the task is what {@link #factsOf} said, if it waited or was blocked then. One that
   * waits for the same future still has done nothing in between: each wait has a future of its own,
   * or one that was not done.
   */
  public abstract boolean isStill(Task<?> task, TaskFacts facts);

  /** Gives the threads that are a task's: its own, and those of the generators it is inside of. */
  public abstract void threadsOf(Task<?> task, Consumer<Thread> to);

  /** Those that combinators recorded as waiting for the future through helpers of theirs. */
  public abstract List<Future<?>> recordedAwaiters(Future<?> future);

  /** The frames of users' code, innermost first. */
  public abstract List<StackTraceElement> framesOf(Task<?> task);

  /** Adds the deadlines, in loop time, of the futures that are keys of the map. */
  public abstract void addDeadlines(EventLoop loop, Map<Future<?>, Long> deadlines);

  /** Who owns a lock of the JDK; takes some hundred microseconds. Null if that is not known. */
  public abstract @Nullable LockOwner ownerOf(AbstractOwnableSynchronizer synchronizer);

  /** Where the future was created, if that is known. */
  public abstract @Nullable StackTraceElement originOf(Future<?> future);

  /** A class of users' code in words. */
  public abstract String describe(Class<?> code);
}
