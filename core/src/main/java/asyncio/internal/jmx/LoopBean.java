package asyncio.internal.jmx;

import asyncio.EventLoop;
import asyncio.inspect.CodeTime;
import asyncio.inspect.Histogram;
import asyncio.inspect.LoopMXBean;
import asyncio.inspect.LoopMetrics;
import asyncio.inspect.LoopTimings;
import asyncio.inspect.Recording;
import asyncio.inspect.SlowCallback;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one loop, which it does not keep alive.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LoopBean implements LoopMXBean {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final WeakReference<EventLoop> loop;
  private LoopMetrics windowBegin;
  private double utilisation;
  private @Nullable Recording recording;

  LoopBean(EventLoop loop) {
    this.loop = new WeakReference<>(loop);
    this.windowBegin = loop.metrics();
  }

  private EventLoop loop() {
    EventLoop there = loop.get();
    if (there == null) {
      throw new IllegalStateException("the loop of this bean was garbage-collected");
    }
    return there;
  }

  private LoopMetrics metrics() {
    return loop().metrics();
  }

  @Override
  public String getLoop() {
    return loop().toString();
  }

  @Override
  public boolean isRunning() {
    return loop().isRunning();
  }

  @Override
  public synchronized double getUtilisation() {
    LoopMetrics now = metrics();
    if (now.time() - windowBegin.time() >= WINDOW_NANOS) {
      utilisation = now.since(windowBegin).utilisation();
      windowBegin = now;
    }
    return utilisation;
  }

  @Override
  public long getRunningNanos() {
    return metrics().running().toNanos();
  }

  @Override
  public long getIdleNanos() {
    return metrics().idle().toNanos();
  }

  @Override
  public long getIterations() {
    return metrics().iterations();
  }

  @Override
  public long getCallbacks() {
    return metrics().callbacks();
  }

  @Override
  public int getReady() {
    return metrics().ready();
  }

  @Override
  public int getTimers() {
    return metrics().timers();
  }

  @Override
  public long getTasksAlive() {
    return metrics().tasks().alive();
  }

  @Override
  public long getTasksCreated() {
    return metrics().tasks().created();
  }

  @Override
  public long getTasksSucceeded() {
    return metrics().tasks().succeeded();
  }

  @Override
  public long getTasksFailed() {
    return metrics().tasks().failed();
  }

  @Override
  public long getTasksCancelled() {
    return metrics().tasks().cancelled();
  }

  @Override
  public int getOpenTransports() {
    return metrics().transports().open();
  }

  @Override
  public int getPausedTransports() {
    return metrics().transports().paused();
  }

  @Override
  public long getBufferedBytes() {
    return metrics().transports().buffered();
  }

  @Override
  public long getReceivedBytes() {
    return metrics().transports().received();
  }

  @Override
  public long getSentBytes() {
    return metrics().transports().sent();
  }

  @Override
  public int getExecutorRunning() {
    return metrics().executor().running();
  }

  @Override
  public int getExecutorWaiting() {
    return metrics().executor().waiting();
  }

  @Override
  public int getLookupsRunning() {
    return metrics().lookups().running();
  }

  @Override
  public int getLookupsWaiting() {
    return metrics().lookups().waiting();
  }

  // ---- timings

  @Override
  public synchronized boolean isRecording() {
    return recording != null;
  }

  @Override
  public synchronized void setRecording(boolean wanted) {
    Recording open = recording;
    if (wanted && open == null) {
      recording = loop().recordTimings();
    } else if (!wanted && open != null) {
      open.close();
      recording = null;
    }
  }

  @Override
  public double getLagMedian() {
    return lag(lag -> lag.quantile(0.5));
  }

  @Override
  public double getLagP99() {
    return lag(lag -> lag.quantile(0.99));
  }

  @Override
  public double getLagMax() {
    return lag(Histogram::max);
  }

  private double lag(Function<Histogram, Duration> part) {
    LoopTimings timings = metrics().timings();
    return timings == null ? -1 : millis(part.apply(timings.lag()));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  @Override
  public String[] getSlowestCallbacks() {
    LoopTimings timings = metrics().timings();
    return timings == null
        ? new String[0]
        : timings.slowest().stream().map(LoopBean::line).toArray(String[]::new);
  }

  private static String line(SlowCallback slow) {
    return String.format(
        Locale.ROOT,
        "%.3f ms %s%s%s",
        millis(slow.took()),
        slow.code(),
        slow.task() == null ? "" : " in " + slow.task(),
        slow.stack().isEmpty() ? "" : " at " + slow.stack().getFirst());
  }

  @Override
  public String[] getTimeByCode() {
    LoopTimings timings = metrics().timings();
    return timings == null
        ? new String[0]
        : timings.byCode().stream().map(LoopBean::line).toArray(String[]::new);
  }

  private static String line(CodeTime time) {
    return String.format(
        Locale.ROOT,
        "%.3f ms in %d calls, the longest %.3f ms: %s",
        millis(time.total()),
        time.count(),
        millis(time.max()),
        time.code());
  }

  @Override
  public String toJson() {
    return metrics().toJson();
  }
}
