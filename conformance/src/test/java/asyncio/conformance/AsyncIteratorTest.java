package asyncio.conformance;

import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AsyncIterator;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.LoopKind;
import asyncio.RunOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;

/** LOOP: asynchronous iterators that are left half-way are closed at the end. */
class AsyncIteratorTest {
  private final List<String> trail = new ArrayList<>();

  /** Counts up to three, suspending at each step. */
  private final class Counter implements AsyncIterator<Integer> {
    private final String name;
    private final Runnable onClose;
    private int last;
    private boolean closed;

    Counter(String name, Runnable onClose) {
      this.name = name;
      this.onClose = onClose;
    }

    @Override
    public boolean hasNext() {
      if (last == 3) {
        getRunningLoop().untrackAsyncIterator(this);
      }
      return !closed && last < 3;
    }

    @Override
    public Integer next() {
      if (last == 0) {
        getRunningLoop().trackAsyncIterator(this);
      }
      sleep(Duration.ZERO);
      return ++last;
    }

    @Override
    public void close() {
      closed = true;
      trail.add(name + " closes");
      onClose.run();
      trail.add(name + " closed");
    }

    @Override
    public String toString() {
      return "<Counter " + name + ">";
    }
  }

  @EachEngine
  @Spec("LOOP-47")
  void openIteratorsAreClosedConcurrently(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Runnable slow = () -> sleep(Duration.ofMillis(2));
          var one = new Counter("one", slow);
          var two = new Counter("two", slow);
          var ended = new Counter("ended", slow);
          var notBegun = new Counter("not begun", slow);
          loop.runUntilComplete(() -> {
            one.next();
            two.next();
            while (ended.hasNext()) {
              ended.next();
            }
            notBegun.hasNext();
            loop.shutdownAsyncgens();
            trail.add("shut down");
            loop.shutdownAsyncgens();
          });
          assertThat(trail).hasSize(5).last().isEqualTo("shut down");
          assertThat(trail.subList(0, 2))
              .as("both begin before one ends")
              .containsExactlyInAnyOrder("one closes", "two closes");
          assertThat(trail.subList(2, 4)).containsExactlyInAnyOrder("one closed", "two closed");
          assertRefused("task", loop::shutdownAsyncgens);
        });
  }

  @EachEngine
  @Spec("LOOP-47")
  void runClosesThemAtItsEnd(Engine engine) {
    run(
        () -> {
          new Counter("left", () -> sleep(Duration.ofMillis(1))).next();
          trail.add("main ends");
        },
        RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine)));
    assertThat(trail).containsExactly("main ends", "left closes", "left closed");
  }

  @EachEngine
  @Spec("LOOP-48")
  void failureOfOneIsReportedAndTheOthersAreClosed(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<ErrorContext> reports = collectReports(loop);
          var failure = new IllegalStateException("while closing");
          var broken =
              new Counter(
                  "broken",
                  () -> {
                    throw failure;
                  });
          var whole = new Counter("whole", () -> {});
          loop.runUntilComplete(() -> {
            broken.next();
            whole.next();
            loop.shutdownAsyncgens();
          });
          assertThat(trail).contains("whole closed").doesNotContain("broken closed");
          assertThat(reports).hasSize(1);
          assertThat(reports.getFirst().asMap())
              .containsOnlyKeys("message", "exception", "asyncgen");
          assertThat(reports.getFirst().message()).contains("<Counter broken>");
          assertThat(reports.getFirst().exception()).isSameAs(failure);
          assertThat(reports.getFirst().get(ErrorContext.ASYNCGEN)).isSameAs(broken);
        });
  }

  @EachEngine
  @Spec("LOOP-49")
  void beginningOneAfterTheShutdownWarnsButWorks(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var log = new LogCapture()) {
            List<Integer> seen = new ArrayList<>();
            loop.runUntilComplete(() -> {
              new Counter("before", () -> {}).next();
              loop.shutdownAsyncgens();
              assertThat(log.texts(Level.WARNING)).isEmpty();
              var late = new Counter("late", () -> {});
              while (late.hasNext()) {
                seen.add(late.next());
              }
            });
            assertThat(seen).containsExactly(1, 2, 3);
            assertThat(log.texts(Level.WARNING))
                .singleElement()
                .asString()
                .contains("<Counter late>", "after loop.shutdownAsyncgens()");
          }
        });
  }
}
