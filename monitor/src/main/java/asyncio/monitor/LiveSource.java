package asyncio.monitor;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.inspect.LoopInfo;
import asyncio.inspect.Loops;
import asyncio.inspect.ProcessInfo;
import asyncio.inspect.Snapshot;
import asyncio.inspect.SnapshotOptions;
import asyncio.inspect.TaskInfo;
import asyncio.inspect.TaskState;
import asyncio.monitor.Look.CodeLook;
import asyncio.monitor.Look.CycleLook;
import asyncio.monitor.Look.LoopLook;
import asyncio.monitor.Look.ProcessLook;
import asyncio.monitor.Look.SlowLook;
import asyncio.monitor.Look.StallLook;
import asyncio.monitor.Look.TaskLook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The JVM that the monitor is in, without the monitor's own loop.
 *
 * <p><b>Threading:</b> {@link #look} is called by one thread at a time; the rest by any.
 */
final class LiveSource implements Source {
  /** Of more tasks than this, the oldest are shown. */
  static final int MOST_TASKS = 250_000;

  private static final SnapshotOptions ALL_TASKS = new SnapshotOptions(MOST_TASKS, 0, 0);
  private static final int MOST_LOOPS = 20;
  private static final int MOST_ROWS = 20;

  /** How long a loop has to ask a task to end, before the page is told that it is busy. */
  private static final Duration ASKING = Duration.ofSeconds(1);

  private final EventLoop own;
  private final String ownId;
  private final boolean readOnly;
  private final ProcessLook process;
  private final Instant started;
  private final Map<EventLoop, LoopWatch> watches = new IdentityHashMap<>();

  /** Of the last look at the tasks. */
  private volatile Map<String, TaskInfo> infos = Map.of();

  LiveSource(EventLoop own, boolean readOnly) {
    this.own = own;
    this.ownId = Loops.idOf(own);
    this.readOnly = readOnly;
    ProcessInfo info = Snapshot.of(own).process();
    process = new ProcessLook(info.pid(), info.command(), info.jdk(), info.library());
    started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
  }

  @Override
  public Look look(@Nullable Look before, boolean withTasks) {
    List<LoopWatch> shown = watch(withTasks);
    Map<String, String> threads = new HashMap<>();
    TaskTree tree = before == null ? TaskTree.EMPTY : before.tree();
    Map<String, Integer> states = before == null ? Map.of() : before.states();
    List<CycleLook> cycles = before == null ? List.of() : before.cycles();
    if (withTasks) {
      Snapshot snapshot = Snapshot.take(ALL_TASKS);
      TaskReader reader = new TaskReader(snapshot, ownId);
      infos = reader.infos;
      tree = reader.tree;
      cycles = reader.cycles;
      states = statesOf(snapshot);
      for (LoopInfo loop : snapshot.loops()) {
        if (loop.thread() != null) {
          threads.put(loop.id(), loop.thread());
        }
      }
    }
    List<LoopLook> loops = new ArrayList<>();
    List<StallLook> stalls = new ArrayList<>();
    List<SlowLook> slow = new ArrayList<>();
    List<CodeLook> codes = new ArrayList<>();
    long tasks = 0;
    for (LoopWatch watch : shown) {
      loops.add(watch.look(threads.get(watch.id)));
      stalls.addAll(watch.stalls());
      slow.addAll(watch.slowest());
      codes.addAll(watch.byCode());
      tasks += watch.tasks();
    }
    slow.sort(Comparator.comparingDouble(SlowLook::duration).reversed());
    codes.sort(Comparator.comparingDouble(CodeLook::total).reversed());
    Connections connections = withTasks ? Connections.of(shown) : Connections.NONE;
    return new Look(
        process,
        Duration.between(started, Instant.now()).toMillis(),
        loops,
        Math.toIntExact(Math.min(Integer.MAX_VALUE, tasks)),
        states,
        cycles,
        first(slow),
        first(codes),
        connections.shown(),
        connections.count(),
        stalls,
        tree);
  }

  private static <T> List<T> first(List<T> all) {
    return List.copyOf(all.subList(0, Math.min(MOST_ROWS, all.size())));
  }

  /** Measures all loops; returns those that are shown, in the order of their creation. */
  private List<LoopWatch> watch(boolean withTimings) {
    Set<EventLoop> alive = new HashSet<>();
    List<LoopWatch> shown = new ArrayList<>();
    for (EventLoop loop : Loops.live()) {
      if (loop == own) {
        continue;
      }
      try {
        LoopWatch watch = watches.computeIfAbsent(loop, LoopWatch::new);
        watch.measure(withTimings);
        alive.add(loop);
        if (watch.isWorthShowing()) {
          shown.add(watch);
        }
      } catch (RuntimeException e) {
        // It is being made or closed in another thread just now; the next look will see.
      }
    }
    watches.keySet().retainAll(alive);
    if (shown.size() > MOST_LOOPS) {
      Set<LoopWatch> largest =
          new HashSet<>(
              shown.stream()
                  .sorted(Comparator.comparingLong(LoopWatch::tasks).reversed())
                  .limit(MOST_LOOPS)
                  .toList());
      shown.removeIf(watch -> !largest.contains(watch));
    }
    return shown;
  }

  private Map<String, Integer> statesOf(Snapshot snapshot) {
    Map<TaskState, Integer> own = new HashMap<>();
    for (TaskInfo task : snapshot.tasks()) {
      if (task.loop().equals(ownId)) {
        own.merge(task.state(), 1, Integer::sum);
      }
    }
    Map<String, Integer> states = new LinkedHashMap<>();
    for (TaskState state : TaskState.values()) {
      int count = snapshot.states().getOrDefault(state, 0) - own.getOrDefault(state, 0);
      if (count > 0) {
        states.put(state.toString(), count);
      }
    }
    return states;
  }

  @Override
  public @Nullable TaskLook task(String id) {
    TaskInfo info = infos.get(id);
    Task<?> task = Loops.findTask(id);
    return info == null || task == null
        ? null
        : TaskReader.look(info, task.stack().reversed(), readOnly);
  }

  @Override
  public String cancel(String id) {
    Task<?> task = Loops.findTask(id);
    if (task == null || task.loop() == own) {
      throw new RefusedException(409, "no task has the id " + id + " any more");
    }
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    try {
      task.loop().callSoonThreadsafe(() -> asked.complete(task.cancel("cancelled in the monitor")));
      return asked.get(ASKING.toMillis(), TimeUnit.MILLISECONDS)
          ? "'" + task.name() + "' was asked to end"
          : "'" + task.name() + "' had ended already";
    } catch (IllegalStateException | ExecutionException e) {
      throw new RefusedException(409, "the loop of '" + task.name() + "' is closed");
    } catch (TimeoutException e) {
      return "the loop is held by something else; '" + task.name() + "' is asked to end after that";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(503, "the monitor is being closed");
    }
  }

  @Override
  public void close() {
    watches.values().forEach(LoopWatch::close);
  }
}
