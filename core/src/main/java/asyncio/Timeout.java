package asyncio;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A scope with a deadline: when it passes, the code inside is cancelled, and {@link
 * TimeoutException} comes out.
 *
 * <pre>{@code
 * var limit = new Timeout(seconds(5));
 * String page = limit.run(() -> fetch(url));
 * }</pre>
 *
 * <p>For short: {@link Asyncio#timeout(Duration, Scope.Body) timeout(seconds(5), () ->
 * fetch(url))}.
 *
 * <p><b>Order:</b> the deadline is looked at in the timer phase of an iteration; the code inside
 * gets its {@link CancelledError} in the next one. Code that never suspends never times out.
 *
 * <p><b>Cancellation:</b> the scope takes back its own request, so the task goes on as if nothing
 * had been. A request from outside, at the same time or not, passes as {@link CancelledError}; so
 * of nested scopes that expire together the outermost throws (spec TO-1 to TO-23).
 *
 * <p><b>Errors:</b> other exceptions of the body pass unchanged. If the scope had expired, they
 * carry a suppressed {@link TimeoutException} that says so.
 *
 * <p><b>Threading:</b> loop-confined; it can be entered once.
 */
public final class Timeout {
  /*
   * CREATED ──enter──▶ ACTIVE ──deadline──▶ EXPIRING ──leave──▶ EXPIRED
   *                       └──leave──▶ FINISHED
   */
  private enum State {
    CREATED,
    ACTIVE,
    EXPIRING,
    EXPIRED,
    FINISHED;

    String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final @Nullable Duration delay;
  private long when;
  private State state = State.CREATED;
  private @Nullable TaskStepper stepper;
  private final Node node = new Node();
  private @Nullable TimerHandle timer;

  /** The task's count of requests to cancel when it entered. */
  private int requestsOnEntry;

  /**
   * Makes a scope whose deadline is {@code delay} from now.
   *
   * @param delay null for no deadline; one that is not positive has passed at the next iteration
   * @throws IllegalStateException if no loop runs in this thread
   */
  public Timeout(@Nullable Duration delay) {
    AbstractEventLoop loop = (AbstractEventLoop) Asyncio.getRunningLoop();
    this.delay = delay;
    this.when = delay == null ? EventLoop.NEVER : loop.deadlineAfter(delay);
  }

  private Timeout(long when) {
    this.delay = null;
    this.when = when;
  }

  /**
   * Makes a scope with a deadline in loop time, as {@link EventLoop#time} counts it.
   *
   * @param when nanoseconds; {@link EventLoop#NEVER} for no deadline
   */
  public static Timeout at(long when) {
    return new Timeout(when);
  }

  // ---- the scope

  /**
   * Runs {@code body} in the calling task, until it ends or the deadline passes.
   *
   * @return what {@code body} returns
   * @throws TimeoutException if the deadline passed and the body ended with the {@link
   *     CancelledError} that it got
   * @throws X what {@code body} throws
   * @throws IllegalStateException if the caller is not a task, or this was entered before
   */
  @Suspends
  public <T extends @Nullable Object, X extends Throwable> T run(Scope.Body<T, X> body) throws X {
    TaskStepper entered = enter();
    T value;
    try {
      value = body.call();
    } catch (Throwable t) {
      Throwable thrown = Interrupts.translate(entered, t);
      TimeoutException timedOut = leave(thrown);
      throw Throwables.<RuntimeException>sneak(timedOut != null ? timedOut : thrown);
    }
    leave(null);
    return value;
  }

