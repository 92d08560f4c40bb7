package asyncio.testkit;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Task;
import java.nio.channels.Channel;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where the tasks of a loop were created and what they wait for.
 *
 * <p><b>Threading:</b> told by the loop's thread; any thread may ask, and gets what was true a
 * moment ago.
 */
final class TaskWatch implements Instrument {

  /** What a task does. */
  private enum State {
    RUNNABLE,
    /** Waits for {@link Watched#waitingFor}. */
    WAITING,
    /** Let others run, or is blocked in a JDK call. */
    AWAY
  }

  private static final class Watched {
    final List<StackTraceElement> origin;
    volatile State state = State.RUNNABLE;
    volatile @Nullable Future<?> waitingFor;

    Watched(List<StackTraceElement> origin) {
      this.origin = origin;
    }
  }

  private final EventLoop loop;
  private final Map<Task<?>, Watched> tasks = new ConcurrentHashMap<>();

  /** By name: a future whose exception nobody retrieves must not be kept alive. */
  private final Map<String, StackTraceElement> originsOfFailed = new ConcurrentHashMap<>();

  private final Map<Object, List<StackTraceElement>> openResources =
      Collections.synchronizedMap(new IdentityHashMap<>());
  private final Set<Future<?>> awaitedThreads = ConcurrentHashMap.newKeySet();
  private volatile int away;
  private volatile long iterations;

  TaskWatch(EventLoop loop) {
    this.loop = loop;
  }

  long iterations() {
    return iterations;
  }

  /**
   * Whether a task that is neither ready nor running waits for nothing of the loop's: then it is
   * blocked in a JDK call.
   */
  boolean anyTaskAway() {
    return away > 0;
  }

  /** Whether another thread works on something for the loop. */
  boolean anyThreadAwaited() {
    awaitedThreads.removeIf(Future::isDone);
    return !awaitedThreads.isEmpty();
  }

  /** Where the failed task was created whose text form is given; null if that is not known. */
  @Nullable StackTraceElement originOfFailed(String text) {
    return originsOfFailed.entrySet().stream()
        .filter(entry -> text.contains("name='" + entry.getKey() + "'"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  // ---- told by the loop

  @Override
  public void taskSpawned(Task<?> task) {
    tasks.put(task, new Watched(Frames.capture()));
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // written by the loop's thread alone
  public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
    Watched watched = tasks.get(task);
    if (watched != null) {
      watched.waitingFor = waitingFor;
      watched.state = waitingFor == null ? State.AWAY : State.WAITING;
      away += waitingFor == null ? 1 : 0;
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  public void taskResumed(Task<?> task) {
    Watched watched = tasks.get(task);
    if (watched != null) {
      away -= watched.state == State.AWAY ? 1 : 0;
      watched.state = State.RUNNABLE;
      watched.waitingFor = null;
    }
  }

  @Override
  public void taskDone(Task<?> task) {
    Watched watched = tasks.remove(task);
    if (watched != null && !watched.origin.isEmpty() && task.state() == Future.State.FAILED) {
      originsOfFailed.put(task.name(), watched.origin.getFirst());
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  public void iterationBegun(EventLoop loop) {
    iterations++;
  }

  @Override
  public void threadAwaited(Future<?> future) {
    awaitedThreads.add(future);
  }

  @Override
  public void resourceOpened(EventLoop loop, Object resource) {
    openResources.putIfAbsent(resource, Frames.capture());
  }

  @Override
  public void resourceClosed(EventLoop loop, Object resource) {
    openResources.remove(resource);
  }

  /** Whether it is one of the {@link #openResources}. */
  boolean isOpenResource(Object resource) {
    return openResources.containsKey(resource);
  }

  // ---- pictures

  /** The resources that were not closed, and where each was opened, one line each. */
  List<String> openResources() {
    synchronized (openResources) {
      return openResources.entrySet().stream()
          .filter(entry -> !(entry.getKey() instanceof Channel channel) || channel.isOpen())
          .map(entry ->
              entry.getKey()
                  + (entry.getValue().isEmpty()
                      ? ""
                      : "\n    opened at " + entry.getValue().getFirst()))
          .sorted()
          .toList();
    }
  }

  /** Who waits for what, one paragraph a task, oldest first. */
  String picture() {
    StringBuilder text = new StringBuilder();
    for (Task<?> task : Asyncio.allTasks(loop)) {
      text.append(text.isEmpty() ? "" : "\n");
      describe(task, text);
    }
    return text.isEmpty() ? "  (there is no unfinished task)" : text.toString();
  }

  /** A paragraph about a task that is not done. */
  void describe(Task<?> task, StringBuilder text) {
    text.append("  task '").append(task.name()).append("' ");
    Watched watched = tasks.get(task);
    if (watched == null) {
      text.append("is ").append(task);
      return;
    }
    Future<?> awaited = watched.waitingFor;
    if (awaited != null) {
      text.append("waits for ").append(describeWait(awaited));
    } else {
      text.append(
          watched.state == State.AWAY
              ? "is blocked in a JDK call, or lets others run"
              : "is running or ready to run");
    }
    if (!watched.origin.isEmpty()) {
      text.append("\n    created at ").append(watched.origin.getFirst());
    }
    for (StackTraceElement frame : Frames.ofUser(task.stack().reversed())) {
      text.append("\n    at ").append(frame);
    }
  }

  private static String describeWait(Future<?> awaited) {
    return awaited instanceof Task<?> task
        ? "task '" + task.name() + "'"
        : awaited.waitKind() + " " + awaited;
  }
}
