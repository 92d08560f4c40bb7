package asyncio;

import asyncio.inspect.LoopMetrics;
import asyncio.inspect.TaskCounts;
import asyncio.inspect.TransportCounts;
import asyncio.inspect.TransportInfo;
import asyncio.internal.loop.MeteredTransport;
import asyncio.internal.loop.Traffic;
import asyncio.net.BaseProtocol;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a loop always counts, besides what its lists know anyway.
 *
 * <p><b>Threading:</b> the thread that runs the loop writes, plainly; any thread may take a {@link
 * #snapshot}.
 */
final class LoopCounters {
  final Stopwatch running = new Stopwatch();

  /** Runs while the loop waits for events; not for a poll that only looks. */
  final Stopwatch idle = new Stopwatch();

  final Traffic traffic = new Traffic(null);

  /** The transports that are open; shared. */
  private final Set<MeteredTransport> transports = ConcurrentHashMap.newKeySet();

  long callbacks;

  long tasksCreated;
  long tasksSucceeded;
  long tasksFailed;
  long tasksCancelled;

  /** A task has ended whose outcome somebody else has set. */
  void ended(Task<?> task) {
    if (task.isCancelled()) {
      tasksCancelled++;
    } else if (task.peekException() != null) {
      tasksFailed++;
    } else {
      tasksSucceeded++;
    }
  }

  void opened(Object resource) {
    if (resource instanceof MeteredTransport transport) {
      transports.add(transport);
    }
  }

  void closed(Object resource) {
    if (resource instanceof MeteredTransport transport) {
      transports.remove(transport);
    }
  }

  void clear() {
    transports.clear();
  }

  /** What is going on in {@code loop}; on any thread. */
  LoopMetrics snapshot(AbstractEventLoop loop) {
    VarHandle.acquireFence(); // reads anew, however often it is called in a row
    long now = loop.time();
    long ran = running.total(now);
    TimingsRecorder recorder = loop.recorder;
    return new LoopMetrics(
        "0x" + Long.toHexString(loop.number),
        now,
        Duration.ofNanos(ran),
        Duration.ofNanos(Math.min(idle.total(now), ran)),
        loop.iterationsBegun(),
        callbacks,
        Math.max(loop.ready.size(), 0),
        loop.timers.liveSize(),
        taskCounts(),
        transportCounts(),
        loop.offload.load(),
        loop.names.load(),
        recorder == null ? null : recorder.snapshot(now));
  }

  private TaskCounts taskCounts() {
    long succeeded = tasksSucceeded;
    long failed = tasksFailed;
    long cancelled = tasksCancelled;
    long alive = tasksCreated - succeeded - failed - cancelled;
    return new TaskCounts(Math.max(alive, 0), tasksCreated, succeeded, failed, cancelled);
  }

  /** The open transports, oldest first; on any thread. */
  List<TransportInfo> transports() {
    return transports.stream()
        .map(LoopCounters::info)
        .sorted(Comparator.comparingLong(TransportInfo::number))
        .toList();
  }

  private static TransportInfo info(MeteredTransport transport) {
    BaseProtocol protocol = transport.talksTo();
    Traffic traffic = transport.traffic();
    return new TransportInfo(
        traffic.number(),
        transport.kind(),
        transport.localEnd(),
        transport.otherEnd(),
        protocol == null ? null : Origins.describeType(protocol.getClass()),
        traffic.received(),
        traffic.sent(),
        transport.keptBytes(),
        transport.highMark(),
        transport.hasPausedWriting(),
        transport.isReading());
  }

  private TransportCounts transportCounts() {
    int open = 0;
    int paused = 0;
    long buffered = 0;
    for (MeteredTransport transport : transports) {
      open++;
      paused += transport.hasPausedWriting() ? 1 : 0;
      buffered += transport.keptBytes();
    }
    return new TransportCounts(open, paused, buffered, traffic.received(), traffic.sent());
  }
}