  /**
   * As {@link #run(Scope.Body)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  public <X extends Throwable> void run(Scope.VoidBody<X> body) throws X {
    Scope.Body<Boolean, X> withValue =
        () -> {
          body.run();
          return true;
        };
    run(withValue);
  }

  private TaskStepper enter() {
    if (state != State.CREATED) {
      throw new IllegalStateException(
          "Timeout has already been entered: " + this + "; make a new one for each scope");
    }
    TaskStepper current = TaskStepper.currentOrNull();
    if (current == null) {
      throw new IllegalStateException(
          "Timeout should be used inside a task; wrap the calling code in createTask(() -> …)");
    }
    state = State.ACTIVE;
    stepper = current;
    requestsOnEntry = current.task.cancelling();
    node.outer = current.deadlines;
    current.deadlines = node;
    arm(current);
    return current;
  }

  /** Returns what is to be thrown in place of {@code thrown}, or null. */
  private @Nullable TimeoutException leave(@Nullable Throwable thrown) {
    TaskStepper entered = java.util.Objects.requireNonNull(stepper);
    entered.deadlines = node.outer;
    node.outer = null;
    stepper = null;
    disarm();
    if (state == State.ACTIVE) {
      state = State.FINISHED;
    } else {
      state = State.EXPIRED;
      if (entered.task.uncancel() <= requestsOnEntry && thrown != null) {
        if (thrown instanceof CancelledError) {
          return timedOut(thrown);
        }
        noteExpiryIn(thrown);
      }
    }
    return null;
  }

  private TimeoutException timedOut(@Nullable Throwable cause) {
    return new TimeoutException(
        delay == null
            ? "the deadline passed before the work was done"
            : "the work was not done within " + delay,
        cause);
  }

  /**
   * The body answered its cancellation with another exception: whoever sees that one can tell why
   * (TO-11).
   */
  private void noteExpiryIn(Throwable thrown) {
    addTimeoutTo(thrown);
    if (thrown instanceof ExceptionGroup group) {
      group.exceptions().stream()
          .filter(member -> cancellationBehind(member) != null)
          .forEach(this::addTimeoutTo);
    }
  }

  private void addTimeoutTo(Throwable thrown) {
    for (Throwable known : thrown.getSuppressed()) {
      if (known instanceof TimeoutException) {
        return;
      }
    }
    thrown.addSuppressed(timedOut(cancellationBehind(thrown)));
  }

  private static @Nullable Throwable cancellationBehind(Throwable thrown) {
    int depth = 0;
    for (Throwable cause = thrown.getCause();
        cause != null && depth < 100;
        cause = cause.getCause(), depth++) {
      if (cause instanceof CancelledError) {
        return cause;
      }
    }
    return null;
  }

  // ---- the deadline

  /** The deadline in loop time, {@link EventLoop#NEVER} if there is none. */
  public long when() {
    return when;
  }

  /** Whether the deadline has passed while the body ran. */
  public boolean expired() {
    return state == State.EXPIRING || state == State.EXPIRED;
  }

  /**
   * Replaces the deadline; any task of the loop may do that while the body runs.
   *
   * @param when in loop time; {@link EventLoop#NEVER} removes it; a time that is not in the future
   *     has passed at the next iteration
   * @throws IllegalStateException if the scope has not been entered, has expired, or has been left
   */
  public void reschedule(long when) {
    TaskStepper entered = stepper;
    if (state == State.CREATED) {
      throw new IllegalStateException(
          "Timeout has not been entered: " + this + "; give the deadline to its constructor");
    }
    if (state != State.ACTIVE || entered == null) {
      throw new IllegalStateException("Cannot change state of " + state.text() + " Timeout");
    }
    entered.loop.checkSchedulable("reschedule", "callSoonThreadsafe");
    this.when = when;
    arm(entered);
  }

  private void arm(TaskStepper entered) {
    disarm();
    if (when == EventLoop.NEVER) {
      return;
    }
    AbstractEventLoop loop = entered.loop;
    timer = new TimerHandle(loop, null, this::expire, when);
    if (when <= loop.time()) {
      loop.enqueue(timer);
    } else {
      loop.schedule(timer);
    }
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void expire() {
    TaskStepper entered = stepper;
    if (entered != null) {
      timer = null;
      entered.task.cancel();
      state = State.EXPIRING;
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<Timeout [").append(state.text()).append(']');
    if (state == State.ACTIVE) {
      text.append(" when=").append(when == EventLoop.NEVER ? "never" : when);
    }
    return text.append('>').toString();
  }

  /** This scope among those that the task is in. */
  private final class Node implements Deadlines {
    private @Nullable Deadlines outer;

    @Override
    public long deadline() {
      return when;
    }

    @Override
    public @Nullable Deadlines outer() {
      return outer;
    }
  }
}
