package asyncio.inspect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How late and how long callbacks of a loop have run, while somebody had that recorded; part of
 * {@link LoopMetrics}.
 *
 * <p><b>Lag</b> is how late a callback, or a step of a task, begins: the time from when it was due
 * to when it began. Due is
 *
 * <ul>
 *   <li>a timer at its deadline; if that was over when the timer was set, when the loop last began
 *       to run callbacks before;
 *   <li>a callback of {@code callSoonThreadsafe} at that call;
 *   <li>everything else when it was put among the ready ones: by {@code callSoon}, by the
 *       completion of the future that it or its task waits for, by the poll that found its channel
 *       ready, by the loop when it heard of what another thread has completed.
 * </ul>
 *
 * So the lag contains what ran in between, and whatever kept the loop's thread from running. A loop
 * that has time has a lag of microseconds, and as many as its callbacks hold it for if it has not.
 *
 * <p>Recording reads the loop's clock once more for each callback that is queued, and once for each
 * that is run.
 *
 * @param begun when the recording began, in nanoseconds of the loop's clock
 * @param lag how late callbacks began
 * @param callbackTime how long they held the loop
 * @param slowest those that held it longest in the last minute, and perhaps in the one before: at
 *     most ten, the longest first
 * @param byCode what held it, by the name of the code, most time first
 */
public record LoopTimings(
    long begun,
    Histogram lag,
    Histogram callbackTime,
    List<SlowCallback> slowest,
    List<CodeTime> byCode) {

  public LoopTimings {
    slowest = List.copyOf(slowest);
    byCode = List.copyOf(byCode);
  }

  /**
   * What was recorded from {@code earlier} to this; if that is null, or of a recording that has
   * ended meanwhile, this.
   *
   * @param time when {@code earlier} was taken
   */
  LoopTimings since(@Nullable LoopTimings earlier, long time) {
    if (earlier == null || earlier.begun != begun) {
      return this;
    }
    return new LoopTimings(
        begun,
        lag.since(earlier.lag),
        callbackTime.since(earlier.callbackTime),
        slowest.stream().filter(each -> each.begun() >= time).toList(),
        codeSince(earlier));
  }

  private List<CodeTime> codeSince(LoopTimings earlier) {
    Map<String, CodeTime> before = new HashMap<>();
    earlier.byCode.forEach(each -> before.put(each.code(), each));
    return byCode.stream()
        .map(now -> {
          CodeTime then = before.get(now.code());
          return then == null
              ? now
              : new CodeTime(
                  now.code(),
                  now.count() - then.count(),
                  now.total().minus(then.total()),
                  now.max());
        })
        .filter(each -> each.count() > 0)
        .sorted((a, b) -> b.total().compareTo(a.total()))
        .toList();
  }
}
