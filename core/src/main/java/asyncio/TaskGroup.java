package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A scope that its tasks do not outlive: leaving it waits for all of them.
 *
 * <pre>{@code
 * var total = taskGroup(tg -> {
 *   var left = tg.createTask(() -> count("left"));
 *   var right = tg.createTask(() -> count("right"));
 *   return await(left) + await(right);
 * });
 * }</pre>
 *
 * <p><b>Order:</b> when the last child has ended, the parent goes on two iterations later.
 *
 * <p><b>Cancellation:</b> the first child that fails cancels the others, and the body too. A
 * request from outside cancels the body and all children, and passes once they have ended. The
 * group's own requests are taken back at the end (spec TG-1 to TG-35).
 *
 * <p><b>Errors:</b> the failures of the children, in the order in which they ended, and that of the
 * body, last, come out as one {@link ExceptionGroup}, also if there is only one; so a body may
 * throw checked exceptions that nobody has to declare. A cancelled child is no failure. A {@link
 * KeyboardInterrupt} or {@link SystemExit} comes out alone.
 *
 * <p><b>Threading:</b> loop-confined; it can be entered once.
 */
public final class TaskGroup {
  private final Set<Task<?>> running = new LinkedHashSet<>();
  private final Consumer<Future<?>> whenDone = child -> noteDone((Task<?>) child);
  private final List<Throwable> failures = new ArrayList<>();
  private @Nullable Throwable exit;

  private @Nullable TaskStepper parent;
  private boolean entered;
  private boolean leaving;
  private boolean aborting;

  /** Whether the parent's count of requests to cancel holds one of ours. */
  private boolean cancelledParent;

  private int requestsOnEntry;
  private @Nullable Waiter allDone;

  /** Makes a group that has not been entered. */
  public TaskGroup() {}

  // ---- the scope

  /**
   * Runs {@code body} in the calling task, then waits for all tasks of the group.
   *
   * @return what {@code body} returns; null if the group was {@linkplain #cancel cancelled} before
   *     it did
   * @throws ExceptionGroup if a child or the body failed
   * @throws CancelledError if the calling task was cancelled from outside
   * @throws IllegalStateException if the caller is not a task, or this was entered before
   */
  @Suspends
  public <T extends @Nullable Object, X extends Throwable> T run(Scope.With<TaskGroup, T, X> body) {
    TaskStepper stepper = enter();
    T value = absent();
    Throwable thrown = null;
    try {
      value = body.call(this);
    } catch (Throwable t) {
      thrown = Interrupts.translate(stepper, t);
    }
    try {
      leave(stepper, thrown);
    } finally {
      parent = null;
      exit = null;
      failures.clear();
    }
    return value;
  }

  /** As {@link #run(Scope.With)}, for code without a value. */
  @Suspends
  @SuppressWarnings("overloads") // braces tell `tg -> { … }` from `tg -> value`
  public <X extends Throwable> void run(Scope.VoidWith<TaskGroup, X> body) {
    Scope.With<TaskGroup, Boolean, X> withValue =
        group -> {
          body.run(group);
          return true;
        };
    run(withValue);
  }

  @SuppressWarnings({
    "NullAway",
    "TypeParameterUnusedInFormals"
  }) // null stands for a value that the body did not get to
  private static <T extends @Nullable Object> T absent() {
    return null;
  }

  private TaskStepper enter() {
    if (entered) {
      throw new IllegalStateException(
          "TaskGroup " + this + " has already been entered; make a new one for each scope");
    }
    TaskStepper stepper = TaskStepper.currentOrNull();
    if (stepper == null) {
      throw new IllegalStateException(
          "TaskGroup " + this + " cannot determine the parent task; enter it inside a task");
    }
    entered = true;
    parent = stepper;
    requestsOnEntry = stepper.task.cancelling();
    if (aborting) {
      cancelParent(stepper); // cancel() came before the entry
    }
    return stepper;
  }

  private void leave(TaskStepper stepper, @Nullable Throwable thrown) {
    leaving = true;
    CancelledError cancellation = thrown instanceof CancelledError cancelled ? cancelled : null;
    if (thrown != null) {
      if (Throwables.isExit(thrown) && exit == null) {
        exit = thrown;
      }
      abort();
    }
    cancellation = awaitChildren(stepper, cancellation);
    if (exit != null) {
      reportDiscarded(stepper.loop, exit, thrown);
      throw Throwables.rethrow(exit);
    }
    if (cancelledParent && stepper.task.uncancel() <= requestsOnEntry) {
      cancellation = null; // it was ours alone
    }
    if (thrown != null && !(thrown instanceof CancelledError)) {
      failures.add(thrown);
    }
    if (cancellation != null && failures.isEmpty()) {
      throw cancellation;
    }
    if (!failures.isEmpty()) {
      if (stepper.task.cancelling() > 0) {
        // Somebody outside cancelled the parent as well. The group comes first; the next suspension
        // throws the
        // cancellation, and the count stays.
        stepper.task.uncancel();
        stepper.task.cancel();
      }
      throw new ExceptionGroup("unhandled errors in a TaskGroup", failures);
    }
  }

