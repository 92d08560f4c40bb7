package asyncio.inspect;

import asyncio.Future;
import asyncio.Task;
import asyncio.inspect.WaitGraph.Node;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.LockOwner;
import asyncio.internal.inspect.TaskFacts;
import asyncio.internal.inspect.Waited;
import asyncio.internal.inspect.Waited.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what futures stand for. */
final class WaitTexts {
  private static final String ENDED = "ended";

  private final Insight insight;
  private final WaitGraph graph;

  WaitTexts(Insight insight, WaitGraph graph) {
    this.insight = insight;
    this.graph = graph;
  }

  /** What a task waits for; null if it does not. */
  @Nullable WaitKind kindOf(TaskFacts fact) {
    return switch (fact.state()) {
      case NEW, READY, RUNNING -> null;
      case BLOCKED -> WaitKind.JDK_CALL;
      case WAITING -> fact.waitingOn() == null ? null : kindOf(fact.waitingOn());
    };
  }

  private static WaitKind kindOf(Future<?> awaited) {
    try {
      if (awaited instanceof Waited waited) {
        return waited.kindOfWait();
      }
      return awaited instanceof Task<?> ? WaitKind.TASK : WaitKind.FUTURE;
    } catch (RuntimeException changedMeanwhile) {
      return WaitKind.FUTURE;
    }
  }

  WaitInfo infoOf(Future<?> awaited, @Nullable Duration remaining) {
    try {
      return switch (awaited) {
        case Task<?> task -> {
          TaskRef ref = graph.refOf(task);
          yield new WaitInfo(
              WaitKind.TASK,
              ref.id(),
              "task '" + ref.name() + "'",
              List.of(ref),
              1,
              true,
              true,
              null);
        }
        case Waited waited -> infoOf(waited, remaining);
        default -> plain(awaited, textOf(awaited));
      };
    } catch (RuntimeException changedMeanwhile) {
      return plain(awaited, "future");
    }
  }

  private WaitInfo plain(Future<?> awaited, String text) {
    return new WaitInfo(
        WaitKind.FUTURE, Ids.of(insight, awaited), text, List.of(), 0, false, false, null);
  }

  /** Collects the tasks that can end a wait. */
  private final class Collected {
    private static final int MAX_DEPTH = 10;

    final List<TaskRef> holders = new ArrayList<>();
    int count;

    /** Whether there is a future among them that any code may complete. */
    boolean open;

    void add(Waited waited, int depth) {
      boolean mayHaveEnded = mayHaveEnded(waited.kindOfWait());
      open |= waited.need() == Need.ANYBODY;
      waited.holders(holder -> {
        if (holder instanceof Future<?> && !(holder instanceof Task<?>)) {
          if (holder instanceof Waited inner && inner.hasHolders() && depth < MAX_DEPTH) {
            add(inner, depth + 1);
          } else {
            open = true;
          }
          return;
        }
        TaskRef ref = refOf(holder, mayHaveEnded);
        if (ref != null && count++ < WaitInfo.MAX_HOLDERS) {
          holders.add(ref);
        }
      });
    }
  }

  private WaitInfo infoOf(Waited waited, @Nullable Duration remaining) {
    Collected found = new Collected();
    found.add(waited, 0);
    Object thing = waited.waitedFor();
    return new WaitInfo(
        waited.kindOfWait(),
        thing instanceof Future<?> itself ? Ids.of(insight, itself) : Ids.of(thing),
        waited.describeWait(),
        found.holders,
        found.count,
        waited.need() == Need.ALL,
        !found.open,
        remaining);
  }

  /**
   * Whether the one who did something last, and has ended since, is of interest: not in a queue.
   */
  private static boolean mayHaveEnded(WaitKind kind) {
    return switch (kind) {
      case QUEUE_GET, QUEUE_PUT, QUEUE_JOIN -> false;
      default -> true;
    };
  }

  private @Nullable TaskRef refOf(Object holder, boolean mayHaveEnded) {
    Node task = graph.taskOfHolder(holder);
    if (task != null) {
      return graph.refOf(task.future);
    }
    return switch (holder) {
      case Task<?> other -> other.isDone() ? null : graph.refOf(other);
      case Thread thread -> new TaskRef(Ids.hex(thread.threadId()), nameOf(thread));
      case Long threadId -> mayHaveEnded ? new TaskRef(Ids.hex(threadId), ENDED) : null;
      default -> null;
    };
  }

  /** A thread that owns a lock of the JDK. */
  @Nullable TaskRef ownerRef(@Nullable LockOwner owner) {
    if (owner == null) {
      return null;
    }
    TaskRef task = refOf(owner.threadId(), false);
    return task != null ? task : new TaskRef(Ids.hex(owner.threadId()), owner.name());
  }

  /** The name of a thread that is no task's, or of a task that has ended. */
  private static String nameOf(Thread thread) {
    String name = thread.getName();
    if (thread.isAlive()) {
      return name.isEmpty() ? "Thread-" + thread.threadId() : name;
    }
    return name.isEmpty() ? ENDED : name + ", " + ENDED;
  }

  private String textOf(Future<?> awaited) {
    StackTraceElement origin = insight.originOf(awaited);
    return awaited.waitKind()
        + (origin == null
            ? ""
            : " created at " + origin.getFileName() + ":" + origin.getLineNumber());
  }
}
