package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import asyncio.Generator;
import asyncio.StopIteration;
import asyncio.conformance.Spec;
import asyncio.conformance.engine.ForkedJvm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** HER: generators over a source, made by mapping and filtering. */
class GeneratorExpressionTest {
  private final List<Object> trail = new ArrayList<>();

  private Generator<String, ?, ?> evenOnes(Iterable<Integer> source) {
    return Generator.from(source)
        .filter(n -> {
          trail.add("test " + n);
          return n % 2 == 0;
        })
        .map(n -> "<" + n + ">");
  }

  @Place.Each
  @Spec("HER-29")
  void elementsAreComputedWhenTheyAreAskedFor(Place place) throws Exception {
    place.run(() -> {
      Generator<String, ?, ?> evenOnes = evenOnes(List.of(1, 2, 3, 4, 5, 6));
      assertThat(trail).isEmpty();

      assertThat(evenOnes.next()).isEqualTo("<2>");
      assertThat(trail).containsExactly("test 1", "test 2");

      assertThat(evenOnes.next()).isEqualTo("<4>");
      assertThat(trail).hasSize(4);
      evenOnes.close();
      assertThat(evenOnes.hasNext()).isFalse();
      assertThat(trail).as("nothing more is looked at").hasSize(4);
    });
  }

  @Test
  @Spec("HER-29")
  void aSecondTraversalIsEmpty() {
    Generator<String, ?, ?> evenOnes = evenOnes(List.of(1, 2, 3, 4));
    assertThat((Iterable<String>) evenOnes).containsExactly("<2>", "<4>");
    assertThat((Iterable<String>) evenOnes).isEmpty();
    assertThat(trail).hasSize(4);
  }

  @Test
  void nullIsAnElementLikeAnother() {
    List<String> source = new ArrayList<>();
    source.add(null);
    source.add("a");
    Generator<String, Object, Void> generator = Generator.from(source);
    assertThat((Iterable<String>) generator.filter(_ -> true).map(s -> s))
        .containsExactly(null, "a");
  }

  @Test
  void whatIsSentIsIgnoredAndWhatIsThrownInEndsIt() {
    Generator<Integer, Object, Void> generator = Generator.from(List.of(1, 2, 3, 4));
    generator.next();
    assertThat(generator.send("ignored")).isEqualTo(2);
    var failure = new IllegalArgumentException();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> generator.throwIn(failure)))
        .isSameAs(failure);
    assertThat(generator.hasNext()).isFalse();
    assertThatIllegalStateException().isThrownBy(generator::result);
  }

  @Test
  void aFunctionThatAsksForTheElementBeingComputedIsRefused() {
    List<Iterator<Integer>> self = new ArrayList<>();
    Generator<Integer, Object, Void> generator =
        Generator.from(List.of(1)).map(_ -> self.getFirst().next());
    self.add(generator);
    assertThatIllegalStateException()
        .isThrownBy(generator::next)
        .withMessageContaining("generator already executing");
  }

  @Test
  void noThreadIsNeeded() {
    Set<Thread> threads = new HashSet<>();
    Iterable<Integer> source =
        () ->
            Stream.iterate(1, n -> n + 1).peek(_ -> threads.add(Thread.currentThread())).iterator();
    Generator<Integer, Object, Void> generator = Generator.from(source);
    for (int n : generator.map(n -> 2 * n)) {
      if (n == 20) {
        break;
      }
    }
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  /** Sums ten million generated values in a heap that has no room for them. */
  static final class TakesTenMillion {
    private static final int COUNT = 10_000_000;

    public static void main(String[] args) {
      Generator<Object, Object, Object> values =
          Generator.of(y -> {
            for (int i = 0; i < COUNT; i++) {
              y.yield(new int[] {i});
            }
          });
      System.out.println(sum(values.map(value -> ((int[]) value)[0])));
      Iterable<Integer> range = IntStream.range(0, COUNT)::iterator;
      System.out.println(sum(Generator.<Integer>from(range).filter(_ -> true)));
    }

    private static long sum(Iterable<Integer> values) {
      long sum = 0;
      for (int value : values) {
        sum += value;
      }
      return sum;
    }
  }

  @Test
  @Spec("HER-30")
  void tenMillionValuesNeedNoMoreMemoryThanOne() {
    var result = ForkedJvm.of(TakesTenMillion.class).withFlags("-Xmx16m", "-Xms16m").run();
    assertThat(result.err()).isEmpty();
    assertThat(result.lines()).containsExactly("49999995000000", "49999995000000");
  }

  @Test
  void theEndOfAnExpressionIsSignalled() {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    StopIteration.class, Generator.from(List.of())::next)
                .value())
        .isNull();
  }
}
