package asyncio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from context variables to values.
 *
 * <p>An array of pairs: programs have few variables, copies are cheap and a look-up touches one
 * cache line.
 */
final class Bindings {
  static final Bindings EMPTY = new Bindings(new Object[0]);

  /** What {@link #get} answers for a variable without a value; null is a value. */
  static final Object ABSENT = new Object();

  private final @Nullable Object[] pairs;

  private Bindings(@Nullable Object[] pairs) {
    this.pairs = pairs;
  }

  int size() {
    return pairs.length / 2;
  }

  @SuppressWarnings("NullAway") // only values can be null, and they stand at odd places
  ContextVar<?> variable(int index) {
    return (ContextVar<?>) pairs[2 * index];
  }

  @Nullable Object get(ContextVar<?> variable) {
    int index = indexOf(variable);
    return index < 0 ? ABSENT : pairs[index + 1];
  }

  Bindings with(ContextVar<?> variable, @Nullable Object value) {
    int index = indexOf(variable);
    @Nullable Object[] copy;
    if (index < 0) {
      index = pairs.length;
      copy = Arrays.copyOf(pairs, index + 2);
      copy[index] = variable;
    } else {
      copy = pairs.clone();
    }
    copy[index + 1] = value;
    return new Bindings(copy);
  }

  Bindings without(ContextVar<?> variable) {
    int index = indexOf(variable);
    if (index < 0) {
      return this;
    }
    @Nullable Object[] copy = new Object[pairs.length - 2];
    System.arraycopy(pairs, 0, copy, 0, index);
    System.arraycopy(pairs, index + 2, copy, index, copy.length - index);
    return new Bindings(copy);
  }

  private int indexOf(ContextVar<?> variable) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == variable) {
        return i;
      }
    }
    return -1;
  }
}
