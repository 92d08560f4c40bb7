package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.Generator;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HER: the body of a generator is on a thread of its own, and yet part of the caller's. */
class GeneratorThreadTest {
  private final List<Object> trail = new ArrayList<>();

  @Place.Each
  @Spec("HER-31")
  void theBodyMayBlockInAnyThread(Place place) throws Exception {
    place.run(() -> {
      Semaphore permits = new Semaphore(0);
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            for (int i = 0; i < 3; i++) {
              permits.tryAcquire(1, TimeUnit.MILLISECONDS);
              y.yield(i);
            }
          });
      assertThat((Iterable<Integer>) generator).containsExactly(0, 1, 2);
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM_THREAD", "VIRTUAL_THREAD"})
  void interruptingTheCallerInterruptsTheCallThatBlocksTheBody(Place place) throws Exception {
    place.run(() -> {
      CountDownLatch blocks = new CountDownLatch(1);
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            try {
              blocks.countDown();
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              trail.add("interrupted");
            }
            y.yield(1);
          });
      Thread caller = Thread.currentThread();
      Thread interrupter =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  blocks.await();
                } catch (InterruptedException e) {
                  return;
                }
                caller.interrupt();
              });
      assertThat(generator.next()).isEqualTo(1);
      interrupter.join();
      assertThat(trail).containsExactly("interrupted");
      assertThat(Thread.interrupted()).isFalse();
      generator.close();
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM_THREAD", "VIRTUAL_THREAD"})
  void theInterruptFlagGoesWithTheTurn(Place place) throws Exception {
    place.run(() -> {
      Generator<Boolean, Object, Object> generator =
          Generator.of(y -> {
            y.yield(Thread.interrupted());
            Thread.currentThread().interrupt();
            y.yield(true);
          });
      Thread.currentThread().interrupt();
      assertThat(generator.next()).isTrue();
      assertThat(Thread.interrupted()).as("taken by the body").isFalse();
      generator.next();
      assertThat(Thread.interrupted()).as("set by the body").isTrue();
      generator.close();
    });
  }

  @Place.Each
  @Spec("HER-31")
  void theContextIsTheCallers(Place place) throws Exception {
    ContextVar<String> variable = new ContextVar<>("variable");
    place.run(() -> {
      Generator<String, Object, Object> generator =
          Generator.of(y -> {
            y.yield(variable.get());
            variable.set("set by the body");
            y.yieldFrom(Generator.<String, Object, Object>of(inner -> inner.yield(variable.get())));
            y.yield(variable.get());
          });
      variable.set("set by the caller");
      assertThat(generator.next()).isEqualTo("set by the caller");
      assertThat(generator.next()).isEqualTo("set by the body");
      assertThat(variable.get()).isEqualTo("set by the body");
      Context other = Asyncio.copyContext();
      other.run(() -> variable.set("set in another context"));
      other.run(() -> assertThat(generator.next()).isEqualTo("set in another context"));
      generator.close();
    });
  }

  @Place.Each
  void aGeneratorInsideAGeneratorInsideAGenerator(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> sums =
          Generator.of(y -> {
            Generator<Integer, Object, Object> squares =
                Generator.of(z -> {
                  for (int n :
                      Generator.<Integer, Object, Object>of(u -> u.yieldFrom(List.of(1, 2, 3)))) {
                    z.yield(n * n);
                  }
                });
            int sum = 0;
            for (int square : squares) {
              sum += square;
              y.yield(sum);
            }
          });
      assertThat((Iterable<Integer>) sums).containsExactly(1, 5, 14);
    });
  }

  /** Its initializer, which keeps a thread on its carrier, asks for a value. */
  private static final class AsksInInitializer {
    static final Throwable THROWN = next();

    private static Throwable next() {
      Generator<Integer, Object, Object> values = Generator.of(y -> y.yieldFrom(List.of(1, 2)));
      try {
        values.next();
        return new AssertionError("not pinned");
      } catch (IllegalStateException e) {
        return e;
      } finally {
        values.close();
      }
    }
  }

  /** Its initializer yields. */
  private static final class YieldsInInitializer {
    static Generator.Yielder<String, Object> yielder;

    static final class Initialized {
      static final String MESSAGE = message();

      private static String message() {
        try {
          yielder.yield("");
          return "not pinned";
        } catch (IllegalStateException e) {
          return e.getMessage();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PLATFORM_THREAD")
  void aBodyThatCannotLeaveItsThreadIsToldSo(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Object, Object> generator =
          Generator.of(y -> {
            YieldsInInitializer.yielder = y;
            y.yield(YieldsInInitializer.Initialized.MESSAGE);
          });
      assertThat(generator.next()).contains("cannot suspend", "<clinit>");
      generator.close();
    });
  }

  @ParameterizedTest
  @EnumSource(names = "TASK_OF_THE_DIRECT_ENGINE")
  void aTaskThatCannotLeaveItsThreadIsToldSo(Place place) throws Exception {
    place.run(() ->
        assertThat(AsksInInitializer.THROWN).hasMessageContainingAll("cannot suspend", "<clinit>"));
  }

  @Place.Each
  @Spec("HER-31")
  void waitingForALoopNeedsATask(Place place) throws Exception {
    Generator<Integer, Object, Object> generator =
        Generator.of(_ -> {
          Asyncio.sleep(Asyncio.millis(1));
        });
    boolean inTask = place.name().startsWith("TASK");
    place.run(() -> {
      if (inTask) {
        assertThat(generator.hasNext()).isFalse();
      } else {
        assertThatIllegalStateException()
            .isThrownBy(generator::next)
            .withMessageContaining("must be called from a task");
      }
    });
  }

  @Place.Each
  void aStackOverflowOfTheBodyIsTheBodys(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            try {
              endless(0);
            } catch (StackOverflowError e) {
              y.yield(1);
            }
            endless(0);
          });
      assertThat(generator.next()).isEqualTo(1);
      assertThatThrownBy(generator::next).isInstanceOf(StackOverflowError.class);
      assertThat(generator.hasNext()).isFalse();
    });
  }

  private static int endless(int depth) {
    return endless(depth + 1) + 1;
  }

  @org.junit.jupiter.api.Test
  void oneOfTheExceptionHandlersOwnWorks() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop -> {
          loop.setExceptionHandler((_, _) ->
              Generator.<Integer, Object, Object>of(
                      y -> {
                        y.yield(1);
                        y.yield(2);
                      })
                  .forEachRemaining(trail::add));
          loop.callSoon(() -> {
            throw new IllegalStateException();
          });
          loop.runUntilComplete(() -> {
            while (trail.size() < 2) {
              Asyncio.sleep(Asyncio.millis(1));
            }
          });
          assertThat(trail).containsExactly(1, 2);
        });
  }
}
