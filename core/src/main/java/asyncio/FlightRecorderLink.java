package asyncio;

import asyncio.internal.jfr.JfrBridge;
import asyncio.internal.jfr.JfrState;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * Connects the loops with Java Flight Recorder, if this JVM has it.
 *
 * <p>At once if it records already when a loop is made or begins to run. Else a moment later,
 * beside the loops: that takes a millisecond, which no program has to wait for, and short ones
 * never pay.
 */
final class FlightRecorderLink extends Watchdog.Watched {
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Whether there is nothing to do any more. */
  private static volatile boolean settled = ModuleLayer.boot().findModule("jdk.jfr").isEmpty();

  private static final FlightRecorderLink LATER = new FlightRecorderLink();

  private FlightRecorderLink() {}

  /** To be called for each new loop, so that its first tasks are recorded too. */
  static void loopIsMade() {
    if (!settled && isInUse()) {
      connect();
    }
  }

  /** On the thread that begins to run a loop. */
  static void runBegins() {
    if (!settled) {
      if (isInUse()) {
        connect();
      } else {
        Watchdog.add(LATER, false);
      }
    }
  }

  private static boolean isInUse() {
    try {
      return JfrState.isInUse();
    } catch (LinkageError e) {
      settled = true; // not readable from here: nothing to connect with
      return false;
    }
  }

  /** Returns when it is done, by whichever thread. */
  private static synchronized void connect() {
    if (!settled) {
      try {
        JfrBridge.connect();
      } catch (RuntimeException | LinkageError e) {
        AbstractEventLoop.LOGGER.log(
            Level.DEBUG, "there will be no events for Java Flight Recorder", e);
      } finally {
        settled = true;
      }
    }
  }

  /** The first time it only asks to be called again. */
  @Override
  long look(long nanos) {
    if (nanos > 0) {
      Watchdog.remove(this);
      StallReports.run(FlightRecorderLink::connect);
    }
    return DELAY_NANOS;
  }
}
