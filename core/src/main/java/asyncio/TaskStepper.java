package asyncio;

import asyncio.internal.vthread.CoroutineEngine;
import asyncio.internal.vthread.Fiber;
import asyncio.internal.vthread.Orphans;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task's coroutine step by step: from its start, or from a wake-up, to the next suspension.
 *
 * <p>It is the handle that is queued for the next step, and the node in the callbacks of the future
 * that the task waits for; so waiting and waking allocate nothing.
 *
 * <p><b>Threading:</b> the sections below say which side calls what: the loop's thread, or the
 * task's own thread while it is mounted there. The two exclude one another.
 */
final class TaskStepper extends Handle implements Fiber.Body, InLoop, Strand, Consumer<Object> {
  /*
   * The life of a task, and the one place where each change is made:
   *
   *            run()                await(), yieldNow()            run(), queued by the
   *   QUEUED ─────────▶ running ─────────────────────────▶ waiting ──────────────────────▶ running …
   *     │                 │ ▲                                     future's completion
   *     │ cancelled       │ │ Unblocked.run()     , queued by unblocked()
   *     ▼ meanwhile       │ └───────────── blocked in a JDK call (direct engine only)
   *   ended ◀─────────────┘ runBody() returned; finish()
   *
   * A wake-up is one callback: the future's completion queues this handle, and run() goes on with the coroutine inside
   * the same callback. At most one wake-up is queued at a time.
   *
   * `waitingOn` is set exactly while the task is suspended on a future. `mustCancel` says that a cancellation was
   * requested which no future and no interrupt has taken; the next step delivers it.
   */
  final Task<?> task;
  final Fiber fiber;

  /**
   * Whose code has the task's turn: the task's own coroutine, or the body of a generator that it is
   * inside of.
   */
  Fiber active;

  @Nullable Future<?> waitingOn;
  boolean mustCancel;
  @Nullable Object cancelReason;

  private boolean started;
  private boolean ended;
  private boolean failed;

  /**
   * What one side hands the other at a switch: to the coroutine what its resumption throws, if
   * anything; from it, once it has ended, its result, or what it failed with.
   */
  private @Nullable Object handed;

  /**
   * Wake-ups in the ready queue that have lost their reason, since suspending failed after they
   * were queued.
   */
  private int staleWakeUps;

  /**
   * Whether an interrupt was sent as the delivery of a cancellation and no boundary has seen its
   * effect yet.
   */
  boolean interruptIsCancellation;

  /** Whether that interrupt has not even woken the coroutine yet. */
  private boolean interruptOnItsWay;

  /** Whether the flag of that interrupt, still set, was cleared for the sake of a suspension. */
  boolean interruptFlagDropped;

  /** Whether the interrupt flag, which is still set, has been turned into a cancellation. */
  private volatile boolean interruptNoted;

  /**
   * Whether the task is reported if the loop is closed first; not if the library made it for a
   * caller who never sees it.
   */
  boolean reportedIfLeft = true;

  /** The innermost open noSuspend section, or null. */
  @Nullable NoSuspend noSuspend;

  /** The innermost open timeout scope, or what a task group's child inherited; null for none. */
  @Nullable Deadlines deadlines;

  /** Links of the loop's list of unfinished tasks; see {@link TaskList}. */
  @Nullable TaskStepper previousTask;

  @Nullable TaskStepper nextTask;

  TaskStepper(
      AbstractEventLoop loop, Task<?> task, @Nullable Object context, @Nullable String threadName) {
    super(loop, context, null);
    this.task = task;
    this.fiber = loop.coroutines.newFiber(this, threadName);
    this.active = fiber;
    this.deadlines = loop.deadlinesOfNextTask;
    loop.deadlinesOfNextTask = null;
  }

  // ---- who runs

  /** The step machine of the task that the caller is, or null. */
  static @Nullable TaskStepper currentOrNull() {
    InLoop current = InLoop.current();
    return current == null ? null : current.stepper();
  }

