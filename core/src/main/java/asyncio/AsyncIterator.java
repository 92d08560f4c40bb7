package asyncio;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * An iterator that may suspend the task that asks it, and that holds something until it is closed:
 * what asynchronous iterators and generators are in Python.
 *
 * <p>One that is left half-way is closed at the end of the program, see {@link
 * EventLoop#shutdownAsyncgens}. For that it registers itself, where its iteration begins, with
 * {@link EventLoop#trackAsyncIterator}, and takes itself out with {@link
 * EventLoop#untrackAsyncIterator} when it is closed or has come to its end.
 *
 * <p><b>Threading:</b> loop-confined; all methods are called from tasks.
 *
 * @param <T> the type of the elements
 */
public interface AsyncIterator<T extends @Nullable Object> extends Iterator<T>, AutoCloseable {

  /** Whether there is a next element; may have to wait for it. */
  @Suspends
  @Override
  boolean hasNext();

  @Suspends
  @Override
  T next();

  /** Lets go of what this holds, and ends the iteration. Idempotent. */
  @Suspends
  @Override
  void close();
}
