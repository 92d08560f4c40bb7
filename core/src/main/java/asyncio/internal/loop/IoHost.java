package asyncio.internal.loop;

import asyncio.AbstractEventLoop;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What transports use of their loop beyond its public methods: the other side of {@link IoPoller}.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public interface IoHost {

  /** The loop itself. */
  AbstractEventLoop loop();

  /** Where channels wait. */
  IoPoller poller();

  /** What opens channels. */
  SelectorProvider provider();

  /** Where bytes are counted that no transport counts. */
  Traffic traffic();

  /** Whether {@code t} ends the program rather than one connection, so that it is passed on. */
  boolean isExit(Throwable t);

  /**
   * Refuses callers that could not wait, also where there is nothing to wait for.
   *
   * @throws IllegalStateException if the caller is not a task of the loop, or that is closed
   */
  void checkMayWait(String method);

  /**
   * Checks that the caller is on the loop's thread.
   *
   * @throws IllegalStateException if the loop is closed, or runs in another thread
   */
  void checkThread(String method);

  /**
   * Refuses callers in other threads while the loop runs.
   *
   * @throws IllegalStateException with the remedy
   */
  void checkOnLoop(String method);

  /** Writes a record to the library's log, without blocking the loop should that be locked. */
  void log(Level level, String message, @Nullable Throwable thrown);

  /** Writes a record in debug mode; else {@code message} is not asked. */
  default void logInDebugMode(Level level, Supplier<String> message) {
    if (loop().isDebug()) {
      log(level, message.get(), null);
    }
  }

  // ---- callbacks

  /**
   * The values of the caller's context variables, to run callbacks in. Opaque: each callback starts
   * from these values.
   */
  Object captureContext();

  /**
   * Makes a callback that can be queued any number of times without allocation.
   *
   * @param context from {@link #captureContext}
   */
  IoCallback callback(Object context, Runnable body);

  /**
   * Queues {@code body} behind everything that is ready, in a context of its own with the captured
   * values.
   */
  void callSoon(Object context, Runnable body);

  /**
   * Has what other threads have queued so far come before whatever is queued next; for those whom
   * the poll tells of events.
   */
  void takeArrivals();

  /**
   * Queues {@code body} from any thread, and wakes the loop; never throws, never blocks. If the
   * loop is closed, or is closed before the turn of {@code body} comes, {@code ifClosed} is called
   * instead, by whichever thread finds out. {@code body} runs without context variables.
   */
  void callFromAnywhere(Runnable body, Runnable ifClosed);

  /** Which iteration this is; a new number each time, and 0 between two iterations. */
  long iteration();

  /**
   * Has {@code work} run once, when the callbacks of this iteration have run, in the order of the
   * calls. Between two iterations, where there is no such end, it is queued as a callback.
   */
  void atEndOfIteration(Runnable work);

  /**
   * A callback that can be queued any number of times, at most once at a time; what a channel's
   * readiness queues.
   */
  interface IoCallback {

    /** Queues it for this iteration, unless it waits already. */
    void queue();

    /**
     * Takes back what was queued: it will not run in this iteration, even if it is queued again
     * before its turn.
     */
    void withdraw();
  }

  // ---- shared buffers

  /**
   * The loop's direct buffer for reading, cleared; 256 KiB. Valid until control returns to the loop
   * or to user code.
   */
  ByteBuffer readBuffer();

  /** The loop's direct buffer for writing, cleared; 256 KiB. Valid as {@link #readBuffer} is. */
  ByteBuffer writeBuffer();
}
