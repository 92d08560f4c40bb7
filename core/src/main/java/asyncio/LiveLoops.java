package asyncio;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The loops of this JVM that are not closed. It keeps none of them alive.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LiveLoops {
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final Set<Entry> ENTRIES = ConcurrentHashMap.newKeySet();
  private static final ReferenceQueue<AbstractEventLoop> COLLECTED = new ReferenceQueue<>();

  private static final class Entry extends WeakReference<AbstractEventLoop> {
    Entry(AbstractEventLoop loop) {
      super(loop, COLLECTED);
    }
  }

  private LiveLoops() {}

  /** Adds a loop and returns its number. */
  static long add(AbstractEventLoop loop) {
    for (var gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
      ENTRIES.remove(gone);
    }
    ENTRIES.add(new Entry(loop));
    return NUMBERS.incrementAndGet();
  }

  static void remove(AbstractEventLoop loop) {
    ENTRIES.removeIf(entry -> entry.refersTo(loop));
  }

  /** Oldest first. */
  static List<AbstractEventLoop> all() {
    return ENTRIES.stream()
        .map(Entry::get)
        .filter(Objects::nonNull)
        .filter(loop -> !loop.isClosed())
        .sorted(Comparator.comparingLong(loop -> loop.number))
        .toList();
  }
}
