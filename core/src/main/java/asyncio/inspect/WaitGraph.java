package asyncio.inspect;

import asyncio.Future;
import asyncio.Task;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.LockOwner;
import asyncio.internal.inspect.TaskFacts;
import asyncio.internal.inspect.Waited;
import asyncio.internal.inspect.Waited.Need;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Who has to act before whom can go on: tasks, and between them the locks, groups and the like that
 * they wait for.
 *
 * <p>Chains of waiting tasks can be long, so nothing here is recursive.
 */
final class WaitGraph {

  /** A task, or a future of the library that stands for what a task waits for. */
  static final class Node {
    final Future<?> future;

    /** Which task it is, in the order of the snapshot; -1 for no task. */
    final int task;

    /** Who can end its wait; null for nobody. */
    @Nullable List<Node> targets;

    /** Who is recorded as awaited by it, though it does not wait for them now. */
    @Nullable List<Node> recorded;

    /** The tasks that await this one. */
    @Nullable List<Node> awaitedBy;

    Need need = Need.ALL;

    /** Whether it can go on, or may be able to, for all that is known. */
    boolean live;

    /** Whether it has gone on since its edges were found. */
    private boolean moved;

    /** Those whose liveness depends on this one's. */
    private @Nullable List<Node> dependents;

    private int missing;
    private int mark = NEW;

    Node(Future<?> future, int task) {
      this.future = future;
      this.task = task;
    }
  }

  /** A circle of nodes, tasks and others, each of which leads to the next. */
  record Circle(List<Node> nodes) {}

  // Marks of the search
  private static final int NEW = 0;
  private static final int ON_PATH = 1;
  private static final int DONE = 2;

  private static final int MAX_CIRCLES = 1_000;

  /** The owners of so many locks of the JDK are looked up, which is not cheap. */
  private static final int MAX_JDK_LOCKS = 32;

  private final Insight insight;
  private final List<TaskFacts> facts;
  private final List<Node> taskNodes = new ArrayList<>();

  /** By the future, or by what many futures wait for alike. */
  private final Map<Object, Node> nodes = new IdentityHashMap<>();

  private final Deque<Node> toFollow = new ArrayDeque<>();
  private final Map<AbstractOwnableSynchronizer, Optional<LockOwner>> jdkLocks =
      new IdentityHashMap<>();
  private @Nullable ThreadIndex byThread;

  WaitGraph(Insight insight, List<? extends Task<?>> tasks, List<TaskFacts> facts) {
    this.insight = insight;
    this.facts = facts;
    for (int i = 0; i < tasks.size(); i++) {
      Node node = new Node(tasks.get(i), i);
      taskNodes.add(node);
      nodes.put(node.future, node);
    }
    for (Node node : taskNodes) {
      connect(node, facts.get(node.task));
    }
    for (Node node = toFollow.poll(); node != null; node = toFollow.poll()) {
      followHolders(node);
    }
    for (Node node : taskNodes) {
      addMembers(node);
      addRecorded(node);
    }
    spreadLife(firstLiving());
    spreadLife(thoseWhoMoved());
  }

  Node nodeOf(int task) {
    return taskNodes.get(task);
  }

  /** Names a task or another future. A task of the snapshot may have ended meanwhile. */
  TaskRef refOf(Future<?> future) {
    Node node = nodes.get(future);
    String name = future instanceof Task<?> task ? task.name() : "Future";
    return new TaskRef(
        Ids.hex(node == null || node.task < 0 ? insight.idOf(future) : facts.get(node.task).id()),
        name);
  }

  // ---- the edges

  private void connect(Node node, TaskFacts facts) {
    Future<?> awaited = facts.waitingOn();
    if (facts.state() == TaskState.BLOCKED) {
      connectBlocked(node, facts);
      return;
    }
    if (facts.state() != TaskState.WAITING || awaited == null) {
      node.live = true;
      return;
    }
    Node target =
        awaited instanceof Waited waited
            ? waited.hasHolders() ? nodeOf(waited) : null
            : nodes.get(awaited);
    if (target == null) {
      node.live = true; // a future that anybody may complete, or a task that is done by now
      return;
    }
    node.targets = List.of(target);
    if (target.task >= 0) {
      addAwaiter(target, node);
    }
  }

