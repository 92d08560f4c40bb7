package asyncio.inspect;

import asyncio.EventLoop;
import asyncio.ExecutorLoad;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event loop has done so far, and how much it has before it, at one moment: {@link
 * EventLoop#metrics()} returns it, to any thread.
 *
 * <p>A loop counts these things always; it costs nothing that could be measured. Two kinds of
 * numbers are among them: totals since the loop was made, and levels, which say what is now. {@link
 * #since} makes of two moments the record of the time between them:
 *
 * <pre>{@code
 * LoopMetrics before = loop.metrics();
 * …
 * LoopMetrics after = loop.metrics();
 * System.out.printf("busy %.0f %%%n", 100 * after.since(before).utilisation());
 * }</pre>
 *
 * <p>A loop that runs in another thread goes on meanwhile, so numbers of one record may be some
 * nanoseconds apart.
 *
 * @param loop the identity of the loop, as in {@link LoopInfo#id}
 * @param time when this was taken, in nanoseconds of the loop's clock ({@link
 *     asyncio.EventLoop#time})
 * @param running for how long the loop has run (total)
 * @param idle for how much of that it waited because there was nothing to do (total)
 * @param iterations how many iterations it has begun (total)
 * @param callbacks how many callbacks and steps of tasks it has run (total)
 * @param ready how many callbacks and steps wait for their turn (level)
 * @param timers how many wait for a time (level)
 * @param tasks the tasks; {@code alive} is a level, the rest are totals
 * @param transports the transports; bytes received and sent are totals, the rest are levels
 * @param executor the calls given to the default executor (level)
 * @param lookups the look-ups of names, which have threads of their own (level)
 * @param timings how late and how long callbacks have run; null unless somebody has that recorded
 *     ({@link EventLoop#recordTimings})
 */
public record LoopMetrics(
    String loop,
    long time,
    Duration running,
    Duration idle,
    long iterations,
    long callbacks,
    int ready,
    int timers,
    TaskCounts tasks,
    TransportCounts transports,
    ExecutorLoad executor,
    ExecutorLoad lookups,
    @Nullable LoopTimings timings) {

  /** The metrics of all loops of this JVM that are not closed, the oldest loop first. */
  public static List<LoopMetrics> ofAllLoops() {
    Insight insight = Insight.get();
    if (insight == null) {
      return List.of();
    }
    List<LoopMetrics> all = new ArrayList<>();
    for (EventLoop loop : insight.liveLoops()) {
      try {
        all.add(loop.metrics());
      } catch (RuntimeException e) {
        // its clock is a subclass's, which is being made in another thread
      }
    }
    return all;
  }

  /** For how long the loop was busy: it ran, and did not wait. */
  public Duration busy() {
    return running.minus(idle);
  }

  /**
   * The share of its running time in which the loop was busy: from 0, it only waited, to 1, it has
   * never waited. 0 if it has not run.
   */
  public double utilisation() {
    long ran = running.toNanos();
    return ran <= 0 ? 0 : Math.clamp((double) busy().toNanos() / ran, 0.0, 1.0);
  }

  /**
   * The record of the time from {@code earlier} to this: totals are differences, levels are those
   * of this.
   *
   * @throws IllegalArgumentException if {@code earlier} is later than this
   */
  public LoopMetrics since(LoopMetrics earlier) {
    if (earlier.time > time) {
      throw new IllegalArgumentException(
          "earlier: was taken at "
              + earlier.time
              + ", after this, at "
              + time
              + "; call it on the later one, and compare metrics of one loop only");
    }
    return new LoopMetrics(
        loop,
        time,
        running.minus(earlier.running),
        idle.minus(earlier.idle),
        iterations - earlier.iterations,
        callbacks - earlier.callbacks,
        ready,
        timers,
        tasks.since(earlier.tasks),
        transports.since(earlier.transports),
        executor,
        lookups,
        timings == null ? null : timings.since(earlier.timings, earlier.time));
  }

  /** This as a JSON object; durations in nanoseconds, their names ending in {@code Nanos}. */
  public String toJson() {
    Json json =
        new Json()
            .beginObject()
            .field("loop", loop)
            .field("timeNanos", time)
            .field("runningNanos", running.toNanos())
            .field("idleNanos", idle.toNanos())
            .field("utilisation", utilisation())
            .field("iterations", iterations)
            .field("callbacks", callbacks)
            .field("ready", ready)
            .field("timers", timers);
    json.name("tasks")
        .beginObject()
        .field("alive", tasks.alive())
        .field("created", tasks.created())
        .field("succeeded", tasks.succeeded())
        .field("failed", tasks.failed())
        .field("cancelled", tasks.cancelled())
        .endObject();
    json.name("transports")
        .beginObject()
        .field("open", transports.open())
        .field("paused", transports.paused())
        .field("buffered", transports.buffered())
        .field("received", transports.received())
        .field("sent", transports.sent())
        .endObject();
    writeLoad(json.name("executor"), executor);
    writeLoad(json.name("lookups"), lookups);
    json.name("timings");
    if (timings == null) {
      json.nullValue();
    } else {
      writeTimings(json, timings);
    }
    return json.endObject().toString();
  }

  private static void writeTimings(Json json, LoopTimings timings) {
    json.beginObject().field("begunNanos", timings.begun());
    writeHistogram(json.name("lag"), timings.lag());
    writeHistogram(json.name("callbackTime"), timings.callbackTime());
    json.name("slowest").beginArray();
    for (SlowCallback slow : timings.slowest()) {
      json.beginObject()
          .field("code", slow.code())
          .field("task", slow.task())
          .field("begunNanos", slow.begun())
          .field("tookNanos", slow.took().toNanos())
          .field("stack", slow.stack().stream().map(StackTraceElement::toString).toList())
          .endObject();
    }
    json.endArray().name("byCode").beginArray();
    for (CodeTime time : timings.byCode()) {
      json.beginObject()
          .field("code", time.code())
          .field("count", time.count())
          .field("totalNanos", time.total().toNanos())
          .field("maxNanos", time.max().toNanos())
          .endObject();
    }
    json.endArray().endObject();
  }

  private static void writeHistogram(Json json, Histogram histogram) {
    json.beginObject()
        .field("count", histogram.count())
        .field("totalNanos", histogram.total().toNanos())
        .field("maxNanos", histogram.max().toNanos())
        .field("p50Nanos", histogram.quantile(0.5).toNanos())
        .field("p90Nanos", histogram.quantile(0.9).toNanos())
        .field("p99Nanos", histogram.quantile(0.99).toNanos())
        .name("buckets")
        .beginArray();
    for (Histogram.Bucket bucket : histogram.buckets()) {
      json.beginObject()
          .field("upToNanos", bucket.upTo().toNanos())
          .field("count", bucket.count())
          .endObject();
    }
    json.endArray().endObject();
  }

  private static void writeLoad(Json json, ExecutorLoad load) {
    json.beginObject()
        .field("running", load.running())
        .field("waiting", load.waiting())
        .endObject();
  }
}
