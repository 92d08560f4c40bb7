package asyncio.internal.inspect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads collections that belong to another thread, which may change them meanwhile. */
public final class Racy {
  private static final int ATTEMPTS = 10;

  private Racy() {}

  /**
   * A copy of a collection whose iterators fail fast.
   *
   * @throws ConcurrentModificationException if it changes all the time
   */
  public static <T> List<T> copy(Collection<? extends @Nullable T> collection) {
    for (int attempt = 1; ; attempt++) {
      try {
        List<T> copy = new ArrayList<>();
        for (T element : collection) {
          if (element != null) {
            copy.add(element);
          }
        }
        return copy;
      } catch (RuntimeException changedMeanwhile) {
        if (attempt == ATTEMPTS) {
          throw new ConcurrentModificationException("it changes all the time", changedMeanwhile);
        }
        Thread.onSpinWait();
      }
    }
  }
}