  static TaskStepper currentOrThrow(String what) {
    TaskStepper current = currentOrNull();
    if (current == null) {
      throw new IllegalStateException(
          what
              + " suspends, so it must be called from a task, not from "
              + (AbstractEventLoop.RUNNING.get() != null
                  ? "a callback"
                  : "thread " + Thread.currentThread())
              + "; wrap the calling code in createTask(() -> …), or in run(() -> …) if no loop runs");
    }
    return current;
  }

  @Override
  public AbstractEventLoop loop() {
    return loop;
  }

  @Override
  public Handle handle() {
    return this;
  }

  @Override
  public TaskStepper stepper() {
    return this;
  }

  // ---- on the loop's thread: steps

  /** Runs the next step; if tasks are started eagerly in it, their first steps too. */
  @Override
  void run() {
    if (staleWakeUps > 0) {
      staleWakeUps--;
      return;
    }
    drive(false);
  }

  /**
   * The wake-up by a future whose class registers callbacks in its own way: this is the callback
   * then.
   */
  @Override
  public void accept(Object done) {
    run();
  }

  /** Goes on with a coroutine whose blocking JDK call has finished. */
  private void runUnblocked() {
    if (ended) {
      return;
    }
    if (active.isSuspended()) {
      active.resumeBlocked(); // somebody else unparked the thread: it only looks around and
      // suspends again
      return;
    }
    if (interruptOnItsWay) {
      interruptOnItsWay = false;
      mustCancel = false; // a second request before the first one arrived: one error delivers both
    }
    drive(true);
  }

  /**
   * Steps this task. A step that asks for an eager child is interrupted: the child's step runs,
   * then the parent goes on, and so on to any depth; the chain of parents is the explicit stack.
   */
  private void drive(boolean unblocked) {
    if (unblocked) {
      mount(true);
    } else {
      step();
    }
    if (loop.eagerChild != null) {
      driveEagerly(loop.eagerParents);
    }
  }

  private void driveEagerly(ArrayDeque<TaskStepper> parents) {
    int outside = parents.size();
    TaskStepper running = this;
    for (; ; ) {
      TaskStepper child = loop.eagerChild;
      if (child != null) {
        loop.eagerChild = null;
        parents.push(running);
        running = child;
        try {
          child.step();
        } catch (Throwable exit) {
          parents.element().handed = exit;
        }
      } else if (parents.size() > outside) {
        running = parents.pop();
        if (parents.size() == outside) {
          running.mount(false);
        } else {
          try {
            running.mount(false);
          } catch (Throwable exit) {
            parents.element().handed = exit;
          }
        }
      } else {
        return;
      }
    }
  }

  private void step() {
    waitingOn = null;
    if (task.isDone()) {
      abandon();
      throw new InvalidStateException(
          "cannot step " + task + ": it is already done, completed behind its back");
    }
    if (!started) {
      started = true;
      if (mustCancel) {
        mustCancel = false;
        ended = true;
        failed = true;
        handed = new CancelledError(cancelReason); // TASK-37: none of its code runs
        finish();
        return;
      }
    }
    mount(false);
  }

  /** Lends the loop's turn to the coroutine until it suspends, blocks or ends. */
  private void mount(boolean unblocked) {
    AbstractEventLoop l = loop;
    Handle outerHandle = l.runningHandle;
    Thread outerThread = l.activeThread;
    Task<?> outerTask = l.currentTask;
    l.runningHandle = this;
    l.activeThread = active.thread();
    l.currentTask = task;
    Task<?> found;
    Instrument instrument = l.instrument;
    if (instrument != null) {
      instrument.taskResumed(task);
    }
    try {
      if (unblocked) {
        active.resumeBlocked();
      } else {
        active.resume();
      }
      for (Fiber next = l.handOver; next != null; next = l.handOver) {
        l.handOver = null;
        active = next;
        l.activeThread = next.thread();
        next.resume();
      }
    } finally {
      found = l.currentTask;
      l.runningHandle = outerHandle;
      l.activeThread = outerThread;
      l.currentTask = outerTask;
    }
    if (ended) {
      finish();
    } else {
      if (mustCancel && !active.isSuspended() && cancelByInterrupt(cancelReason)) {
        mustCancel = false; // asked for earlier, when the task ran or nothing could end its call
      }
      if (noSuspend != null && !active.isSuspended()) {
        noSuspend.noteSwitch(active.thread().getStackTrace());
      }
      if (instrument != null && l.eagerChild == null) {
        instrument.taskSuspended(task, waitingOn);
      }
    }
    if (found != task) {
      l.eagerChild = null; // nobody is left to run it
      throw ForeignTasks.unbalanced(task, found);
    }
  }

