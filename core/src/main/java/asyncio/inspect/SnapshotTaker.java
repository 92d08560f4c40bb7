package asyncio.inspect;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.inspect.WaitGraph.Circle;
import asyncio.inspect.WaitGraph.Node;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.TaskFacts;
import asyncio.internal.inspect.Waited;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes one snapshot: reads all tasks once, then the stacks of those that are shown. */
final class SnapshotTaker {
  private static final int MAX_SAMPLES = 3;

  /** How many summaries get a stack of their own. */
  private static final int MAX_SUMMARY_STACKS = 100;

  /** How many stacks are read before other threads get a chance. */
  private static final int STACKS_PER_SLICE = 64;

  private final Insight insight;
  private final SnapshotOptions options;
  private final List<EventLoop> loops;
  private final long[] now;
  private final List<LoopInfo> loopInfos = new ArrayList<>();

  // one entry for each task
  private final List<Task<?>> tasks = new ArrayList<>();
  private final List<TaskFacts> facts = new ArrayList<>();
  private final List<Integer> loopOf = new ArrayList<>();

  private final WaitGraph graph;
  private final WaitTexts waits;
  private int stacksRead;

  static Snapshot ofAll(SnapshotOptions options) {
    Insight insight = Insight.get();
    return of(insight == null ? List.of() : insight.liveLoops(), options);
  }

  static Snapshot of(List<EventLoop> loops, SnapshotOptions options) {
    Insight insight = Insight.get();
    return insight == null
        ? new Snapshot(
            Instant.now(),
            Processes.thisOne(),
            List.of(),
            List.of(),
            0,
            Map.of(),
            List.of(),
            List.of())
        : new SnapshotTaker(insight, loops, options).take();
  }

  private SnapshotTaker(Insight insight, List<EventLoop> loops, SnapshotOptions options) {
    this.insight = insight;
    this.options = options;
    this.loops = loops;
    this.now = new long[loops.size()];
    for (int i = 0; i < loops.size(); i++) {
      readLoop(i);
    }
    this.graph = new WaitGraph(insight, tasks, facts);
    this.waits = new WaitTexts(insight, graph);
  }

  private void readLoop(int index) {
    EventLoop loop = loops.get(index);
    now[index] = timeOf(loop);
    int before = tasks.size();
    for (Task<?> task : insight.tasksOf(loop)) {
      TaskFacts fact = insight.factsOf(task);
      if (fact != null) {
        tasks.add(task);
        facts.add(fact);
        loopOf.add(index);
      }
    }
    Thread runner = insight.runnerOf(loop);
    String type = loop.getClass().getName();
    loopInfos.add(
        new LoopInfo(
            idOf(loop),
            type.substring(type.lastIndexOf('.') + 1),
            Processes.nameOf(loop.engine()),
            runner == null ? null : runner.getName(),
            runner == null ? 0 : runner.threadId(),
            runner != null,
            loop.isClosed(),
            loop.isDebug(),
            tasks.size() - before));
  }

  /** A loop's clock is users' code, perhaps, and the loop may be half made. */
  private static long timeOf(EventLoop loop) {
    try {
      return loop.time();
    } catch (RuntimeException e) {
      return 0;
    }
  }

  private String idOf(EventLoop loop) {
    return Ids.hex(insight.numberOf(loop));
  }

  private Snapshot take() {
    Instant taken = Instant.now();
    List<Circle> circles = graph.circles();
    BitSet listed = listed(circles);
    Map<Integer, List<StackTraceElement>> stacks = stacks(listed, circles);
    List<Cycle> cycles = cycles(circles, stacks);
    List<TaskInfo> infos = new ArrayList<>();
    Map<Future<?>, Long> deadlines = deadlinesOf(listed);
    listed.stream().forEach(i -> infos.add(info(i, stacks.getOrDefault(i, List.of()), deadlines)));
    Map<TaskState, Integer> states = new EnumMap<>(TaskState.class);
    facts.forEach(fact -> states.merge(fact.state(), 1, Integer::sum));
    return new Snapshot(
        taken,
        Processes.thisOne(),
        loopInfos,
        infos,
        tasks.size(),
        states,
        summaries(stacks),
        cycles);
  }

