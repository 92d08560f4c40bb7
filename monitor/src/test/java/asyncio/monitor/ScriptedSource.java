package asyncio.monitor;

import asyncio.monitor.Look.ConnectionLook;
import asyncio.monitor.Look.CycleLook;
import asyncio.monitor.Look.LoopLook;
import asyncio.monitor.Look.ProcessLook;
import asyncio.monitor.Look.Rates;
import asyncio.monitor.Look.SlowLook;
import asyncio.monitor.Look.StallLook;
import asyncio.monitor.Look.StepLook;
import asyncio.monitor.Look.Stuck;
import asyncio.monitor.Look.TaskLink;
import asyncio.monitor.Look.TaskLook;
import asyncio.monitor.Look.WaitLook;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A program as a test makes it up. */
final class ScriptedSource implements Source {
  final List<String> cancelled = new CopyOnWriteArrayList<>();
  final List<StallLook> stalls = new CopyOnWriteArrayList<>();
  final List<CycleLook> cycles = new CopyOnWriteArrayList<>();
  final List<ConnectionLook> connections = new CopyOnWriteArrayList<>();
  final List<SlowLook> slow = new CopyOnWriteArrayList<>();
  final Map<String, TaskNode> tasks = new ConcurrentHashMap<>();
  final Map<String, Integer> states = new LinkedHashMap<>();
  volatile @Nullable Stuck stuck;
  volatile double lag = 0.4;
  volatile int looks;
  volatile String padding = "";

  /** How many tasks there are, if the tree is not made of {@link #tasks}. */
  private volatile @Nullable TaskTree tree;

  TaskNode add(String id, String name, String coroutine, String place, TaskNode.Wait... waits) {
    TaskNode task = new TaskNode(id, name, coroutine, place, "0x1", "waiting", List.of(waits));
    tasks.put(id, task);
    return task;
  }

  static TaskNode.Wait wait(String kind, String text) {
    return new TaskNode.Wait(kind, text);
  }

  void setTree(Collection<TaskNode> tasks) {
    tree = new TaskTree(tasks);
  }

  @Override
  public Look look(@Nullable Look before, boolean withTasks) {
    looks++;
    TaskTree all =
        tree != null
            ? tree
            : new TaskTree(
                tasks.values().stream()
                    .sorted((a, b) -> Integer.compare(Integer.decode(a.id), Integer.decode(b.id)))
                    .toList());
    LoopLook loop =
        new LoopLook(
            "0x1",
            "SelectorEventLoop",
            "direct",
            "asyncio-loop",
            all.size(),
            2,
            3,
            all.size(),
            lag,
            lag * 0.8,
            0.12 + 0.1 * Math.sin(looks / 9.0),
            new Rates(1_834, 12, 48_213, 1_520_000),
            connections.size(),
            1,
            48_000,
            1,
            0,
            stuck);
    return new Look(
        new ProcessLook(4711, "Monitored" + padding, "25.0.1", "0.1.0"),
        7_384_000,
        List.of(loop),
        all.size(),
        Map.of("waiting", all.size()),
        List.copyOf(cycles),
        List.copyOf(slow),
        List.of(new Look.CodeLook("Monitored.handle", 48_213, 9_112, 41)),
        List.copyOf(connections),
        connections.size(),
        new ArrayList<>(stalls),
        all);
  }

  static CycleLook deadlock() {
    return new CycleLook(
        true,
        List.of(
            new StepLook("0x2f", "transfer-a", "lock", "Lock@1b2c3d"),
            new StepLook("0x30", "transfer-b", "lock", "Lock@4e5f60")));
  }

  @Override
  public @Nullable TaskLook task(String id) {
    TaskNode node = look(null, true).tree().find(id);
    if (node == null) {
      return null;
    }
    List<WaitLook> waits = new ArrayList<>();
    node.awaits.forEach(other ->
        waits.add(new WaitLook("the end of", List.of(new TaskLink(other.id, other.name)))));
    node.waits.forEach(wait -> waits.add(new WaitLook(wait.text(), List.of())));
    return new TaskLook(
        node.id,
        node.name,
        node.coroutine,
        node.loop,
        node.state,
        List.of(),
        waits,
        node.awaitedBy.stream().map(other -> new TaskLink(other.id, other.name)).toList(),
        List.of(
            "Monitored.handle(Monitored.java:42)", "Monitored.lambda$main$1(Monitored.java:20)"),
        List.of("Monitored.main(Monitored.java:18)"),
        false);
  }

  @Override
  public String cancel(String id) {
    TaskNode task = tasks.remove(id);
    if (task == null) {
      throw new RefusedException(409, "no task has the id " + id + " any more");
    }
    cancelled.add(id);
    return "asked to end: " + task.name;
  }

  @Override
  public void close() {}
}