  /** Completes the task with what its coroutine ended with. */
  private void finish() {
    Object value = handed;
    Throwable thrown = failed ? (Throwable) value : null;
    handed = null;
    loop.tasks.remove(this);
    task.detach(this);
    if (task.isDone()) {
      loop.counters.ended(task);
      return; // completed behind its back; that outcome stands
    }
    if (loop.isClosed()) {
      task.dropNodes(); // whoever waits for this orphan is one too
    }
    LoopCounters counters = loop.counters;
    if (thrown == null && mustCancel) {
      mustCancel = false;
      counters.tasksCancelled++;
      task.completeCancelled(cancelReason, null); // TASK-47
    } else if (thrown == null) {
      counters.tasksSucceeded++;
      task.complete(value);
    } else if (thrown instanceof CancelledError cancelled) {
      counters.tasksCancelled++;
      task.completeCancelled(cancelled.reason(), cancelled);
    } else {
      counters.tasksFailed++;
      task.completeExceptionally(thrown);
    }
    if (loop.instrument != null) {
      loop.instrument.taskDone(task);
    }
    if (thrown != null && Throwables.isExit(thrown)) {
      throw Throwables.rethrow(thrown);
    }
  }

  /** Leaves {@code future} out of the reports of tasks that are left when their loop is closed. */
  static void dontReportIfLeft(Future<?> future) {
    TaskStepper stepper = future instanceof Task<?> task ? task.stepper() : null;
    if (stepper != null) {
      stepper.reportedIfLeft = false;
    }
  }

  /** Whether the first step has begun. */
  boolean hasStarted() {
    return started;
  }

  /** Queues the first step. */
  void startSoon() {
    loop.enqueue(this);
  }

  /**
   * Runs the first step now; the caller is code of this loop. Throws an exit throwable that the
   * step ends with.
   */
  void startEagerly() {
    TaskStepper parent = currentOrNull();
    if (parent != null) {
      parent.runFirstStepOf(this);
    } else if (Fiber.current() == null) {
      run();
    } else {
      startSoon(); // inside a report or a callback's generator: no task, and cannot give way
    }
  }

  // ---- on the task's thread: the coroutine and its suspensions

  @Override
  public void runBody() {
    try {
      throwWhatIsPending(null);
      handed = task.awaitable().await();
    } catch (Throwable t) {
      failed = true;
      handed = Interrupts.translate(this, t);
    }
    ended = true;
  }

  /**
   * Waits until {@code future} is done, or throws what is to be thrown at this suspension point
   * instead.
   */
  void await(Future<?> future) {
    if (future.isDone()) {
      return;
    }
    beforeSuspension();
    if (future.loop != loop) {
      throwAfterOneHop(
          new IllegalStateException(
              task
                  + " got "
                  + future
                  + " attached to a different loop; await it in a task of its own loop, or pass the result with"
                  + " callSoonThreadsafe or runCoroutineThreadsafe"));
    }
    if (future == task) {
      throwAfterOneHop(new IllegalStateException("task cannot await on itself: " + task));
    }
    future.addWaiter(this);
    waitingOn = future;
    if (mustCancel && future.cancel(cancelReason)) {
      mustCancel = false;
    }
    try {
      active.suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      waitingOn = null;
      if (!future.removeWaiter(this) && future.isDone()) {
        staleWakeUps++;
      }
      throw e;
    }
    throwWhatIsPending(future);
  }

