package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Reads the pieces of a stream one after the other, each when it is asked for. */
final class StreamIterator<T> implements Iterator<T> {

  /** Reads the next piece; null at the end. */
  interface Source<T> {
    @Suspends
    @Nullable T read() throws IOException;
  }

  private final Source<T> source;
  private @Nullable T next;

  StreamIterator(Source<T> source) {
    this.source = source;
  }

  @Suspends
  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = source.read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return next != null;
  }

  @Suspends
  @Override
  public T next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("the stream has ended");
    }
    T result = next;
    next = null;
    return result;
  }
}
