package asyncio;

import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A function that can pause at a yield and go on where it stopped (PEP 255, 342, 380; spec HER-19
 * to HER-34).
 *
 * <pre>{@code
 * Generator<Integer, Void, String> squares = Generator.of(y -> {
 *   for (int i = 1; i <= 3; i++) {
 *     y.yield(i * i);
 *   }
 *   return "that was all";
 * });
 * for (int square : squares) {
 *   System.out.println(square); // 1, 4, 9
 * }
 * System.out.println(squares.result());
 * }</pre>
 *
 * <p>It is an iterator that can be gone through once, in any thread, and needs no loop. Used in a
 * task, its body may wait for the loop as the task may: then it is what Python calls an
 * asynchronous generator, and the {@linkplain EventLoop#shutdownAsyncgens end of the loop} on which
 * it was begun closes it.
 *
 * <p><b>Order:</b> the body runs while the caller waits for it, and nothing else runs on the
 * caller's thread or loop in between, unless the body itself waits.
 *
 * <p><b>Threading:</b> one thread or task at a time; whoever else calls is refused. The body has a
 * thread of its own, so thread-locals, and locks held by the caller, are not its own; its task, its
 * loop and its {@link ContextVar}s are the caller's.
 *
 * <p><b>Cancellation:</b> a task that is cancelled while the body waits gets the {@link
 * CancelledError} there. A generator that is dropped half-way is closed some time after it has
 * become unreachable: by a task of its loop, or else on another thread. To have it closed at once,
 * {@link #close} it: {@code try (generator) { … }}. The body must not refer to its own generator,
 * which would keep it reachable.
 *
 * <p><b>Errors:</b> what leaves the body leaves the method that ran it, checked exceptions wrapped
 * as {@link Future#result} does, and the generator is at its end.
 *
 * @param <Y> the type of the values that come out
 * @param <S> the type of the values that are sent in
 * @param <R> the type of what the body returns
 */
@SuppressWarnings("IterableAndIterator") // as in Python: a second loop goes on with the rest
public final class Generator<
        Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
    implements AsyncIterator<Y>, Iterable<Y> {
  /*
   * This is the handle only, and what it leads to does not lead back: see BodyGenerator. Each method keeps the handle
   * reachable until the body has stopped, or the cleaner might close a body that runs.
   */
  private final GeneratorCore<Y, S, R> core;

  /** The code of a generator that returns nothing: {@code y -> { … }}. */
  @FunctionalInterface
  public interface VoidBody<Y extends @Nullable Object, S extends @Nullable Object> {
    void run(Yielder<Y, S> y) throws Exception;
  }

  /** The code of a generator: {@code y -> { …; return result; }}. */
  @FunctionalInterface
  public interface Body<
          Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
      extends VoidBody<Y, S> {
    R call(Yielder<Y, S> y) throws Exception;

    @Override
    default void run(Yielder<Y, S> y) throws Exception {
      call(y);
    }
  }

  /** What the body of a generator yields with. For the body's own thread only. */
  public sealed interface Yielder<Y extends @Nullable Object, S extends @Nullable Object>
      permits BodyGenerator {

    /**
     * Hands {@code value} to the caller and pauses until the caller wants more.
     *
     * @return what the caller sent; null if it called {@link Generator#next}
     * @throws GeneratorExit if the generator is closed; let it pass. Anything else that the caller
     *     has {@linkplain Generator#throwIn thrown in} comes from here too, checked or not
     */
    @SuppressWarnings("NamedLikeContextualKeyword") // there is no other word for it
    S yield(Y value);

    /**
     * Delegates to another generator: until it ends, its values are yielded, and it gets what is
     * sent and thrown in; closing this generator closes it.
     *
     * @return what the other one returned
     */
    <T extends @Nullable Object> T yieldFrom(Generator<? extends Y, ? super S, ? extends T> inner);

    /** Yields the elements of {@code inner}; see {@link #yieldFrom(Iterator)}. */
    @Nullable Void yieldFrom(Iterable<? extends Y> inner);

    /**
     * Yields the elements of {@code inner}. An exception that is thrown in ends the delegation, and
     * sending a value other than null fails here. If the generator is closed, {@code inner} is too,
     * provided that it is {@link AutoCloseable}.
     *
     * @return null, which is all that an iterator is worth at its end
     */
    @Nullable Void yieldFrom(Iterator<? extends Y> inner);
  }

  private Generator(GeneratorCore<Y, S, R> core) {
    this.core = core;
  }

  /** A generator whose code is {@code body}, none of which runs yet. */
  public static <Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
      Generator<Y, S, R> of(Body<Y, S, R> body) {
    return new Generator<>(new BodyGenerator<>(body, body.getClass()));
  }

  /** A generator whose code is {@code body}, none of which runs yet, and that returns null. */
  @SuppressWarnings("overloads") // `return value;` tells the bodies apart
  public static <Y extends @Nullable Object, S extends @Nullable Object, R extends @Nullable Object>
      Generator<Y, S, @Nullable R> of(VoidBody<Y, S> body) {
    Class<?> type = body.getClass();
    return new Generator<>(
        new BodyGenerator<>(
            y -> {
              body.run(y);
              return null;
            },
            type));
  }

  /**
   * The elements of {@code source}, each taken when it is asked for. Needs no thread: a source for
   * {@link #map} and {@link #filter}.
   */
  public static <Y extends @Nullable Object> Generator<Y, @Nullable Object, @Nullable Void> from(
      Iterable<? extends Y> source) {
    return from(source.iterator());
  }

  /** As {@link #from(Iterable)}; closing the generator closes a source that can be closed. */
  public static <Y extends @Nullable Object> Generator<Y, @Nullable Object, @Nullable Void> from(
      Iterator<? extends Y> source) {
    return new Generator<>(new IteratorGenerator<>(Objects.requireNonNull(source, "source"), true));
  }

  // ---- the caller's side

  /** This generator. It can be gone through once; a second loop finds it empty. */
  @Override
  public Iterator<Y> iterator() {
    return this;
  }

  /**
   * Whether there is another value: runs the body to its next yield, unless that was done already.
   * Until {@link #next} has taken the value, {@link #send} and {@link #throwIn} are refused.
   */
  @Suspends
  @Override
  public boolean hasNext() {
    watch();
    try {
      return core.hasNext();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Runs the body to its next yield and returns the value; the yield it waited in returns null.
   *
   * @throws StopIteration if the body has ended; the first time with what it returned
   * @throws IllegalStateException if the generator is executing
   */
  @Suspends
  @Override
  public Y next() {
    watch();
    try {
      return core.next();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * As {@link #next}, with {@code value} as the result of the yield that the body waits in.
   *
   * @throws IllegalArgumentException if the body has not begun, so that no yield waits, and {@code
   *     value} is not null
   */
  @Suspends
  public Y send(S value) {
    watch();
    try {
      return core.send(value);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Throws {@code exception} at the yield that the body waits in, and returns the value of the next
   * yield if the body has caught it. A body that has not begun never will.
   *
   * @throws RuntimeException the exception, if the body does not catch it
   * @throws StopIteration if the body catches it and ends
   */
  @Suspends
  public Y throwIn(Throwable exception) {
    Objects.requireNonNull(exception, "exception");
    watch();
    try {
      return core.throwIn(exception);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Ends the generator: throws {@link GeneratorExit} at the yield that the body waits in, and
   * returns when the body has ended. Of a generator that has ended or not begun no code runs.
   *
   * @throws IllegalStateException if the body yields again, or is executing
   * @throws RuntimeException what else the body fails with
   */
  @Suspends
  @Override
  public void close() {
    try {
      core.close();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * What the body has returned.
   *
   * @throws IllegalStateException if it has not returned: its values are not used up, or it failed
   *     or was closed
   */
  public R result() {
    return core.result();
  }

  // ---- generator expressions

  /** {@code f} of each value, computed when it is asked for; uses this generator up. */
  public <T extends @Nullable Object> Generator<T, @Nullable Object, @Nullable Void> map(
      Function<? super Y, ? extends T> f) {
    return from(new GeneratorExpression.Mapped<Y, T>(this, Objects.requireNonNull(f, "f")));
  }

  /** The values that {@code condition} holds for; uses this generator up. */
  public Generator<Y, @Nullable Object, @Nullable Void> filter(Predicate<? super Y> condition) {
    return from(
        new GeneratorExpression.Filtered<Y>(this, Objects.requireNonNull(condition, "condition")));
  }

  // ---- the library's side

  /** For a generator that is going to delegate to this one. */
  GeneratorCore<Y, S, R> delegated() {
    watch();
    return core;
  }

  private void watch() {
    if (core instanceof BodyGenerator<Y, S, R> body) {
      body.closeWith(this);
    }
  }

  @Override
  public String toString() {
    return core.toString();
  }
}