  /** Lets everything that is ready now run first; the bare yield, which {@code sleep(0)} is. */
  void yieldNow() {
    beforeSuspension();
    loop.enqueue(this);
    suspendQueued();
    throwWhatIsPending(null);
  }

  private void throwAfterOneHop(RuntimeException error) {
    handed = error;
    loop.enqueue(this);
    suspendQueued();
    throwWhatIsPending(null);
  }

  private void suspendQueued() {
    try {
      active.suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      staleWakeUps++;
      throw e;
    }
  }

  private void runFirstStepOf(TaskStepper child) {
    loop.eagerChild = child;
    try {
      active.suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      loop.eagerChild = null;
      child.startSoon();
      if (e instanceof StackOverflowError overflow) {
        throw overflow;
      }
      return;
    }
    Object exit = handed;
    if (exit != null) {
      handed = null;
      throw Throwables.rethrow((Throwable) exit);
    }
  }

  // ---- generators, on the thread of the active coroutine

  @Override
  public void enter(Fiber body) {
    loop.handOver = body;
    try {
      active.suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      loop.handOver = null;
      throw e;
    }
  }

  @Override
  public boolean giveBack(@Nullable Fiber caller) {
    loop.handOver = caller;
    return Thread.interrupted();
  }

  @Override
  public void keepTurn() {
    loop.handOver = null;
  }

  @Override
  public CoroutineEngine engine() {
    return loop.coroutines;
  }

  @Override
  public InLoop inLoop() {
    return this;
  }

  private void beforeSuspension() {
    if (loop.isClosed()) {
      throw new IllegalStateException("cannot suspend " + task + ": its event loop is closed");
    }
    if (noSuspend != null) {
      throw noSuspend.refuse();
    }
    if (Thread.interrupted()) {
      Interrupts.noteBeforeSuspension(this);
    }
    DebugInfo info = debugInfo;
    if (info != null) {
      Swallowed.suspending(this, info);
    }
  }

  /** After a resumption: the cancellation rule first, then what the loop wants thrown. */
  private void throwWhatIsPending(@Nullable Future<?> awaited) {
    if (interruptNoted) {
      interruptNoted = false;
      Thread.interrupted();
    }
    Object pending = handed;
    handed = null;
    if (mustCancel) {
      // Cancellation beats the outcome that is there already (TASK-38); a cancelled future throws
      // its own error below.
      mustCancel = false;
      if (awaited == null || !awaited.isCancelled()) {
        if (awaited != null) {
          awaited.markRetrieved();
        }
        if (loop.debug) {
          Swallowed.delivered(this);
        }
        throw new CancelledError(cancelReason);
      }
    } else if (pending != null) {
      throw Throwables.rethrow((Throwable) pending);
    }
    if (loop.debug && awaited != null && awaited.isCancelled() && task.cancelling() > 0) {
      Swallowed.delivered(this); // the future throws it
    }
  }

  // ---- on any thread

  /**
   * The blocking JDK call of this task has finished: the rest of the step becomes an ordinary
   * callback.
   */
  @Override
  public void unblocked() {
    loop.enqueueFromAnywhere(new Unblocked(this, this::runUnblocked));
  }

  /** Somebody started the thread of this task, which is one of the loop's thread factory. */
  @Override
  public void startedByOther() {
    loop.enqueueFromAnywhere(new LoopThreads.Start(this));
  }

  /** Somebody interrupted the thread of the suspended task: that asks for its cancellation. */
  @Override
  public void interruptedWhileSuspended() {
    if (!interruptNoted) {
      interruptNoted = true;
      loop.enqueueFromAnywhere(new Handle(loop, null, () -> task.cancel()));
    }
  }

  // ---- cancellation of a blocked task; on the loop's thread

