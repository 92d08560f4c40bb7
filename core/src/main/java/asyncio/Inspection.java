package asyncio;

import asyncio.inspect.TaskState;
import asyncio.inspect.TransportInfo;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.LockOwner;
import asyncio.internal.inspect.Racy;
import asyncio.internal.inspect.TaskFacts;
import asyncio.internal.inspect.WrappedCode;
import asyncio.internal.vthread.Fiber;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks into loops, from any thread.
 *
 * <p>Most of what it reads belongs to the loops' threads and is not volatile. So it reads each
 * field once, takes what it finds for a moment's view, and follows no list that the loop may
 * re-link meanwhile; the callbacks of futures are such lists.
 */
final class Inspection extends Insight {

  /** Set in identities that are no thread's number, so that they are no task's either. */
  private static final long NO_THREAD = 1L << 40;

  @Override
  public List<EventLoop> liveLoops() {
    return List.copyOf(LiveLoops.all());
  }

  @Override
  public long numberOf(EventLoop loop) {
    return of(loop).number;
  }

  @Override
  public void onEnd(EventLoop loop, Runnable work) {
    of(loop).onEnd(work);
  }

  @Override
  public String codeOf(Object taskOrHandle) {
    Object code = taskOrHandle instanceof Task<?> task ? task.coroutine() : null;
    if (taskOrHandle instanceof Handle handle) {
      code = handle.code();
    }
    return Origins.describeCallable(code == null ? taskOrHandle : code);
  }

  @Override
  public @Nullable String taskOf(Handle handle) {
    return handle.subject() instanceof Task<?> task ? task.name() : null;
  }

  @Override
  public boolean isBlocked(Task<?> task) {
    TaskStepper steps = task.stepper();
    return steps != null && !steps.active.isSuspended();
  }

  @Override
  public @Nullable String exceptionOf(Task<?> task) {
    Throwable failure = task.peekException();
    return failure == null ? null : failure.getClass().getName();
  }

  @Override
  public List<TransportInfo> transportsOf(EventLoop loop) {
    return of(loop).counters.transports();
  }

  @Override
  public @Nullable Thread runnerOf(EventLoop loop) {
    return of(loop).runner();
  }

  @Override
  public List<Task<?>> tasksOf(EventLoop loop) {
    return of(loop).tasks.snapshot();
  }

  private static AbstractEventLoop of(EventLoop loop) {
    return (AbstractEventLoop) loop;
  }

  // ---- futures and tasks

  @Override
  public long idOf(Future<?> future) {
    return identityOf(future);
  }

  /** The identity in hexadecimal, as all text forms show it. */
  static String hexIdOf(Future<?> future) {
    return "0x" + Long.toHexString(identityOf(future));
  }

  private static long identityOf(Future<?> future) {
    TaskStepper steps = future instanceof Task<?> task ? task.stepper() : null;
    return steps != null
        ? steps.fiber.thread().threadId()
        : NO_THREAD + System.identityHashCode(future);
  }

  @Override
  public @Nullable TaskFacts factsOf(Task<?> task) {
    if (task.isDone()) {
      return null;
    }
    Class<?> code = classOf(task.coroutine());
    List<StackTraceElement> origin = task.origin();
    List<StackTraceElement> createdAt = origin == null ? List.of() : origin;
    boolean cancelling = task.cancelling() > 0;
    TaskStepper steps = task.stepper();
    if (steps == null) {
      TaskState state = task.loop.currentTask == task ? TaskState.RUNNING : TaskState.READY;
      return new TaskFacts(
          identityOf(task), state, cancelling, null, null, code, createdAt, EventLoop.NEVER);
    }
    Fiber active = steps.active;
    Future<?> waitingOn = steps.waitingOn;
    TaskState state = stateOf(steps, active, waitingOn);
    return new TaskFacts(
        steps.fiber.thread().threadId(),
        state,
        cancelling,
        state == TaskState.WAITING ? waitingOn : null,
        active.thread(),
        code,
        createdAt,
        Deadlines.earliest(steps.deadlines));
  }

  private static TaskState stateOf(TaskStepper steps, Fiber active, @Nullable Future<?> waitingOn) {
    if (waitingOn != null) {
      return waitingOn.isDone() ? TaskState.READY : TaskState.WAITING;
    }
    if (!steps.hasStarted()) {
      return TaskState.NEW;
    }
    if (active.isBlocked()) {
      return TaskState.BLOCKED;
    }
    if (steps.loop.currentTask == steps.task) {
      return !active.isSuspended() && isParked(active.thread())
          ? TaskState.BLOCKED
          : TaskState.RUNNING;
    }
    return TaskState.READY;
  }

  @Override
  public boolean isStill(Task<?> task, TaskFacts facts) {
    TaskStepper steps = task.stepper();
    if (steps == null) {
      return false;
    }
    Future<?> waitingOn = steps.waitingOn;
    if (facts.state() == TaskState.WAITING) {
      return waitingOn == facts.waitingOn() && waitingOn != null && !waitingOn.isDone();
    }
    return stateOf(steps, steps.active, waitingOn) == facts.state();
  }

  private static boolean isParked(Thread thread) {
    return switch (thread.getState()) {
      case BLOCKED, WAITING, TIMED_WAITING -> true;
      case NEW, RUNNABLE, TERMINATED -> false;
    };
  }

  private static @Nullable Class<?> classOf(@Nullable Object code) {
    return switch (code) {
      case null -> null;
      case ActionCoroutine wrapper -> classOf(wrapper.action());
      case TrackedCoroutine<?> tracked -> classOf(tracked.code);
      case WrappedCode wrapper -> classOf(wrapper.wrappedCode());
      default -> code.getClass();
    };
  }

  @Override
  public String describe(Class<?> code) {
    return Origins.describeType(code);
  }

  @Override
  public void threadsOf(Task<?> task, Consumer<Thread> to) {
    TaskStepper steps = task.stepper();
    if (steps == null) {
      return;
    }
    to.accept(steps.fiber.thread());
    for (Fiber at = steps.active; at != null && at != steps.fiber; ) {
      to.accept(at.thread());
      at = at.body() instanceof BodyGenerator<?, ?, ?> body ? body.caller() : null;
    }
  }

  @Override
  public List<Future<?>> recordedAwaiters(Future<?> future) {
    try {
      return Racy.copy(future.recordedAwaiters());
    } catch (ConcurrentModificationException e) {
      return List.of(); // not stuck, whoever they are
    }
  }

  @Override
  public List<StackTraceElement> framesOf(Task<?> task) {
    TaskStepper steps = task.stepper();
    List<StackTraceElement> frames = steps == null ? List.of() : steps.userStack();
    boolean ours = !frames.isEmpty() && frames.getFirst().getMethodName().equals("getStackTrace");
    return ours ? frames.subList(1, frames.size()) : frames; // the caller is this very task
  }

  @Override
  public void addDeadlines(EventLoop loop, Map<Future<?>, Long> deadlines) {
    for (TimerHandle timer : of(loop).timers.look()) {
      Future<?> target = Waiting.futureOf(timer);
      if (target != null && deadlines.containsKey(target)) {
        deadlines.put(target, timer.when);
      }
    }
  }

  @Override
  public @Nullable LockOwner ownerOf(AbstractOwnableSynchronizer synchronizer) {
    return LockOwners.ownerOf(synchronizer);
  }

  @Override
  public @Nullable StackTraceElement originOf(Future<?> future) {
    List<StackTraceElement> origin = future.origin();
    return origin == null || origin.isEmpty() ? null : origin.getFirst();
  }
}
