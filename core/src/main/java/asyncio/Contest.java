package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several awaitables of which only the first few count: the others are cancelled, and awaited, on
 * every way out.
 *
 * <p>The parent is resumed two iterations after the end of a child, as by {@link Asyncio#wait}.
 */
final class Contest<T extends @Nullable Object> {
  private final TaskStepper parent;
  private final Set<Future<T>> running = new LinkedHashSet<>();
  private final Consumer<Future<T>> whenDone = this::noteDone;

  /** Those that have ended, first come first. */
  private final List<Future<T>> finished = new ArrayList<>();

  private @Nullable Waiter waiter;

  private Contest(TaskStepper parent) {
    this.parent = parent;
  }

  // ---- the three kinds

  /** The outcome of the first to finish. */
  static <T extends @Nullable Object> T race(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    Contest<T> contest = prepare("race", awaitables, 1);
    contest.play(awaitables, () -> !contest.finished.isEmpty());
    Future<T> first = contest.finished.getFirst();
    contest.settle(1, first.peekException());
    return first.result();
  }

  /** The results of the first {@code n} to succeed, in the order in which they did. */
  static <T extends @Nullable Object> List<T> firstN(
      String caller, int n, Collection<? extends Awaitable<? extends T>> awaitables) {
    Contest<T> contest = prepare(caller, awaitables, n);
    contest.play(
        awaitables,
        () -> contest.successes() >= n || contest.successes() + contest.running.size() < n);
    if (contest.successes() < n) {
      throw contest.tooFew(n);
    }
    List<T> results = new ArrayList<>(n);
    int decided = 0;
    for (Future<T> future : contest.finished) {
      decided++;
      if (succeeded(future)) {
        results.add(future.result());
        if (results.size() == n) {
          break;
        }
      } else {
        future.markRetrieved();
      }
    }
    contest.settle(decided, null);
    return java.util.Collections.unmodifiableList(results);
  }

  private static <T extends @Nullable Object> Contest<T> prepare(
      String caller, Collection<?> awaitables, int n) {
    Objects.requireNonNull(awaitables, "awaitables");
    if (n < 1 || n > awaitables.size()) {
      throw new IllegalArgumentException(
          awaitables.isEmpty()
              ? caller + "() needs at least one awaitable, got none"
              : "n: must be between 1 and the number of awaitables, "
                  + awaitables.size()
                  + ", got "
                  + n);
    }
    return new Contest<>(TaskStepper.currentOrThrow(caller + "()"));
  }

  // ---- playing

  private interface Condition {
    boolean holds();
  }

  /** Starts all, waits until {@code decided}, then ends the rest. */
  private void play(Collection<? extends Awaitable<? extends T>> awaitables, Condition decided) {
    CancelledError cancellation = null;
    try {
      for (Awaitable<? extends T> awaitable : awaitables) {
        start(Objects.requireNonNull(awaitable, "awaitables contains null"));
      }
      while (!decided.holds()) {
        awaitNext();
      }
    } catch (CancelledError e) {
      cancellation = e;
    } catch (Throwable t) {
      CancelledError late = endTheRest();
      if (late != null) {
        t.addSuppressed(late);
      }
      throw t;
    }
    int decidedAt = finished.size();
    CancelledError late = endTheRest();
    if (cancellation == null) {
      cancellation = late;
    }
    Throwable exit = exitOf(finished);
    if (exit != null) {
      throw Throwables.rethrow(exit);
    }
    if (cancellation != null) {
      settle(cancellation == late ? decidedAt : 0, null);
      throw cancellation;
    }
  }

  private void start(Awaitable<? extends T> awaitable) {
    Future<T> future;
    if (awaitable instanceof Future<?>) {
      future = Asyncio.ensureFuture(awaitable, parent.loop);
    } else {
      future = Deadlines.createChild(parent, awaitable, TaskOptions.DEFAULT);
    }
    if (running.add(future)) {
      future.addAwaitedBy(parent.task);
      future.addDoneCallback(whenDone);
    }
  }

  private void awaitNext() {
    waiter = new Waiter(parent.loop, "tasks", Need.ANY, running);
    try {
      waiter.await(parent);
    } finally {
      waiter = null;
    }
  }

  /**
   * Cancels those that run and waits for their end, however often the parent is cancelled
   * meanwhile; tells if it was.
   */
  private @Nullable CancelledError endTheRest() {
    CancelledError cancellation = null;
    for (Future<T> future : List.copyOf(running)) {
      future.cancel();
    }
    StuckTasks stuck = new StuckTasks(parent.loop, running);
    try {
      stuck.watch();
      while (!running.isEmpty()) {
        try {
          awaitNext();
        } catch (CancelledError e) {
          cancellation = e;
        }
      }
    } finally {
      stuck.stop();
    }
    return cancellation;
  }

  private void noteDone(Future<T> future) {
    future.discardAwaitedBy(parent.task);
    running.remove(future);
    finished.add(future);
    if (waiter != null) {
      waiter.release();
    }
  }

  // ---- outcomes

  private static boolean succeeded(Future<?> future) {
    return !future.isCancelled() && future.peekException() == null;
  }

  private int successes() {
    return (int) finished.stream().filter(Contest::succeeded).count();
  }

  private static @Nullable Throwable exitOf(List<? extends Future<?>> futures) {
    for (Future<?> future : futures) {
      Throwable failure = future.peekException();
      if (failure != null && Throwables.isExit(failure)) {
        return failure;
      }
    }
    return null;
  }

  private RuntimeException tooFew(int n) {
    List<Throwable> failures = new ArrayList<>();
    for (Future<T> future : finished) {
      Throwable failure = future.isCancelled() ? null : future.exception();
      if (failure != null) {
        failures.add(failure);
      }
    }
    if (failures.isEmpty()) {
      throw new CancelledError("every awaitable was cancelled");
    }
    return new ExceptionGroup(
        n == 1 ? "no awaitable succeeded" : "fewer than " + n + " awaitables succeeded", failures);
  }

  /**
   * Takes care of the failures of those that lost: they failed while they were being cancelled, so
   * nobody else will hear of it.
   *
   * @param decided how many of those that finished belong to the outcome
   * @param outcome the failure that leaves the contest and that takes them along; null to report
   *     them
   */
  private void settle(int decided, @Nullable Throwable outcome) {
    for (Future<T> loser : finished.subList(decided, finished.size())) {
      Throwable failure = loser.isCancelled() ? null : loser.exception();
      if (failure == null || failure == outcome) {
        continue;
      }
      if (outcome != null) {
        outcome.addSuppressed(failure);
      } else {
        parent.loop.callExceptionHandler(
            new ErrorContext(
                    failure.getClass().getSimpleName()
                        + " exception in a task that lost, or ended, a race")
                .with(ErrorContext.EXCEPTION, failure)
                .with(ErrorContext.FUTURE, loser)
                .with(ErrorContext.TASK, loser instanceof Task<?> ? loser : null));
      }
    }
  }
}
