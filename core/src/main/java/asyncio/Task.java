package asyncio;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that runs on an event loop, concurrently with other tasks (PEP 3156 'Tasks'; spec
 * TASK-1 to TASK-63).
 *
 * <p>A task is a future: its result is what the coroutine returns, its exception what it throws. It
 * runs until it waits for something, lets others run meanwhile, and goes on in the loop iteration
 * after the one in which that something happened.
 *
 * <p><b>Cancellation:</b> {@link #cancel(Object)} asks; the coroutine gets a {@link CancelledError}
 * where it waits, and decides.
 *
 * <p><b>Threading:</b> loop-confined, but for what {@link Future} says; {@link #name} and {@link
 * #toString} are safe anywhere.
 *
 * @param <T> the type of the result
 */
public class Task<T extends @Nullable Object> extends Future<T> {
  private static final AtomicLong NUMBERS = new AtomicLong();

  /** What the name is made from if none was given. */
  private final long number;

  private @Nullable String givenName;
  private @Nullable Awaitable<? extends T> coroutine;

  /**
   * The {@link TaskStepper}; once the task is done, so that it holds no thread, only the context of
   * that, or what it would be made from.
   */
  private @Nullable Object stepperOrContext;

  private int cancelRequests;

  /** As {@link #Task(Awaitable, EventLoop, TaskOptions)}, with default options. */
  public Task(Awaitable<? extends T> coroutine, EventLoop loop) {
    this(coroutine, loop, TaskOptions.DEFAULT);
  }

  /**
   * Makes a task and queues its first step, or runs that step at once if the options say so.
   * Programs call {@link Asyncio#createTask} or {@link TaskGroup#createTask}; this is for task
   * factories.
   *
   * @throws IllegalArgumentException if {@code coroutine} is a future
   * @throws IllegalStateException if the loop is closed, or the caller is on a wrong thread
   */
  @SuppressWarnings("this-escape")
  public Task(Awaitable<? extends T> coroutine, EventLoop loop, TaskOptions options) {
    super(loop);
    java.util.Objects.requireNonNull(coroutine, "coroutine");
    if (coroutine instanceof java.util.concurrent.Future) {
      throw new IllegalArgumentException(
          "a coroutine was expected, got "
              + coroutine
              + "; await it, or use ensureFuture, which takes both");
    }
    AbstractEventLoop owner = this.loop;
    owner.checkSchedulable("createTask", "runCoroutineThreadsafe");
    String given = options.name();
    this.givenName = given;
    this.number = given != null ? 0 : NUMBERS.incrementAndGet();
    this.coroutine = coroutine;
    Object context = options.context() != null ? options.context() : Context.currentBindings();
    TaskStepper steps =
        new TaskStepper(owner, this, context, given != null || owner.debug ? name() : null);
    this.stepperOrContext = steps;
    owner.tasks.add(steps);
    owner.counters.tasksCreated++;
    boolean eager = Boolean.TRUE.equals(options.eagerStart()) && owner.isCurrent();
    try {
      if (owner.instrument != null) {
        owner.instrument.taskSpawned(this);
      }
      if (!eager) {
        steps.startSoon();
      }
    } catch (Throwable t) {
      owner.tasks.remove(steps); // TASK-31
      owner.counters.tasksCreated--;
      throw t;
    }
    if (eager) {
      steps.startEagerly();
      if (isDone()) {
        this.coroutine = null; // TASK-11
      }
    }
  }

  /**
   * For task implementations that run their steps themselves: makes a task that runs nothing and
   * that nobody knows of.
   *
   * <p>Such a class makes itself known with {@link Asyncio#registerTask}, announces each step with
   * {@link Asyncio#enterTask} and {@link Asyncio#leaveTask}, ends with {@link #end} and {@link
   * Asyncio#unregisterTask}, and overrides {@link #cancel(Object)}, which only counts requests
   * here.
   *
   * @param options the name and the context; whether to start eagerly means nothing here
   */
  protected Task(EventLoop loop, TaskOptions options) {
    super(loop);
    this.givenName = options.name();
    this.number = givenName != null ? 0 : NUMBERS.incrementAndGet();
    this.stepperOrContext =
        options.context() != null ? options.context() : Context.currentBindings();
  }

  /**
   * A thread that runs {@code coroutine} as a task of {@code loop} once somebody starts it. On any
   * thread.
   */
  static Thread startedByItsThread(AbstractEventLoop loop, Coroutine<@Nullable Void> coroutine) {
    Task<@Nullable Void> task = new Task<>(loop, TaskOptions.DEFAULT);
    TaskStepper steps = new TaskStepper(loop, task, task.contextOrBindings(), task.name());
    task.coroutine = coroutine;
    task.stepperOrContext = steps;
    return steps.fiber.thread();
  }

  // ---- identity

  /** The name: as given, or "Task-N" with N counting up over the process. */
  public final String name() {
    String given = givenName;
    return given != null ? given : "Task-" + number;
  }

  /** Renames this task; the text form of {@code name} is kept. */
  public final void setName(Object name) {
    this.givenName = name.toString();
  }

  /** The code this task runs; null for an eager task that finished in its first step. */
  public final @Nullable Awaitable<? extends T> coroutine() {
    return coroutine;
  }

  /** The context in which all steps run. */
  public final Context context() {
    Object now = stepperOrContext;
    if (now instanceof TaskStepper steps) {
      return steps.context();
    }
    if (now instanceof Context context) {
      return context;
    }
    Context made = new Context(Context.bindingsOf(now));
    stepperOrContext = made;
    return made;
  }

  /** The context, or what it would be made from. */
  final @Nullable Object contextOrBindings() {
    Object now = stepperOrContext;
    return now instanceof TaskStepper steps ? steps.context : now;
  }

  /** Runs the steps; null once the task is done, and in a class that runs its steps itself. */
  final @Nullable TaskStepper stepper() {
    return stepperOrContext instanceof TaskStepper steps ? steps : null;
  }

  // ---- cancellation

  /**
   * Asks the task to end.
   *
   * <p>The rule: if the task waits for a future, that future is cancelled, at once; being a task
   * itself it is asked in the same way and may refuse, and then nobody else hears of it. If the
   * task is blocked inside a JDK call (direct engine), its thread is interrupted. Otherwise the
   * request is kept, and the task's next step begins with a {@link CancelledError}; before the
   * first step that ends the task without running any of its code. Tasks that wait for one another
   * in a circle have nobody to pass a request on to: the one it comes back to gets the {@link
   * CancelledError}.
   *
   * <p>The task is cancelled only when its coroutine ends with the {@link CancelledError}. It may
   * clean up first, or go on.
   *
   * @param reason becomes {@link CancelledError#reason}; null for none
   * @return whether the task was unfinished, so that the request counts
   */
  @Override
  public boolean cancel(@Nullable Object reason) {
    Task<?> asked = this;
    Task<?> met = this;
    long nextMeeting = 1;
    long passed = 0;
    for (; ; ) {
      if (asked.isDone()) {
        asked.markRetrieved();
        return false;
      }
      asked.cancelRequests++;
      TaskStepper steps = asked.stepper();
      Future<?> waitedFor = steps == null ? null : steps.waitingOn;
      if (waitedFor instanceof Task<?> inner && inner.getClass() == Task.class && !inner.isDone()) {
        TaskStepper innerSteps = inner.stepper();
        if ((inner == this || inner == met)
            && innerSteps != null
            && innerSteps.leaveCircle(reason)) {
          return true;
        }
        asked = inner; // passes the request on, without recursion: chains can be long
        if (++passed == nextMeeting) { // looks for a circle that does not contain this (Brent)
          met = inner;
          nextMeeting *= 2;
        }
        continue;
      }
      if (waitedFor instanceof GatherFuture gather
          && steps != null
          && gather.releaseFromCircle(steps, reason)) {
        return true;
      }
      if (steps == null
          || (waitedFor != null && waitedFor.cancel(reason))
          || steps.cancelByInterrupt(reason)) {
        return true;
      }
      steps.mustCancel = true;
      steps.cancelReason = reason;
      return true;
    }
  }

  /**
   * How many requests to cancel are outstanding: calls of {@code cancel} less calls of {@link
   * #uncancel}.
   */
  public final int cancelling() {
    return cancelRequests;
  }

  /**
   * Takes one request back. Whoever asked, and sees to the consequences, calls this once; at zero a
   * request that has not been delivered yet is dropped.
   *
   * @return how many are left
   */
  public final int uncancel() {
    if (cancelRequests > 0) {
      cancelRequests--;
      TaskStepper steps = stepper();
      if (steps != null && steps.debugInfo != null) {
        steps.debugInfo.delivered = null; // whoever does this knows of it
      }
      if (cancelRequests == 0 && steps != null) {
        steps.mustCancel = false;
        if (steps.interruptIsCancellation) {
          Interrupts.forget(steps);
        }
      }
    }
    return cancelRequests;
  }

  // ---- completion, by the end of the coroutine only

  /** Always throws: only the end of the coroutine completes a task. */
  @Override
  public final void setResult(T result) {
    throw new IllegalStateException(
        this + " does not support setResult; return the value from its coroutine");
  }

  /** Always throws: only the end of the coroutine completes a task. */
  @Override
  public final void setException(Throwable exception) {
    throw new IllegalStateException(
        this + " does not support setException; throw it in its coroutine");
  }

  /**
   * Completes this task, as the end of its coroutine does. For classes that run their steps
   * themselves; a task that is completed before its coroutine has ended reports that at its next
   * step, and the outcome given here stands (TASK-9).
   *
   * @param result the result, if {@code failure} is null
   * @param failure what the task failed with; a {@link CancelledError} cancels it
   * @throws InvalidStateException if this is done already
   */
  protected final void end(@Nullable T result, @Nullable Throwable failure) {
    switch (failure) {
      case null -> complete(result);
      case CancelledError cancelled -> completeCancelled(cancelled.reason(), cancelled);
      default -> completeExceptionally(failure);
    }
  }

  Awaitable<? extends T> awaitable() {
    return java.util.Objects.requireNonNull(coroutine);
  }

  /** Lets go of the coroutine's thread; called once it has ended. */
  void detach(TaskStepper ended) {
    stepperOrContext = ended.context;
  }

  // ---- stacks

  /** As {@link #stack(int)}, without limit. */
  public final List<StackTraceElement> stack() {
    return stack(Integer.MAX_VALUE);
  }

  /**
   * Where the task is, oldest frame first: of a suspended task its frames, of a failed one those of
   * its exception, of another one nothing (TASK-61).
   *
   * @param limit at most so many: the newest of a suspended task, the oldest of an exception
   */
  public final List<StackTraceElement> stack(int limit) {
    limit = Math.max(0, limit);
    TaskStepper steps = stepper();
    if (steps != null) {
      List<StackTraceElement> frames = steps.userStack().reversed();
      return frames.subList(Math.max(0, frames.size() - limit), frames.size());
    }
    Throwable failure = peekException();
    if (failure == null) {
      return List.of();
    }
    List<StackTraceElement> frames = Origins.userFrames(failure.getStackTrace()).reversed();
    return frames.subList(0, Math.min(limit, frames.size()));
  }

  /** As {@link #printStack(int, PrintStream)}, all frames, to standard error. */
  public final void printStack() {
    printStack(Integer.MAX_VALUE, System.err);
  }

  /** Writes the frames of {@link #stack(int)} with a heading that says what they are (TASK-63). */
  public final void printStack(int limit, PrintStream out) {
    List<StackTraceElement> frames = stack(limit);
    Throwable failure = peekException();
    if (failure != null) {
      out.println("Traceback for " + this + " (oldest call first):");
    } else if (frames.isEmpty()) {
      out.println("No stack for " + this);
    } else {
      out.println("Stack for " + this + " (oldest call first):");
    }
    for (StackTraceElement frame : frames) {
      out.println("  " + frame);
    }
    if (failure != null) {
      out.println(failure);
    }
  }

  // ---- text

  @Override
  public String waitKind() {
    return "task";
  }

  @Override
  String describeState() {
    String state = super.describeState();
    if (cancelRequests > 0 && !isDone()) {
      state = "cancelling";
    }
    StringBuilder text = new StringBuilder(state).append(" name='").append(name()).append('\'');
    Awaitable<?> code = coroutine;
    if (code != null) {
      text.append(" coro=").append(Origins.describeCallable(code));
    }
    TaskStepper steps = stepper();
    if (steps != null && !isDone()) {
      List<StackTraceElement> frames = steps.userStack();
      if (!frames.isEmpty()) {
        text.append(" at ").append(Origins.describe(frames.getLast()));
      }
      if (steps.waitingOn != null) {
        text.append(" wait_for=").append(FutureText.describe(steps.waitingOn));
      }
    }
    return text.toString();
  }
}
