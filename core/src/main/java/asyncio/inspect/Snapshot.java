package asyncio.inspect;

import asyncio.EventLoop;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Who waits for what, at one moment: the loops of a JVM, their tasks, what each task waits for, and
 * the circles in that.
 *
 * <pre>{@code
 * System.err.println(Snapshot.take().render());
 * }</pre>
 *
 * <p>It is a picture taken without stopping anything: the loops run on meanwhile, so two tasks may
 * be seen at two moments some microseconds apart. What does not change any more, such as a
 * deadlock, is seen as it is. It holds texts and numbers only, and keeps no task alive.
 *
 * <p><b>Threading:</b> taken on any thread, at any time. Taking it never waits for a loop, and
 * works too while a loop is blocked. On the thread of a loop that loop waits until it is taken.
 *
 * @param taken when
 * @param process the process
 * @param loops the loops, oldest first
 * @param tasks the unfinished tasks, loop by loop, oldest first; as many as the options allow
 * @param taskCount how many unfinished tasks there are
 * @param states how many of them are in each state
 * @param summaries all tasks, by the code they run and by what they do, the most numerous first
 * @param cycles the circles; first the deadlocks
 */
public record Snapshot(
    Instant taken,
    ProcessInfo process,
    List<LoopInfo> loops,
    List<TaskInfo> tasks,
    int taskCount,
    Map<TaskState, Integer> states,
    List<TaskSummary> summaries,
    List<Cycle> cycles) {

  public Snapshot {
    Objects.requireNonNull(taken, "taken");
    Objects.requireNonNull(process, "process");
    loops = List.copyOf(loops);
    tasks = List.copyOf(tasks);
    states = Map.copyOf(states);
    summaries = List.copyOf(summaries);
    cycles = List.copyOf(cycles);
  }

  // ---- taking one

  /** As {@link #take(SnapshotOptions)}, with default options. */
  public static Snapshot take() {
    return take(SnapshotOptions.DEFAULT);
  }

  /** The picture of all loops of this JVM that are not closed. */
  public static Snapshot take(SnapshotOptions options) {
    return SnapshotTaker.ofAll(Objects.requireNonNull(options, "options"));
  }

  /** As {@link #of(EventLoop, SnapshotOptions)}, with default options. */
  public static Snapshot of(EventLoop loop) {
    return of(loop, SnapshotOptions.DEFAULT);
  }

  /** The picture of one loop, closed or not. */
  public static Snapshot of(EventLoop loop, SnapshotOptions options) {
    return SnapshotTaker.of(
        List.of(Objects.requireNonNull(loop, "loop")), Objects.requireNonNull(options, "options"));
  }

  // ---- reading it

  /** The circles that nobody can end any more but by cancelling a task. */
  public List<Cycle> deadlocks() {
    return cycles.stream().filter(Cycle::deadlock).toList();
  }

  /**
   * A text for people: the cycles first, then for each loop the tree of its tasks, who is awaited
   * below who awaits, with what each waits for and where it is. Tasks beyond the limits are counted
   * by the code they run.
   */
  public String render() {
    return SnapshotText.render(this);
  }

  /**
   * This as one JSON object (RFC 8259), in one line.
   *
   * <pre>
   * { "taken": "2026-01-31T12:00:00Z",
   *   "process": { "pid", "command", "jdk", "library", "engine" },
   *   "counts": { "tasks", "new", "ready", "running", "waiting", "blocked" },
   *   "loops": [ { "id", "type", "engine", "thread" or null, "threadId", "running", "closed",
   *                "debug", "tasks" } ],
   *   "tasks": [ { "id", "name", "loop", "state", "cancelling", "coroutine",
   *                "frames": [ { "class", "method", "file" or null, "line" } ],
   *                "createdAt": [ as frames ],
   *                "waitsFor": [ { "kind", "id", "text", "holders": [ { "id", "name" } ],
   *                                "holderCount", "allNeeded", "complete",
   *                                "remainingSeconds" or null } ],
   *                "awaitedBy": [ { "id", "name" } ],
   *                "timesOutInSeconds" or null, "entry" or null } ],
   *   "summaries": [ { "loop", "coroutine", "state", "waitsFor" or null, "count",
   *                    "samples": [ { "id", "name" } ], "frames": [ as above ] } ],
   *   "cycles": [ { "deadlock", "breaksInSeconds" or null, "names": [ first … first ],
   *                 "steps": [ { "id", "name", "kind", "on", "text" } ] } ] }
   * </pre>
   *
   * <p>The names are those of the components of the records; {@code on} is {@link Cycle.Step#id}
   * and {@code id} there the task's. Later versions add members and take none away.
   */
  public String toJson() {
    return SnapshotJson.of(this);
  }
}
