package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import asyncio.inspect.StallReport;
import asyncio.inspect.StallReport.CallbackShare;
import asyncio.inspect.StallReport.Kind;
import asyncio.inspect.StallReport.StackSample;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The stall finder with time in the hands of the test. */
class LoopStallsTest {
  private static final long LIMIT = TimeUnit.HOURS.toNanos(1);

  /** A loop whose clock the test sets. */
  private static final class Clock extends SelectorEventLoop {
    volatile long now;

    Clock() {
      super(Engine.PORTABLE);
      stallFinder().setLimit(Duration.ofNanos(LIMIT));
    }

    @Override
    public long time() {
      return now;
    }

    /**
     * Between two turns, when a look finds nothing, the watchdog is sent away that a run calls in.
     */
    @Override
    protected void poll(long timeout) {
      Watchdog.remove(stalls());
      super.poll(timeout);
    }

    LoopStalls stalls() {
      return (LoopStalls) stallFinder();
    }

    long look(long nanos) {
      now += nanos;
      return stalls().look(nanos);
    }

    void runOnce(Runnable... callbacks) {
      for (Runnable callback : callbacks) {
        callSoon(callback);
      }
      stop();
      runForever();
    }
  }

  private final Clock loop = new Clock();

  @Test
  void callbackIsReportedWhenItHasHeldTheLoopForTheLimitAndWhenItIsOver() {
    loop.runOnce(() -> {
      loop.look(0);
      loop.look(LIMIT / 2);
      loop.look(LIMIT / 2 - 1);
      assertThat(loop.stalls().recent()).isEmpty();
      loop.look(1);
      assertThat(loop.stalls().recent())
          .singleElement()
          .satisfies(report -> {
            assertThat(report.kind()).isEqualTo(Kind.CALLBACK);
            assertThat(report.held()).isEqualTo(Duration.ofNanos(LIMIT));
            assertThat(report.over()).isFalse();
            assertThat(report.samples().stream().mapToInt(StackSample::count).sum())
                .as("one at each look from half of the limit on")
                .isEqualTo(3);
          });
      loop.look(LIMIT);
    });
    loop.look(LIMIT / 4);
    assertThat(loop.stalls().recent())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.held()).isEqualTo(Duration.ofNanos(2 * LIMIT));
          assertThat(report.over()).isTrue();
        });
  }

  @Test
  void looksAreMoreFrequentOnceSomethingIsSuspicious() {
    loop.runOnce(() -> {
      assertThat(loop.look(0)).isEqualTo(LIMIT / 4);
      assertThat(loop.look(LIMIT / 4)).isEqualTo(LIMIT / 4);
      assertThat(loop.look(LIMIT / 4)).isEqualTo(LIMIT / 16);
    });
    assertThat(loop.look(0)).isEqualTo(LIMIT / 4);
  }

  @Test
  void manyCallbacksOfOneIterationAddUp() {
    Runnable quarter = () -> loop.look(LIMIT / 4);
    loop.runOnce(quarter, quarter, quarter, quarter, quarter, quarter, () -> {});
    assertThat(loop.stalls().recent())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.kind()).isEqualTo(Kind.MANY_CALLBACKS);
          assertThat(report.callbacksRun()).isEqualTo(4);
          assertThat(report.shares())
              .extracting(CallbackShare::seen, CallbackShare::ready)
              .containsExactly(tuple(3L, 1L), tuple(0L, 1L));
        });
  }

  @Test
  void callbacksOfSeveralIterationsDoNotAddUp() {
    for (int i = 0; i < 10; i++) {
      loop.runOnce(() -> {
        loop.look(0);
        loop.look(LIMIT - 1);
      });
    }
    assertThat(loop.stalls().recent()).isEmpty();
  }

  @Test
  void loopThatWaitsHoldsNothing() {
    loop.look(0);
    loop.look(LIMIT);
    loop.look(LIMIT);
    assertThat(loop.stalls().recent()).isEmpty();
  }

  @Test
  void nothingTakesLongIfTheTimeOfTheLoopStandsStill() {
    loop.runOnce(() -> {
      loop.stalls().look(0);
      loop.stalls().look(LIMIT);
      loop.stalls().look(LIMIT);
    });
    assertThat(loop.stalls().recent()).isEmpty();
  }

  @Test
  void timeInWhichTheWatchdogDidNotRunDoesNotCount() {
    long asked = TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(Watchdog.punctual(asked + 1, asked)).isEqualTo(asked + 1);
    assertThat(Watchdog.punctual(TimeUnit.MINUTES.toNanos(1), asked))
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(130));
  }

  @Test
  void stallThatGoesOnIsToldOfAgainWhenItIsTenTimesAsLong() {
    List<Boolean> told = new java.util.ArrayList<>();
    loop.runOnce(() -> {
      loop.look(0);
      loop.look(LIMIT);
      StallReport first = loop.stalls().recent().getFirst();
      for (int times = 2; times <= 10; times++) {
        loop.look(LIMIT);
        told.add(loop.stalls().recent().getFirst() != first);
      }
    });
    assertThat(told).containsExactly(false, false, false, false, false, false, false, false, true);
  }

  @Test
  void propertyGivesTheLimitInSecondsOrTurnsItOff() {
    assertThat(LoopStalls.nanosOf(null)).isEqualTo(1_000_000_000);
    assertThat(LoopStalls.nanosOf("0.25")).isEqualTo(250_000_000);
    assertThat(LoopStalls.nanosOf("off")).isZero();
    assertThat(LoopStalls.nanosOf("0")).isZero();
    assertThat(LoopStalls.nanosOf("1e-9")).isEqualTo(1_000_000);
    assertThat(LoopStalls.nanosOf("soon")).isEqualTo(1_000_000_000);
  }

  @Test
  void lastThirtyTwoAreKept() {
    for (int i = 0; i < 40; i++) {
      loop.runOnce(() -> {
        loop.look(0);
        loop.look(LIMIT);
      });
      loop.look(0);
    }
    assertThat(loop.stalls().count()).isEqualTo(40);
    List<StallReport> recent = loop.stalls().recent();
    assertThat(recent).hasSize(32).allMatch(StallReport::over);
    assertThat(recent.getLast().number() - recent.getFirst().number()).isEqualTo(31);
  }
}
