package asyncio;

import asyncio.internal.vthread.Fiber;
import java.lang.ref.Cleaner;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A generator whose body is code that yields, on a thread of its own.
 *
 * <p>That thread reaches this object, and since the JVM keeps suspended threads, so does the JVM.
 * It must not reach the handle, the {@link Generator}, through which the program holds it: when
 * that is collected, the body is closed and its thread ends.
 */
final class BodyGenerator<
        Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
    extends GeneratorCore<Y, S, R> implements Fiber.Body, Generator.Yielder<Y, S> {

  // immutable, once begun
  private Generator.@Nullable Body<Y, S, R> code;
  private final Class<?> type;
  private @Nullable Fiber fiber;
  private @Nullable AbstractEventLoop home;
  private Cleaner.@Nullable Cleanable cleanable;

  // of the caller and the body by turns
  private @Nullable Strand strand;
  private @Nullable Fiber caller;
  private @Nullable Object sent;
  private @Nullable Throwable thrown;
  private Signal signal = Signal.YIELDED;
  private boolean begun;
  private boolean finished;

  /** The interrupt flag goes with the turn. */
  private boolean interrupted;

  /** Outside loops, where a thread holds the context: the caller's, and the one last taken over. */
  private @Nullable Context callersContext;

  private @Nullable Context adopted;

  // What the task that the body runs for has open: scopes of the body, and what there was before.
  private @Nullable Deadlines ownDeadlines;
  private @Nullable Deadlines callersDeadlines;
  private @Nullable NoSuspend callersNoSuspend;

  /** Makes one that has not begun; {@code type} names it in texts. */
  BodyGenerator(Generator.Body<Y, S, R> code, Class<?> type) {
    this.code = code;
    this.type = type;
  }

  /** Arranges that the body is closed once nobody can reach {@code handle} any more. */
  void closeWith(Generator<Y, S, R> handle) {
    if (cleanable == null && !isEnded()) {
      cleanable = Cleaners.SHARED.register(handle, this::handleIsGone);
    }
  }

  private void handleIsGone() {
    if (fiber != null && !isEnded()) {
      AbandonedGenerator.close(this, home);
    }
  }

  // ---- on the caller's thread

  @Override
  Signal run(@Nullable Object value, @Nullable Throwable error) {
    Fiber body = fiber;
    if (body == null) {
      if (error != null) {
        output = error;
        return Signal.FAILED;
      }
      if (code == null) {
        return Signal.RETURNED;
      }
    }
    Strand through = Strand.current();
    if (body == null) {
      body = beginOn(through);
    }
    InLoop inLoop = through.inLoop();
    TaskStepper task = inLoop == null ? null : inLoop.stepper();
    sent = value;
    thrown = error;
    strand = through;
    caller = through instanceof PlainStrand plain && plain.isCaller() ? null : Fiber.current();
    interrupted = Thread.interrupted();
    if (inLoop == null) {
      callersContext = Context.current();
    }
    if (task != null) {
      enterScopes(task);
    }
    boolean entered = false;
    try {
      through.enter(body);
      entered = true;
    } finally {
      if (!entered && !begun) {
        fiber = null;
      }
      strand = null;
      caller = null;
      if (task != null) {
        leaveScopes(task);
      }
      if (interrupted) {
        interrupted = false;
        Thread.currentThread().interrupt();
      }
    }
    if (finished) {
      fiber = null;
    }
    return signal;
  }

  private Fiber beginOn(Strand through) {
    InLoop inLoop = through.inLoop();
    if (inLoop != null) {
      AbstractEventLoop loop = inLoop.loop();
      home = loop;
      loop.trackAsyncIterator(this);
    }
    Fiber made = through.engine().newFiber(this, "asyncio-generator");
    fiber = made;
    return made;
  }

  private void enterScopes(TaskStepper task) {
    callersDeadlines = task.deadlines;
    callersNoSuspend = task.noSuspend;
    if (ownDeadlines != null) {
      task.deadlines = ownDeadlines;
    }
  }

  private void leaveScopes(TaskStepper task) {
    ownDeadlines = task.deadlines == callersDeadlines ? null : task.deadlines;
    task.deadlines = callersDeadlines;
    task.noSuspend = callersNoSuspend;
    callersDeadlines = null;
    callersNoSuspend = null;
  }

  @Override
  boolean hasBegun() {
    return begun;
  }

  @Override
  void ended() {
    code = null;
    Cleaner.Cleanable watching = cleanable;
    cleanable = null;
    if (watching != null) {
      watching.clean();
    }
    AbstractEventLoop loop = home;
    home = null;
    if (loop != null && loop.isCurrent()) {
      loop.untrackAsyncIterator(this);
    }
  }

  // ---- on the body's thread

  @Override
  public void runBody() {
    try {
      begun = true;
      takeOver();
      output = java.util.Objects.requireNonNull(code).call(this);
      signal = Signal.RETURNED;
    } catch (StopIteration e) {
      output =
          new IllegalStateException(
              "generator raised StopIteration; ask hasNext() of the inner generator first", e);
      signal = Signal.FAILED;
    } catch (Throwable t) {
      output = Interrupts.translateHere(t);
      signal = Signal.FAILED;
    }
    finished = true;
    interrupted = strand().giveBack(caller);
  }

  @Override
  @SuppressWarnings("NamedLikeContextualKeyword") // as it overrides
  public S yield(Y value) {
    checkMayYield("yield");
    output = value;
    return suspend(Signal.YIELDED);
  }

  @Override
  @SuppressWarnings("unchecked") // what a generator returns is what its type says
  public <T extends @Nullable Object> T yieldFrom(
      Generator<? extends Y, ? super S, ? extends T> inner) {
    checkMayYield("yieldFrom");
    try {
      output = inner.delegated();
      return (T) suspend(Signal.DELEGATED);
    } finally {
      java.lang.ref.Reference.reachabilityFence(inner);
    }
  }

  @Override
  public @Nullable Void yieldFrom(Iterable<? extends Y> inner) {
    return yieldFrom(inner.iterator());
  }

  @Override
  public @Nullable Void yieldFrom(Iterator<? extends Y> inner) {
    if (inner instanceof Generator<? extends Y, ?, ?> generator) {
      delegateUntyped(generator);
      return null;
    }
    checkMayYield("yieldFrom");
    output = new IteratorGenerator<Y>(inner, false);
    suspend(Signal.DELEGATED);
    return null;
  }

  @SuppressWarnings("unchecked") // whoever sends the wrong type gets the ClassCastException
  private void delegateUntyped(Generator<? extends Y, ?, ?> inner) {
    this.<@Nullable Object>yieldFrom((Generator<Y, @Nullable Object, ?>) inner);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // an S may be null
  private S suspend(Signal reason) {
    signal = reason;
    Strand through = strand();
    interrupted = through.giveBack(caller);
    try {
      java.util.Objects.requireNonNull(fiber).suspend();
    } catch (Fiber.PinnedException | StackOverflowError e) {
      through.keepTurn();
      output = null;
      if (interrupted) {
        interrupted = false;
        Thread.currentThread().interrupt();
      }
      throw e;
    }
    takeOver();
    Throwable error = thrown;
    if (error != null) {
      thrown = null;
      throw Throwables.<RuntimeException>sneak(error);
    }
    Object value = sent;
    sent = null;
    return (S) value;
  }

  /** The turn has come to the body, with what belongs to the caller. */
  private void takeOver() {
    Context context = callersContext;
    if (context != null && context != adopted) {
      adopted = context;
      Context.adopt(context);
    }
    if (interrupted) {
      interrupted = false;
      Thread.currentThread().interrupt();
    }
  }

  private void checkMayYield(String what) {
    if (fiber == null || Thread.currentThread() != fiber.thread() || !isRunning()) {
      throw new IllegalStateException(
          what + " outside the body of its generator; call it in the body itself: " + this);
    }
    InLoop inLoop = inLoop();
    TaskStepper task = inLoop == null ? null : inLoop.stepper();
    if (task != null && task.noSuspend != callersNoSuspend) {
      throw new IllegalStateException(
          what + " inside noSuspend(…), which other code would run in; move it out of the section");
    }
  }

  // ---- for the strand

  /** The one it runs on. In a turn only. */
  @SuppressWarnings("NullAway") // set as long as the body has the turn
  Strand strand() {
    return strand;
  }

  /** What the body runs as at the moment. */
  @Nullable InLoop inLoop() {
    Strand now = strand;
    return now == null ? null : now.inLoop();
  }

  /** The coroutine that entered the body; null if that was a thread, or nobody has. */
  @Nullable Fiber caller() {
    return caller;
  }

  @Override
  public void unblocked() {
    Strand now = strand;
    if (now != null) {
      now.unblocked();
    } // else it waits at a yield; the next entry takes the permit in
  }

  @Override
  public void interruptedWhileSuspended() {
    Strand now = strand;
    if (now != null) {
      now.interruptedWhileSuspended();
    }
  }

  @Override
  public boolean waiterInterrupted() {
    if (strand instanceof PlainStrand plain) {
      plain.callerInterrupted();
      return true;
    }
    return false;
  }

  @Override
  String describe() {
    return Origins.describeType(type);
  }
}
