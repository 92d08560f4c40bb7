package asyncio;

import asyncio.inspect.StallReport;
import asyncio.inspect.StallReport.Kind;
import asyncio.inspect.StallReport.LockWait;
import asyncio.inspect.StallReport.StackSample;
import asyncio.inspect.StallReport.TaskPlace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one stall: collected look by look while something holds the loop.
 *
 * <p><b>Threading:</b> the watchdog's thread only. It reads what the loop's thread may change
 * meanwhile; what has changed under its hands it drops.
 */
final class StallEvidence {
  private static final AtomicLong NUMBERS = new AtomicLong();

  private static final int MAX_LOCK_TRIES = 8;

  private static final String LOOP = AbstractEventLoop.class.getName();

  /** More stacks than these say nothing new. */
  private static final int MAX_SAMPLES = 256;

  private final AbstractEventLoop loop;
  private final boolean many;
  private final Instant since;
  private final Map<List<StackTraceElement>, Integer> stacks = new LinkedHashMap<>();
  private final CallbackCensus census = new CallbackCensus();
  private int samples;
  private long number;

  // of one callback
  private @Nullable Handle handle;
  private @Nullable Task<?> task;

  /** The task as it was when it was seen first: its identity changes when it ends. */
  private @Nullable TaskPlace place;

  private @Nullable Thread holder;
  private @Nullable LockWait lock;
  private int lockTries;
  private boolean dumping;
  private boolean hasNews;

  /** What a search on another thread has found; null as long as it has not. */
  private volatile @Nullable LockWait monitor;

  /**
   * @param many whether it is about the callbacks of an iteration, and not about one
   * @param nanos how long it has been going on
   */
  StallEvidence(AbstractEventLoop loop, boolean many, long nanos) {
    this.loop = loop;
    this.many = many;
    this.since = Instant.now().minusNanos(nanos);
  }

  boolean isReported() {
    return number != 0;
  }

  /**
   * Takes one sample.
   *
   * @param ran how many callbacks had been taken from the queue; if it is another number after the
   *     sample, that may be of another callback
   */
  void collect(int ran) {
    Handle running = loop.runningHandle;
    Task<?> current = loop.currentTask;
    Thread thread = loop.activeThread;
    if (running == null || thread == null || samples >= MAX_SAMPLES) {
      return;
    }
    List<StackTraceElement> stack = framesOf(thread);
    if (!many && loop.ready.taken() != ran) {
      return;
    }
    samples++;
    holder = thread;
    if (many) {
      census.add(running, stack);
    } else {
      handle = running;
      task = current;
      place = current == null ? null : place != null ? place : TaskPlaces.of(current, null);
    }
    stacks.merge(stack, 1, Integer::sum);
  }

  /** The frames above the loop's own, without the library's if there are others. */
  private static List<StackTraceElement> framesOf(Thread thread) {
    List<StackTraceElement> all = Arrays.asList(thread.getStackTrace());
    for (int i = 0; i < all.size(); i++) {
      StackTraceElement frame = all.get(i);
      if (frame.getClassName().equals(LOOP) && frame.getMethodName().equals("runHandle")) {
        all = all.subList(0, i);
      }
    }
    List<StackTraceElement> frames = Origins.userFrames(all.toArray(StackTraceElement[]::new));
    return frames.stream().anyMatch(frame -> !Origins.isJdk(frame))
        ? frames
        : List.copyOf(all); // all the same something takes long there
  }

  private static String nameOf(Thread thread) {
    String name = thread.getName();
    return (name.isEmpty() ? "" : name + " ")
        + "#"
        + thread.threadId()
        + (thread.isVirtual() ? " (virtual)" : "");
  }

  /**
   * Looks for the lock that the loop's thread waits for, unless it is known.
   *
   * @param mayDump whether a dump of all threads may be made for it
   * @return whether such a dump is being made
   */
  boolean lookForLock(boolean mayDump) {
    Thread waiter = holder;
    if (many || waiter == null || lock != null || dumping) {
      return false;
    }
    if (waiter.getState() == Thread.State.BLOCKED) {
      dumping = mayDump && MonitorOwners.search(waiter, this::noteMonitor);
      return dumping;
    }
    if (lockTries < MAX_LOCK_TRIES) {
      lockTries++;
      lock = LockOwners.of(loop, waiter);
      hasNews |= lock != null;
    }
    return false;
  }

  private void noteMonitor(String name, Long ownerId) {
    Thread waiter = holder;
    if (waiter != null && waiter.getState() == Thread.State.BLOCKED) {
      monitor = LockOwners.describe(loop, name, ownerId, null);
    }
  }

  /** Whether a lock was found since the last report. */
  boolean hasNews() {
    LockWait found = monitor;
    if (found != null && lock == null) {
      lock = found;
      hasNews = true;
    }
    return hasNews;
  }

  /** The picture so far. */
  StallReport report(long nanos, int ran, boolean over) {
    if (number == 0) {
      number = NUMBERS.incrementAndGet();
    }
    hasNews = false;
    if (many) {
      census.countReady(loop.ready);
    }
    Task<?> held = task;
    Handle running = handle;
    List<StackTraceElement> origin = held != null ? held.origin() : originOf(running);
    return new StallReport(
        number,
        many ? Kind.MANY_CALLBACKS : held != null ? Kind.TASK_STEP : Kind.CALLBACK,
        "0x" + Long.toHexString(loop.number),
        loop.toString(),
        since,
        Duration.ofNanos(nanos),
        over,
        many ? census.most() : held != null ? held.name() : CallbackCensus.describe(running),
        place,
        origin == null ? List.of() : origin,
        held == null ? List.of() : TaskPlaces.awaitersOf(held),
        holder == null ? "" : nameOf(holder),
        stackSamples(),
        lock,
        census.shares(),
        many ? ran : 0,
        loop.ready.size());
  }

  private static @Nullable List<StackTraceElement> originOf(@Nullable Handle handle) {
    Handle.DebugInfo info = handle == null ? null : handle.debugInfo;
    return info == null ? null : info.origin;
  }

  private List<StackSample> stackSamples() {
    if (many) {
      return List.of();
    }
    List<StackSample> found = new ArrayList<>();
    stacks.forEach((stack, count) -> found.add(new StackSample(count, stack)));
    found.sort(Comparator.comparingInt(StackSample::count).reversed());
    return found;
  }
}
