package asyncio.conformance.heritage;

import static asyncio.Asyncio.captureCallGraph;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentDeadline;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.noSuspend;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Generator;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.conformance.EachEngine;
import asyncio.conformance.LogCapture;
import asyncio.conformance.Loops;
import asyncio.conformance.Memory;
import asyncio.conformance.OnLoop;
import asyncio.conformance.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** HER: a generator in a task, whose body waits for the loop. */
class AsyncGeneratorTest {
  private final List<Object> trail = Collections.synchronizedList(new ArrayList<>());

  /** Yields 1, 2, 3 and waits before each, and once more when it is closed. */
  private Generator<Integer, String, String> ticker(String name) {
    return Generator.of(y -> {
      try {
        for (int i = 1; i <= 3; i++) {
          sleep(millis(10));
          String sent = y.yield(i);
          if (sent != null) {
            trail.add(name + " got " + sent);
          }
        }
        return name + " is through";
      } finally {
        trail.add(name + " ends");
        sleep(millis(1));
        trail.add(name + " ended");
      }
    });
  }

  @EachEngine
  @Spec({"HER-31", "HER-85"})
  void othersRunWhileTheBodyWaits(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          createTask(() -> {
            for (int i = 0; i < 3; i++) {
              sleep(millis(7));
              trail.add("other");
            }
          });
          for (int value : ticker("it")) {
            trail.add(value);
          }
          assertThat(trail)
              .containsExactly("other", 1, "other", 2, "other", 3, "it ends", "it ended");
        });
  }

  @EachEngine
  @Spec("HER-31")
  void sendingThrowingInAndClosingMayWait(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Generator<Integer, String, String> one = ticker("one");
          assertThat(one.next()).isEqualTo(1);
          assertThat(one.send("a value")).isEqualTo(2);
          one.close();
          Generator<Integer, String, String> two = ticker("two");
          two.next();
          assertThatThrownBy(() -> two.throwIn(new IllegalArgumentException("thrown in")))
              .hasMessage("thrown in");
          assertThat(trail)
              .containsExactly("one got a value", "one ends", "one ended", "two ends", "two ended");
        });
  }

  @EachEngine
  @Spec("HER-31")
  void theBodyIsPartOfTheTask(Engine engine) {
    ContextVar<String> variable = new ContextVar<>("variable");
    OnLoop.run(
        engine,
        () -> {
          variable.set("set by the task");
          Task<?> task = currentTask();
          EventLoop loop = getRunningLoop();
          Generator<Object, Object, Object> generator =
              Generator.of(y -> {
                y.yield(currentTask());
                y.yield(getRunningLoop());
                y.yield(variable.get());
                variable.set("set by the body");
                loop.callSoon(() -> trail.add("called soon"));
                createTask(() -> trail.add("eager"), TaskOptions.DEFAULT.withEagerStart(true));
                y.yield(null);
              });
          assertThat(generator.next()).isSameAs(task);
          assertThat(generator.next()).isSameAs(loop);
          assertThat(generator.next()).isEqualTo("set by the task");
          generator.next();
          assertThat(variable.get()).isEqualTo("set by the body");
          assertThat(trail).containsExactly("eager");
          sleep(Duration.ZERO);
          assertThat(trail).containsExactly("eager", "called soon");
        });
  }

  @EachEngine
  void nothingElseRunsIfTheBodyDoesNotWait(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          loop.callSoon(() -> trail.add("callback"));
          int before = loop.iterations;
          Generator<Integer, Object, Object> generator =
              Generator.of(y -> {
                for (int i = 0; i < 100; i++) {
                  y.yield(i);
                }
              });
          noSuspend(() -> generator.forEachRemaining(trail::add));
          assertThat(trail).hasSize(100);
          assertThat(loop.iterations).isEqualTo(before);
        });
  }

  @EachEngine
  @Spec("HER-25")
  void aSecondTaskIsRefusedWhileTheBodyWaits(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Generator<Integer, String, String> generator = ticker("it");
          Task<?> first = createTask(() -> trail.add(generator.next()));
          sleep(Duration.ZERO);
          assertThatIllegalStateException()
              .isThrownBy(generator::next)
              .withMessageContaining("generator already executing");
          assertThatIllegalStateException().isThrownBy(generator::close);
          first.await();
          assertThat(generator.next()).isEqualTo(2);
          assertThat(trail).containsExactly(1);
          generator.close();
        });
  }

  @EachEngine
  void aCancellationArrivesWhereTheBodyWaits(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Generator<Integer, String, String> generator = ticker("it");
          Task<?> task =
              createTask(() -> {
                try {
                  generator.next();
                } catch (CancelledError e) {
                  trail.add("cancelled");
                  throw e;
                }
              });
          sleep(Duration.ZERO);
          task.cancel();
          assertThatExceptionOfType(CancelledError.class).isThrownBy(task::await);
          assertThat(trail).containsExactly("it ends", "it ended", "cancelled");
          assertThat(generator.hasNext()).isFalse();
        });
  }

  @EachEngine
  void aTimeoutOfTheCallerReachesTheBodyAndOneOfTheBodyStaysThere(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Generator<Long, Object, Object> generator =
              Generator.of(y -> {
                timeout(
                    seconds(5),
                    () -> {
                      y.yield(currentDeadline());
                      y.yield(currentDeadline());
                    });
                y.yield(currentDeadline());
                sleep(seconds(10));
              });
          long now = loop.time();
          assertThat(generator.next()).isEqualTo(now + seconds(5).toNanos());
          assertThat(currentDeadline()).isEqualTo(EventLoop.NEVER);
          assertThat(generator.next()).isEqualTo(now + seconds(5).toNanos());
          timeout(seconds(7), () -> assertThat(generator.next()).isEqualTo(EventLoop.NEVER));
          assertThat(currentDeadline()).isEqualTo(EventLoop.NEVER);
          assertThatExceptionOfType(asyncio.TimeoutException.class)
              .isThrownBy(() -> timeout(seconds(1), () -> generator.hasNext()));
        });
  }

  @EachEngine
  void yieldingInsideNoSuspendIsRefusedAndSoIsWaitingInTheCallers(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Generator<Integer, Object, Object> yielding =
              Generator.of(y -> noSuspend(() -> y.yield(1)));
          assertThatIllegalStateException()
              .isThrownBy(yielding::next)
              .withMessageContaining("yield inside noSuspend");
          Generator<Integer, Object, Object> waiting =
              Generator.of(y -> {
                y.yield(1);
                sleep(Duration.ZERO);
              });
          waiting.next();
          assertThatIllegalStateException()
              .isThrownBy(() -> noSuspend(() -> waiting.hasNext()))
              .withMessageContaining("noSuspend");
          sleep(Duration.ZERO);
        });
  }

  @EachEngine
  @Spec("LOOP-47")
  void theEndOfTheLoopClosesThoseLeftHalfWay(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          loop.runUntilComplete(() -> {
            for (int value : ticker("left")) {
              trail.add(value);
              break;
            }
            ticker("through").forEachRemaining(_ -> {});
            trail.clear();
            ticker("not begun");
            loop.shutdownAsyncgens();
            trail.add("shut down");
          });
          assertThat(trail).containsExactly("left ends", "left ended", "shut down");
        });
  }

  @EachEngine
  @Spec("LOOP-48")
  void aFailureWhenClosedAtTheEndIsReported(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = Loops.collectReports(loop);
          var failure = new IllegalStateException("while closing");
          Generator<Integer, Object, Object> broken =
              Generator.of(y -> {
                try {
                  y.yield(1);
                } finally {
                  fail(failure);
                }
              });
          loop.runUntilComplete(() -> {
            broken.next();
            loop.shutdownAsyncgens();
          });
          assertThat(reports).hasSize(1);
          assertThat(reports.getFirst().exception()).isSameAs(failure);
          assertThat(reports.getFirst().get(ErrorContext.ASYNCGEN)).hasToString(broken.toString());
        });
  }

  private static void fail(RuntimeException failure) {
    throw failure;
  }

  @EachEngine
  @Spec("LOOP-49")
  void beginningOneAfterTheShutdownWarnsButWorks(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          try (var log = new LogCapture()) {
            loop.runUntilComplete(() -> {
              loop.shutdownAsyncgens();
              assertThat(log.texts(Level.WARNING)).isEmpty();
              ticker("late").forEachRemaining(trail::add);
            });
            assertThat(trail).startsWith(1, 2, 3);
            assertThat(log.texts(Level.WARNING))
                .singleElement()
                .asString()
                .contains("<generator", "after loop.shutdownAsyncgens()");
          }
        });
  }

  @EachEngine
  @Spec("LOOP-50")
  void anAbandonedOneIsClosedByATaskOfItsLoop(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          AtomicReference<Task<?>> closer = new AtomicReference<>();
          Future<String> closed = loop.createFuture();
          loop.runUntilComplete(() -> {
            beginAndDrop(closer, closed);
            Thread collector =
                Thread.ofPlatform()
                    .start(() -> {
                      try {
                        Memory.collectUntil(closed::isDone);
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    });
            assertThat(closed.await()).isEqualTo("closed");
            assertThat(closer.get()).isNotNull().isNotSameAs(currentTask());
            loop.runInExecutor(
                    null,
                    () -> {
                      collector.join();
                      return null;
                    })
                .await();
          });
        });
  }

  private static void beginAndDrop(AtomicReference<Task<?>> closer, Future<String> closed) {
    Generator<Integer, Object, Object> generator =
        Generator.of(y -> {
          try {
            y.yield(1);
          } finally {
            closer.set(currentTask());
            sleep(millis(1));
            closed.setResult("closed");
          }
        });
    generator.next();
  }

  @EachEngine
  @Spec("LOOP-50")
  void aFailureOfAnAbandonedOneIsReported(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<ErrorContext> reports = Loops.collectReports(loop);
          loop.runUntilComplete(() -> {
            dropOneThatYieldsAgain();
            while (reports.isEmpty()) {
              System.gc();
              sleep(millis(1));
            }
          });
          assertThat(reports.getFirst().exception())
              .hasMessageContaining("generator ignored GeneratorExit");
          assertThat(reports.getFirst().asMap())
              .containsOnlyKeys("message", "exception", "asyncgen");
        });
  }

  private static void dropOneThatYieldsAgain() {
    Generator<Integer, Object, Object> generator =
        Generator.of(y -> {
          try {
            y.yield(1);
          } finally {
            y.yield(2);
          }
        });
    generator.next();
  }

  @EachEngine
  void oneWhoseLoopIsClosedIsClosedOnAnotherThread(Engine engine) throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    var loop = LoopKind.preferred().newLoop(engine);
    loop.runUntilComplete(() -> {
      dropOneThatCounts(closed);
    });
    loop.close();
    assertThat(Memory.collectUntil(() -> closed.getCount() == 0)).isTrue();
  }

  @Place.Each
  void oneThatWasBegunAnywhereIsClosedWhenItIsDropped(Place place) throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    place.run(() -> dropOneThatCounts(closed));
    assertThat(Memory.collectUntil(() -> closed.getCount() == 0)).isTrue();
  }

  private static void dropOneThatCounts(CountDownLatch closed) {
    Generator<Integer, Object, Object> generator =
        Generator.of(y -> {
          try {
            y.yield(1);
          } finally {
            closed.countDown();
          }
        });
    generator.next();
  }

  @Test
  void aFailureOfADroppedOneOutsideLoopsIsLogged() throws Exception {
    try (var log = new LogCapture()) {
      dropOneThatYieldsAgain();
      assertThat(Memory.collectUntil(() -> !log.texts(Level.SEVERE).isEmpty())).isTrue();
      assertThat(log.texts(Level.SEVERE).getFirst())
          .contains("an error occurred during closing of <generator");
    }
  }

  private static void waitInBody(Future<?> future) {
    future.await();
  }

  private static void consume(Generator<?, ?, ?> generator) {
    generator.next();
  }

  @EachEngine
  @Spec("GRAPH-13")
  void theStackOfATaskShowsTheBodyAndWhoCalledIt(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<Object> future = loop.createFuture();
          Generator<Object, Object, Object> inner =
              Generator.of(y -> {
                waitInBody(future);
                y.yield(frames(captureCallGraph().callStack()));
              });
          Generator<Object, Object, Object> outer =
              Generator.of(y -> {
                consume(inner);
                y.yield(1);
              });
          Task<?> task = createTask(() -> consume(outer));
          sleep(Duration.ZERO);
          String expected = "[waitInBody, Generator.next, consume, Generator.next, consume]";
          assertThat(frames(captureCallGraph(task).callStack())).isEqualTo(expected);
          assertThat(frames(task.stack().reversed())).isEqualTo(expected);
          assertThat(captureCallGraph(task).toString())
              .containsSubsequence(
                  "AsyncGeneratorTest.waitInBody()", "in Generator.next()", "consume()");
          future.setResult(1);
          task.await();
        });
  }

  @EachEngine
  @Spec("GRAPH-13")
  void theLiveStackDoesToo(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Generator<Object, Object, Object> generator =
              Generator.of(y -> y.yield(frames(captureCallGraph().callStack())));
          assertThat(next(generator)).isEqualTo("[Generator.next, next]");
        });
  }

  private static Object next(Generator<?, ?, ?> generator) {
    return generator.next();
  }

  /** Method names, with the class for those of the library, without lambdas. */
  private static String frames(List<StackTraceElement> stack) {
    List<String> names = new ArrayList<>();
    for (StackTraceElement frame : stack) {
      String type = frame.getClassName();
      if (type.matches("asyncio\\.\\w+")) {
        names.add(type.substring("asyncio.".length()) + "." + frame.getMethodName());
      } else if (!frame.getMethodName().startsWith("lambda$")) {
        names.add(frame.getMethodName());
      }
    }
    return names.toString();
  }

  @Test
  @Spec("HER-31")
  void aBlockingCallInTheBodySuspendsTheTaskOnly() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              CountDownLatch latch = new CountDownLatch(1);
              Generator<Integer, Object, Object> generator =
                  Generator.of(y -> {
                    latch.await();
                    y.yield(1);
                  });
              loop.callSoon(() -> {
                trail.add("others run");
                latch.countDown();
              });
              trail.add(generator.next());
              assertThat(trail).containsExactly("others run", 1);
            }));
  }

  @Test
  void cancellingATaskWhoseGeneratorBlocksInterruptsTheCall() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              Generator<Integer, Object, Object> generator =
                  Generator.of(y -> {
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                      trail.add("interrupted");
                      throw e;
                    }
                  });
              Task<?> task = createTask(() -> generator.next());
              sleep(Duration.ZERO);
              task.cancel("enough");
              assertThatExceptionOfType(CancelledError.class)
                  .isThrownBy(task::await)
                  .satisfies(e -> assertThat(e.reason()).isEqualTo("enough"));
              assertThat(trail).containsExactly("interrupted");
            }));
  }

  @EachEngine
  void aTaskLeftInsideAGeneratorRunsTheFinallyBlocksOfBoth(Engine engine) throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    var loop = LoopKind.preferred().newLoop(engine);
    loop.setExceptionHandler((_, _) -> {});
    Generator<Integer, Object, Object> generator =
        Generator.of(y -> {
          try {
            loop.createFuture().await();
          } finally {
            trail.add("body");
            both.countDown();
          }
        });
    loop.createTask(() -> {
      try {
        generator.next();
      } finally {
        trail.add("task");
        both.countDown();
      }
    });
    Loops.runOnce(loop);
    loop.close();
    both.await();
    assertThat(trail).containsExactly("body", "task");
  }

  @Test
  void oneCanBeContinuedAnywhere() throws Exception {
    for (Place begun : Place.values()) {
      List<Thread> bodies = new ArrayList<>();
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            for (int i = 0; ; i++) {
              bodies.add(Thread.currentThread());
              y.yield(i);
            }
          });
      for (int i = 0; i < 3; i++) {
        int round = i * Place.values().length;
        for (Place place : Place.values()) {
          int at = (place.ordinal() + begun.ordinal()) % Place.values().length;
          int expected = round + place.ordinal();
          Place.values()[at].run(() -> assertThat(generator.next()).isEqualTo(expected));
        }
      }
      assertThat(Set.copyOf(bodies)).hasSize(1);
    }
  }
}
