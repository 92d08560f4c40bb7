package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import asyncio.Generator;
import asyncio.GeneratorExit;
import asyncio.StopIteration;
import asyncio.conformance.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/** HER: what a generator does, wherever it is used. */
class GeneratorTest {
  private final List<Object> trail = new ArrayList<>();

  /** Yields 1 and 2 and returns "end", with what happens to it in the trail. */
  private Generator<Integer, String, String> traced() {
    return Generator.of(y -> {
      trail.add("begins");
      try {
        trail.add(y.yield(1));
        trail.add(y.yield(2));
        trail.add("returns");
        return "end";
      } finally {
        trail.add("finally");
      }
    });
  }

  private static StopIteration endOf(Generator<?, ?, ?> generator) {
    return catchThrowableOfType(StopIteration.class, generator::next);
  }

  @Place.Each
  @Spec("HER-19")
  void creatingOneRunsNoneOfItsCode(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      assertThat(trail).isEmpty();
      assertThat(generator.toString())
          .isEqualTo("<generator " + GeneratorTest.class.getName() + ".lambda created>");

      assertThat(generator.next()).isEqualTo(1);

      assertThat(trail).containsExactly("begins");
      generator.close();
    });
  }

  @Place.Each
  @Spec("HER-20")
  void theEndIsSignalledWithTheReturnedValueOnce(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      assertThat(generator.next()).isEqualTo(1);
      assertThat(generator.next()).isEqualTo(2);

      StopIteration first = endOf(generator);
      StopIteration second = endOf(generator);

      assertThat(first.value()).isEqualTo("end");
      assertThat(first).isInstanceOf(NoSuchElementException.class);
      assertThat(second.value()).isNull();
      assertThat(generator.result()).isEqualTo("end");
      assertThat(trail).containsExactly("begins", null, null, "returns", "finally");
    });
  }

  @Place.Each
  @Spec("HER-20")
  void aLoopTakesAllValuesAndTheResultCanBeReadAfterIt(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      List<Integer> values = new ArrayList<>();
      assertThatIllegalStateException()
          .isThrownBy(generator::result)
          .withMessageContaining("has not returned");

      for (int value : generator) {
        values.add(value);
      }

      assertThat(values).containsExactly(1, 2);
      assertThat(generator.result()).isEqualTo("end");
      assertThat(generator.hasNext()).isFalse();
      assertThat(endOf(generator).value()).isEqualTo("end");
      assertThat((Iterable<Integer>) generator).as("a second loop").isEmpty();
    });
  }

  @Place.Each
  @Spec("HER-21")
  void whatIsSentIsTheValueOfTheYield(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      assertThat(generator.send(null)).isEqualTo(1);
      assertThat(generator.send("sent")).isEqualTo(2);
      assertThatExceptionOfType(StopIteration.class)
          .isThrownBy(generator::next)
          .satisfies(end -> assertThat(end.value()).isEqualTo("end"));
      assertThat(trail).containsExactly("begins", "sent", null, "returns", "finally");
    });
  }

  @Place.Each
  @Spec("HER-22")
  void aValueCannotBeSentBeforeTheFirstYield(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();

      assertThatThrownBy(() -> generator.send("early"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("can't send non-null value to a just-started generator: early");

      assertThat(trail).isEmpty();
      assertThat(generator.next()).isEqualTo(1);
      generator.close();
    });
  }

  @Place.Each
  @Spec("HER-23")
  void anExceptionThrownInCanBeCaughtAtTheYield(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Object, String> generator =
          Generator.of(y -> {
            try {
              y.yield("waiting");
            } catch (IllegalArgumentException e) {
              y.yield("caught " + e.getMessage());
            }
            return "end";
          });
      generator.next();

      assertThat(generator.throwIn(new IllegalArgumentException("it"))).isEqualTo("caught it");

      assertThat(endOf(generator).value()).isEqualTo("end");
    });
  }

  @Place.Each
  @Spec("HER-23")
  void anExceptionThatTheBodyDoesNotCatchComesOutAndEndsTheGenerator(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      generator.next();
      var failure = new IllegalArgumentException("it");

      assertThatThrownBy(() -> generator.throwIn(failure)).isSameAs(failure);

      assertThat(trail).containsExactly("begins", "finally");
      assertThat(endOf(generator).value()).isNull();
      assertThatThrownBy(() -> generator.throwIn(failure)).isSameAs(failure);
    });
  }

  @Place.Each
  @Spec("HER-23")
  void anExceptionThrownInBeforeTheStartEndsTheGeneratorWithoutRunningIt(Place place)
      throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      var failure = new IllegalArgumentException("it");

      assertThatThrownBy(() -> generator.throwIn(failure)).isSameAs(failure);

      assertThat(trail).isEmpty();
      assertThat(endOf(generator).value()).isNull();
    });
  }

  @Place.Each
  @Spec("HER-23")
  void aCheckedExceptionReachesTheYieldAsItIsAndTheCallerWrapped(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator =
          Generator.of(y -> {
            try {
              y.yield(1);
            } catch (Exception e) {
              trail.add(e);
              throw e;
            }
            return "";
          });
      generator.next();
      var failure = new IOException("it");

      assertThatThrownBy(() -> generator.throwIn(failure))
          .isInstanceOf(UncheckedIOException.class)
          .hasCause(failure);

      assertThat(trail).containsExactly(failure);
    });
  }

  @Place.Each
  @Spec("HER-24")
  void closingRunsTheFinallyBlocksAndEndsTheGenerator(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator =
          Generator.of(y -> {
            try {
              y.yield(1);
              trail.add("not reached");
            } catch (Exception e) {
              trail.add("not an Exception");
            } catch (GeneratorExit e) {
              trail.add("exit");
              throw e;
            } finally {
              trail.add("finally");
            }
            return "";
          });
      generator.next();

      generator.close();
      generator.close();

      assertThat(trail).containsExactly("exit", "finally");
      assertThat(endOf(generator).value()).isNull();
      assertThat(generator.hasNext()).isFalse();
    });
  }

  @Place.Each
  @Spec("HER-24")
  void closingOneThatYieldsAgainFails(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            try {
              y.yield(1);
            } finally {
              y.yield(2);
              trail.add("goes on");
            }
          });
      generator.next();

      assertThatIllegalStateException()
          .isThrownBy(generator::close)
          .withMessageContaining("generator ignored GeneratorExit");

      generator.close();
      assertThat(trail).isEmpty();
      assertThat(generator.hasNext()).isFalse();
    });
  }

  @Place.Each
  @Spec("HER-24")
  void closingAFinishedOrUnstartedOneRunsNoCode(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> unstarted = traced();
      unstarted.close();
      assertThat(trail).isEmpty();
      assertThat(endOf(unstarted).value()).isNull();
      assertThat(trail).isEmpty();

      Generator<Integer, String, String> finished = traced();
      finished.forEachRemaining(_ -> {});
      trail.clear();
      finished.close();
      assertThat(trail).isEmpty();
      assertThat(finished.result()).isEqualTo("end");
    });
  }

  @Place.Each
  @Spec("HER-24")
  void whatTheBodyThrowsOrReturnsWhenClosedIsKept(Place place) throws Exception {
    place.run(() -> {
      var failure = new IllegalStateException("while closing");
      Generator<Integer, Object, Object> failing =
          Generator.of(y -> {
            try {
              y.yield(1);
            } finally {
              throwIt(failure);
            }
          });
      failing.next();
      assertThatThrownBy(failing::close).isSameAs(failure);

      Generator<Integer, Object, String> returning =
          Generator.of(y -> {
            try {
              y.yield(1);
              return "not reached";
            } catch (GeneratorExit e) {
              return "closed";
            }
          });
      returning.next();
      returning.close();
      assertThat(returning.result()).isEqualTo("closed");
    });
  }

  private static void throwIt(RuntimeException failure) {
    throw failure;
  }

  @Place.Each
  @Spec("HER-24")
  void tryWithResourcesClosesALoopThatIsLeftEarly(Place place) throws Exception {
    place.run(() -> {
      try (var generator = traced()) {
        for (int value : generator) {
          trail.add(value);
          break;
        }
      }
      assertThat(trail).containsExactly("begins", 1, "finally");
    });
  }

  @Place.Each
  @Spec("HER-25")
  void oneThatCallsItselfFailsAtOnce(Place place) throws Exception {
    place.run(() -> {
      List<Generator<Integer, Object, Object>> self = new ArrayList<>();
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            for (Runnable call :
                List.<Runnable>of(
                    self.getFirst()::next,
                    self.getFirst()::close,
                    () -> y.yieldFrom(self.getFirst()))) {
              try {
                call.run();
              } catch (IllegalStateException e) {
                trail.add(e.getMessage().replaceFirst(":.*", ""));
              }
            }
            y.yield(1);
          });
      self.add(generator);

      assertThat(generator.next()).isEqualTo(1);

      assertThat(trail).containsOnly("generator already executing").hasSize(3);
      generator.close();
    });
  }

  @Place.Each
  @Spec("HER-25")
  void twoThatCallEachOtherFailAtOnce(Place place) throws Exception {
    place.run(() -> {
      List<Generator<Integer, Object, Object>> both = new ArrayList<>();
      both.add(Generator.of(y -> y.yieldFrom(both.getLast())));
      both.add(Generator.of(y -> y.yieldFrom(both.getFirst())));
      assertThatIllegalStateException()
          .isThrownBy(both.getFirst()::next)
          .withMessageContaining("generator already executing");
    });
  }

  @Place.Each
  @Spec("HER-26")
  void anExceptionComesOutWithTheFramesOfTheBodyAboveThoseOfTheCaller(Place place)
      throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            y.yield(1);
            failInTheBody();
          });
      generator.next();

      var failure = catchThrowableOfType(IllegalStateException.class, () -> callIt(generator));

      assertThat(failure).hasMessage("from the body");
      List<String> frames =
          List.of(failure.getStackTrace()).stream()
              .map(StackTraceElement::getMethodName)
              .filter(name -> !name.startsWith("lambda$"))
              .toList();
      assertThat(frames).startsWith("failInTheBody", "next", "callIt");
      assertThat(endOf(generator).value()).isNull();
    });
  }

  private static void failInTheBody() {
    throw new IllegalStateException("from the body");
  }

  private static void callIt(Generator<?, ?, ?> generator) {
    generator.next();
  }

  @Place.Each
  @Spec("HER-26")
  void anEndSignalledInsideTheBodyIsNotTakenForItsOwnEnd(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            y.yield(Generator.from(List.<Integer>of()).next());
          });
      assertThatIllegalStateException()
          .isThrownBy(generator::next)
          .withMessageContaining("generator raised StopIteration")
          .withCauseInstanceOf(StopIteration.class);
    });
  }

  @Place.Each
  void aValueThatHasNextFetchedIsTakenBeforeAnythingIsSent(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, String, String> generator = traced();
      assertThat(generator.hasNext()).isTrue();
      assertThat(generator.hasNext()).isTrue();
      assertThatIllegalStateException().isThrownBy(() -> generator.send("x"));
      assertThatIllegalStateException()
          .isThrownBy(() -> generator.throwIn(new IllegalArgumentException()))
          .withMessageContaining("take its value with next() first");
      assertThat(generator.next()).isEqualTo(1);
      assertThat(generator.send("sent")).isEqualTo(2);
      generator.close();
      assertThat(trail).containsExactly("begins", "sent", "finally");
    });
  }

  @Place.Each
  void onlyTheBodyItselfYields(Place place) throws Exception {
    place.run(() -> {
      List<Generator.Yielder<Integer, Object>> leaked = new ArrayList<>();
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            leaked.add(y);
            Generator<Integer, Object, Object> inner = Generator.of(_ -> y.yield(2));
            y.yield(inner.next());
          });
      assertThatIllegalStateException()
          .isThrownBy(generator::next)
          .withMessageContaining("yield outside the body of its generator");
      assertThatIllegalStateException().isThrownBy(() -> leaked.getFirst().yield(1));
    });
  }
}
