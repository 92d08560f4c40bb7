package asyncio;

import asyncio.inspect.CodeTime;
import asyncio.inspect.LoopTimings;
import asyncio.inspect.SlowCallback;
import asyncio.internal.inspect.DurationCounts;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Records how late and how long callbacks run, for one loop; there while a {@link
 * asyncio.inspect.Recording} is open.
 *
 * <p><b>Threading:</b> {@link #begin}, {@link #end} and {@link #batch} on the loop's thread; {@link
 * #snapshot} on any.
 */
final class TimingsRecorder {
  /** With more names than this, further ones are counted together. */
  private static final int MOST_NAMES = 500;

  private final AbstractEventLoop loop;
  private final long since;
  private final DurationCounts lag = new DurationCounts();
  private final DurationCounts callbackTime = new DurationCounts();
  private final SlowestCallbacks slowest;
  final SlowSampler sampler;

  /** By the class of the code; what belongs to no class of its own under {@link Other}. */
  private final Map<Class<?>, CodeCount> byCode = new ConcurrentHashMap<>();

  // loop thread only

  /** When the callbacks of the iteration before began to run. */
  private long formerBatch;

  /** When those of this one did. */
  private long thisBatch;

  /** When the callback that runs began; and, as that is the same, when the one before ended. */
  private long begun;

  private @Nullable Object code;

  /** Stands for the classes that came too late to be counted by themselves. */
  private static final class Other {}

  /** What one class of callbacks has taken; written by the loop's thread. */
  private static final class CodeCount {
    long count;
    long total;
    long max;

    void add(long nanos) {
      count++;
      total += nanos;
      if (nanos > max) {
        max = nanos;
      }
    }

    CodeTime plus(String name, @Nullable CodeTime other) {
      CodeTime this_ = new CodeTime(name, count, Duration.ofNanos(total), Duration.ofNanos(max));
      return other == null
          ? this_
          : new CodeTime(
              name,
              count + other.count(),
              this_.total().plus(other.total()),
              this_.max().compareTo(other.max()) < 0 ? other.max() : this_.max());
    }
  }

  TimingsRecorder(AbstractEventLoop loop) {
    this.loop = loop;
    since = loop.time();
    formerBatch = since;
    thisBatch = since;
    slowest = new SlowestCallbacks(since);
    sampler = new SlowSampler(loop);
  }

  /** The clock of due times. */
  long now() {
    return loop.time();
  }

  /** The callbacks of an iteration are going to run. */
  void batch() {
    formerBatch = thisBatch;
    thisBatch = loop.time();
    begun = thisBatch;
    sampler.use();
  }

  /**
   * A callback begins, where the one before has ended.
   *
   * @param queued when it was put among the ready ones
   */
  void begin(Handle handle, long queued) {
    long due =
        switch (handle) {
          case TimerHandle timer -> Math.max(timer.when, formerBatch);
          case ThreadsafeHandle arrived -> arrived.dueOr(queued);
          default -> queued;
        };
    lag.add(begun - due);
    Object called = handle.code();
    code = called == null ? handle : called; // asked now: a handle may let go of it
  }

  /** It has ended. */
  void end(Handle handle) {
    long now = loop.time();
    long start = begun;
    long took = Math.max(now - start, 0);
    begun = now;
    callbackTime.add(took);
    Object ran = code;
    code = null;
    if (ran != null) {
      Class<?> type = Origins.codeOf(ran).getClass();
      countOf(type).add(took);
      if (slowest.wants(now, took)) {
        String task = handle.subject() instanceof Task<?> stepped ? stepped.name() : null;
        slowest.add(
            new SlowCallback(
                Origins.describeType(type),
                task,
                start,
                Duration.ofNanos(took),
                sampler.stackOfCurrent()));
      }
    }
  }

  private CodeCount countOf(Class<?> type) {
    CodeCount count = byCode.get(type);
    if (count == null) {
      Class<?> key = byCode.size() < MOST_NAMES ? type : Other.class;
      count = byCode.computeIfAbsent(key, _ -> new CodeCount());
    }
    return count;
  }

  LoopTimings snapshot(long now) {
    Map<String, CodeTime> times = new HashMap<>();
    byCode.forEach((type, count) -> {
      String name = type == Other.class ? "other" : Origins.describeType(type);
      times.put(name, count.plus(name, times.get(name)));
    });
    List<CodeTime> mostFirst =
        times.values().stream().sorted((a, b) -> b.total().compareTo(a.total())).toList();
    return new LoopTimings(
        since, lag.snapshot(), callbackTime.snapshot(), slowest.snapshot(now), mostFirst);
  }
}