  /**
   * Waits until no child is left, however often the parent is cancelled; returns the cancellation
   * to pass on.
   */
  private @Nullable CancelledError awaitChildren(
      TaskStepper stepper, @Nullable CancelledError cancellation) {
    StuckTasks stuck = new StuckTasks(stepper.loop, running);
    try {
      while (!running.isEmpty()) {
        if (aborting) {
          stuck.watch();
        }
        allDone = new Waiter(stepper.loop, "task group", Need.ALL, running);
        try {
          allDone.await(stepper);
        } catch (CancelledError e) {
          if (cancellation == null) {
            cancellation = e;
          }
          abort();
        } catch (Throwable t) {
          abort(); // this task may not suspend here, so it cannot wait for them
          throw t;
        }
        allDone = null;
      }
    } finally {
      stuck.stop();
    }
    return cancellation;
  }

  /** An exit throwable leaves alone; what else failed is told to the exception handler (TG-18). */
  private void reportDiscarded(
      AbstractEventLoop loop, Throwable leavesAlone, @Nullable Throwable thrown) {
    if (thrown != null && !(thrown instanceof CancelledError)) {
      failures.add(thrown);
    }
    for (Throwable failure : failures) {
      if (failure != leavesAlone) {
        loop.callExceptionHandler(
            new ErrorContext(
                    "exception of a task group discarded, since " + leavesAlone + " leaves it")
                .with(ErrorContext.EXCEPTION, failure)
                .with(ErrorContext.TASK_GROUP, this));
      }
    }
  }

  // ---- tasks

  /** As {@link #createTask(Awaitable, TaskOptions)}, with default options. */
  public <T extends @Nullable Object> Task<T> createTask(Awaitable<? extends T> coroutine) {
    return createTask(coroutine, TaskOptions.DEFAULT);
  }

  /** As {@link #createTask(Awaitable)}, for code without a result. */
  public Task<@Nullable Void> createTask(Action action) {
    return createTask(new ActionCoroutine(action), TaskOptions.DEFAULT);
  }

  /** As {@link #createTask(Awaitable, TaskOptions)}, for code without a result. */
  public Task<@Nullable Void> createTask(Action action, TaskOptions options) {
    return createTask(new ActionCoroutine(action), options);
  }

  /**
   * Runs {@code coroutine} as a task of this group. The body and the tasks of the group may do
   * that, also while the parent waits at the end of the scope.
   *
   * @throws IllegalStateException if the group has not been entered, is finished, or is shutting
   *     down after a failure
   */
  public <T extends @Nullable Object> Task<T> createTask(
      Awaitable<? extends T> coroutine, TaskOptions options) {
    Objects.requireNonNull(coroutine, "coroutine");
    if (!entered) {
      throw new IllegalStateException(
          "TaskGroup " + this + " has not been entered; create tasks inside run(tg -> …)");
    }
    TaskStepper stepper = parent;
    if (stepper == null || (leaving && running.isEmpty())) {
      throw new IllegalStateException(
          "TaskGroup " + this + " is finished; create tasks inside run(tg -> …)");
    }
    if (aborting) {
      throw new IllegalStateException(
          "TaskGroup " + this + " is shutting down; no task can be added");
    }
    Task<T> task = Deadlines.createChild(stepper, coroutine, options);
    task.addAwaitedBy(stepper.task);
    running.add(task);
    task.addDoneCallback(whenDone);
    return task;
  }

  /**
   * Ends the group early: the body and all children, the caller included, are cancelled, and the
   * scope ends without {@link CancelledError} if nothing failed. Idempotent; without effect after
   * the end; before the entry it takes effect at the entry.
   */
  public void cancel() {
    if (aborting || (entered && parent == null)) {
      return;
    }
    abort();
    TaskStepper stepper = parent;
    if (stepper != null) {
      cancelParent(stepper);
    }
  }

  private void cancelParent(TaskStepper stepper) {
    cancelledParent = true;
    stepper.task.cancel();
  }

  private void abort() {
    if (!aborting) {
      aborting = true;
      for (Task<?> task : List.copyOf(running)) {
        task.cancel();
      }
    }
  }

  private void noteDone(Task<?> task) {
    running.remove(task);
    TaskStepper stepper = parent;
    if (stepper != null) {
      task.discardAwaitedBy(stepper.task);
    }
    if (running.isEmpty() && allDone != null) {
      allDone.release();
    }
    Throwable failure = task.isCancelled() ? null : task.exception();
    if (failure == null) {
      return;
    }
    if (stepper == null) { // the parent had to leave without waiting
      task.loop.callExceptionHandler(
          new ErrorContext("Task " + task.name() + " failed after its task group was left")
              .with(ErrorContext.EXCEPTION, failure)
              .with(ErrorContext.TASK, task)
              .with(ErrorContext.TASK_GROUP, this));
      return;
    }
    failures.add(failure);
    if (Throwables.isExit(failure) && exit == null) {
      exit = failure;
    }
    if (!aborting) {
      abort();
      cancelParent(stepper);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<TaskGroup");
    if (!running.isEmpty()) {
      text.append(" tasks=").append(running.size());
    }
    if (!failures.isEmpty()) {
      text.append(" errors=").append(failures.size());
    }
    if (aborting) {
      text.append(" cancelling");
    } else if (entered) {
      text.append(" entered");
    }
    return text.append('>').toString();
  }
}
