package asyncio.net;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Signal;
import asyncio.Suspends;
import asyncio.Task;
import asyncio.TimerHandle;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.net.ShutdownReport.Phase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serves until it is told to stop, and then ends in phases: the servers stop accepting; running
 * work may end by itself (drain); the connections are closed in good order (grace); the tasks left
 * are cancelled (cancel); the connections left are aborted (abort). Each phase has its time limit,
 * and is over as soon as nothing is left.
 *
 * <pre>{@code
 * var shutdown = new GracefulShutdown();
 * var server = startServer(this::handle, "0.0.0.0", 8080);
 * IO.println(shutdown.serve(server)); // returns after SIGTERM, so that the program exits with 0
 * }</pre>
 *
 * <p>'Work' is every connection of the servers, and every task that was created on the loop while
 * they served. A handler that serves one request after the other looks at {@link #isRequested}, or
 * waits for {@link #requested()}, and ends after the current one.
 *
 * <p>Where several loops serve, as in an {@link asyncio.LoopGroup}, one loop hears the signals, and
 * each of the others has a shutdown {@linkplain #GracefulShutdown(GracefulShutdown) that follows}
 * the one there.
 *
 * <p><b>Threading:</b> loop-confined; {@link #isRequested} is thread-safe.
 */
public final class GracefulShutdown {
  /*
   * Phases end through `phaseOver`: completed by the timer of the phase, by one more request, or when the last work ends.
   */
  private static final Logger LOGGER = System.getLogger("asyncio");
  private static final StackWalker WALKER = StackWalker.getInstance();

  private final ShutdownOptions options;
  private final @Nullable GracefulShutdown leader;
  private final EventLoop loop;
  private final Future<String> requested;
  private volatile boolean isRequested;

  /** The tasks that count as work, and where each was created. */
  private final Map<Task<?>, String> work = new LinkedHashMap<>();

  private int openServers;
  private boolean serving;
  private @Nullable Future<@Nullable Void> phaseOver;

  /** Requests that came between two phases. */
  private int phasesToSkip;

  /** How many of the leader's requests were taken over. */
  private int followed;

  /*
   * Shared with the followers' loops. A follower adds itself, then reads `requests`; the leader counts a request, then tells
   * the followers it finds. So each request reaches each follower, which takes it over once.
   */
  private final Set<GracefulShutdown> followers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile String firstReason = "";

  /** With the default options. */
  public GracefulShutdown() {
    this(ShutdownOptions.DEFAULT);
  }

  /**
   * On the running or current loop.
   *
   * @throws IllegalStateException if there is none
   */
  public GracefulShutdown(ShutdownOptions options) {
    this(Objects.requireNonNull(options, "options"), null);
  }

  /**
   * On the running or current loop, as part of a shutdown that another loop decides on: while this
   * one serves, the leader's requests are its own. It has the leader's limits and no signals.
   *
   * <p>The leader's {@link #serve}, which may be called without servers, ends after that of the
   * followers.
   *
   * @param leader belongs to a loop that runs for longer than this one
   */
  public GracefulShutdown(GracefulShutdown leader) {
    this(Objects.requireNonNull(leader, "leader").options.withSignals(), leader);
  }

  private GracefulShutdown(ShutdownOptions options, @Nullable GracefulShutdown leader) {
    this.options = options;
    this.leader = leader;
    this.loop = Asyncio.getEventLoop();
    this.requested = new NamedWait<>(loop, WaitKind.EVENT, "request for", "a shutdown");
  }

  /** Whether the shutdown has begun. Thread-safe. */
  public boolean isRequested() {
    return isRequested;
  }

  /** Done with the reason when the shutdown has begun; to be awaited through {@code shield}. */
  public Future<String> requested() {
    return requested;
  }

  /**
   * Begins the shutdown. Once it has begun, ends the phase that is under way, or the next one if
   * none is.
   *
   * @param reason for the report
   */
  public void request(String reason) {
    isRequested = true;
    if (!requested.isDone()) {
      requested.setResult(Objects.requireNonNull(reason, "reason"));
      firstReason = reason;
    } else if (!endPhase()) {
      phasesToSkip++;
    }
    requests.incrementAndGet();
    for (GracefulShutdown follower : followers) {
      follower.onLoop(follower::catchUp);
    }
  }

  /** Takes over what the leader was told and this one was not. */
  private void catchUp() {
    while (leader != null && followed < leader.requests.get()) {
      followed++;
      request(leader.firstReason);
    }
  }

  /** Has the loop call {@code step}; on any thread. */
  private void onLoop(Runnable step) {
    try {
      loop.callSoonThreadsafe(step);
    } catch (IllegalStateException e) {
      if (!loop.isClosed()) {
        throw e;
      }
      // Its run is over, and the shutdown with it.
    }
  }

  /**
   * Serves until the shutdown is requested, and carries it out.
   *
   * <p>If the caller is cancelled, the servers are closed and their connections aborted at once.
   *
   * @return how it went; it was also logged if anything had to be cancelled
   * @throws IllegalStateException if this was called before
   */
  @Suspends
  public ShutdownReport serve(Server... servers) {
    if (serving) {
      throw new IllegalStateException("serve() was called before; make another GracefulShutdown");
    }
    serving = true;
    Instrument watch = watch();
    List<Task<?>> closings = new ArrayList<>();
    for (Signal signal : options.signals()) {
      loop.addSignalHandler(signal, () -> request("SIG" + signal.name()));
    }
    try {
      for (Server server : servers) {
        closings.add(awaitClosing(server));
        server.startServing();
      }
      loop.addInstrument(watch);
      if (leader != null) {
        leader.followers.add(this);
        catchUp();
      }
      String reason = Asyncio.await(Asyncio.shield(requested));
      return end(reason, servers);
    } catch (CancelledError e) {
      for (Server server : servers) {
        server.close();
        server.abortClients();
      }
      throw e;
    } finally {
      loop.removeInstrument(watch);
      options.signals().forEach(loop::removeSignalHandler);
      closings.forEach(Task::cancel);
      if (leader != null) {
        leader.followers.remove(this);
        leader.onLoop(leader::endPhaseIfIdle);
      }
    }
  }

  private Task<?> awaitClosing(Server server) {
    openServers++;
    Task<?> task = loop.createTask(server::waitClosed);
    task.addDoneCallback(_ -> {
      openServers--;
      endPhaseIfIdle();
    });
    return task;
  }

  // ---- the phases

  private ShutdownReport end(String reason, Server... servers) {
    long begun = loop.time();
    for (Server server : servers) {
      server.close();
    }
    for (int i = 0; i < 2; i++) {
      Asyncio.sleep(Duration.ZERO); // waitClosed of a server without connections returns meanwhile
    }
    Phase last = Phase.STOP_ACCEPTING;
    List<ShutdownReport.TaskEntry> cancelled = List.of();
    for (Phase phase : List.of(Phase.DRAIN, Phase.GRACE, Phase.CANCEL, Phase.ABORT)) {
      if (isIdle()) {
        break;
      }
      last = phase;
      Duration limit =
          switch (phase) {
            case DRAIN -> options.drain();
            case GRACE -> {
              each(servers, Server::closeClients);
              yield options.grace();
            }
            case CANCEL -> {
              cancelled = entries();
              cancelWork();
              yield options.cancel();
            }
            default -> {
              each(servers, Server::abortClients);
              cancelWork();
              yield options.abort();
            }
          };
      awaitIdle(limit);
    }
    ShutdownReport report =
        new ShutdownReport(
            reason, last, Duration.ofNanos(loop.time() - begun), cancelled, entries());
    if (!report.isClean()) {
      LOGGER.log(Level.WARNING, report.toString());
    }
    return report;
  }

  private static void each(Server[] servers, java.util.function.Consumer<Server> action) {
    for (Server server : servers) {
      action.accept(server);
    }
  }

  private void cancelWork() {
    List.copyOf(work.keySet()).forEach(Task::cancel);
  }

  private boolean isIdle() {
    return work.isEmpty() && openServers == 0 && followers.isEmpty();
  }

  /** Waits until nothing is left, for as long as the phase may take. */
  private void awaitIdle(Duration limit) {
    if (isIdle() || limit.isZero()) {
      return;
    }
    if (phasesToSkip > 0) {
      phasesToSkip--;
      return;
    }
    Future<@Nullable Void> over =
        new NamedWait<>(loop, WaitKind.TASKS, "end of", "the work at a shutdown");
    phaseOver = over;
    TimerHandle timer = loop.callLater(limit, this::endPhase);
    try {
      Asyncio.await(over);
    } finally {
      timer.cancel();
      phaseOver = null;
    }
  }

  private void endPhaseIfIdle() {
    if (isIdle()) {
      endPhase();
    }
  }

  /** Returns whether a phase was under way. */
  private boolean endPhase() {
    Future<@Nullable Void> over = phaseOver;
    if (over == null || over.isDone()) {
      return false;
    }
    over.setResult(null);
    return true;
  }

  // ---- the work

  private Instrument watch() {
    return new Instrument() {
      @Override
      public void taskSpawned(Task<?> task) {
        if (task.loop() == loop) {
          work.put(task, origin(task));
        }
      }

      @Override
      public void taskDone(Task<?> task) {
        work.remove(task);
        endPhaseIfIdle();
      }
    };
  }

  /** What a task was made for, or the place outside the library that is making it. */
  private static String origin(Task<?> task) {
    if (task.coroutine() instanceof ClientTask connection) {
      return connection.toString();
    }
    return WALKER.walk(frames ->
        frames
            .map(StackWalker.StackFrame::toStackTraceElement)
            .filter(frame -> !isLibrary(frame.getClassName()))
            .findFirst()
            .map(StackTraceElement::toString)
            .orElse("the library"));
  }

  private static boolean isLibrary(String className) {
    int end = className.lastIndexOf('.');
    String name = end < 0 ? "" : className.substring(0, end);
    return name.equals("asyncio")
        || name.equals("asyncio.net")
        || name.startsWith("asyncio.internal.")
        || name.startsWith("java.");
  }

  private List<ShutdownReport.TaskEntry> entries() {
    List<ShutdownReport.TaskEntry> entries = new ArrayList<>();
    work.forEach((task, createdAt) ->
        entries.add(
            new ShutdownReport.TaskEntry(
                task.name(),
                createdAt,
                task.stack(1).stream().findFirst().map(StackTraceElement::toString).orElse(""))));
    return List.copyOf(entries);
  }
}
