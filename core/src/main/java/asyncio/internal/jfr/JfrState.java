package asyncio.internal.jfr;

import jdk.jfr.FlightRecorder;

/** Says whether Java Flight Recorder is in use, and loads nothing else of it. */
public final class JfrState {

  private JfrState() {}

  /** Whether there has been a recording in this JVM. */
  public static boolean isInUse() {
    return FlightRecorder.isInitialized();
  }
}
