package asyncio;

import asyncio.inspect.StallReport;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The stalls of one loop: keeps the last ones, and tells listeners and the log.
 *
 * <p><b>Threading:</b> thread-safe. Listeners and log are called on the thread of {@link
 * StallReports}.
 */
final class StallLog {
  private static final int KEPT = 32;
  private static final long RECORD_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int RECORDS_AT_ONCE = 5;
  private static final long SAME_PLACE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int PLACES = 64;

  private final List<Consumer<? super StallReport>> listeners = new CopyOnWriteArrayList<>();

  // guarded by this
  private final ArrayDeque<StallReport> recent = new ArrayDeque<>();
  private long count;

  // thread of StallReports only
  private final Map<String, Long> loggedAt =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > PLACES;
        }
      };
  private final Set<Long> logged = new HashSet<>();

  /** How many records may be written now; one more every ten seconds. */
  private int allowed = RECORDS_AT_ONCE;

  private long allowedSince;
  private int leftOut;

  /** Takes a report in; one of a stall that is known replaces what was known of it. */
  void add(StallReport report) {
    synchronized (this) {
      if (!recent.removeIf(known -> known.number() == report.number())) {
        count++;
      }
      recent.addLast(report);
      if (recent.size() > KEPT) {
        recent.removeFirst();
      }
    }
    StallReports.run(() -> tell(report));
  }

  synchronized List<StallReport> recent() {
    return List.copyOf(recent);
  }

  synchronized long count() {
    return count;
  }

  void addListener(Consumer<? super StallReport> listener) {
    listeners.add(java.util.Objects.requireNonNull(listener, "listener"));
  }

  void removeListener(Consumer<? super StallReport> listener) {
    listeners.remove(listener);
  }

  private void tell(StallReport report) {
    for (Consumer<? super StallReport> listener : listeners) {
      try {
        listener.accept(report);
      } catch (Throwable t) {
        AbstractEventLoop.LOGGER.log(Level.ERROR, "A listener for stalls failed", t);
      }
    }
    if (report.over()) {
      if (logged.remove(report.number())) {
        AbstractEventLoop.LOGGER.log(
            Level.INFO, "Stall " + report.number() + " is over. " + report.summary());
      }
    } else if (isToBeLogged(report)) {
      logged.add(report.number());
      String more = leftOut == 0 ? "" : "\n    " + leftOut + " stalls before it were not logged";
      leftOut = 0;
      AbstractEventLoop.LOGGER.log(Level.WARNING, report + more);
    }
  }

  private boolean isToBeLogged(StallReport report) {
    if (logged.contains(report.number())) {
      return true; // how it goes on
    }
    long now = System.nanoTime();
    String place = report.kind() + " " + report.blockingFrame();
    Long before = loggedAt.get(place);
    while (allowed < RECORDS_AT_ONCE && now - allowedSince >= RECORD_NANOS) {
      allowed++;
      allowedSince += RECORD_NANOS;
    }
    if (allowed == 0 || (before != null && now - before < SAME_PLACE_NANOS)) {
      leftOut++;
      return false;
    }
    if (allowed == RECORDS_AT_ONCE) {
      allowedSince = now;
    }
    allowed--;
    loggedAt.remove(place); // the order is that of the last time
    loggedAt.put(place, now);
    return true;
  }
}
