package asyncio;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A generator over an iterator. It has no body that could be suspended, and so no thread. */
final class IteratorGenerator<Y extends @Nullable Object>
    extends GeneratorCore<Y, @Nullable Object, @Nullable Void> {
  private final boolean takesValues;
  private @Nullable Iterator<? extends Y> source;

  /**
   * Makes one.
   *
   * @param takesValues whether a value that is sent is ignored, as by a generator expression;
   *     otherwise sending one fails, as it does for an iterator that a generator delegates to
   */
  IteratorGenerator(Iterator<? extends Y> source, boolean takesValues) {
    this.source = source;
    this.takesValues = takesValues;
  }

  @Override
  Signal run(@Nullable Object sent, @Nullable Throwable thrown) {
    Iterator<? extends Y> from = source;
    if (thrown == null && from == null) {
      return Signal.RETURNED;
    }
    try {
      if (thrown != null) {
        if (thrown instanceof GeneratorExit && from instanceof AutoCloseable closeable) {
          closeable.close();
        }
        output = thrown;
        return Signal.FAILED;
      }
      if (sent != null && !takesValues) {
        output =
            new UnsupportedOperationException(
                "cannot send " + sent + " to an iterator: " + from + "; delegate to a Generator");
        return Signal.FAILED;
      }
      if (from != null && from.hasNext()) {
        output = from.next();
        return Signal.YIELDED;
      }
      return Signal.RETURNED;
    } catch (Throwable t) {
      output = t;
      return Signal.FAILED;
    }
  }

  @Override
  boolean hasBegun() {
    return true;
  }

  @Override
  void ended() {
    source = null;
  }

  @Override
  String describe() {
    return "over " + (source == null ? "an iterator" : source.getClass().getName());
  }
}
