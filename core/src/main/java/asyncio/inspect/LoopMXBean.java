package asyncio.inspect;

/**
 * The metrics of an event loop for JMX; {@link Jmx#register} puts it at {@code
 * asyncio:type=EventLoop,id=0x1}, with the identity of the loop.
 *
 * <p>What is counted is explained at {@link LoopMetrics}; durations are in nanoseconds if their
 * names say so, else in milliseconds.
 */
public interface LoopMXBean {

  /** The text form of the loop. */
  String getLoop();

  boolean isRunning();

  /**
   * The share of the time since the last second or so in which the loop was busy; from 0 to 1.
   * Measured from one question to the next one that is at least a second later.
   */
  double getUtilisation();

  long getRunningNanos();

  long getIdleNanos();

  long getIterations();

  long getCallbacks();

  int getReady();

  int getTimers();

  long getTasksAlive();

  long getTasksCreated();

  long getTasksSucceeded();

  long getTasksFailed();

  long getTasksCancelled();

  int getOpenTransports();

  int getPausedTransports();

  long getBufferedBytes();

  long getReceivedBytes();

  long getSentBytes();

  int getExecutorRunning();

  int getExecutorWaiting();

  int getLookupsRunning();

  int getLookupsWaiting();

  /** Whether this bean has the loop record {@link LoopTimings}. */
  boolean isRecording();

  /** Has the loop record timings, or not any more for this bean. */
  void setRecording(boolean recording);

  /** The median of the loop's lag in milliseconds; -1 if nobody has that recorded. */
  double getLagMedian();

  /** The 99th percentile of the loop's lag in milliseconds; -1 if nobody has that recorded. */
  double getLagP99();

  /** The greatest lag in milliseconds; -1 if nobody has that recorded. */
  double getLagMax();

  /** The callbacks that held the loop longest lately, in a line each; if somebody records that. */
  String[] getSlowestCallbacks();

  /** What held the loop, by the name of the code, in a line each; if somebody records that. */
  String[] getTimeByCode();

  /** Everything, as {@link LoopMetrics#toJson}. */
  String toJson();
}
