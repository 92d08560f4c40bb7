package asyncio.monitor;

import asyncio.EventLoop;
import asyncio.inspect.LoopMetrics;
import asyncio.inspect.LoopTimings;
import asyncio.inspect.Loops;
import asyncio.inspect.Recording;
import asyncio.inspect.SlowCallback;
import asyncio.inspect.StallReport;
import asyncio.monitor.Look.CodeLook;
import asyncio.monitor.Look.LoopLook;
import asyncio.monitor.Look.Rates;
import asyncio.monitor.Look.SlowLook;
import asyncio.monitor.Look.StallLook;
import asyncio.monitor.Look.Stuck;
import asyncio.monitor.Look.TaskLink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Follows one loop from look to look.
 *
 * <p>Its timings are recorded only while somebody has the page open, as that costs the loop a
 * little.
 */
final class LoopWatch {
  private static final double NANOS_PER_MS = 1e6;

  final EventLoop loop;
  final String id;
  private final LagProbe probe;
  private LoopMetrics before;
  private LoopMetrics now;
  private LoopMetrics between;
  private double lag;
  private @Nullable Recording recording;

  LoopWatch(EventLoop loop) {
    this.loop = loop;
    id = Loops.idOf(loop);
    probe = new LagProbe(loop);
    before = loop.metrics();
    now = before;
    between = before;
  }

  /** Measures, once for each look. */
  void measure(boolean withTimings) {
    if (withTimings && recording == null) {
      recording = loop.recordTimings();
    } else if (!withTimings) {
      close();
    }
    before = now;
    now = loop.metrics();
    between = now.since(before);
    LoopTimings timings = between.timings();
    double recorded = timings == null ? 0 : timings.lag().max().toNanos() / NANOS_PER_MS;
    lag = Math.max(probe.takeNanos() / NANOS_PER_MS, recorded);
  }

  /** Stops recording. */
  void close() {
    Recording open = recording;
    recording = null;
    if (open != null) {
      open.close();
    }
  }

  boolean isWorthShowing() {
    return loop.isRunning() || now.tasks().alive() > 0;
  }

  long tasks() {
    return now.tasks().alive();
  }

  LoopLook look(@Nullable String thread) {
    double seconds = (now.time() - before.time()) / 1e9;
    LoopTimings timings = between.timings();
    Double lagP99 =
        timings == null || timings.lag().count() == 0
            ? null
            : timings.lag().quantile(0.99).toNanos() / NANOS_PER_MS;
    return new LoopLook(
        id,
        loop.getClass().getSimpleName(),
        loop.engine().name().toLowerCase(Locale.ROOT),
        thread,
        now.tasks().alive(),
        now.tasks().failed(),
        now.ready(),
        now.timers(),
        lag,
        lagP99,
        between.utilisation(),
        seconds <= 0
            ? Rates.NONE
            : new Rates(
                between.callbacks() / seconds,
                between.tasks().created() / seconds,
                between.transports().received() / seconds,
                between.transports().sent() / seconds),
        now.transports().open(),
        now.transports().paused(),
        now.transports().buffered(),
        now.executor().running(),
        now.executor().waiting(),
        stuck());
  }

  // ---- what holds the loop

  private @Nullable Stuck stuck() {
    List<StallReport> recent = loop.stallFinder().recent();
    if (recent.isEmpty() || recent.getLast().over() || !loop.isRunning()) {
      return null;
    }
    StallReport report = recent.getLast();
    double time = Duration.between(report.since(), Instant.now()).toNanos() / NANOS_PER_MS;
    return new Stuck(subjectOf(report), time, stackOf(report));
  }

  private static String subjectOf(StallReport report) {
    StallReport.TaskPlace task = report.task();
    return switch (report.kind()) {
      case TASK_STEP -> "task '" + (task == null ? report.callback() : task.name()) + "'";
      case CALLBACK -> "the callback " + report.callback();
      case MANY_CALLBACKS -> "very many callbacks, most of them " + report.callback();
    };
  }

  List<StallLook> stalls() {
    return loop.stallFinder().recent().stream().map(this::stall).toList();
  }

  private StallLook stall(StallReport report) {
    List<String> notes = new ArrayList<>();
    StallReport.TaskPlace task = report.task();
    if (task != null) {
      notes.add("runs " + task.coroutine());
    }
    report.awaitedBy().forEach(awaiter -> notes.add("awaited by " + awaiter));
    StallReport.LockWait lock = report.lock();
    if (lock != null) {
      StallReport.TaskPlace owner = lock.owner();
      notes.add(
          "waits for the lock "
              + lock.lock()
              + ", held by "
              + (owner == null
                  ? "thread " + lock.ownerThread() + " #" + lock.ownerThreadId()
                  : "task " + owner)
              + (lock.deadlock() ? ", which cannot go on before the loop does: a deadlock" : ""));
    }
    report
        .shares()
        .forEach(share -> notes.add(share.seen() + " × " + share.callback() + place(share.at())));
    if (!report.createdAt().isEmpty()) {
      notes.add("created at " + report.createdAt().getFirst());
    }
    return new StallLook(
        report.number(),
        id,
        report.since().toEpochMilli(),
        report.held().toNanos() / NANOS_PER_MS,
        report.over(),
        report.summary(),
        task == null ? null : new TaskLink(task.id(), task.name()),
        notes,
        stackOf(report));
  }

  private static String place(@Nullable StackTraceElement frame) {
    return frame == null ? "" : " at " + frame;
  }

  private static List<String> stackOf(StallReport report) {
    return report.samples().isEmpty()
        ? List.of()
        : TaskReader.lines(report.samples().getFirst().stack());
  }

  // ---- timings

  List<SlowLook> slowest() {
    LoopTimings timings = now.timings();
    if (timings == null) {
      return List.of();
    }
    long millis = System.currentTimeMillis();
    List<SlowLook> slow = new ArrayList<>();
    for (SlowCallback one : timings.slowest()) {
      String what = one.task() == null ? one.code() : one.code() + ", task '" + one.task() + "'";
      long begun = millis - (now.time() - one.begun()) / 1_000_000;
      slow.add(
          new SlowLook(
              what, one.took().toNanos() / NANOS_PER_MS, begun, TaskReader.lines(one.stack())));
    }
    return slow;
  }

  List<CodeLook> byCode() {
    LoopTimings timings = now.timings();
    return timings == null
        ? List.of()
        : timings.byCode().stream()
            .map(code ->
                new CodeLook(
                    code.code(),
                    code.count(),
                    code.total().toNanos() / NANOS_PER_MS,
                    code.max().toNanos() / NANOS_PER_MS))
            .toList();
  }
}
