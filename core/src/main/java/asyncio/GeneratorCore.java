package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A generator without its handle: where it stands, and how a step of it goes.
 *
 * <p><b>Threading:</b> one thread at a time; a second one, or the body itself, is refused.
 */
abstract sealed class GeneratorCore<
        Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
    implements AsyncIterator<Y> permits BodyGenerator, IteratorGenerator {
  /*
   *                begin()              run() has come to a yield, or delegates
   *    CREATED ───────────────▶ RUNNING ───────────────────────────────────────▶ SUSPENDED
   *       │                        │ ▲                  begin()                      │
   *       │ closed                 │ └───────────────────────────────────────────────┘
   *       ▼                        ▼ the body has ended
   *     ENDED ◀────────────────────┘
   *
   * A body that delegates is suspended too, with `delegate` set to the inner generator. A step of the outer one then goes
   * to the innermost directly, however many lie between, and none of these runs. When the innermost has ended, the one
   * that delegated to it goes on with its outcome.
   */
  private static final int CREATED = 0;
  private static final int SUSPENDED = 1;
  private static final int RUNNING = 2;
  private static final int ENDED = 3;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(GeneratorCore.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How a run ended; what with is in {@link #output}. */
  enum Signal {
    YIELDED,
    DELEGATED,
    RETURNED,
    FAILED
  }

  // What is written before `state` is released is read after it was acquired.
  @SuppressWarnings("UnusedVariable") // through STATE
  private int state;

  private @Nullable GeneratorCore<?, ?, ?> delegate;

  /** The value yielded or returned, the failure, or the generator to delegate to. */
  @Nullable Object output;

  /** Whether hasNext() has run the body already, and `output` is the value that next() gives. */
  private boolean fetched;

  private @Nullable Object result;
  private boolean returned;
  private boolean resultSignalled;

  /**
   * Runs this generator's own code to its next yield. On the caller's thread, in state RUNNING.
   *
   * @param sent what the yield is to return
   * @param thrown what the yield is to throw instead; null for nothing
   */
  abstract Signal run(@Nullable Object sent, @Nullable Throwable thrown);

  /** Whether any of its code has run. */
  abstract boolean hasBegun();

  /** Lets go of what only an unfinished generator needs; in state ENDED. */
  abstract void ended();

  // ---- the calls

  @Override
  public boolean hasNext() {
    if (!fetched && (int) STATE.getAcquire(this) != ENDED) {
      fetched = step(null, null);
    }
    return fetched;
  }

  @Override
  public Y next() {
    if (!fetched && !step(null, null)) {
      throw endSignal();
    }
    return takeOutput();
  }

  Y send(S value) {
    checkNothingFetched("send");
    if (value != null && (int) STATE.getAcquire(this) == CREATED) {
      throw new IllegalArgumentException(
          "can't send non-null value to a just-started generator: "
              + value
              + "; no yield waits for it yet, call next() first");
    }
    if (!step(value, null)) {
      throw endSignal();
    }
    return takeOutput();
  }

  Y throwIn(Throwable exception) {
    checkNothingFetched("throwIn");
    if (!step(null, exception)) {
      throw endSignal();
    }
    return takeOutput();
  }

  @Override
  public void close() {
    fetched = false;
    int now = (int) STATE.getAcquire(this);
    if (now == ENDED) {
      return;
    }
    if (now == CREATED && STATE.compareAndSet(this, CREATED, ENDED)) {
      ended();
      return;
    }
    try {
      if (step(null, new GeneratorExit())) {
        takeOutput();
        throw ignoredExit(this);
      }
    } catch (GeneratorExit e) {
      // as asked
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // an R may be null
  R result() {
    if (!returned) {
      throw new IllegalStateException(
          "no result: "
              + this
              + " has not returned; take its values to the end first, with a for loop or next()");
    }
    return (R) result;
  }

  private StopIteration endSignal() {
    StopIteration signal = new StopIteration(resultSignalled ? null : result);
    resultSignalled = true;
    return signal;
  }

  private void checkNothingFetched(String method) {
    if (fetched) {
      throw new IllegalStateException(
          method
              + " after hasNext(), which ran the generator on; take its value with next() first");
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // a Y may be null
  private Y takeOutput() {
    fetched = false;
    Object value = output;
    output = null;
    return (Y) value;
  }

  private static IllegalStateException ignoredExit(GeneratorCore<?, ?, ?> generator) {
    return new IllegalStateException(
        "generator ignored GeneratorExit: "
            + generator
            + " yielded while it was closed; let the error pass, and do not yield in finally");
  }

  // ---- one step

  /**
   * Runs to the next value, of this generator or of one that it delegates to; or to the end.
   *
   * @return true with the value in {@link #output}; false if the body has returned
   */
  private boolean step(@Nullable Object sent, @Nullable Throwable thrown) {
    GeneratorCore<?, ?, ?> running = innermost();
    running.begin();
    Object in = sent;
    Throwable error = thrown;
    for (; ; ) {
      Signal signal = running.runChecked(in, error);
      boolean exiting = error instanceof GeneratorExit;
      Object out = running.output;
      running.output = null;
      switch (signal) {
        case YIELDED -> {
          STATE.setRelease(running, SUSPENDED);
          if (running == this || !exiting) {
            output = out;
            return true;
          }
          error = ignoredExit(running);
          in = null;
        }
        case DELEGATED -> {
          GeneratorCore<?, ?, ?> inner =
              (GeneratorCore<?, ?, ?>) java.util.Objects.requireNonNull(out);
          in = null;
          error = running.delegateTo(inner);
          if (error == null) {
            running = inner.innermost();
          }
          continue;
        }
        case RETURNED, FAILED -> {
          boolean endedNow = running.end();
          if (running == this) {
            return conclude(signal, out, thrown, endedNow);
          }
          Throwable failure = signal == Signal.FAILED ? (Throwable) out : null;
          if (failure != null && !(exiting && failure instanceof GeneratorExit)) {
            error = failure;
          } else if (!exiting) {
            error = null;
          }
          in = error == null ? out : null;
        }
      }
      running = delegatorOf(running);
      running.delegate = null;
      running.begin();
    }
  }

  /** Leaves a generator whose code could not be entered as it was. */
  private Signal runChecked(@Nullable Object sent, @Nullable Throwable thrown) {
    try {
      return run(sent, thrown);
    } catch (Throwable t) {
      STATE.setRelease(this, hasBegun() ? SUSPENDED : CREATED);
      throw t;
    }
  }

  private boolean conclude(
      Signal signal, @Nullable Object out, @Nullable Throwable thrown, boolean endedNow) {
    if (signal == Signal.FAILED && out instanceof Throwable failure) {
      if (failure != thrown) {
        GeneratorStacks.join(failure);
      }
      throw Throwables.rethrow(failure);
    }
    if (endedNow) {
      returned = true;
      result = out;
    }
    return false;
  }

  private GeneratorCore<?, ?, ?> innermost() {
    GeneratorCore<?, ?, ?> at = this;
    for (GeneratorCore<?, ?, ?> next = at.delegate; next != null; next = at.delegate) {
      at = next;
    }
    return at;
  }

  private GeneratorCore<?, ?, ?> delegatorOf(GeneratorCore<?, ?, ?> inner) {
    GeneratorCore<?, ?, ?> at = this;
    for (GeneratorCore<?, ?, ?> next = at.delegate; next != null && next != inner; ) {
      at = next;
      next = at.delegate;
    }
    return at;
  }

  /** Takes the turn, unless somebody has it. An ended generator needs none. */
  private void begin() {
    int now = (int) STATE.getAcquire(this);
    if (now == ENDED) {
      return;
    }
    if (now == RUNNING || !STATE.compareAndSet(this, now, RUNNING)) {
      throw alreadyExecuting();
    }
  }

  private IllegalStateException alreadyExecuting() {
    return new IllegalStateException(
        "generator already executing: "
            + this
            + "; its body cannot call it, nor can two threads or tasks at the same time");
  }

  /** Begins to delegate; this generator is suspended then, else it keeps running. */
  private @Nullable Throwable delegateTo(GeneratorCore<?, ?, ?> inner) {
    GeneratorCore<?, ?, ?> innermost = inner.innermost(); // this one is running: no way round here
    try {
      innermost.begin();
    } catch (IllegalStateException e) {
      return e;
    }
    delegate = inner;
    STATE.setRelease(this, SUSPENDED);
    return null;
  }

  private boolean end() {
    boolean now = !isEnded();
    STATE.setRelease(this, ENDED);
    delegate = null;
    ended();
    return now;
  }

  final boolean isEnded() {
    return (int) STATE.getAcquire(this) == ENDED;
  }

  final boolean isRunning() {
    return (int) STATE.getAcquire(this) == RUNNING;
  }

  /** What the generator's code is, for its text form. */
  abstract String describe();

  @Override
  public String toString() {
    String[] names = {"created", "suspended", "running", "ended"};
    return "<generator " + describe() + " " + names[(int) STATE.getAcquire(this)] + ">";
  }
}
