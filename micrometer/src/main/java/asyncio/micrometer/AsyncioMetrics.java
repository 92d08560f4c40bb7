package asyncio.micrometer;

import asyncio.EventLoop;
import asyncio.inspect.Histogram;
import asyncio.inspect.LoopMetrics;
import asyncio.inspect.LoopTimings;
import asyncio.inspect.Recording;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Binds what an event loop counts to a Micrometer registry.
 *
 * <pre>{@code
 * new AsyncioMetrics(loop, Tags.of("service", "mail")).bindTo(registry);
 * }</pre>
 *
 * <p>The meters, each with the tag {@code loop}, which is the identity of the loop as in {@link
 * asyncio.inspect.LoopInfo#id}:
 *
 * <ul>
 *   <li>{@code asyncio.loop.busy} and {@code asyncio.loop.idle}, counters of seconds: the rate of
 *       the first is the utilisation; {@code asyncio.loop.iterations}, {@code
 *       asyncio.loop.callbacks}, counters; {@code asyncio.loop.ready}, {@code asyncio.loop.timers},
 *       gauges
 *   <li>{@code asyncio.tasks.alive}, a gauge; {@code asyncio.tasks.created}, a counter; {@code
 *       asyncio.tasks.ended}, a counter for each {@code outcome}: success, failed, cancelled
 *   <li>{@code asyncio.transports.open}, {@code asyncio.transports.paused}, {@code
 *       asyncio.transports.buffered}, gauges; {@code asyncio.transports.received}, {@code
 *       asyncio.transports.sent}, counters of bytes
 *   <li>{@code asyncio.executor.running}, {@code asyncio.executor.waiting}, gauges for each {@code
 *       executor}: default, lookups
 *   <li>with timings {@code asyncio.loop.lag} and {@code asyncio.loop.callback.time}, timers, and
 *       {@code asyncio.loop.lag.quantile}, gauges with the tag {@code quantile}: 0.5, 0.99, 1
 * </ul>
 *
 * <p>The registry does not keep the loop alive: a collected loop's gauges become {@code NaN}.
 * {@link #close} takes the meters out.
 *
 * <p><b>Threading:</b> thread-safe; the loop does not notice that its meters are read.
 */
public final class AsyncioMetrics implements MeterBinder, AutoCloseable {
  private final EventLoop loop;
  private final Tags tags;
  private final boolean withTimings;

  private final List<Runnable> undo = new ArrayList<>();

  /** Binds {@code loop} without further tags. */
  public AsyncioMetrics(EventLoop loop) {
    this(loop, List.of());
  }

  /**
   * Binds {@code loop}.
   *
   * @param tags what each meter is tagged with besides the loop
   */
  public AsyncioMetrics(EventLoop loop, Iterable<Tag> tags) {
    this(loop, Tags.of("loop", loop.metrics().loop()).and(tags), false);
  }

  private AsyncioMetrics(EventLoop loop, Tags tags, boolean withTimings) {
    this.loop = Objects.requireNonNull(loop, "loop");
    this.tags = tags;
    this.withTimings = withTimings;
  }

  /**
   * As this, with the loop's lag and the time of callbacks, which the loop is to record from {@link
   * #bindTo} to {@link #close}.
   */
  public AsyncioMetrics withTimings() {
    return new AsyncioMetrics(loop, tags, true);
  }

  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    Meters meters = new Meters(registry);
    bindLoop(meters);
    bindTasks(meters);
    bindTransports(meters);
    bindExecutors(meters);
    if (withTimings) {
      Recording recording = loop.recordTimings();
      undo.add(recording::close);
      bindTimings(meters);
    }
  }

  /** Takes the meters out of the registries again, and ends the recording of timings. */
  @Override
  public synchronized void close() {
    undo.forEach(Runnable::run);
    undo.clear();
  }

  private void bindLoop(Meters meters) {
    meters.counter(
        "asyncio.loop.busy",
        "time in which the loop ran and did not wait",
        "seconds",
        metrics -> seconds(metrics.busy()));
    meters.counter(
        "asyncio.loop.idle",
        "time in which the loop waited for events",
        "seconds",
        metrics -> seconds(metrics.idle()));
    meters.counter(
        "asyncio.loop.iterations", "iterations of the loop", null, LoopMetrics::iterations);
    meters.counter(
        "asyncio.loop.callbacks",
        "callbacks and steps of tasks that were run",
        null,
        LoopMetrics::callbacks);
    meters.gauge(
        "asyncio.loop.ready",
        "callbacks and steps that wait for their turn",
        null,
        LoopMetrics::ready);
    meters.gauge("asyncio.loop.timers", "timers that are set", null, LoopMetrics::timers);
  }

  private void bindTasks(Meters meters) {
    meters.gauge(
        "asyncio.tasks.alive", "unfinished tasks", null, metrics -> metrics.tasks().alive());
    meters.counter(
        "asyncio.tasks.created",
        "tasks that were made",
        null,
        metrics -> metrics.tasks().created());
    String ended = "asyncio.tasks.ended";
    String description = "tasks that have ended";
    meters
        .with("outcome", "success")
        .counter(ended, description, null, metrics -> metrics.tasks().succeeded());
    meters
        .with("outcome", "failed")
        .counter(ended, description, null, metrics -> metrics.tasks().failed());
    meters
        .with("outcome", "cancelled")
        .counter(ended, description, null, metrics -> metrics.tasks().cancelled());
  }

  private void bindTransports(Meters meters) {
    meters.gauge(
        "asyncio.transports.open",
        "open connections, datagram endpoints and pipes",
        null,
        metrics -> metrics.transports().open());
    meters.gauge(
        "asyncio.transports.paused",
        "transports with so much to send that their protocols were asked to wait",
        null,
        metrics -> metrics.transports().paused());
    meters.gauge(
        "asyncio.transports.buffered",
        "bytes that could not be sent yet",
        "bytes",
        metrics -> metrics.transports().buffered());
    meters.counter(
        "asyncio.transports.received",
        "bytes that were received",
        "bytes",
        metrics -> metrics.transports().received());
    meters.counter(
        "asyncio.transports.sent",
        "bytes that were sent",
        "bytes",
        metrics -> metrics.transports().sent());
  }

  private void bindExecutors(Meters meters) {
    String running = "asyncio.executor.running";
    String waiting = "asyncio.executor.waiting";
    String runs = "calls that threads of the executor are making";
    String waits = "calls that wait for a thread of the executor";
    Meters ofDefault = meters.with("executor", "default");
    ofDefault.gauge(running, runs, null, metrics -> metrics.executor().running());
    ofDefault.gauge(waiting, waits, null, metrics -> metrics.executor().waiting());
    Meters ofLookups = meters.with("executor", "lookups");
    ofLookups.gauge(running, runs, null, metrics -> metrics.lookups().running());
    ofLookups.gauge(waiting, waits, null, metrics -> metrics.lookups().waiting());
  }

  private void bindTimings(Meters meters) {
    meters.timer("asyncio.loop.lag", "how late callbacks begin", LoopTimings::lag);
    meters.timer(
        "asyncio.loop.callback.time",
        "how long callbacks hold the loop",
        LoopTimings::callbackTime);
    for (double share : new double[] {0.5, 0.99, 1}) {
      String name = share == 1 ? "1" : String.valueOf(share);
      meters.with("quantile", name).quantile("asyncio.loop.lag.quantile", share);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  /** Makes meters in one registry, which hold the loop weakly. */
  private final class Meters {
    private final MeterRegistry registry;
    private final Tags with;

    Meters(MeterRegistry registry) {
      this(registry, tags);
    }

    private Meters(MeterRegistry registry, Tags with) {
      this.registry = registry;
      this.with = with;
    }

    Meters with(String key, String value) {
      return new Meters(registry, with.and(key, value));
    }

    void counter(
        String name,
        String description,
        @Nullable String unit,
        ToDoubleFunction<LoopMetrics> value) {
      made(
          FunctionCounter.builder(name, loop, each -> value.applyAsDouble(each.metrics()))
              .description(description)
              .baseUnit(unit)
              .tags(with)
              .register(registry));
    }

    void gauge(
        String name,
        String description,
        @Nullable String unit,
        ToDoubleFunction<LoopMetrics> value) {
      made(
          Gauge.builder(name, loop, each -> value.applyAsDouble(each.metrics()))
              .description(description)
              .baseUnit(unit)
              .tags(with)
              .register(registry));
    }

    void timer(String name, String description, Function<LoopTimings, Histogram> histogram) {
      ToLongFunction<EventLoop> count = each -> histogramOf(each, histogram).count();
      made(
          FunctionTimer.builder(
                  name,
                  loop,
                  count,
                  each -> histogramOf(each, histogram).total().toNanos(),
                  TimeUnit.NANOSECONDS)
              .description(description)
              .tags(with)
              .register(registry));
    }

    void quantile(String name, double share) {
      made(
          TimeGauge.builder(
                  name,
                  loop,
                  TimeUnit.NANOSECONDS,
                  each -> histogramOf(each, LoopTimings::lag).quantile(share).toNanos())
              .description("a lag that this share of the callbacks did not exceed")
              .tags(with)
              .register(registry));
    }

    private void made(Meter meter) {
      undo.add(() -> registry.remove(meter));
    }
  }

  private static Histogram histogramOf(EventLoop loop, Function<LoopTimings, Histogram> histogram) {
    LoopTimings timings = loop.metrics().timings();
    return timings == null ? Histogram.EMPTY : histogram.apply(timings);
  }
}
