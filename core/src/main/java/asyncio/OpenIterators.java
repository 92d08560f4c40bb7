package asyncio;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous iterators of a loop that have been begun and not closed (LOOP-47 to LOOP-49).
 * Loop-confined.
 */
final class OpenIterators {
  /** Weak, so that an abandoned one can be collected and can close itself. */
  private final Set<AsyncIterator<?>> open = Collections.newSetFromMap(new WeakHashMap<>());

  private boolean shutDown;

  void add(AbstractEventLoop loop, AsyncIterator<?> iterator) {
    if (shutDown) {
      Reports.inOwnTask(
          loop,
          () ->
              AbstractEventLoop.LOGGER.log(
                  Level.WARNING,
                  "asynchronous generator "
                      + iterator
                      + " was scheduled after loop.shutdownAsyncgens() call; close it yourself, the loop will not"));
    }
    open.add(iterator);
  }

  void remove(AsyncIterator<?> iterator) {
    open.remove(iterator);
  }

  /** Closes all of them, concurrently, and waits until they are closed. */
  void shutDown(AbstractEventLoop loop) {
    TaskStepper.currentOrThrow("shutdownAsyncgens()");
    shutDown = true;
    if (open.isEmpty()) {
      return;
    }
    List<AsyncIterator<?>> closing = new ArrayList<>(open);
    open.clear();
    List<@Nullable Object> outcomes =
        Asyncio.gatherReturnExceptions(
                closing.stream().map(each -> (Action) each::close).toArray(Action[]::new))
            .await();
    for (int i = 0; i < closing.size(); i++) {
      if (outcomes.get(i) instanceof Throwable failure && !(failure instanceof CancelledError)) {
        loop.callExceptionHandler(failure(closing.get(i), failure));
      }
    }
  }

  static ErrorContext failure(AsyncIterator<?> iterator, Throwable failure) {
    return new ErrorContext(
            "an error occurred during closing of asynchronous generator " + iterator)
        .with(ErrorContext.EXCEPTION, failure)
        .with(ErrorContext.ASYNCGEN, iterator);
  }
}
