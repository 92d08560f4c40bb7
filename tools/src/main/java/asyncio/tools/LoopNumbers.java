package asyncio.tools;

import com.google.gson.Gson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of one loop at one moment: the JSON of {@link asyncio.inspect.LoopMetrics#toJson} as
 * an object, as far as {@code top} shows it.
 */
record LoopNumbers(
    long timeNanos,
    long runningNanos,
    long idleNanos,
    long iterations,
    long callbacks,
    int ready,
    int timers,
    TaskNumbers tasks,
    TransportNumbers transports) {

  record TaskNumbers(long alive, long created) {}

  record TransportNumbers(long open, long buffered, long received, long sent) {}

  private record Entry(String loop, LoopNumbers metrics) {}

  /** Of each loop, by its id. */
  static Map<String, LoopNumbers> parse(String json) {
    Map<String, LoopNumbers> byLoop = new LinkedHashMap<>();
    for (Entry entry : List.of(new Gson().fromJson(json, Entry[].class))) {
      byLoop.put(entry.loop, entry.metrics);
    }
    return byLoop;
  }

  /** The share of the time since {@code earlier} in which the loop was busy, in percent. */
  double busyPercent(LoopNumbers earlier) {
    long ran = runningNanos - earlier.runningNanos;
    long idle = idleNanos - earlier.idleNanos;
    return ran <= 0 ? 0 : Math.clamp(100.0 * (ran - idle) / ran, 0, 100);
  }

  /** How much a total has grown each second since {@code earlier}. */
  double perSecond(LoopNumbers earlier, long totalNow, long totalThen) {
    long nanos = timeNanos - earlier.timeNanos;
    return nanos <= 0 ? 0 : (totalNow - totalThen) * 1e9 / nanos;
  }
}
