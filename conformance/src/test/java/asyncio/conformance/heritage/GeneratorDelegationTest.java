package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Generator;
import asyncio.GeneratorExit;
import asyncio.conformance.Spec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** HER: generators that hand over to others. */
class GeneratorDelegationTest {
  private final List<Object> trail = new ArrayList<>();

  /** Yields "a", and returns twice what it is sent. */
  private Generator<String, Integer, Integer> doubling() {
    return Generator.of(y -> {
      try {
        return 2 * y.yield("a");
      } catch (IllegalArgumentException e) {
        trail.add("inner caught " + e.getMessage());
        y.yield("after");
        return -1;
      } finally {
        trail.add("inner ends");
      }
    });
  }

  private Generator<String, Integer, Integer> delegating(Generator<String, Integer, Integer> to) {
    return Generator.of(y -> {
      try {
        int value = y.yieldFrom(to);
        trail.add("worth " + value);
        y.yield("b");
        return value;
      } catch (GeneratorExit e) {
        trail.add("outer exits");
        throw e;
      } finally {
        trail.add("outer ends");
      }
    });
  }

  @Place.Each
  @Spec("HER-27")
  void theValueOfADelegationIsWhatTheInnerOneReturns(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> outer = delegating(doubling());
      assertThat(outer.next()).isEqualTo("a");
      assertThat(outer.send(21)).isEqualTo("b");
      assertThat(outer.hasNext()).isFalse();
      assertThat(outer.result()).isEqualTo(42);
      assertThat(trail).containsExactly("inner ends", "worth 42", "outer ends");
    });
  }

  @Place.Each
  @Spec("HER-27")
  void whatIsThrownInReachesTheInnerOne(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> outer = delegating(doubling());
      outer.next();
      assertThat(outer.throwIn(new IllegalArgumentException("it"))).isEqualTo("after");
      assertThat(outer.next()).isEqualTo("b");
      assertThat(trail).containsExactly("inner caught it", "inner ends", "worth -1");
      outer.close();
    });
  }

  @Place.Each
  @Spec("HER-27")
  void whatTheInnerOneDoesNotCatchReachesTheOuterOne(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> outer = delegating(doubling());
      outer.next();
      var failure = new IllegalStateException("it");
      assertThatThrownBy(() -> outer.throwIn(failure)).isSameAs(failure);
      assertThat(trail).containsExactly("inner ends", "outer ends");
    });
  }

  @Place.Each
  @Spec("HER-27")
  void closingClosesTheInnerOneFirst(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> inner = doubling();
      Generator<String, Integer, Integer> outer = delegating(inner);
      outer.next();
      outer.close();
      assertThat(trail).containsExactly("inner ends", "outer exits", "outer ends");
      assertThat(inner.hasNext()).isFalse();
    });
  }

  @Place.Each
  @Spec("HER-27")
  void anInnerOneThatYieldsWhenClosedFailsTheDelegation(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> inner =
          Generator.of(y -> {
            try {
              y.yield("a");
            } catch (GeneratorExit e) {
              y.yield("stays");
            }
            return 0;
          });
      Generator<String, Integer, Integer> outer = delegating(inner);
      outer.next();
      assertThatIllegalStateException()
          .isThrownBy(outer::close)
          .withMessageContaining("generator ignored GeneratorExit");
      assertThat(trail).containsExactly("outer ends");
      inner.close();
    });
  }

  @Place.Each
  @Spec("HER-27")
  void anInnerOneThatSomebodyElseHasUsedUpIsWorthNothing(Place place) throws Exception {
    place.run(() -> {
      Generator<String, Integer, Integer> inner = doubling();
      Generator<String, Integer, String> outer =
          Generator.of(y -> "worth " + y.<Integer>yieldFrom(inner));
      outer.next();
      inner.close();
      assertThat(outer.hasNext()).isFalse();
      assertThat(outer.result()).isEqualTo("worth null");
    });
  }

  @Place.Each
  @Spec("HER-27")
  void theElementsOfAnyIteratorCanBeYielded(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> {
            y.yieldFrom(List.of(1, 2));
            y.yieldFrom(List.of(3).iterator());
            y.yieldFrom((Iterator<Integer>) Generator.from(List.of(4)));
            try {
              y.yieldFrom(List.of(5, 6));
            } catch (IllegalArgumentException e) {
              trail.add(e.getMessage());
            }
            try {
              y.yieldFrom(List.of(7, 8));
            } catch (UnsupportedOperationException e) {
              trail.add("cannot send");
            }
          });
      for (int i = 1; i <= 5; i++) {
        assertThat(generator.next()).isEqualTo(i);
      }
      assertThat(generator.throwIn(new IllegalArgumentException("thrown in"))).isEqualTo(7);
      assertThatThrownBy(() -> generator.send("a value")).isInstanceOf(asyncio.StopIteration.class);
      assertThat(trail).containsExactly("thrown in", "cannot send");
    });
  }

  private static final class Source implements Iterator<Integer>, AutoCloseable {
    private final List<Object> trail;

    Source(List<Object> trail) {
      this.trail = trail;
    }

    @Override
    public boolean hasNext() {
      return true;
    }

    @Override
    public Integer next() {
      return 1;
    }

    @Override
    public void close() {
      trail.add("source closed");
    }
  }

  @Place.Each
  @Spec("HER-27")
  void closingClosesAnIteratorThatCanBeClosed(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Object, Object> generator =
          Generator.of(y -> y.yieldFrom(new Source(trail)));
      generator.next();
      generator.close();
      assertThat(trail).containsExactly("source closed");
    });
  }

  @Place.Each
  @Spec("HER-28")
  void aThousandLevelsPassValuesBothWays(Place place) throws Exception {
    place.run(() -> {
      Generator<Integer, Integer, Integer> top = nested(1_000);
      assertThat(top.next()).isZero();
      assertThat(top.send(42)).isEqualTo(42);
      assertThat(top.hasNext()).isFalse();
      assertThat(top.result()).as("one added at each level").isEqualTo(1_042);

      Generator<Integer, Integer, Integer> closed = nested(1_000);
      closed.next();
      closed.close();
      assertThat(trail).hasSize(1_001);
    });
  }

  /** At the bottom yields 0 and what it is sent. */
  private Generator<Integer, Integer, Integer> nested(int levels) {
    return Generator.of(y -> {
      try {
        if (levels > 0) {
          return 1 + y.yieldFrom(nested(levels - 1));
        }
        int sent = y.yield(0);
        y.yield(sent);
        return sent;
      } catch (GeneratorExit e) {
        trail.add(levels);
        throw e;
      }
    });
  }

  @Place.Each
  @Spec("HER-28")
  void aTreeIsWalkedRecursively(Place place) throws Exception {
    place.run(() -> {
      List<Integer> keys = new ArrayList<>();
      for (int key : inOrder(1, 128)) {
        keys.add(key);
      }
      assertThat(keys).hasSize(127).isSorted().startsWith(1).endsWith(127);
    });
  }

  /** The keys of a balanced tree from {@code low} to below {@code high}. */
  private static Generator<Integer, Object, Object> inOrder(int low, int high) {
    return Generator.of(y -> {
      if (low < high) {
        int middle = (low + high) / 2;
        y.yieldFrom(inOrder(low, middle));
        y.yield(middle);
        y.yieldFrom(inOrder(middle + 1, high));
      }
      return null;
    });
  }
}