  private void connectBlocked(Node node, TaskFacts facts) {
    LockOwner owner = ownerOfJdkLock(facts);
    Node holder = owner == null ? null : taskOfThread(owner.threadId());
    if (holder == null) {
      node.live = true;
    } else {
      node.targets = List.of(holder);
    }
  }

  /** Who owns the lock of the JDK that a blocked task waits for; null if it waits for none. */
  @Nullable LockOwner ownerOfJdkLock(TaskFacts facts) {
    Thread thread = facts.thread();
    if (thread != null
        && LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer lock
        && (jdkLocks.containsKey(lock) || jdkLocks.size() < MAX_JDK_LOCKS)) {
      return jdkLocks
          .computeIfAbsent(lock, l -> Optional.ofNullable(insight.ownerOf(l)))
          .orElse(null);
    }
    return null;
  }

  private Node nodeOf(Waited waited) {
    Object key = waited.line();
    Node known = nodes.get(key);
    if (known != null) {
      return known;
    }
    Node node = new Node((Future<?>) waited, -1);
    nodes.put(key, node);
    toFollow.add(node);
    return node;
  }

  private void followHolders(Node node) {
    Waited waited = (Waited) node.future;
    List<Node> targets = new ArrayList<>();
    boolean[] unknown = new boolean[1];
    try {
      node.need = waited.need();
      waited.holders(holder -> {
        Node target = nodeOfHolder(holder);
        if (target == null) {
          unknown[0] = true;
        } else {
          targets.add(target);
        }
      });
    } catch (RuntimeException changedMeanwhile) {
      unknown[0] = true;
    }
    node.targets = targets;
    node.live = targets.isEmpty() || node.need == Need.ANYBODY || unknown[0];
  }

  private @Nullable Node nodeOfHolder(Object holder) {
    return switch (holder) {
      case Thread thread -> taskOfThread(thread.threadId());
      case Long threadId -> taskOfThread(threadId);
      case Future<?> future ->
          future instanceof Waited waited && !future.isDone() ? nodeOf(waited) : nodes.get(future);
      default -> null;
    };
  }

  private @Nullable Node taskOfThread(long threadId) {
    ThreadIndex index = byThread;
    if (index == null) {
      index = indexThreads();
      byThread = index;
    }
    int task = index.get(threadId);
    return task == ThreadIndex.NONE ? null : taskNodes.get(task);
  }

  private ThreadIndex indexThreads() {
    Map<Thread, Integer> generators = new IdentityHashMap<>();
    for (Node node : taskNodes) {
      TaskFacts fact = facts.get(node.task);
      if (fact.thread() != null && fact.thread().threadId() != fact.id()) {
        insight.threadsOf(
            (Task<?>) node.future, thread -> generators.putIfAbsent(thread, node.task));
      }
    }
    ThreadIndex index = new ThreadIndex(taskNodes.size() + generators.size());
    generators.forEach((thread, task) -> index.put(thread.threadId(), task));
    for (Node node : taskNodes) {
      index.put(facts.get(node.task).id(), node.task);
    }
    return index;
  }

  /** The task that a holder is; null if it is none of the snapshot's. */
  @Nullable Node taskOfHolder(Object holder) {
    Node node = holder instanceof Future<?> future ? nodes.get(future) : nodeOfHolder(holder);
    return node == null || node.task < 0 ? null : node;
  }

  /** Who waits for several tasks awaits each of them, also where nobody recorded it. */
  private static void addMembers(Node waiter) {
    Node several = waiter.targets == null ? null : waiter.targets.getFirst();
    if (several != null
        && several.targets != null
        && several.future instanceof Waited waited
        && waited.kindOfWait() == WaitKind.TASKS) {
      for (Node member : several.targets) {
        if (member.task >= 0) {
          addAwaiter(member, waiter);
        }
      }
    }
  }

  private void addRecorded(Node node) {
    for (Future<?> awaiter : insight.recordedAwaiters(node.future)) {
      Node from = nodes.get(awaiter);
      if (from != null) {
        from.recorded = added(from.recorded, node);
        addAwaiter(node, from);
      }
    }
  }

