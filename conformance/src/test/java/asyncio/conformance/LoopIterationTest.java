package asyncio.conformance;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Instrument;
import asyncio.TimerHandle;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** LOOP: what happens within an iteration, and how long its poll waits. */
class LoopIterationTest {
  private static final long DAY = Duration.ofHours(24).toNanos();

  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"LOOP-11", "LOOP-13"})
  void readyCallbacksRunBeforeIoBeforeDueTimersByDeadline(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callAt(loop.now + 2, () -> trail.add("timer 2"));
    loop.callAt(loop.now + 1, () -> trail.add("timer 1"));
    loop.callAt(loop.now + 9, () -> trail.add("timer 9"));
    TimerHandle cancelled = loop.callAt(loop.now + 3, () -> trail.add("cancelled timer"));
    loop.callSoon(() -> trail.add("ready"));
    loop.atPoll =
        () -> {
          loop.callSoon(() -> trail.add("I/O")); // as the poll of a real loop queues it
          loop.now += 5; // becomes due while polling
        };
    cancelled.cancel();
    runOnce(loop);

    assertThat(trail).containsExactly("ready", "I/O", "timer 1", "timer 2");
    loop.close();
  }

  @EachEngine
  @Spec({"LOOP-11", "LOOP-13"})
  void channelsAreServedBetweenReadyCallbacksAndTimers(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            pipe.makeReadable();
            loop.addReader(pipe.source, () -> trail.add("I/O"));
            loop.callLater(Duration.ZERO, () -> trail.add("timer"));
            loop.callSoon(() -> trail.add("ready"));
            runOnce(loop);
            assertThat(trail).containsExactly("ready", "I/O", "timer");
          }
        });
  }

  @EachEngine
  @Spec("LOOP-11")
  void exactlyTheCallbacksOfThatMomentRun(Engine engine) {
    var loop = new FakeLoop(engine);
    List<Integer> counts = new ArrayList<>();
    loop.addInstrument(
        new Instrument() {
          @Override
          public void iterationEnded(EventLoop of) {
            counts.add(trail.size());
          }
        });
    for (int i = 0; i < 3; i++) {
      loop.callSoon(() -> {
        trail.add("first");
        loop.callSoon(() -> trail.add("second"));
        loop.callSoon(() -> trail.add("second"));
      });
    }
    loop.callSoon(() -> loop.callSoon(loop::stop));
    loop.runForever();
    assertThat(counts).containsExactly(3, 9);
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-12")
  void callbackQueuedMeanwhileRunsAfterAnotherPoll(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callSoon(() -> {
      trail.add("a");
      loop.callSoon(() -> trail.add("c after " + loop.polls.size() + " polls"));
      loop.atPoll = () -> trail.add("poll");
    });
    loop.callSoon(() -> trail.add("b"));
    runOnce(loop);
    assertThat(trail).containsExactly("a", "b");
    runOnce(loop);
    assertThat(trail).containsExactly("a", "b", "poll", "c after 2 polls");
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-13")
  void zeroDelayRunsBehindCallSoonInTheSameIteration(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callSoon(() -> {
      loop.callLater(Duration.ZERO, () -> trail.add("callLater(0)"));
      loop.callSoon(() -> trail.add("callSoon"));
    });
    runOnce(loop);
    assertThat(trail).isEmpty();
    runOnce(loop);
    assertThat(trail).containsExactly("callSoon", "callLater(0)");
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-14")
  void endlessReschedulingStarvesNeitherIoNorTimers(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            Runnable[] again = new Runnable[1];
            long limit =
                System.nanoTime()
                    + Duration.ofSeconds(5).toNanos(); // for a loop that would starve them
            again[0] =
                () -> {
                  if (trail.size() < 2 && System.nanoTime() < limit) {
                    loop.callSoon(again[0]);
                  } else {
                    loop.stop();
                  }
                };
            loop.callSoon(again[0]);
            loop.callSoon(pipe::makeReadable);
            loop.addReader(
                pipe.source,
                () -> {
                  trail.add("I/O");
                  loop.removeReader(pipe.source);
                });
            loop.callLater(Duration.ofMillis(1), () -> trail.add("timer"));
            loop.runForever();
            assertThat(trail).containsExactlyInAnyOrder("I/O", "timer");
          }
        });
  }

  @EachEngine
  @Spec("LOOP-15")
  void pollWaitsForTheFirstLiveTimerAndNotAtAllIfThereIsWork(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.runForever();
    assertThat(loop.polls).as("nothing at all: no limit").containsExactly(EventLoop.NEVER);

    loop.polls.clear();
    loop.callSoon(() -> {});
    loop.runForever();
    assertThat(loop.polls).as("a ready callback").startsWith(0L);

    loop.polls.clear();
    loop.callAt(loop.now + 700, loop::stop);
    loop.callAt(loop.now + 300, () -> {});
    loop.callAt(loop.now + 100, () -> {}).cancel();
    loop.runForever();
    assertThat(loop.polls).as("timers").containsExactly(300L, 400L);

    loop.polls.clear();
    loop.callAt(loop.now - 50, loop::stop);
    loop.runForever();
    assertThat(loop.polls).as("a timer overdue").containsExactly(0L);

    loop.polls.clear();
    loop.callAt(loop.now + 700, () -> {});
    runOnce(loop);
    assertThat(loop.polls).as("a request to stop").containsExactly(0L);

    loop.polls.clear();
    loop.callAt(Long.MIN_VALUE, loop::stop);
    loop.runForever();
    assertThat(loop.polls).as("a timer overdue since ever").containsExactly(0L);
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-16")
  void pollIsLimitedToADayAndFarTimersStillFireOnTime(Engine engine) {
    var loop = new FakeLoop(engine);
    long start = loop.now;
    loop.callLater(
        Duration.ofHours(49),
        () -> {
          trail.add("after " + Duration.ofNanos(loop.now - start));
          loop.stop();
        });
    loop.callLater(Duration.ofSeconds(Long.MAX_VALUE), () -> trail.add("never"));
    loop.callLater(seconds(Double.POSITIVE_INFINITY), () -> trail.add("never"));
    loop.callAt(EventLoop.NEVER, () -> trail.add("never"));
    loop.runForever();

    assertThat(loop.polls).containsExactly(DAY, DAY, Duration.ofHours(1).toNanos());
    assertThat(trail).containsExactly("after PT49H");

    loop.polls.clear();
    loop.atPoll = loop::stop;
    loop.runForever();
    assertThat(loop.polls).as("only timers that never come").containsExactly(DAY);
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-17")
  void shortSleepsDoNotSpin(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          int[] iterations = new int[1];
          loop.addInstrument(
              new Instrument() {
                @Override
                public void iterationBegun(EventLoop of) {
                  iterations[0]++;
                }
              });
          loop.runUntilComplete(() -> {
            for (double span : List.of(1e-2, 1e-4, 1e-6, 1e-8, 1e-10)) {
              sleep(seconds(span));
            }
          });
          assertThat(iterations[0]).isBetween(6, 20);
        });
  }

  @EachEngine
  @Spec("LOOP-18")
  void timerIsDueFromItsDeadlineOnAndNotBefore(Engine engine) {
    var loop = new FakeLoop(engine);
    long deadline = loop.now + 500;
    loop.callAt(deadline, () -> trail.add("fired"));
    loop.now = deadline - 1;
    runOnce(loop);
    assertThat(trail)
        .as("the clock counts nanoseconds, so the allowance is less than one")
        .isEmpty();
    loop.now = deadline;
    runOnce(loop);
    assertThat(trail).containsExactly("fired");
    loop.close();
  }

  @EachEngine
  @Spec("LOOP-18")
  void realTimersNeverFireEarly(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Long> early = new ArrayList<>();
          for (int i = 0; i < 40; i++) {
            long when = loop.time() + i * 333_333L;
            loop.callAt(when, () -> early.add(when - loop.time()));
          }
          loop.callLater(Duration.ofMillis(15), loop::stop);
          loop.runForever();
          assertThat(early).hasSize(40).allMatch(nanos -> nanos <= 0);
        });
  }

  @EachEngine
  @Spec("LOOP-25")
  void callbackOfAnEarlierRunStillPreventsIoCallbacks(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          try (var pipe = new ReadablePipe()) {
            pipe.makeReadable();
            loop.callSoon(() -> {
              loop.addReader(pipe.source, () -> trail.add("I/O"));
              loop.callSoon(() -> {
                trail.add("left over");
                loop.removeReader(pipe.source);
              });
            });
            runOnce(loop);
            assertThat(trail).isEmpty();
            runOnce(loop);
            runOnce(loop);
            assertThat(trail).containsExactly("left over");
          }
        });
  }

  /** A pipe whose end to read from does not block. */
  static final class ReadablePipe implements AutoCloseable {
    final Pipe.SourceChannel source;
    final Pipe.SinkChannel sink;

    ReadablePipe() throws java.io.IOException {
      Pipe pipe = Pipe.open();
      source = pipe.source();
      source.configureBlocking(false);
      sink = pipe.sink();
      sink.configureBlocking(false);
    }

    void makeReadable() {
      try {
        sink.write(ByteBuffer.wrap(new byte[1]));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    void read() {
      try {
        source.read(ByteBuffer.allocate(1));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws java.io.IOException {
      source.close();
      sink.close();
    }
  }
}