  // ---- which tasks are shown

  private BitSet listed(List<Circle> circles) {
    BitSet listed = new BitSet();
    listed.set(0, Math.min(options.maxTasks(), tasks.size()));
    for (Circle circle : circles) {
      circle.nodes().stream().filter(node -> node.task >= 0).forEach(node -> listed.set(node.task));
    }
    return listed;
  }

  private Map<Integer, List<StackTraceElement>> stacks(BitSet listed, List<Circle> circles) {
    Set<Integer> order = new LinkedHashSet<>();
    for (Circle circle : circles) {
      circle.nodes().stream().filter(node -> node.task >= 0).forEach(node -> order.add(node.task));
    }
    listed.stream().forEach(order::add);
    Map<Integer, List<StackTraceElement>> stacks = new LinkedHashMap<>();
    for (int task : order) {
      if (stacks.size() >= options.maxStacks()) {
        break;
      }
      stacks.put(task, stackOf(task));
    }
    return stacks;
  }

  private List<StackTraceElement> stackOf(int task) {
    if (++stacksRead % STACKS_PER_SLICE == 0) {
      Thread.yield();
    }
    List<StackTraceElement> frames = insight.framesOf(tasks.get(task));
    return List.copyOf(frames.subList(0, Math.min(options.maxFrames(), frames.size())));
  }

  /** When timers complete what the listed tasks wait for; {@link EventLoop#NEVER} if none does. */
  private Map<Future<?>, Long> deadlinesOf(BitSet listed) {
    Map<Future<?>, Long> deadlines = new IdentityHashMap<>();
    BitSet loopsOfThem = new BitSet();
    listed.stream()
        .forEach(i -> {
          Future<?> awaited = facts.get(i).waitingOn();
          if (awaited instanceof Waited) {
            deadlines.put(awaited, EventLoop.NEVER);
            loopsOfThem.set(loopOf.get(i));
          }
        });
    loopsOfThem.stream().forEach(i -> insight.addDeadlines(loops.get(i), deadlines));
    return deadlines;
  }

  // ---- the tasks

  private TaskInfo info(int i, List<StackTraceElement> frames, Map<Future<?>, Long> deadlines) {
    Task<?> task = tasks.get(i);
    TaskFacts fact = facts.get(i);
    int loop = loopOf.get(i);
    Future<?> awaited = fact.waitingOn();
    Long known = awaited == null ? null : deadlines.get(awaited);
    long deadline = known == null ? EventLoop.NEVER : known;
    List<WaitInfo> waitsFor =
        switch (fact.state()) {
          case NEW, READY, RUNNING -> List.of();
          case WAITING ->
              awaited == null ? List.of() : List.of(waits.infoOf(awaited, until(deadline, loop)));
          case BLOCKED -> List.of(jdkCall(fact, frames));
        };
    return new TaskInfo(
        Ids.hex(fact.id()),
        task.name(),
        loopInfos.get(loop).id(),
        fact.state(),
        fact.cancelling(),
        codeOf(fact),
        frames,
        fact.createdAt(),
        waitsFor,
        awaiters(graph.nodeOf(i)),
        until(fact.deadline(), loop),
        entryOf(i));
  }

  /** Costs a stack for the first task of each class. */
  private @Nullable StackTraceElement entryOf(int i) {
    Class<?> code = facts.get(i).code();
    return code == null ? null : EntryPoints.of(code, () -> insight.framesOf(tasks.get(i)));
  }

  private WaitInfo jdkCall(TaskFacts fact, List<StackTraceElement> frames) {
    return JdkCalls.infoOf(fact.thread(), frames, waits.ownerRef(graph.ownerOfJdkLock(fact)));
  }

  private @Nullable Duration until(long deadline, int loop) {
    return deadline == EventLoop.NEVER ? null : Duration.ofNanos(Math.max(0, deadline - now[loop]));
  }

  private String codeOf(TaskFacts fact) {
    return fact.code() == null ? "" : insight.describe(fact.code());
  }

