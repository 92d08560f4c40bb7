package asyncio.micrometer;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.net.Protocol;
import asyncio.testkit.VirtualTimeLoop;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AsyncioMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private double counter(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void metersShowWhatTheLoopHasDone(Engine engine) {
    EventLoop loop = new VirtualTimeLoop(engine);
    new AsyncioMetrics(loop, Tags.of("service", "test")).bindTo(registry);
    loop.runUntilComplete(() -> {
      Task<?> failed =
          createTask(() -> {
            throw new IllegalStateException("on purpose");
          });
      createTask(() -> sleep(Duration.ofHours(1))).cancel();
      Task<?> left = createTask(() -> sleep(Duration.ofHours(1)));
      sleep(Duration.ofSeconds(5));
      assertThat(failed.exception()).isNotNull();
      assertThat(gauge("asyncio.tasks.alive", "service", "test")).isEqualTo(2);
      assertThat(gauge("asyncio.loop.timers")).isEqualTo(1);
      assertThat(gauge("asyncio.loop.ready")).isZero();
      left.cancel();
    });
    loop.runUntilComplete(() -> {});

    assertThat(counter("asyncio.tasks.created", "loop", loop.metrics().loop())).isEqualTo(5);
    assertThat(counter("asyncio.tasks.ended", "outcome", "success")).isEqualTo(2);
    assertThat(counter("asyncio.tasks.ended", "outcome", "failed")).isEqualTo(1);
    assertThat(counter("asyncio.tasks.ended", "outcome", "cancelled")).isEqualTo(2);
    assertThat(counter("asyncio.loop.idle")).isEqualTo(5);
    assertThat(counter("asyncio.loop.busy")).isZero();
    assertThat(counter("asyncio.loop.iterations")).isEqualTo(loop.metrics().iterations());
    assertThat(counter("asyncio.loop.callbacks")).isEqualTo(loop.metrics().callbacks());
    assertThat(gauge("asyncio.executor.running", "executor", "default")).isZero();
    assertThat(gauge("asyncio.executor.waiting", "executor", "lookups")).isZero();
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void metersShowTheTransports(Engine engine) {
    EventLoop loop = new VirtualTimeLoop(engine);
    new AsyncioMetrics(loop).bindTo(registry);
    loop.runUntilComplete(() -> {
      var server = loop.createServer(() -> new Protocol() {}, "192.0.2.1", 80);
      var client = loop.createConnection(() -> new Protocol() {}, "192.0.2.1", 80);
      client.transport().write(ByteBuffer.allocate(1000));
      sleep(Duration.ofSeconds(1));

      assertThat(gauge("asyncio.transports.open")).isEqualTo(2);
      assertThat(gauge("asyncio.transports.paused")).isZero();
      assertThat(gauge("asyncio.transports.buffered")).isZero();
      assertThat(counter("asyncio.transports.sent")).isEqualTo(1000);
      assertThat(counter("asyncio.transports.received")).isEqualTo(1000);
      client.transport().close();
      server.close();
      server.waitClosed();
    });
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void timingsAreRecordedUntilTheBinderIsClosed(Engine engine) {
    EventLoop loop = new VirtualTimeLoop(engine);
    AsyncioMetrics binder = new AsyncioMetrics(loop).withTimings();
    binder.bindTo(registry);
    loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1)));

    assertThat(registry.get("asyncio.loop.lag").functionTimer().count()).isPositive();
    assertThat(registry.get("asyncio.loop.lag").functionTimer().totalTime(TimeUnit.SECONDS))
        .isZero();
    assertThat(registry.get("asyncio.loop.callback.time").functionTimer().count()).isPositive();
    assertThat(
            registry
                .get("asyncio.loop.lag.quantile")
                .tag("quantile", "0.99")
                .timeGauge()
                .value(TimeUnit.SECONDS))
        .isZero();

    binder.close();
    assertThat(loop.metrics().timings()).isNull();
    assertThat(registry.getMeters()).isEmpty();
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aRegistryDoesNotKeepALoopAlive(Engine engine) throws InterruptedException {
    ReferenceQueue<EventLoop> collected = new ReferenceQueue<>();
    WeakReference<EventLoop> loop = new WeakReference<>(boundAndDropped(engine), collected);
    for (int i = 0; i < 100 && !loop.refersTo(null); i++) {
      System.gc();
      collected.remove(100);
    }

    assertThat(loop.refersTo(null)).isTrue();
    assertThat(gauge("asyncio.tasks.alive")).isNaN();
    assertThat(registry.getMeters()).extracting(Meter::getId).isNotEmpty();
  }

  private EventLoop boundAndDropped(Engine engine) {
    EventLoop loop = new VirtualTimeLoop(engine);
    new AsyncioMetrics(loop).bindTo(registry);
    loop.runUntilComplete(() -> {});
    loop.close();
    return loop;
  }
}
