import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects what a number of callbacks are called with into one future, in the order of the calls.
 */
final class CallbackCollector<T> {
  private final List<T> collected = new ArrayList<>();
  private final Future<List<T>> all = getRunningLoop().createFuture();
  private final int count;

  /** Makes one for so many calls. */
  CallbackCollector(int count) {
    this.count = count;
    if (count == 0) {
      all.setResult(collected);
    }
  }

  /** A callback that counts, after it has called {@code callback}. */
  Consumer<T> after(Consumer<T> callback) {
    return value -> {
      try {
        callback.accept(value);
      } finally {
        collected.add(value);
        if (collected.size() == count && !all.isDone()) {
          all.setResult(List.copyOf(collected));
        }
      }
    };
  }

  /** Done when so many callbacks have been called. */
  Future<List<T>> all() {
    return all;
  }
}
