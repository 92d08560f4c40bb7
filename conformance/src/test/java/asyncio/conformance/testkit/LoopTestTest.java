package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.sync.Event;
import asyncio.testkit.DebugMode;
import asyncio.testkit.DirectOnly;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;

/** What a test that runs on a loop is given. */
class LoopTestTest {
  private static final Set<Engine> ENGINES_SEEN = EnumSet.noneOf(Engine.class);

  private EventLoop loopOfSetUp;

  @BeforeEach
  void setUp(EventLoop loop) {
    assertThat(loop.isRunning()).isFalse();
    loopOfSetUp = loop;
  }

  @AfterAll
  static void ranOnEveryEngine() {
    assertThat(ENGINES_SEEN)
        .allMatch(Engine::isAvailable)
        .contains(Engine.PORTABLE, Engine.preferred());
  }

  @LoopTest
  void testRunsAsATaskOfTheLoopThatSetUpSaw(
      EventLoop loop, LoopProbe probe, Engine engine, TestInfo info) {
    assertThat(getRunningLoop()).isSameAs(loop).isSameAs(loopOfSetUp).isSameAs(probe.loop());
    assertThat(currentTask().name()).isEqualTo("testRunsAsATaskOfTheLoopThatSetUpSaw");
    assertThat(loop.engine()).isEqualTo(engine).isEqualTo(probe.engine());
    assertThat(info.getDisplayName()).isEqualToIgnoringCase(engine.name());
    ENGINES_SEEN.add(engine);
  }

  @LoopTest(timeout = 2)
  void anHourPassesAtOnce(VirtualTimeLoop loop) {
    sleep(Duration.ofHours(1));

    assertThat(loop.time()).isEqualTo(Duration.ofHours(1).toNanos());
  }

  @LoopTest
  void everyOtherTaskIsBlockedAfterwards(LoopProbe probe) {
    var event = new Event();
    List<String> trail = probe.trail();
    var first =
        createTask(() -> {
          sleep(seconds(0));
          sleep(seconds(0));
          trail.add("first waits");
          event.await();
          trail.add("first goes on");
        });
    var second =
        createTask(() -> {
          trail.add("second sleeps");
          sleep(seconds(5));
          trail.add("second goes on");
        });

    probe.runUntilAllBlocked();
    trail.add("all blocked");
    event.set();
    probe.runUntilAllBlocked();
    trail.add("all blocked again");
    await(first);
    await(second);

    assertThat(trail)
        .containsExactly(
            "second sleeps",
            "first waits",
            "all blocked",
            "first goes on",
            "all blocked again",
            "second goes on");
    assertThat(getRunningLoop().time()).isEqualTo(seconds(5).toNanos());
  }

  @LoopTest(realTime = true)
  void realTimePasses(EventLoop loop, LoopProbe probe) {
    long start = System.nanoTime();
    var sleeper = createTask(() -> sleep(seconds(0.02)));
    probe.runUntilAllBlocked();
    assertThat(sleeper.isDone()).isFalse();
    await(sleeper);

    assertThat(loop).isInstanceOf(ChannelEventLoop.class);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(seconds(0.02).toNanos());
  }

  @LoopTest
  @DirectOnly
  void directOnlyMeansThat(Engine engine) {
    assertThat(engine).isEqualTo(Engine.DIRECT);
  }

  @LoopTest(engines = Engine.PORTABLE)
  void enginesAreChosen(Engine engine) {
    assertThat(engine).isEqualTo(Engine.PORTABLE);
  }

  @LoopTest
  @DebugMode
  void debugModeIsOn(EventLoop loop) {
    assertThat(loop.isDebug()).isTrue();
  }

  @LoopTest
  @DebugMode(false)
  void debugModeIsOff(EventLoop loop) {
    assertThat(loop.isDebug()).isFalse();
  }

  /** The options of a class hold for the methods that have none of their own. */
  @Nested
  @LoopTest(realTime = true, engines = Engine.PORTABLE)
  class OfAClass {

    @LoopTest
    void optionsOfTheClassHold(EventLoop loop) {
      assertThat(loop).isInstanceOf(ChannelEventLoop.class);
      assertThat(loop.engine()).isEqualTo(Engine.PORTABLE);
    }

    @LoopTest(timeout = 5)
    void methodsOwnOptionsCountMore(EventLoop loop) {
      assertThat(loop).isInstanceOf(VirtualTimeLoop.class);
    }
  }

  @LoopTest
  void exceptionsAreExpectedToStayUnretrieved(EventLoop loop, LoopProbe probe) {
    probe.expectErrors();
    loop.createFuture().setException(new IllegalStateException("nobody asks"));
  }

  @LoopTest
  void reportsCanBeExpected(EventLoop loop, LoopProbe probe) {
    var reports = probe.expectErrors();
    loop.callSoon(() -> {
      throw new IllegalStateException("boom");
    });
    probe.runUntilAllBlocked();

    assertThat(reports)
        .singleElement()
        .satisfies(report -> assertThat(report.exception()).hasMessage("boom"));
  }

  @LoopTest
  void iterationsAreCounted(LoopProbe probe) {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      counts.add(probe.iterations());
      sleep(seconds(0));
    }

    assertThat(counts).containsExactly(1L, 2L, 3L);
  }
}