  private List<TaskRef> awaiters(Node node) {
    List<TaskRef> awaiters = new ArrayList<>();
    if (node.awaitedBy != null) {
      node.awaitedBy.forEach(awaiter -> awaiters.add(graph.refOf(awaiter.future)));
    }
    for (Future<?> recorded : insight.recordedAwaiters(node.future)) {
      if (!(recorded instanceof Task<?>)) {
        awaiters.add(graph.refOf(recorded));
      }
    }
    return awaiters;
  }

  // ---- summaries

  private record Kind(
      int loop, @Nullable Class<?> code, TaskState state, @Nullable WaitKind waitsFor) {}

  private List<TaskSummary> summaries(Map<Integer, List<StackTraceElement>> stacks) {
    Map<Kind, List<Integer>> samples = new LinkedHashMap<>();
    Map<Kind, Integer> counts = new LinkedHashMap<>();
    for (int i = 0; i < tasks.size(); i++) {
      TaskFacts fact = facts.get(i);
      Kind kind = new Kind(loopOf.get(i), fact.code(), fact.state(), waits.kindOf(fact));
      counts.merge(kind, 1, Integer::sum);
      List<Integer> some = samples.computeIfAbsent(kind, _ -> new ArrayList<>(MAX_SAMPLES));
      if (some.size() < MAX_SAMPLES) {
        some.add(i);
      }
    }
    List<Map.Entry<Kind, Integer>> entries = new ArrayList<>(counts.entrySet());
    entries.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
    List<TaskSummary> summaries = new ArrayList<>();
    for (Map.Entry<Kind, Integer> entry : entries) {
      Kind kind = entry.getKey();
      List<Integer> some = samples.getOrDefault(kind, List.of());
      int first = some.getFirst();
      List<StackTraceElement> frames =
          options.maxStacks() == 0 || summaries.size() >= MAX_SUMMARY_STACKS
              ? stacks.getOrDefault(first, List.of())
              : stacks.computeIfAbsent(first, this::stackOf);
      summaries.add(
          new TaskSummary(
              loopInfos.get(kind.loop).id(),
              codeOf(facts.get(first)),
              kind.state,
              kind.waitsFor,
              entry.getValue(),
              some.stream().map(i -> graph.refOf(tasks.get(i))).toList(),
              frames));
    }
    return summaries;
  }

  // ---- cycles

  private List<Cycle> cycles(List<Circle> circles, Map<Integer, List<StackTraceElement>> stacks) {
    List<Cycle> cycles = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    for (Circle circle : circles) {
      Cycle cycle = cycle(circle, stacks);
      if (seen.add(cycle.ids()) && !isOfIdleConsumers(cycle)) {
        cycles.add(cycle);
      }
    }
    cycles.sort(Comparator.comparing(Cycle::deadlock).reversed());
    return cycles;
  }

  /** Workers that put into the queue they get from, and now wait for work: nothing is wrong. */
  private static boolean isOfIdleConsumers(Cycle cycle) {
    return cycle.steps().stream().allMatch(step -> step.kind() == WaitKind.QUEUE_GET);
  }

  private Cycle cycle(Circle circle, Map<Integer, List<StackTraceElement>> stacks) {
    List<Cycle.Step> steps = new ArrayList<>();
    List<Node> nodes = circle.nodes();
    boolean deadlock = true;
    Duration breaksIn = null;
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      deadlock &= !node.live;
      if (node.task < 0) {
        continue;
      }
      TaskFacts fact = facts.get(node.task);
      Duration left = until(fact.deadline(), loopOf.get(node.task));
      if (left != null) {
        breaksIn = breaksIn == null || left.compareTo(breaksIn) < 0 ? left : breaksIn;
      }
      TaskRef ref = graph.refOf(node.future);
      Node next = nodes.get((i + 1) % nodes.size());
      if (node.targets != null && node.targets.contains(next)) {
        WaitInfo wait =
            fact.state() == TaskState.BLOCKED
                ? jdkCall(fact, stacks.getOrDefault(node.task, List.of()))
                : waits.infoOf(next.future, null);
        steps.add(new Cycle.Step(ref, wait.kind(), wait.id(), wait.text()));
      } else {
        String id = graph.refOf(next.future).id();
        steps.add(new Cycle.Step(ref, WaitKind.TASKS, id, "its child tasks"));
        deadlock = false; // it does something else now
      }
    }
    return new Cycle(steps, deadlock, breaksIn);
  }
}
