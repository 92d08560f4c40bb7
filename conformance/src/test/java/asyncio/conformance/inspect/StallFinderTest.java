package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.inspect.StallFinder;
import asyncio.inspect.StallReport;
import asyncio.inspect.StallReport.Kind;
import asyncio.inspect.StallReport.TaskPlace;
import asyncio.testkit.VirtualTimeLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;

/** The stall finder: what it finds, and what it says of it. */
class StallFinderTest {
  private final LogCapture log = LogCapture.withStalls();

  @AfterEach
  void endCapture() {
    log.close();
  }

  @EachEngine
  void callbackThatHoldsTheLoopIsReportedWhileItDoes(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch release = new CountDownLatch(1);
          loop.callSoon(() -> HeldLoop.untilReleased(release));
          StallReport held;
          try (var _ = new HeldLoop(loop)) {
            held = stalls.heldIn("untilReleased");
            assertThat(StallFinder.recent(loop))
                .extracting(StallReport::number)
                .contains(held.number());
            release.countDown();
          }
          assertThat(held.kind()).isEqualTo(Kind.CALLBACK);
          assertThat(held.over()).isFalse();
          assertThat(held.held()).isGreaterThanOrEqualTo(StallProbe.LIMIT);
          assertThat(held.loopId()).isEqualTo(asyncio.inspect.Loops.idOf(loop));
          assertThat(held.task()).isNull();
          assertThat(held.callback()).startsWith(StallFinderTest.class.getName());
          assertThat(held.blockingFrame().getMethodName()).isEqualTo("untilReleased");
          assertThat(held.blockingCall().getMethodName()).isEqualTo("await");
          assertThat(held.samples().getFirst().stack())
              .extracting(StackTraceElement::getClassName)
              .last()
              .isEqualTo(StallFinderTest.class.getName());

          StallReport over = stalls.overIn("untilReleased");
          assertThat(over.number()).isEqualTo(held.number());
          assertThat(over.held()).isGreaterThanOrEqualTo(held.held());
          assertThat(loop.stallFinder().recent()).contains(over);
          assertThat(loop.stallFinder().count()).isPositive();
        });
  }

  @EachEngine
  void stepOfATaskIsReportedWithTheTaskAndInDebugModeItsOrigin(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(true);
          loop.setSlowCallbackDuration(Duration.ofHours(1));
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch release = new CountDownLatch(1);
          Task<?> busy =
              loop.createTask(
                  () -> HeldLoop.computeUntilReleased(release), TaskOptions.named("busy"));
          StallReport held;
          try (var _ = new HeldLoop(loop)) {
            held = stalls.heldIn("computeUntilReleased");
            release.countDown();
          }
          loop.runUntilComplete(busy);
          assertThat(held.kind()).isEqualTo(Kind.TASK_STEP);
          assertThat(held.task().name()).isEqualTo("busy");
          assertThat(held.task().coroutine()).startsWith(StallFinderTest.class.getName());
          assertThat(held.blockingFrame().getMethodName()).isEqualTo("computeUntilReleased");
          assertThat(held.createdAt().getFirst().getFileName()).isEqualTo("StallFinderTest.java");
          assertThat(held.toString()).contains("Task 'busy'", "created at (innermost call first)");
        });
  }

  @EachEngine
  void chainOfAwaitersIsNamed(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch release = new CountDownLatch(1);
          Task<?> busy =
              loop.createTask(
                  () -> {
                    asyncio.Asyncio.sleep(Duration.ZERO); // lets the others begin to wait
                    HeldLoop.computeUntilReleased(release);
                  },
                  TaskOptions.named("busy"));
          Task<?> middle = loop.createTask(() -> await(busy), TaskOptions.named("middle"));
          Task<?> outer =
              loop.createTask(
                  () -> await(asyncio.Asyncio.gather(middle)), TaskOptions.named("outer"));
          StallReport held;
          try (var _ = new HeldLoop(loop)) {
            held = stalls.heldIn("computeUntilReleased");
            release.countDown();
          }
          loop.runUntilComplete(outer);
          assertThat(held.task().name()).isEqualTo("busy");
          assertThat(held.createdAt()).as("known in debug mode alone").isEmpty();
          assertThat(held.awaitedBy())
              .extracting(TaskPlace::name)
              .containsExactly("middle", "outer");
          assertThat(held.awaitedBy().getFirst().at().getFileName())
              .isEqualTo("StallFinderTest.java");
        });
  }

  @EachEngine
  void iterationWithVeryManyShortCallbacksIsReportedWithTheirKinds(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch reported = new CountDownLatch(1);
          Consumer<StallReport> listener =
              report -> {
                if (report.kind() == Kind.MANY_CALLBACKS) {
                  reported.countDown();
                }
              };
          loop.stallFinder().addListener(listener);
          loop.callSoon(() -> {});
          for (int i = 0; i < 100_000; i++) {
            loop.callSoon(() -> ShortWork.untilReported(reported));
          }
          StallReport found;
          try (var _ = new HeldLoop(loop)) {
            found = stalls.next(report -> report.kind() == Kind.MANY_CALLBACKS);
          }
          assertThat(found.kind()).isEqualTo(Kind.MANY_CALLBACKS);
          assertThat(found.task()).isNull();
          assertThat(found.callbacksRun()).isBetween(2L, 100_000L);
          assertThat(found.callbacksReady()).isPositive();
          assertThat(found.shares().getFirst().callback())
              .isEqualTo(StallFinderTest.class.getName() + ".lambda()");
          assertThat(found.shares().getFirst().seen()).isPositive();
          assertThat(found.shares().getFirst().ready()).isPositive();
          assertThat(found.shares().getFirst().at().getFileName())
              .isEqualTo("StallFinderTest.java");
        });
  }

  private static final class ShortWork {
    static void untilReported(CountDownLatch reported) {
      long end = System.nanoTime() + 50_000;
      while (reported.getCount() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  @EachEngine
  void sameStallIsLoggedOnceAndItsEndToo(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch first = new CountDownLatch(1);
          CountDownLatch second = new CountDownLatch(1);
          loop.callSoon(() -> HeldLoop.untilReleased(first));
          try (var _ = new HeldLoop(loop)) {
            StallReport held = stalls.heldIn("untilReleased");
            first.countDown();
            StallReport over = stalls.overIn("untilReleased");
            loop.callSoonThreadsafe(() -> HeldLoop.untilReleased(second));
            StallReport again = stalls.heldIn("untilReleased");
            second.countDown();
            stalls.overIn("untilReleased");
            assertThat(again.number()).isGreaterThan(held.number());
            assertThat(again.blockingFrame()).isEqualTo(held.blockingFrame());
            assertThat(log.texts(Level.WARNING))
                .contains(held.toString())
                .noneMatch(text -> text.contains("stall " + again.number() + " "));
            assertThat(log.texts(Level.INFO))
                .filteredOn(text -> text.contains("untilReleased"))
                .containsOnlyOnce("Stall " + held.number() + " is over. " + over.summary());
            assertThat(loop.stallFinder().count()).isGreaterThanOrEqualTo(2);
          }
        });
  }

  @EachEngine
  void limitHoldsAtOnceAndNullTurnsTheFinderOff(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.stallFinder().setLimit(null);
          assertThat(loop.stallFinder().limit()).isNull();
          StallProbe stalls = StallProbe.listening(loop);
          CountDownLatch release = new CountDownLatch(1);
          loop.callSoon(() -> HeldLoop.untilReleased(release));
          try (var _ = new HeldLoop(loop)) {
            awaitStallOfAnotherLoop(engine);
            assertThat(stalls.isEmpty()).as("nothing is reported while off").isTrue();
            loop.stallFinder().setLimit(StallProbe.LIMIT);
            assertThat(loop.stallFinder().limit()).isEqualTo(StallProbe.LIMIT);
            stalls.heldIn("untilReleased");
            release.countDown();
          }
          assertThatThrownBy(() -> loop.stallFinder().setLimit(Duration.ZERO))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("limit must be at least a millisecond");
        });
  }

  @EachEngine
  void newLoopHasALimitOfOneSecond(Engine engine) throws Exception {
    with(engine, loop -> assertThat(StallFinder.of(loop).limit()).isEqualTo(Duration.ofSeconds(1)));
  }

  @EachEngine
  void nothingIsReportedInVirtualTime(Engine engine) throws Exception {
    var loop = new VirtualTimeLoop(engine);
    StallProbe stalls = StallProbe.of(loop);
    CountDownLatch release = new CountDownLatch(1);
    loop.callSoon(() -> HeldLoop.untilReleased(release));
    try (var _ = new HeldLoop(loop)) {
      awaitStallOfAnotherLoop(engine);
      assertThat(stalls.isEmpty()).isTrue();
      release.countDown();
    }
    loop.close();
  }

  /** By the time this returns, whatever held a loop before has done so for the limit, twice. */
  private static void awaitStallOfAnotherLoop(Engine engine) {
    for (int i = 0; i < 2; i++) {
      var other = LoopKind.preferred().newLoop(engine);
      StallProbe stalls = StallProbe.of(other);
      CountDownLatch release = new CountDownLatch(1);
      other.callSoon(() -> HeldLoop.untilReleased(release));
      try (var _ = new HeldLoop(other)) {
        stalls.heldIn("untilReleased");
        release.countDown();
      }
      other.close();
    }
  }

  @EachEngine
  void listenerThatFailsIsLoggedAndKeepsNobodyFromHearing(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Consumer<StallReport> failing =
              _ -> {
                throw new IllegalStateException("on purpose");
              };
          loop.stallFinder().addListener(failing);
          StallProbe stalls = StallProbe.of(loop);
          CountDownLatch release = new CountDownLatch(1);
          loop.callSoon(() -> HeldLoop.untilReleased(release));
          try (var _ = new HeldLoop(loop)) {
            stalls.heldIn("untilReleased");
            assertThat(log.texts(Level.SEVERE)).contains("A listener for stalls failed");
            loop.stallFinder().removeListener(failing);
            release.countDown();
            stalls.overIn("untilReleased");
          }
        });
  }
}
