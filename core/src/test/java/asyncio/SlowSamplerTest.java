package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.inspect.SlowCallback;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stacks of slow callbacks, with the looks of the watchdog in the hands of the test. */
class SlowSamplerTest {

  /** A loop whose clock the test sets, so that its callbacks take as long as the test says. */
  private static final class Clock extends SelectorEventLoop {
    volatile long now;

    Clock() {
      super(Engine.PORTABLE);
    }

    @Override
    public long time() {
      return now;
    }
  }

  private final Clock loop = new Clock();

  @AfterEach
  void close() {
    loop.close();
  }

  private SlowSampler sampler() {
    SlowSampler sampler = Objects.requireNonNull(loop.recorder).sampler;
    Watchdog.remove(sampler); // its own looks would count as well
    return sampler;
  }

  private void hold(long nanos) {
    sampler().look(0);
    sampler().look(nanos);
    loop.now += nanos;
  }

  private List<SlowCallback> record(Runnable... callbacks) {
    try (var _ = loop.recordTimings()) {
      for (Runnable callback : callbacks) {
        loop.callSoon(callback);
      }
      loop.callSoon(loop::stop);
      loop.runForever();
      return Objects.requireNonNull(loop.metrics().timings()).slowest();
    }
  }

  @Test
  void callbackThatTakesLongIsCaughtWhereItIs() {
    SlowCallback slow = record(() -> hold(SlowSampler.SLOW_NANOS)).getFirst();
    assertThat(slow.took()).isEqualTo(Duration.ofNanos(SlowSampler.SLOW_NANOS));
    assertThat(slow.stack()).isNotEmpty(); // the frames of this package count as the library's
  }

  @Test
  void callbackThatEndsBeforeIsNot() {
    assertThat(record(() -> hold(SlowSampler.SLOW_NANOS - 1)).getFirst().stack()).isEmpty();
  }

  @Test
  void stackBelongsToNoOtherCallback() {
    List<SlowCallback> slowest =
        record(() -> hold(SlowSampler.SLOW_NANOS), () -> loop.now += 2 * SlowSampler.SLOW_NANOS);
    assertThat(slowest.getFirst().stack()).isEmpty();
    assertThat(slowest.get(1).stack()).isNotEmpty();
  }

  @Test
  void samplerRestsWhileTheLoopDoesNothing() {
    record(() -> {});
    SlowSampler sampler = new SlowSampler(loop);
    long pause = 0;
    for (int i = 0; i < 200 && pause != Long.MAX_VALUE; i++) {
      pause = sampler.look(1);
    }
    assertThat(pause).isEqualTo(Long.MAX_VALUE);
  }
}
