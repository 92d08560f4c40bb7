package asyncio;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The stages of generator expressions: iterators that compute one element at a time. */
final class GeneratorExpression {

  private GeneratorExpression() {}

  record Mapped<Y extends @Nullable Object, T extends @Nullable Object>(
      Generator<Y, ?, ?> source, Function<? super Y, ? extends T> function)
      implements Iterator<T>, AutoCloseable {

    @Override
    public boolean hasNext() {
      return source.hasNext();
    }

    @Override
    public T next() {
      return function.apply(source.next());
    }

    @Override
    public void close() {
      source.close();
    }
  }

  static final class Filtered<Y extends @Nullable Object> implements Iterator<Y>, AutoCloseable {
    private final Generator<Y, ?, ?> source;
    private final Predicate<? super Y> condition;
    private boolean found;
    private @Nullable Y value;

    Filtered(Generator<Y, ?, ?> source, Predicate<? super Y> condition) {
      this.source = source;
      this.condition = condition;
    }

    @Override
    public boolean hasNext() {
      while (!found && source.hasNext()) {
        Y candidate = source.next();
        if (condition.test(candidate)) {
          value = candidate;
          found = true;
        }
      }
      return found;
    }

    @Override
    @SuppressWarnings("NullAway") // a Y may be null
    public Y next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no further element satisfies the condition");
      }
      found = false;
      Y taken = value;
      value = null;
      return taken;
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
