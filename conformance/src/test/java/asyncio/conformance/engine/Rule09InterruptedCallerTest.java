package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.Runner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The loop of run() is on a thread of its own; whoever interrupts the caller cancels the main task.
 */
class Rule09InterruptedCallerTest {
  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  private final List<String> trail = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void interruptingTheCallerCancelsTheMainTaskAtALibrarySuspension(Engine engine) throws Exception {
    interruptCallerOf(engine, () -> getRunningLoop().createFuture().await());

    assertThat(trail).containsExactly("main cancelled", "run threw CancelledError, flag false");
  }

  @Test
  void andInABlockingJdkCall() throws Exception {
    interruptCallerOf(Engine.DIRECT, () -> new LinkedBlockingQueue<>().take());

    assertThat(trail)
        .containsExactly(
            "main failed with InterruptedException", "run threw CancelledError, flag false");
  }

  private void interruptCallerOf(Engine engine, asyncio.Action main) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              try (Runner runner = runner(engine)) {
                runner.run(() -> {
                  createTask(started::countDown);
                  try {
                    main.run();
                  } catch (CancelledError e) {
                    trail.add("main cancelled");
                    throw e;
                  } catch (Exception e) {
                    trail.add("main failed with " + e.getClass().getSimpleName());
                    throw e;
                  }
                });
              } catch (Throwable t) {
                trail.add(
                    "run threw "
                        + t.getClass().getSimpleName()
                        + ", flag "
                        + Thread.currentThread().isInterrupted());
              }
            });
    assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join(20_000);
    assertThat(caller.isAlive()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void theLoopInheritsFromTheCallerAndRunsOnAThreadThatSuitsTheEngine(Engine engine)
      throws Exception {
    Loops.onPlatformThread(() -> {
      INHERITED.set("of the caller");
      try (Runner runner = runner(engine)) {
        runner.run(() -> {
          trail.add("main: " + INHERITED.get());
          getRunningLoop()
              .callSoon(() ->
                  trail.add(
                      "callback: " + INHERITED.get() + ", " + Thread.currentThread().isVirtual()));
          sleep(millis(0));
        });
      }
    });

    assertThat(trail)
        .containsExactly(
            "main: of the caller", "callback: of the caller, " + (engine == Engine.PORTABLE));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void whatTheMainTaskThrowsArrivesItself(Engine engine) {
    IllegalStateException thrown = new IllegalStateException("mine");

    Throwable arrived =
        Loops.thrownBy(() -> {
          try (Runner runner = runner(engine)) {
            runner.run(() -> {
              throw thrown;
            });
          }
        });

    assertThat(arrived).isSameAs(thrown);
  }

  /** A set flag makes every select return at once; the loop consumes it and sleeps on. */
  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void anInterruptOfTheThreadInRunForeverDoesNotMakeTheLoopSpin(Engine engine) throws Exception {
    int[] iterations = {0};
    Thread runner =
        Thread.ofPlatform()
            .start(() -> {
              ChannelEventLoop loop = LoopKind.preferred().newLoop(engine);
              loop.addInstrument(
                  new asyncio.Instrument() {
                    @Override
                    public void iterationBegun(asyncio.EventLoop of) {
                      iterations[0]++;
                    }
                  });
              Thread.currentThread().interrupt();
              loop.callLater(millis(100), loop::stop);
              loop.runForever();
              loop.close();
            });
    runner.join(20_000);

    assertThat(runner.isAlive()).isFalse();
    assertThat(iterations[0]).isLessThan(10);
  }

  @Test
  void aVirtualThreadMayCallRunOnTheDirectEngine() throws Exception {
    Thread caller =
        Thread.startVirtualThread(() ->
            trail.add("" + Asyncio.<String>run(() -> "result of " + getRunningLoop().engine())));
    caller.join(20_000);

    assertThat(trail).containsExactly("result of DIRECT");
  }

  private static Runner runner(Engine engine) {
    return new Runner(
        RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine)));
  }
}
