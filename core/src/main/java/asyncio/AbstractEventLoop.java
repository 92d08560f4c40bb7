package asyncio;

import asyncio.inspect.LoopMetrics;
import asyncio.inspect.Recording;
import asyncio.inspect.StallFinder;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.LoopEvents;
import asyncio.internal.vthread.CoroutineEngine;
import asyncio.internal.vthread.Fiber;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The scheduling part of an event loop, for others to build on: everything but the clock, the
 * waiting and the I/O.
 *
 * <p>A loop gives it three things: {@link #time}, {@link #poll} and {@link #wakeUp}. A host with a
 * cycle of its own drives single iterations: {@link #runForeverSetUp}, then {@link #runOnce}
 * whenever {@code wakeUp} was called or {@link #nextDeadline} has come, and {@link
 * #runForeverCleanUp} at the end; meanwhile this is the running loop of that thread.
 *
 * <p><b>Threading:</b> as {@link EventLoop} says.
 */
public abstract non-sealed class AbstractEventLoop implements EventLoop {
  /*
   * One iteration, runOnce():
   *
   *   prune cancelled timers ─▶ take arrivals ─▶ poll (not waiting if something is ready) ─▶ take arrivals
   *     ─▶ I/O callbacks ─▶ due timers ─▶ run as many callbacks as are ready now
   *
   * `ready` and `timers` belong to the thread that runs the loop, and to any thread while none does. Other threads come in
   * through `arrivals` and wakeUp() only.
   */
  static final Logger LOGGER = System.getLogger("asyncio");

  /**
   * The loop that runs in a thread. Tasks have threads of their own: for them see {@link
   * Fiber#current}.
   */
  static final ThreadLocal<@Nullable AbstractEventLoop> RUNNING = new ThreadLocal<>();

  private static final VarHandle TURN;

  static {
    try {
      TURN = MethodHandles.lookup().findVarHandle(AbstractEventLoop.class, "turn", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long MAX_POLL_NANOS = Duration.ofHours(24).toNanos();
  private static final Duration DEFAULT_SLOW_CALLBACK = Duration.ofMillis(100);

  static {
    Insight.provide(new Inspection());
  }

  // immutable
  private final Engine engine;

  /** Counts the loops of the JVM. */
  final long number;

  final CoroutineEngine coroutines;

  final LoopCounters counters = new LoopCounters();

  // loop thread only
  final ReadyQueue ready = new ReadyQueue();
  final TimerQueue timers = new TimerQueue();
  private boolean stopping;
  private boolean iterating;

  private long iterationsBegun;

  /** The number of the iteration whose callbacks run; 0 between two iterations. */
  long iteration;

  /**
   * The number of the iteration, from when it has polled until its callbacks have run; else 0. The
   * watchdog reads it: see {@link LoopStalls}.
   */
  @SuppressWarnings("UnusedVariable") // read through TURN
  private long turn;

  /** What transports have left for when the callbacks of this iteration have run; in order. */
  final ArrayDeque<Runnable> endOfIteration = new ArrayDeque<>();

  /** The callback or step that runs now. */
  @Nullable Handle runningHandle;

  /** The task whose step runs now. */
  @Nullable Task<?> currentTask;

  /**
   * What the coroutine that suspends now asks for, instead of waiting: to give the turn to this
   * one; see {@link Strand}.
   */
  @Nullable Fiber handOver;

  /** Likewise: to run the first step of this child. */
  @Nullable TaskStepper eagerChild;

  /** The tasks that have asked for that and wait for its end, the innermost first. */
  final ArrayDeque<TaskStepper> eagerParents = new ArrayDeque<>(0);

  /**
   * What the task that is being made inherits from the task group it belongs to; see {@link
   * Deadlines#createChild}.
   */
  @Nullable Deadlines deadlinesOfNextTask;

  final Offload offload = new Offload();
  final NameService names = new NameService();
  private final SignalHandlers signalHandlers = new SignalHandlers();
  final JoinAll joinAll = new JoinAll();
  private final OpenIterators openIterators = new OpenIterators();
  private @Nullable TaskFactory taskFactory;
  private @Nullable ExceptionHandler exceptionHandler;
  private Duration slowCallbackDuration = DEFAULT_SLOW_CALLBACK;
  @Nullable Instrument instrument;
  private volatile @Nullable StallWatch stallWatch;

  /** What has made {@link #eventInstrument}; see {@link LoopEvents}. */
  private @Nullable Function<EventLoop, Instrument> events;

  private @Nullable Instrument eventInstrument;

  private boolean defaultsApplied;

  // shared
  private final Arrivals arrivals = new Arrivals();

  @SuppressWarnings("this-escape") // looked at from the first run on
  private final LoopStalls stalls = new LoopStalls(this);

  /** What somebody wants to be done at the end of this. */
  private final Queue<Cleaner.Cleanable> endWork = new ConcurrentLinkedQueue<>();

  private final Recordings recordings = new Recordings(this);

  /** Records timings; null while nobody wants them. Set by any thread. */
  volatile @Nullable TimingsRecorder recorder;

  /**
   * What the run ends with as soon as the current callback has ended; set by any thread, see {@link
   * #requestExit}.
   */
  private volatile @Nullable Error exitRequest;

  /** Written by the loop's thread; read by any thread for a snapshot. */
  final TaskList tasks = new TaskList();

  final Set<Unretrieved> unretrieved = ConcurrentHashMap.newKeySet();

  /** The thread that runs the loop; null while none does. */
  private volatile @Nullable Thread runner;

  private volatile boolean closed;
  volatile boolean debug;

  /**
   * The thread that holds the turn: the runner, or that of the task whose step runs. Others compare
   * it with themselves only, so a stale value tells them nothing wrong.
   */
  @Nullable Thread activeThread;

  /** Makes a loop that runs its tasks with the preferred engine. */
  protected AbstractEventLoop() {
    this(Engine.preferred());
  }

  @SuppressWarnings("this-escape") // a reader finds a loop that has no task yet
  protected AbstractEventLoop(Engine engine) {
    this.engine = engine;
    this.coroutines = engine.coroutines();
    this.debug = DebugMode.isOnByDefault();
    this.number = LiveLoops.add(this);
    FlightRecorderLink.loopIsMade();
    this.events = LoopEvents.wanted();
    if (events != null) {
      instrument = events.apply(this);
      eventInstrument = instrument;
    }
  }

  // ---- what a loop adds

  /**
   * Waits until there is I/O, until {@link #wakeUp}, or until the time is up; then queues the
   * callbacks of ready I/O with {@link #callSoon(Context, Runnable)}. A wake-up that came before
   * the call counts.
   *
   * @param timeoutNanos how long at most; 0 not to wait, {@link #NEVER} without limit
   */
  protected abstract void poll(long timeoutNanos);

  /** Ends a {@link #poll}, the current or the next one. Called from any thread. */
  protected abstract void wakeUp();

  /**
   * Carries out what closed channels left to do; called at the end of a run. Queues nothing.
   *
   * <p>Closing a channel may take effect only when its poller hears of it, and after a run nothing
   * polls any more.
   */
  protected void flushIo() {}

  /** Lets go of the resources of {@link #poll}; called once, by {@link #close}. */
  protected void closeIo() {}

  @Override
  public abstract long time();

  // ---- life cycle

  @Override
  public final Engine engine() {
    return engine;
  }

  @Override
  public void runForever() {
    checkMayRun();
    if (!coroutines.canRunLoopOn(Thread.currentThread())) {
      LoopThread.call(
          this,
          LoopThread.NAME,
          () -> {
            runForeverHere();
            return null;
          },
          null);
    } else {
      runForeverHere();
    }
  }

  private void runForeverHere() {
    runForeverSetUp();
    try {
      do {
        runOnce();
      } while (!stopping);
    } finally {
      runForeverCleanUp();
    }
  }

  /** Makes this the running loop of the calling thread. */
  protected final void runForeverSetUp() {
    checkMayRun();
    Thread thread = Thread.currentThread();
    synchronized (arrivals) {
      if (runner != null) {
        throw alreadyRunning();
      }
      runner = thread;
    }
    activeThread = thread;
    RUNNING.set(this);
    coroutines.beginRun();
    counters.running.start(time());
    stalls.runBegins();
    FlightRecorderLink.runBegins();
    followEvents();
    if (!defaultsApplied) {
      defaultsApplied = true;
      LoopDefaults.apply(this);
    }
  }

  /** Ends what {@link #runForeverSetUp} began; a request to stop is forgotten. */
  protected final void runForeverCleanUp() {
    stopping = false;
    runningHandle = null;
    stalls.runEnds();
    if (stallWatch != null) {
      stallWatch.stop();
    }
    try {
      runEndOfIteration(); // an exit throwable has skipped it
      flushIo();
    } finally {
      counters.running.stop(time());
      activeThread = null;
      RUNNING.remove();
      coroutines.endRun();
      runner = null;
      if (!arrivals.isEmpty() && ShutdownState.inProgress()) {
        orphanArrivals();
      }
    }
  }

  private void checkMayRun() {
    checkNotClosed("run");
    if (runner != null) {
      throw alreadyRunning();
    }
    EventLoop other = Asyncio.runningLoopOrNull();
    if (other != null) {
      throw new IllegalStateException(
          "cannot run "
              + this
              + " while another loop is running in this thread: "
              + other
              + "; await the work there");
    }
  }

  private IllegalStateException alreadyRunning() {
    return new IllegalStateException(
        "this event loop is already running: " + this + "; await the work in a task of it");
  }

  @Override
  public <T extends @Nullable Object> T runUntilComplete(Awaitable<? extends T> awaitable) {
    Objects.requireNonNull(awaitable, "awaitable");
    checkMayRun();
    boolean ours = !(awaitable instanceof Future);
    Future<T> future = Asyncio.ensureFuture(awaitable, this);
    if (ours) {
      TaskStepper.dontReportIfLeft(future); // DBG-17: the caller never had it in hand
    }
    DoneCallback stopWhenDone = new DoneCallback(this, null, future, _ -> stop());
    future.addNode(stopWhenDone);
    try {
      runForever();
    } catch (Throwable t) {
      if (ours && future.isDone()) {
        future.markRetrieved(); // it is what leaves this call
      }
      throw t;
    } finally {
      if (!future.removeNode(stopWhenDone)) {
        stopWhenDone.cancel(); // queued, and perhaps not run: an exit throwable leaves at once
      }
    }
    if (!future.isDone()) {
      throw new IllegalStateException("event loop stopped before Future completed: " + future);
    }
    return future.result();
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public boolean isRunning() {
    return runner != null;
  }

  /** The thread that runs this, or null. Thread-safe. */
  final @Nullable Thread runner() {
    return runner;
  }

  @Override
  public final boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    if (runner != null) {
      throw new IllegalStateException(
          "cannot close a running event loop: " + this + "; stop it first");
    }
    if (closed) {
      return;
    }
    if (debug) {
      LOGGER.log(Level.DEBUG, "close {0}", this);
    }
    closed = true;
    LiveLoops.remove(this);
    endWork.forEach(Cleaner.Cleanable::clean);
    signalHandlers.removeAll();
    List<Task<?>> left = tasks.snapshot();
    arrivals.takeAll(ready);
    List<Handle> discarded = new ArrayList<>();
    while (!ready.isEmpty()) {
      discarded.add(ready.remove());
    }
    timers.clear();
    counters.clear();
    offload.close();
    names.close();
    closeIo();
    for (Task<?> task : left) {
      TaskStepper stepper = task.stepper();
      if (stepper == null || stepper.reportedIfLeft) {
        reportLeftOver(task);
      }
    }
    for (Handle handle : discarded) {
      handle.orphan();
    }
    for (Task<?> task : left) {
      TaskStepper stepper = task.stepper();
      if (stepper != null) {
        stepper.orphan();
      }
    }
  }

  private void reportLeftOver(Task<?> task) {
    callExceptionHandler(
        new ErrorContext("Task was destroyed but it is pending!")
            .with(ErrorContext.TASK, task)
            .with(ErrorContext.SOURCE_TRACEBACK, task.origin()));
  }

  // ---- the iteration

  /** Runs one iteration. */
  protected final void runOnce() {
    iterating = true;
    try {
      iterate();
    } finally {
      iterating = false;
      TURN.setOpaque(this, 0L);
    }
  }

  private void iterate() {
    Instrument listening = instrument;
    if (listening != null) {
      listening.iterationBegun(this);
    }
    iteration = ++iterationsBegun;
    timers.prune();
    arrivals.takeAll(ready);
    long timeout = pollTimeout();
    if (timeout > 0) {
      coroutines.beforePoll();
      waitFor(timeout);
    } else {
      poll(timeout);
    }
    TURN.setOpaque(this, iteration);
    arrivals.takeAll(ready);
    if (timers.size() > 0) {
      takeDueTimers();
    }
    followEvents();
    int count = ready.size();
    counters.callbacks += count;
    TimingsRecorder recording = recorder;
    if (recording != null || ready.isRecorded()) {
      ready.record(recording);
    }
    if (recording == null) {
      runReady(count);
    } else {
      runReadyRecorded(count, recording);
    }
    runEndOfIteration();
    Error exit = exitRequest;
    if (exit != null) {
      exitRequest = null;
      throw exit;
    }
    if (listening != null) {
      listening.iterationEnded(this);
    }
  }

  /** Tells its events to whoever wants those of all loops. */
  private void followEvents() {
    Function<EventLoop, Instrument> wanted = LoopEvents.wanted();
    if (wanted == events) {
      return;
    }
    events = wanted;
    if (eventInstrument != null) {
      instrument = Instruments.minus(instrument, eventInstrument);
      eventInstrument = null;
    }
    if (wanted != null) {
      eventInstrument = wanted.apply(this);
      instrument = Instruments.plus(instrument, eventInstrument);
    }
  }

  private void runReady(int count) {
    for (int left = count; left > 0 && exitRequest == null; left--) {
      Handle handle = ready.remove();
      if (!handle.wasCancelled()) {
        runHandle(handle);
      }
    }
  }

  private void runReadyRecorded(int count, TimingsRecorder recording) {
    recording.batch();
    for (int left = count; left > 0 && exitRequest == null; left--) {
      long queued = ready.firstTime();
      Handle handle = ready.remove();
      if (!handle.wasCancelled()) {
        recording.begin(handle, queued);
        try {
          runHandle(handle);
        } finally {
          recording.end(handle);
        }
      }
    }
  }

  /** Polls, and counts the time as idle. */
  private void waitFor(long timeout) {
    counters.idle.start(time());
    try {
      poll(timeout);
    } finally {
      counters.idle.stop(time());
    }
  }

  /** The iteration whose callbacks run, or 0. Any thread may ask. */
  final long turn() {
    return (long) TURN.getOpaque(this);
  }

  private void runEndOfIteration() {
    for (Runnable work = endOfIteration.poll(); work != null; work = endOfIteration.poll()) {
      work.run();
    }
    iteration = 0;
  }

  /** Has the run end with {@code exit} as soon as the current callback has ended. Thread-safe. */
  final void requestExit(Error exit) {
    exitRequest = exit;
    wakeUp();
  }

  final @Nullable Error takeExitRequest() {
    Error exit = exitRequest;
    exitRequest = null;
    return exit;
  }

  private long pollTimeout() {
    if (stopping || !ready.isEmpty()) {
      return 0;
    }
    if (timers.size() == 0) {
      return NEVER;
    }
    long deadline = timers.firstDeadline();
    long now = time();
    return deadline <= now ? 0 : Math.min(deadline - now, MAX_POLL_NANOS);
  }

  /**
   * The deadline of the first live timer, or {@link #NEVER}. For hosts that drive iterations
   * themselves.
   */
  protected final long nextDeadline() {
    timers.prune();
    return timers.firstDeadline();
  }

  /** Whether a callback is ready, so that the next iteration would not wait. */
  protected final boolean hasReady() {
    return !ready.isEmpty() || !arrivals.isEmpty();
  }

  private void takeDueTimers() {
    long now = time();
    for (TimerHandle timer = timers.pollDue(now); timer != null; timer = timers.pollDue(now)) {
      ready.add(timer);
    }
  }

  private void runHandle(Handle handle) {
    runningHandle = handle;
    try {
      if (debug || instrument != null) {
        runHandleObserved(handle);
      } else if (handle.getClass() == Handle.class) {
        handle.call(); // run() has too many targets to be inlined where there are tasks and timers
      } else {
        handle.run();
      }
    } catch (Throwable t) {
      if (Throwables.isExit(t)) {
        throw t;
      }
      reportCallbackFailure(handle, t);
    } finally {
      runningHandle = null;
    }
  }

  private void runHandleObserved(Handle handle) {
    Instrument listening = instrument;
    if (listening != null) {
      listening.callbackBegun(handle);
    }
    long start = System.nanoTime();
    StallWatch watch = debug ? stallWatch() : null;
    if (watch != null) {
      watch.begin(start);
    }
    try {
      handle.run();
    } finally {
      long nanos = System.nanoTime() - start;
      StallWatch.Stall stall = watch == null ? null : watch.end();
      if (debug && nanos >= slowCallbackDuration.toNanos()) {
        Reports.inOwnTask(
            this,
            () ->
                LOGGER.log(
                    Level.WARNING,
                    String.format(
                        Locale.ROOT,
                        "Executing %s took %.3f seconds",
                        handle.subject(),
                        nanos / 1e9),
                    stall));
      }
      if (listening != null) {
        listening.callbackEnded(handle);
      }
    }
  }

  private StallWatch stallWatch() {
    StallWatch watch = stallWatch;
    if (watch == null) {
      watch = new StallWatch(this);
      stallWatch = watch;
    }
    return watch;
  }

  private void reportCallbackFailure(Handle handle, Throwable t) {
    callExceptionHandler(
        new ErrorContext("Exception in callback " + handle)
            .with(ErrorContext.EXCEPTION, t)
            .with(ErrorContext.HANDLE, handle)
            .with(
                ErrorContext.SOURCE_TRACEBACK,
                handle.debugInfo == null ? null : handle.debugInfo.origin));
  }

  // ---- scheduling

  @Override
  public Handle callSoon(Runnable callback) {
    checkSchedulable("callSoon", "callSoonThreadsafe");
    return enqueue(
        new Handle(this, currentBindings(), Objects.requireNonNull(callback, "callback")));
  }

  @Override
  public Handle callSoon(Context context, Runnable callback) {
    checkSchedulable("callSoon", "callSoonThreadsafe");
    return enqueue(
        new Handle(
            this,
            Objects.requireNonNull(context, "context"),
            Objects.requireNonNull(callback, "callback")));
  }

  @Override
  public Handle callSoonThreadsafe(Runnable callback) {
    return enqueueThreadsafe(
        new ThreadsafeHandle(
            this, Context.currentBindings(), Objects.requireNonNull(callback, "callback")));
  }

  @Override
  public Handle callSoonThreadsafe(Context context, Runnable callback) {
    return enqueueThreadsafe(
        new ThreadsafeHandle(
            this,
            Objects.requireNonNull(context, "context"),
            Objects.requireNonNull(callback, "callback")));
  }

  @Override
  public TimerHandle callLater(Duration delay, Runnable callback) {
    checkSchedulable("callLater", "callSoonThreadsafe");
    return schedule(
        new TimerHandle(
            this,
            currentBindings(),
            Objects.requireNonNull(callback, "callback"),
            deadlineAfter(delay)));
  }

  @Override
  public TimerHandle callLater(Duration delay, Context context, Runnable callback) {
    checkSchedulable("callLater", "callSoonThreadsafe");
    return schedule(
        new TimerHandle(
            this,
            Objects.requireNonNull(context, "context"),
            Objects.requireNonNull(callback, "callback"),
            deadlineAfter(delay)));
  }

  @Override
  public TimerHandle callAt(long when, Runnable callback) {
    checkSchedulable("callAt", "callSoonThreadsafe");
    return schedule(
        new TimerHandle(
            this, currentBindings(), Objects.requireNonNull(callback, "callback"), when));
  }

  @Override
  public TimerHandle callAt(long when, Context context, Runnable callback) {
    checkSchedulable("callAt", "callSoonThreadsafe");
    return schedule(
        new TimerHandle(
            this,
            Objects.requireNonNull(context, "context"),
            Objects.requireNonNull(callback, "callback"),
            when));
  }

  final TimerHandle schedule(TimerHandle timer) {
    timers.add(timer);
    if (!iterating && runner != null) {
      wakeUp();
    }
    return timer;
  }

  /** The loop time after {@code delay}, saturating: a delay of more than 292 years never ends. */
  final long deadlineAfter(Duration delay) {
    return Durations.deadline(time(), Objects.requireNonNull(delay, "delay"));
  }

  /** The values of the caller, who is known to run in this loop or to run while no thread does. */
  private Bindings currentBindings() {
    Handle current = runningHandle;
    return current != null ? Context.bindingsOf(current.context) : Context.currentBindings();
  }

  /**
   * For code on the loop's thread. A host that drives iterations itself is told of what it does
   * between them.
   */
  private void addReady(Handle handle) {
    ready.add(handle);
    if (!iterating && runner != null) {
      wakeUp();
    }
  }

  /** Queues a handle; no checks. */
  final Handle enqueue(Handle handle) {
    addReady(handle);
    return handle;
  }

  /**
   * Queues the callback of ready I/O: behind what other threads have queued while the poll waited.
   */
  final Handle enqueueIo(Handle handle) {
    arrivals.takeAll(ready);
    return enqueue(handle);
  }

  /** Queues what other threads have queued so far. */
  final void takeArrivals() {
    arrivals.takeAll(ready);
  }

  /**
   * Queues a handle because a future was completed, which is done already whatever happens here
   * (FUT-26).
   */
  final void enqueueCompletion(Handle handle) {
    checkNotClosed("schedule a callback of a completed future");
    if (isCurrent() || runner == null) {
      addReady(handle);
    } else {
      // Completed from a foreign thread, against the rules: keep the queue whole, and do not leave
      // the loop asleep.
      enqueueFromAnywhere(handle);
    }
  }

  private Handle enqueueThreadsafe(ThreadsafeHandle handle) {
    checkNotClosed("call callSoonThreadsafe");
    if (isCurrent()) {
      addReady(handle);
    } else if (arrivals.add(handle)) {
      wakeUp();
    }
    return handle;
  }

  /**
   * Queues a handle from any thread; never throws, never blocks. Once the loop is closed, or the
   * JVM shuts down with the loop at rest, the handle is {@linkplain Handle#orphan orphaned}.
   */
  final void enqueueFromAnywhere(Handle handle) {
    if (closed || (runner == null && ShutdownState.inProgress())) {
      handle.orphan();
    } else if (Thread.currentThread() == runner || isCurrent()) {
      addReady(handle);
    } else {
      if (arrivals.add(handle)) {
        wakeUp();
      }
      if (closed
          || (runner == null
              && ShutdownState.inProgress())) { // meanwhile: nobody takes arrivals any more
        orphanArrivals();
      }
    }
  }

  private void orphanArrivals() {
    ReadyQueue late = new ReadyQueue();
    arrivals.takeAll(late);
    while (!late.isEmpty()) {
      Handle handle = late.remove();
      if (closed || handle instanceof Unblocked) {
        handle.orphan();
      } else {
        arrivals.add(handle); // for the next run, should there be one
      }
    }
  }

  /** Goes on with a coroutine on the thread for orphans, unless the loop runs after all. */
  final void runAsOrphan(Unblocked handle) {
    if (closed) {
      handle.run();
      return;
    }
    synchronized (arrivals) { // no run begins meanwhile
      if (runner == null) {
        handle.run();
        return;
      }
    }
    enqueueFromAnywhere(handle);
  }

  @Override
  public final boolean isCurrent() {
    Thread active = activeThread;
    return active != null && Thread.currentThread() == active;
  }

  /**
   * Checks that the loop is open, and, while it runs, that the caller is on its thread. While it
   * does not run, takes in what other threads have scheduled, so that the caller's handle comes
   * behind that.
   */
  final void checkSchedulable(String method, String remedy) {
    if (closed) {
      checkNotClosed("call " + method);
    }
    if (Thread.currentThread() != activeThread) {
      checkOnLoop(method, remedy);
      arrivals.takeAll(ready);
    }
  }

  /** Checks that the caller is on the thread of the loop, if that runs. */
  final void checkOnLoop(String method, String remedy) {
    if (Thread.currentThread() != activeThread && runner != null) {
      throw new IllegalStateException(
          "Non-thread-safe operation: "
              + method
              + " was called from thread "
              + Thread.currentThread()
              + " while "
              + this
              + " runs in another; use "
              + remedy);
    }
  }

  final void checkNotClosed(String attempt) {
    if (closed) {
      throw new IllegalStateException(
          "Event loop is closed: cannot " + attempt + "; make a new loop");
    }
  }

  // ---- readiness of channels

  @Override
  public void addReader(SelectableChannel channel, Runnable callback) {
    throw unsupported("addReader");
  }

  @Override
  public boolean removeReader(SelectableChannel channel) {
    throw unsupported("removeReader");
  }

  @Override
  public void addWriter(SelectableChannel channel, Runnable callback) {
    throw unsupported("addWriter");
  }

  @Override
  public boolean removeWriter(SelectableChannel channel) {
    throw unsupported("removeWriter");
  }

  private UnsupportedOperationException unsupported(String method) {
    return new UnsupportedOperationException(
        method + " is not supported by " + this + "; use a loop with I/O of that kind");
  }

  // ---- signals

  @Override
  public void addSignalHandler(Signal signal, Runnable callback) {
    checkSchedulable("addSignalHandler", "callSoonThreadsafe");
    signalHandlers.add(this, signal, callback);
  }

  @Override
  public boolean removeSignalHandler(Signal signal) {
    if (closed) {
      return false;
    }
    checkSchedulable("removeSignalHandler", "callSoonThreadsafe");
    return signalHandlers.remove(signal);
  }

  // ---- futures and tasks

  @Override
  public <T extends @Nullable Object> Future<T> createFuture() {
    return new Future<>(this);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends @Nullable Object> Task<T> createTask(
      Awaitable<? extends T> coroutine, TaskOptions options) {
    TaskFactory factory = taskFactory;
    if (factory == null) {
      return new Task<>(coroutine, this, options);
    }
    checkNotClosed("call createTask");
    return (Task<T>) factory.newTask(this, coroutine, options);
  }

  @Override
  public void setTaskFactory(@Nullable TaskFactory factory) {
    taskFactory = factory;
  }

  @Override
  public @Nullable TaskFactory taskFactory() {
    return taskFactory;
  }

  // ---- threads

  @Override
  public <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> call) {
    return offload.submit(this, executor, call, null);
  }

  @Override
  public ScheduledExecutorService asExecutor() {
    return new LoopExecutor(this);
  }

  @Override
  public ExecutorLoad defaultExecutorLoad() {
    return offload.load();
  }

  @Override
  public void setDefaultExecutor(ExecutorService executor) {
    offload.setDefaultExecutor(executor);
  }

  @Override
  public void shutdownDefaultExecutor() {
    offload.shutdown(this, null);
  }

  @Override
  public void shutdownDefaultExecutor(Duration limit) {
    offload.shutdown(this, Objects.requireNonNull(limit, "limit"));
  }

  @Override
  public ThreadFactory threadFactory() {
    return new LoopThreads(this);
  }

  // ---- names

  @Override
  public List<AddressInfo> getaddrinfo(
      @Nullable String host, @Nullable String service, AddressOptions options)
      throws UnknownHostException {
    return names.getaddrinfo(this, host, service, Objects.requireNonNull(options, "options"));
  }

  @Override
  public NameInfo getnameinfo(InetSocketAddress address, NameFlag... flags)
      throws UnknownHostException {
    return names.getnameinfo(this, Objects.requireNonNull(address, "address"), flags);
  }

  // ---- asynchronous iterators

  @Override
  public void shutdownAsyncgens() {
    openIterators.shutDown(this);
  }

  @Override
  public void trackAsyncIterator(AsyncIterator<?> iterator) {
    openIterators.add(this, Objects.requireNonNull(iterator, "iterator"));
  }

  @Override
  public void untrackAsyncIterator(AsyncIterator<?> iterator) {
    openIterators.remove(iterator);
  }

  // ---- errors and debugging

  @Override
  public void setExceptionHandler(@Nullable ExceptionHandler handler) {
    exceptionHandler = handler;
  }

  @Override
  public @Nullable ExceptionHandler exceptionHandler() {
    return exceptionHandler;
  }

  @Override
  public void callExceptionHandler(ErrorContext context) {
    if (instrument != null) {
      instrument.errorReported(this, context);
    }
    Reports.inOwnTask(this, () -> Reports.handle(this, exceptionHandler, context));
  }

  /**
   * The exceptions of futures that nobody has retrieved up to now, as they would be reported to the
   * exception handler if the futures were collected; in the order in which those were completed.
   * For tests, which cannot wait for a collection. Thread-safe.
   */
  public final List<ErrorContext> unretrievedExceptions() {
    return Unretrieved.reports(unretrieved);
  }

  /**
   * Reports from a thread that may not be the loop's: on the loop's if it runs, else here, to the
   * log.
   */
  final void reportFromAnyThread(ErrorContext context) {
    if (!closed && runner != null && !isCurrent()) {
      enqueueFromAnywhere(new Handle(this, null, () -> callExceptionHandler(context)));
    } else {
      callExceptionHandler(context);
    }
  }

  @Override
  public void defaultExceptionHandler(ErrorContext context) {
    Reports.log(this, context);
  }

  @Override
  public boolean isDebug() {
    return debug;
  }

  @Override
  public void setDebug(boolean debug) {
    this.debug = debug;
    StallWatch watch = stallWatch;
    if (!debug && watch != null) {
      watch.stop();
    }
  }

  @Override
  public Duration slowCallbackDuration() {
    return slowCallbackDuration;
  }

  @Override
  public void setSlowCallbackDuration(Duration duration) {
    slowCallbackDuration = Objects.requireNonNull(duration, "duration");
  }

  @Override
  public final StallFinder stallFinder() {
    return stalls;
  }

  @Override
  public void addInstrument(Instrument added) {
    instrument = Instruments.plus(instrument, Objects.requireNonNull(added, "instrument"));
  }

  @Override
  public void removeInstrument(Instrument removed) {
    instrument = Instruments.minus(instrument, removed);
  }

  @Override
  public LoopMetrics metrics() {
    return counters.snapshot(this);
  }

  @Override
  public Recording recordTimings() {
    return recordings.begin();
  }

  /** Has {@code work} run once this is closed or collected. On any thread. */
  final void onEnd(Runnable work) {
    Cleaner.Cleanable once = Cleaners.SHARED.register(this, work);
    endWork.add(once);
    if (closed) {
      once.clean();
    }
  }

  /** How many iterations were begun; on any thread, as it is or was a moment ago. */
  final long iterationsBegun() {
    return iterationsBegun;
  }

  /** Says that another thread will complete {@code future}. On any thread. */
  final void noteThreadAwaited(Future<?> future) {
    Instrument listening = instrument;
    if (listening != null) {
      listening.threadAwaited(future);
    }
  }

  /**
   * Tells the instruments of something that has to be closed; the test kit reports it if nobody
   * does.
   */
  public final void resourceOpened(Object resource) {
    counters.opened(resource);
    Instrument listening = instrument;
    if (listening != null) {
      listening.resourceOpened(this, resource);
    }
  }

  /** Tells the instruments that {@code resource} was closed; a second time does no harm. */
  public final void resourceClosed(Object resource) {
    counters.closed(resource);
    Instrument listening = instrument;
    if (listening != null) {
      listening.resourceClosed(this, resource);
    }
  }

  private String typeName() {
    String name = getClass().getName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  @Override
  public String toString() {
    return "<"
        + typeName()
        + " running="
        + isRunning()
        + " closed="
        + closed
        + " debug="
        + debug
        + ">";
  }
}