  /**
   * Whether a request to cancel has gone out as an interrupt of the JDK call that blocks this task.
   */
  boolean cancelByInterrupt(@Nullable Object reason) {
    if (!started || !active.isBlocked() || !Interrupts.canEndCallOf(active.thread())) {
      return false;
    }
    if (loop.debug) {
      Swallowed.interrupting(this);
    }
    interruptIsCancellation = true;
    interruptOnItsWay = true;
    interruptFlagDropped = false;
    cancelReason = reason;
    active.thread().interrupt();
    return true;
  }

  /** Stops waiting for a task that waits for this one; the next step delivers the cancellation. */
  boolean leaveCircle(@Nullable Object reason) {
    Future<?> awaited = waitingOn;
    if (awaited == null || !awaited.removeWaiter(this)) {
      return false;
    }
    waitingOn = null;
    mustCancel = true;
    cancelReason = reason;
    loop.enqueue(this);
    return true;
  }

  /**
   * Whether a request to cancel has to wait, since the task is blocked in a JDK call that no
   * interrupt ends.
   */
  boolean isOutOfReach() {
    return mustCancel && started && !ended && active.isBlocked();
  }

  // ---- the end of the loop

  /**
   * The loop is closed: lets the coroutine run its {@code finally} blocks, on the thread for
   * orphans.
   */
  @Override
  void orphan() {
    if (started && !ended && active.isSuspended()) {
      Orphans.run(() -> {
        handed = new CancelledError("the event loop was closed");
        mustCancel = false;
        waitingOn = null;
        mount(false);
      });
    }
  }

  private void abandon() {
    loop.tasks.remove(this);
    if (started) {
      handed = new CancelledError("completed behind its back");
      mustCancel = false;
      mount(false);
    } else {
      loop.counters.ended(task);
    }
  }

  // ---- text

  @Override
  @Nullable Object code() {
    return task.coroutine();
  }

  @Override
  Object subject() {
    return task;
  }

  @Override
  void describeTo(StringBuilder text) {
    text.append(' ').append(task);
  }

  /**
   * The frames of user code, innermost first. Where the task is inside a generator, the method of
   * {@link Generator} that was called stands between the frames of the body and those of the
   * caller.
   */
  List<StackTraceElement> userStack() {
    if (!started) {
      return List.of();
    }
    List<StackTraceElement> innermost = framesOf(active);
    return active == fiber ? innermost : withCallers(innermost, active);
  }

  /** Adds the frames of those who called the generators that {@code innermost} belongs to. */
  static List<StackTraceElement> withCallers(List<StackTraceElement> innermost, Fiber of) {
    List<StackTraceElement> frames = new ArrayList<>(innermost);
    for (Fiber at = callerOf(of); at != null; at = callerOf(at)) {
      StackTraceElement[] stack = at.thread().getStackTrace();
      int entry = 0; // its suspension, the machinery of generators, and last the method called
      while (entry < stack.length && !Origins.isLibrary(stack[entry])) {
        entry++;
      }
      while (entry + 1 < stack.length && Origins.isLibrary(stack[entry + 1])) {
        entry++;
      }
      if (entry < stack.length) {
        frames.add(stack[entry]);
        frames.addAll(Origins.userFrames(Arrays.copyOfRange(stack, entry + 1, stack.length)));
      }
    }
    return frames;
  }

  private static @Nullable Fiber callerOf(Fiber fiber) {
    return fiber.body() instanceof BodyGenerator<?, ?, ?> body ? body.caller() : null;
  }

  private static List<StackTraceElement> framesOf(Fiber fiber) {
    StackTraceElement[] frames = fiber.thread().getStackTrace();
    int first = 0;
    if (fiber.isSuspended()) {
      while (first < frames.length && !Origins.isLibrary(frames[first])) {
        first++; // how the JDK suspends is of no interest; what else of it is on the stack may be
      }
    }
    return Origins.userFrames(Arrays.copyOfRange(frames, first, frames.length));
  }
}
