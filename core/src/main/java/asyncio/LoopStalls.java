package asyncio;

import asyncio.inspect.StallFinder;
import asyncio.inspect.StallReport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stalls of one loop.
 *
 * <p><b>Threading:</b> the methods of {@link StallFinder} on any thread, {@link #look} on that of
 * the {@link Watchdog}.
 */
final class LoopStalls extends Watchdog.Watched implements StallFinder {
  /*
   * The loop does nothing for this but to say which iteration has callbacks to run (AbstractEventLoop.turn). That, and
   * the number of handles taken from the ready queue so far, which the queue has anyway, tell two looks whether the same
   * callback runs still, or the same iteration. Time is the sum of what passed between looks that found the same, so it
   * is a lower bound.
   *
   *   half of the limit ─▶ collect evidence, at shorter intervals ─▶ the limit: report ─▶ …look on ─▶ over: report
   */
  private static final long DEFAULT_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MIN_LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int LOOKS_PER_LIMIT = 4;
  private static final int SAMPLES_PER_LIMIT = 16;
  private static final int CALLBACK_SAMPLES_PER_LIMIT = 256;
  private static final long MIN_PERIOD_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private static final long DUMP_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** A stall that goes on is told of again when it has become so many times as long. */
  private static final int REMINDER_FACTOR = 10;

  private final AbstractEventLoop loop;
  private final StallLog log;

  /** How long something may hold the loop; 0 if this is off. */
  private volatile long limitNanos;

  private volatile boolean running;

  // watchdog's thread only
  private final Held iteration = new Held(true);
  private final Held callback = new Held(false);

  /** What may have the loop for too long: one callback, or one iteration. */
  private final class Held {
    private final boolean many;
    private long nanos;

    /** The loop's own time when it was seen first: in virtual time nothing takes long. */
    private long loopTimeAtFirst;

    private int ranAtFirst;
    private @Nullable StallEvidence evidence;
    private long reportAt;

    Held(boolean many) {
      this.many = many;
    }

    void begin(int ran) {
      nanos = 0;
      ranAtFirst = ran;
      loopTimeAtFirst = loop.time();
      evidence = null;
    }

    boolean isReported() {
      return evidence != null && evidence.isReported();
    }

    void collect(long limit) {
      StallEvidence known = evidence;
      if (known == null) {
        known = new StallEvidence(loop, many, nanos);
        evidence = known;
        reportAt = limit;
      }
      known.collect(callback.ranAtFirst);
      boolean due = nanos >= reportAt && passedForTheLoop() >= limit / 2;
      if (!due && !known.isReported()) {
        return;
      }
      long now = System.nanoTime();
      if (known.lookForLock(!dumped || now - dumpedAt >= DUMP_PAUSE_NANOS)) {
        dumped = true;
        dumpedAt = now;
      }
      if (due) {
        reportAt =
            nanos > Long.MAX_VALUE / REMINDER_FACTOR ? Long.MAX_VALUE : nanos * REMINDER_FACTOR;
      }
      if (due || known.hasNews()) {
        log.add(known.report(nanos, callback.ranAtFirst - ranAtFirst, false));
      }
    }

    private long passedForTheLoop() {
      return loop.time() - loopTimeAtFirst;
    }

    void end() {
      StallEvidence known = evidence;
      if (known != null && known.isReported()) {
        log.add(known.report(nanos, callback.ranAtFirst - ranAtFirst, true));
      }
      evidence = null;
    }
  }

  private long turn;

  /** Whether all threads were dumped for this loop's sake, and when. */
  private boolean dumped;

  private long dumpedAt;

  LoopStalls(AbstractEventLoop loop) {
    this.loop = loop;
    this.log = new StallLog();
    this.limitNanos = nanosOf(System.getProperty(PROPERTY));
  }

  /** The limit that the property asks for, 0 for none; what makes no sense is as if not there. */
  static long nanosOf(@Nullable String property) {
    if (property == null) {
      return DEFAULT_LIMIT_NANOS;
    }
    if (property.equals("off")) {
      return 0;
    }
    try {
      double seconds = Double.parseDouble(property);
      return seconds > 0 ? Math.max((long) (seconds * 1e9), MIN_LIMIT_NANOS) : 0;
    } catch (NumberFormatException e) {
      return DEFAULT_LIMIT_NANOS;
    }
  }

  // ---- life cycle; on the loop's thread

  void runBegins() {
    running = true;
    if (limitNanos != 0) {
      Watchdog.add(this, limitNanos < DEFAULT_LIMIT_NANOS);
    }
  }

  /** The watchdog notices, and may have something to say of how the run ended. */
  void runEnds() {
    running = false;
  }

  // ---- the finder

  @Override
  public @Nullable Duration limit() {
    long nanos = limitNanos;
    return nanos == 0 ? null : Duration.ofNanos(nanos);
  }

  @Override
  public void setLimit(@Nullable Duration limit) {
    if (limit == null) {
      limitNanos = 0;
      Watchdog.remove(this);
      return;
    }
    if (limit.compareTo(Duration.ofNanos(MIN_LIMIT_NANOS)) < 0) {
      throw new IllegalArgumentException(
          "limit must be at least a millisecond, or null for none: " + limit);
    }
    limitNanos = Durations.nanos(limit);
    if (running) {
      Watchdog.remove(this);
      Watchdog.add(this, true);
    }
  }

  @Override
  public List<StallReport> recent() {
    return log.recent();
  }

  @Override
  public long count() {
    return log.count();
  }

  @Override
  public void addListener(Consumer<? super StallReport> listener) {
    log.addListener(listener);
  }

  @Override
  public void removeListener(Consumer<? super StallReport> listener) {
    log.removeListener(listener);
  }

  /** The task that runs in a thread, of {@code first} or of another loop; null if none. */
  static @Nullable Task<?> taskOfThread(AbstractEventLoop first, long threadId) {
    Task<?> found = first.tasks.ofThread(threadId);
    for (AbstractEventLoop loop : LiveLoops.all()) {
      if (found == null) {
        found = loop.tasks.ofThread(threadId);
      }
    }
    return found;
  }

  // ---- looking

  @Override
  long look(long nanos) {
    long limit = limitNanos;
    if (limit == 0) {
      return Long.MAX_VALUE;
    }
    long nowTurn = loop.turn();
    int ran = loop.ready.taken();
    if (nowTurn == 0 || nowTurn != turn) {
      callback.end();
      iteration.end();
      turn = nowTurn;
      callback.begin(ran);
      iteration.begin(ran);
      if (!running) {
        Watchdog.remove(this);
        if (running) { // meanwhile
          Watchdog.add(this, false);
        }
      }
      return period(limit, LOOKS_PER_LIMIT);
    }
    iteration.nanos += nanos;
    if (ran == callback.ranAtFirst) {
      callback.nanos += nanos;
    } else {
      boolean told = callback.isReported();
      callback.end();
      callback.begin(ran);
      if (told) {
        iteration.begin(ran); // that time has been accounted for
      }
    }
    if (callback.nanos >= limit / 2) {
      callback.collect(limit);
      return period(limit, callback.isReported() ? LOOKS_PER_LIMIT : SAMPLES_PER_LIMIT);
    }
    if (iteration.nanos >= limit / 2) {
      iteration.collect(limit);
      return period(limit, iteration.isReported() ? LOOKS_PER_LIMIT : CALLBACK_SAMPLES_PER_LIMIT);
    }
    return period(limit, LOOKS_PER_LIMIT);
  }

  private static long period(long limit, int part) {
    return Math.max(limit / part, MIN_PERIOD_NANOS);
  }
}