  private static void addAwaiter(Node awaited, Node awaiter) {
    if (awaited.awaitedBy == null || !awaited.awaitedBy.contains(awaiter)) {
      awaited.awaitedBy = added(awaited.awaitedBy, awaiter);
    }
  }

  private static List<Node> added(@Nullable List<Node> list, Node node) {
    List<Node> nodes = list == null ? new ArrayList<>(2) : list;
    nodes.add(node);
    return nodes;
  }

  // ---- who can go on

  /**
   * Finds out who can go on: a node lives if all it needs live, or one of them where one is enough.
   * What is left over is stuck.
   */
  private void spreadLife(Deque<Node> born) {
    for (Node node = born.poll(); node != null; node = born.poll()) {
      if (node.dependents == null) {
        continue;
      }
      for (Node dependent : node.dependents) {
        if (!dependent.live && --dependent.missing <= 0) {
          dependent.live = true;
          born.add(dependent);
        }
      }
    }
  }

  private Deque<Node> firstLiving() {
    Deque<Node> born = new ArrayDeque<>();
    for (Node node : nodes.values()) {
      if (node.live) {
        born.add(node);
      } else if (node.targets != null) {
        node.missing = node.need == Need.ALL ? node.targets.size() : 1;
        for (Node target : node.targets) {
          target.dependents = added(target.dependents, node);
        }
      }
    }
    return born;
  }

  /**
   * The tasks were looked at one after the other, and some may have gone on while others were. What
   * seems stuck is looked at once more: those that have not moved did so at no time in between, so
   * all of that was true at the same time.
   */
  private Deque<Node> thoseWhoMoved() {
    Deque<Node> born = new ArrayDeque<>();
    for (Node node : taskNodes) {
      if (node.targets != null) {
        node.moved = !insight.isStill((Task<?>) node.future, facts.get(node.task));
        if (node.moved && !node.live) {
          node.live = true;
          born.add(node);
        }
      }
    }
    return born;
  }

  // ---- circles

  /** The path to a node that is being searched, as one frame of what would be a recursion. */
  private static final class Visit {
    final Node node;
    int next;

    Visit(Node node) {
      this.node = node;
    }

    @Nullable Node nextTarget() {
      int actual = node.targets == null || node.moved ? 0 : node.targets.size();
      int all = actual + (node.recorded == null ? 0 : node.recorded.size());
      if (next == all) {
        return null;
      }
      int i = next++;
      return i < actual ? at(node.targets, i) : at(node.recorded, i - actual);
    }

    private static Node at(@Nullable List<Node> list, int i) {
      return list == null ? Collections.<Node>emptyList().get(i) : list.get(i);
    }
  }

  /** Every circle that a search in depth meets; each starts with a task. */
  List<Circle> circles() {
    List<Circle> circles = new ArrayList<>();
    for (Node start : taskNodes) {
      if (start.mark == NEW && circles.size() < MAX_CIRCLES) {
        search(start, circles);
      }
    }
    return circles;
  }

  private static void search(Node start, List<Circle> circles) {
    List<Visit> path = new ArrayList<>();
    start.mark = ON_PATH;
    path.add(new Visit(start));
    while (!path.isEmpty()) {
      Visit visit = path.getLast();
      Node target = visit.nextTarget();
      if (target == null) {
        visit.node.mark = DONE;
        path.removeLast();
      } else if (target.mark == NEW) {
        target.mark = ON_PATH;
        path.add(new Visit(target));
      } else if (target.mark == ON_PATH) {
        addCircle(target, path, circles);
      }
    }
  }

  private static void addCircle(Node first, List<Visit> path, List<Circle> circles) {
    List<Node> circle = new ArrayList<>();
    boolean inside = false;
    for (Visit visit : path) {
      inside |= visit.node == first;
      if (inside) {
        circle.add(visit.node);
      }
    }
    for (int i = 0; i < circle.size(); i++) {
      if (circle.get(i).task >= 0) {
        Collections.rotate(circle, -i);
        circles.add(new Circle(circle));
        return;
      }
    }
  }
}
