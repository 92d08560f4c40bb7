package asyncio.internal.jfr;

import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.internal.inspect.LoopEvents;
import java.util.List;
import java.util.function.Function;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/**
 * Has the loops tell their events as long as a recording of Java Flight Recorder wants them. Needs
 * the module {@code jdk.jfr}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class JfrBridge implements FlightRecorderListener {
  /** What is loaded once there is a recording. */
  private static final class Events {
    static final List<Class<? extends Event>> OF_INSTRUMENTS =
        List.of(
            TaskCreated.class,
            TaskSuspended.class,
            TaskResumed.class,
            TaskFinished.class,
            SlowCallback.class);

    /** One object, so that loops see whether anything has changed. */
    static final Function<EventLoop, Instrument> INSTRUMENTS = JfrInstrument::new;
  }

  private JfrBridge() {}

  /** Follows the recordings from now on; to be called once. */
  public static void connect() {
    if (FlightRecorder.isAvailable()) {
      FlightRecorder.addListener(new JfrBridge());
      if (FlightRecorder.isInitialized()) {
        followRecordings();
      }
    }
  }

  @Override
  public void recorderInitialized(FlightRecorder recorder) {
    Events.OF_INSTRUMENTS.forEach(FlightRecorder::register);
    FlightRecorder.addPeriodicEvent(
        LoopStatistics.class,
        () -> {
          LoopStatistics.tell();
          followRecordings(); // settings may have changed without a change of state
        });
  }

  @Override
  public void recordingStateChanged(Recording recording) {
    followRecordings();
  }

  private static void followRecordings() {
    boolean wanted =
        Events.OF_INSTRUMENTS.stream().anyMatch(type -> EventType.getEventType(type).isEnabled());
    LoopEvents.want(wanted ? Events.INSTRUMENTS : null);
  }
}
