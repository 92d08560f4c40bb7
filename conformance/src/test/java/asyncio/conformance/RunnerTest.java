package asyncio.conformance;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.EventLoopPolicy;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.Runner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code run} and {@link Runner}: what they run, on what, and in which context. */
class RunnerTest {
  private static final ContextVar<String> WORD = new ContextVar<>("word", "unset");

  @AfterEach
  void forget() {
    Asyncio.setEventLoopPolicy(null);
    Asyncio.setEventLoop(null);
  }

  private static RunOptions on(Engine engine) {
    return RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine));
  }

  @EachEngine
  @Spec("RUN-1")
  void runReturnsTheResultAndClosesTheLoop(Engine engine) {
    List<EventLoop> loops = new ArrayList<>();
    int result =
        Asyncio.<Integer>run(
            () -> {
              loops.add(getRunningLoop());
              sleep(millis(1));
              return 42;
            },
            on(engine));
    assertThat(result).isEqualTo(42);
    Asyncio.run(() -> loops.add(getRunningLoop()), on(engine));
    assertThat(loops).hasSize(2).doesNotHaveDuplicates().allMatch(EventLoop::isClosed);
  }

  @EachEngine
  @Spec("RUN-1")
  void runThrowsTheVeryException(Engine engine) {
    var error = new IllegalArgumentException("mine");
    AtomicReference<EventLoop> loop = new AtomicReference<>();
    Throwable thrown =
        catchThrowable(() ->
            Asyncio.run(
                () -> {
                  loop.set(getRunningLoop());
                  sleep(millis(1));
                  throw error;
                },
                on(engine)));
    assertThat(thrown).isSameAs(error);
    assertThat(loop.get().isClosed()).isTrue();
    assertThat(thrown.getStackTrace())
        .as("the frames of the caller stand below those of the task")
        .anyMatch(frame -> frame.getMethodName().equals("runThrowsTheVeryException"));
  }

  @EachEngine
  @Spec("RUN-2")
  void runIsRefusedInsideARunningLoop(Engine engine) {
    List<String> started = new ArrayList<>();
    Asyncio.run(
        () -> {
          assertRefused(
              "run() cannot be called from a running event loop",
              () -> Asyncio.run(() -> started.add("in a task")));
          try (Runner runner = new Runner()) {
            assertRefused(
                "Runner.run() cannot be called from a running event loop",
                () -> runner.run(() -> started.add("runner")));
          }
          Future<Object> called = getRunningLoop().createFuture();
          getRunningLoop()
              .callSoon(() -> {
                assertRefused(
                    "cannot be called from a running event loop",
                    () -> Asyncio.run(() -> started.add("in a callback")));
                called.setResult(null);
              });
          called.await();
        },
        on(engine));
    assertThat(started).isEmpty();
  }

  @EachEngine
  @Spec("RUN-3")
  void anyAwaitableCanBeRun(Engine engine) {
    try (Runner runner = new Runner(on(engine))) {
      Future<String> future = runner.getLoop().createFuture();
      runner.getLoop().callSoon(() -> future.setResult("of the future"));
      Awaitable<String> custom =
          new Awaitable<>() {
            @Override
            public String await() {
              sleep(millis(1));
              return "of an awaitable";
            }
          };
      assertThat(
              List.of(
                  runner.run(future), runner.run(custom), runner.<String>run(() -> "of a lambda")))
          .containsExactly("of the future", "of an awaitable", "of a lambda");
    }
    Snippet.rejects("run(\"no awaitable\");");
    assertThatThrownBy(() -> Asyncio.run((Awaitable<Object>) null))
        .isInstanceOf(NullPointerException.class);
  }

  @EachEngine
  @Spec("RUN-4")
  void debugIsAsTheOptionSays(Engine engine) {
    boolean byDefault;
    try (var loop = new Runner(on(engine))) {
      byDefault = loop.getLoop().isDebug();
    }
    assertThat(debugSeen(on(engine).withDebug(true))).isTrue();
    assertThat(debugSeen(on(engine).withDebug(false))).isFalse();
    assertThat(debugSeen(on(engine).withDebug(null))).isEqualTo(byDefault);
    EventLoop plain = LoopKind.preferred().newLoop(engine);
    assertThat(byDefault).isEqualTo(plain.isDebug());
    plain.close();

    // Whatever the default of this JVM is: null changes nothing, and false does.
    RunOptions debugging =
        RunOptions.DEFAULT.withLoopFactory(() -> {
          var loop = LoopKind.preferred().newLoop(engine);
          loop.setDebug(true);
          return loop;
        });
    assertThat(debugSeen(debugging.withDebug(null))).isTrue();
    assertThat(debugSeen(debugging.withDebug(false))).isFalse();
  }

  private static boolean debugSeen(RunOptions options) {
    return Asyncio.<Boolean>run(() -> getRunningLoop().isDebug(), options);
  }

  /** A policy that records what is set, and makes loops for one engine. */
  private static final class Policy implements EventLoopPolicy {
    final List<String> asked = new ArrayList<>();
    final Engine engine;
    EventLoop made;

    Policy(Engine engine) {
      this.engine = engine;
    }

    @Override
    public EventLoop newEventLoop() {
      asked.add("new");
      made = LoopKind.preferred().newLoop(engine);
      return made;
    }

    @Override
    public void setEventLoop(EventLoop loop) {
      asked.add(loop == null ? "set null, closed=" + made.isClosed() : "set " + (loop == made));
    }
  }

  @EachEngine
  @Spec("RUN-5")
  void aFactoryIsCalledOnceAndTheCurrentLoopLeftAlone(Engine engine) {
    var policy = new Policy(engine);
    Asyncio.setEventLoopPolicy(policy);
    List<EventLoop> made = new ArrayList<>();
    RunOptions options =
        RunOptions.DEFAULT.withLoopFactory(() -> {
          made.add(LoopKind.preferred().newLoop(engine));
          return made.getLast();
        });
    List<EventLoop> seen = new ArrayList<>();
    try (Runner runner = new Runner(options)) {
      runner.run(() -> seen.add(getRunningLoop()));
      runner.run(() -> seen.add(getRunningLoop()));
      seen.add(runner.getLoop());
    }
    assertThat(made).hasSize(1);
    assertThat(seen).containsExactly(made.get(0), made.get(0), made.get(0));
    assertThat(policy.asked).isEmpty();
  }

  @EachEngine
  @Spec("RUN-6")
  void withoutAFactoryTheLoopIsSetOnceAndUnsetBeforeItIsClosed(Engine engine) {
    var policy = new Policy(engine);
    Asyncio.setEventLoopPolicy(policy);
    try (Runner runner = new Runner()) {
      runner.run(() -> sleep(seconds(0)));
      runner.run(() -> sleep(seconds(0)));
      assertThat(policy.asked).containsExactly("new", "set true");
    }
    assertThat(policy.asked).containsExactly("new", "set true", "set null, closed=false");
    assertThat(policy.made.isClosed()).isTrue();
  }

  @Test
  @Spec("RUN-6")
  void theLoopIsTheThreadsCurrentOneMeanwhile() {
    try (Runner runner = new Runner()) {
      runner.run(() -> sleep(seconds(0)));
      assertThat(Asyncio.getEventLoop()).isSameAs(runner.getLoop());
    }
    assertRefused("no current event loop", Asyncio::getEventLoop);
  }

  @EachEngine
  @Spec("RUN-7")
  void theLoopIsMadeWhenItIsNeeded(Engine engine) {
    List<String> trail = new ArrayList<>();
    RunOptions options =
        RunOptions.DEFAULT.withLoopFactory(() -> {
          trail.add("made");
          return LoopKind.preferred().newLoop(engine);
        });
    try (Runner runner = new Runner(options)) {
      trail.add("new");
      runner.run(() -> trail.add("run"));
    }
    try (Runner runner = new Runner(options)) {
      trail.add("new");
      assertThat(runner.getLoop()).isSameAs(runner.getLoop());
    }
    assertThat(trail).containsExactly("new", "made", "run", "new", "made");
  }

  @EachEngine
  @Spec("RUN-8")
  void aRunnerRunsSeveralOnTheSameLoop(Engine engine) {
    List<EventLoop> loops = new ArrayList<>();
    List<String> trail = new ArrayList<>();
    try (Runner runner = new Runner(on(engine))) {
      runner.run(() -> {
        loops.add(getRunningLoop());
        createTask(() -> {
          trail.add("left over, started");
          sleep(millis(1));
          trail.add("left over, goes on in the next run");
        });
        sleep(seconds(0));
        trail.add("first ends");
      });
      runner.run(() -> {
        loops.add(getRunningLoop());
        sleep(millis(30));
        trail.add("second ends");
      });
    }
    assertThat(loops.get(0)).isSameAs(loops.get(1));
    assertThat(trail)
        .containsExactly(
            "left over, started",
            "first ends",
            "left over, goes on in the next run",
            "second ends");
  }

  @EachEngine
  @Spec("RUN-9")
  void theRunsOfARunnerShareOneContext(Engine engine) {
    List<String> seen = new ArrayList<>();
    var token = WORD.set("before");
    try (Runner runner = new Runner(on(engine))) {
      runner.getLoop();
      WORD.set("after the loop was made");
      runner.run(() -> {
        seen.add(WORD.get());
        WORD.set("first run");
      });
      Context other = new Context();
      runner.run(
          () -> {
            seen.add(WORD.get());
            WORD.set("other context");
          },
          other);
      runner.run(() -> seen.add(WORD.get()));
      seen.add(other.get(WORD));
      seen.add(WORD.get());
    } finally {
      WORD.reset(token);
    }
    assertThat(seen)
        .containsExactly(
            "before", "unset", "first run", "other context", "after the loop was made");
  }

  @EachEngine
  @Spec("RUN-10")
  void closeIsIdempotentAndNeedsNoLoop(Engine engine) {
    List<String> made = new ArrayList<>();
    Runner unused =
        new Runner(
            RunOptions.DEFAULT.withLoopFactory(() -> {
              made.add("loop");
              return LoopKind.preferred().newLoop(engine);
            }));
    unused.close();
    unused.close();
    assertThat(made).isEmpty();

    Runner runner = new Runner(on(engine));
    EventLoop loop = runner.getLoop();
    runner.close();
    assertThat(loop.isClosed()).isTrue();
    runner.close();
  }

  @EachEngine
  @Spec("RUN-11")
  void aClosedRunnerIsOfNoUse(Engine engine) {
    Runner runner = new Runner(on(engine));
    runner.run(() -> {});
    runner.close();
    List<String> started = new ArrayList<>();
    assertRefused("Runner is closed", () -> runner.run(() -> started.add("run")));
    assertRefused("Runner is closed", () -> runner.run(() -> started.add("run"), new Context()));
    assertRefused("Runner is closed", runner::getLoop);
    assertThat(started).isEmpty();
  }

  @EachEngine
  @Spec("RUN-23")
  void theResultIsNeverTurnedIntoText(Engine engine) {
    Object shy =
        new Object() {
          @Override
          public String toString() {
            throw new AssertionError("toString was called");
          }
        };
    assertThat(Asyncio.<Object>run(() -> shy, on(engine).withDebug(true)) == shy).isTrue();
    try (Runner runner = new Runner(on(engine))) {
      assertThat(runner.<Object>run(() -> shy) == shy).isTrue();
    }
  }

  // ---- the thread of the loop

  @EachEngine
  void theLoopHasAThreadOfItsOwnThatInheritsFromTheCaller(Engine engine) {
    InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
    inherited.set("from the caller");
    ClassLoader loader = new ClassLoader(getClass().getClassLoader()) {};
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    List<Object> seen = new ArrayList<>();
    caller.setContextClassLoader(loader);
    try {
      Asyncio.run(
          () -> {
            seen.add(inherited.get());
            seen.add(Thread.currentThread().getContextClassLoader());
            Future<Object> called = getRunningLoop().createFuture();
            getRunningLoop()
                .callSoon(() -> {
                  seen.add(inherited.get());
                  seen.add(Thread.currentThread().getContextClassLoader());
                  seen.add(Thread.currentThread() == caller);
                  seen.add(Thread.currentThread().isVirtual());
                  called.setResult(null);
                });
            called.await();
          },
          on(engine));
    } finally {
      caller.setContextClassLoader(before);
    }
    assertThat(seen)
        .containsExactly(
            "from the caller", loader, "from the caller", loader, false, engine == Engine.PORTABLE);
  }

  @EachEngine
  @Spec("RUN-24")
  void anInterruptOfTheCallerCancelsTheMainTask(Engine engine) throws Exception {
    List<String> trail = new ArrayList<>();
    CountDownLatch waits = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              thrown.set(
                  catchThrowable(() ->
                      Asyncio.run(
                          () -> {
                            waits.countDown();
                            try {
                              sleep(seconds(100));
                            } finally {
                              trail.add("cleaned up");
                            }
                          },
                          on(engine))));
              trail.add("interrupted " + Thread.currentThread().isInterrupted());
            });
    assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join(20_000);
    assertThat(thrown.get()).isInstanceOf(CancelledError.class).hasMessageContaining("interrupted");
    assertThat(trail).containsExactly("cleaned up", "interrupted false");
  }

  @EachEngine
  @Spec("RUN-24")
  void aMainTaskMayGoOnAfterAnInterruptOfTheCaller(Engine engine) {
    Thread.currentThread().interrupt();
    String result =
        Asyncio.run(
            () -> {
              for (; ; ) {
                try {
                  sleep(seconds(100));
                } catch (CancelledError e) {
                  return "went on";
                }
              }
            },
            on(engine));
    assertThat(result).isEqualTo("went on");
    assertThat(Thread.interrupted()).isFalse();
  }
}
