package asyncio;

import asyncio.net.ClientHandler;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.Streams;
import asyncio.process.ProcessOptions;
import asyncio.process.Subprocess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the library, for {@code import static asyncio.Asyncio.*}.
 *
 * <p>Methods marked {@link Suspends} are called from tasks. Those that return a {@link Future} do
 * not wait and may be called from callbacks too.
 */
public final class Asyncio {

  private Asyncio() {}

  // ---- run

  /**
   * Runs {@code main} on a new loop and returns its result: the entry point of a program.
   *
   * <p>The loop runs on a thread of its own while the caller waits; then the tasks that are left
   * are cancelled and waited for, and the loop is closed. Interrupting the caller, or Ctrl-C,
   * cancels the main task; see {@link Runner}.
   *
   * @throws IllegalStateException if a loop runs in this thread; then {@code main} is not started
   * @throws RuntimeException what {@code main} failed with, as {@link Future#result} throws it
   * @throws CancelledError if {@code main} was cancelled, or this thread was interrupted
   * @throws KeyboardInterrupt if {@code main} was cancelled by Ctrl-C
   */
  public static <T extends @Nullable Object> T run(Awaitable<? extends T> main) {
    return Asyncio.<T>run(main, RunOptions.DEFAULT);
  }

  /** As {@link #run(Awaitable)}, for code without a result. */
  public static void run(Action main) {
    Asyncio.<@Nullable Object>run(new ActionCoroutine(main), RunOptions.DEFAULT);
  }

  /** As {@link #run(Awaitable)}, in debug mode, or on another kind of loop. */
  public static <T extends @Nullable Object> T run(
      Awaitable<? extends T> main, RunOptions options) {
    try (Runner runner = new Runner(options)) {
      return runner.runIn(null, main, "run()");
    }
  }

  /** As {@link #run(Awaitable, RunOptions)}, for code without a result. */
  public static void run(Action main, RunOptions options) {
    Asyncio.<@Nullable Object>run(new ActionCoroutine(main), options);
  }

  // ---- tasks

  /**
   * Runs {@code coroutine} concurrently, as a task of the running loop; its first step is queued.
   *
   * @throws IllegalStateException if no loop runs in this thread
   */
  public static <T extends @Nullable Object> Task<T> createTask(Awaitable<? extends T> coroutine) {
    return getRunningLoop().createTask(coroutine);
  }

  /** As {@link #createTask(Awaitable)}, for code without a result. */
  public static Task<@Nullable Void> createTask(Action action) {
    return getRunningLoop().createTask(action);
  }

  /** As {@link #createTask(Awaitable)}, with a name, a context, or another way to start. */
  public static <T extends @Nullable Object> Task<T> createTask(
      Awaitable<? extends T> coroutine, TaskOptions options) {
    return getRunningLoop().createTask(coroutine, options);
  }

  public static Task<@Nullable Void> createTask(Action action, TaskOptions options) {
    return getRunningLoop().createTask(action, options);
  }

  /** The calling task, or null in a callback (INTRO-1). */
  public static @Nullable Task<?> currentTask() {
    TaskStepper stepper = TaskStepper.currentOrNull();
    return stepper != null ? stepper.task : currentTask(getRunningLoop());
  }

  /** The task of {@code loop} whose step runs now, or null. */
  public static @Nullable Task<?> currentTask(EventLoop loop) {
    return ((AbstractEventLoop) loop).currentTask;
  }

  /** The unfinished tasks of the running loop, oldest first. */
  public static Set<Task<?>> allTasks() {
    return allTasks(getRunningLoop());
  }

  /** The unfinished tasks of {@code loop}, oldest first. Thread-safe. */
  public static Set<Task<?>> allTasks(EventLoop loop) {
    return new LinkedHashSet<>(((AbstractEventLoop) loop).tasks.snapshot());
  }

  /**
   * Waits for a future, or runs a coroutine inside the calling task.
   *
   * @throws RuntimeException what it failed with: an unchecked exception or an error as it is, an
   *     {@code IOException} in an {@link java.io.UncheckedIOException}, another checked one in a
   *     {@link java.util.concurrent.CompletionException}
   */
  @Suspends
  public static <T extends @Nullable Object> T await(Awaitable<? extends T> awaitable) {
    TaskStepper stepper = TaskStepper.currentOrThrow("await()");
    try {
      return awaitable.await();
    } catch (Throwable t) {
      throw Throwables.rethrow(Interrupts.translate(stepper, t));
    }
  }

  /**
   * As {@link #await(Awaitable)}, but exceptions of the given type are thrown as they are.
   *
   * @throws X if the awaitable fails with one
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T await(
      Awaitable<? extends T> awaitable, Class<X> type) throws X {
    TaskStepper stepper = TaskStepper.currentOrThrow("await()");
    try {
      return awaitable instanceof Future<? extends T> future
          ? future.await(type)
          : awaitable.await();
    } catch (Throwable t) {
      Throwable translated = Interrupts.translate(stepper, t);
      if (type.isInstance(translated)) {
        throw type.cast(translated);
      }
      throw Throwables.rethrow(translated);
    }
  }

  /**
   * Suspends the calling task for at least {@code delay}; a delay that is not positive lasts one
   * iteration.
   */
  @Suspends
  public static void sleep(Duration delay) {
    Waiting.<@Nullable Object>sleep(delay, null);
  }

  /** As {@link #sleep(Duration)}, returning {@code result}. */
  @Suspends
  public static <T extends @Nullable Object> T sleep(Duration delay, T result) {
    return Waiting.sleep(delay, result);
  }

  /**
   * A future for anything that can be awaited: a future is returned as it is, a coroutine becomes a
   * task of the running or current loop.
   */
  public static <T extends @Nullable Object> Future<T> ensureFuture(
      Awaitable<? extends T> awaitable) {
    return ensureFuture(awaitable, null);
  }

  /**
   * As {@link #ensureFuture(Awaitable)}, on {@code loop}.
   *
   * @throws IllegalArgumentException if {@code awaitable} is a future of another loop
   */
  @SuppressWarnings("unchecked")
  public static <T extends @Nullable Object> Future<T> ensureFuture(
      Awaitable<? extends T> awaitable, @Nullable EventLoop loop) {
    java.util.Objects.requireNonNull(awaitable, "awaitable");
    if (awaitable instanceof Future<?> future) {
      if (loop != null && future.loop() != loop) {
        throw new IllegalArgumentException(
            "The future belongs to a different loop than the one specified: "
                + future
                + " belongs to "
                + future.loop());
      }
      return (Future<T>) future;
    }
    return (loop != null ? loop : getEventLoop()).createTask(awaitable);
  }

  /**
   * The coroutine that runs {@code action} and gives null. Making it runs nothing.
   *
   * <p>In debug mode one that is never run is reported, with the place where it was made, some time
   * after it was dropped. The library does not see lambdas that are not made this way before they
   * are run.
   */
  public static Coroutine<@Nullable Void> coroutine(Action action) {
    return TrackedCoroutine.of(new ActionCoroutine(action));
  }

  /** As {@link #coroutine(Action)}, for code with a result. */
  public static <T extends @Nullable Object> Coroutine<T> coroutine(Coroutine<T> code) {
    return TrackedCoroutine.of(java.util.Objects.requireNonNull(code, "code"));
  }

  /**
   * Whether {@code object} is a {@link Future} of this library, whose subclasses are the compatible
   * types.
   */
  public static boolean isFuture(@Nullable Object object) {
    return object instanceof Future;
  }

  // ---- several at a time

  /** A future that is done, with an empty list. */
  public static <T extends @Nullable Object> Future<List<T>> gather() {
    return gather(List.of());
  }

  /**
   * Runs coroutines concurrently and collects results: the list has them in the order of the
   * arguments.
   *
   * <p>Coroutines become tasks of the running or current loop, in order; futures are used as they
   * are. A future that is given twice is awaited once; a coroutine is run once for each time it is
   * given.
   *
   * <p>The first failure is passed on at once, as it is; the other children go on. {@link
   * #taskGroup} cancels them. Cancelling the future asks all children to end.
   *
   * @return at once; done an iteration after the last child
   * @throws IllegalArgumentException if futures of different loops are given
   * @throws IllegalStateException if a coroutine is given and there is no running or current loop
   */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <T extends @Nullable Object> Future<List<T>> gather(
      Awaitable<? extends T>... awaitables) {
    return gather(Arrays.asList(awaitables));
  }

  /** As {@link #gather(Awaitable...)}, for code without results. */
  public static Future<List<@Nullable Void>> gather(Action... actions) {
    return gather(coroutines(actions));
  }

  /** As {@link #gather(Awaitable...)}. */
  @SuppressWarnings("unchecked") // the results are those of the awaitables
  public static <T extends @Nullable Object> Future<List<T>> gather(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return (Future<List<T>>) (Future<?>) GatherFuture.of(awaitables, false);
  }

  /**
   * As {@link #gather(Awaitable...)}, but failures are results: the list has the exception of each
   * child that failed, and a {@link CancelledError} for each that was cancelled.
   */
  public static Future<List<@Nullable Object>> gatherReturnExceptions(Awaitable<?>... awaitables) {
    return GatherFuture.of(Arrays.asList(awaitables), true);
  }

  /** As {@link #gatherReturnExceptions(Awaitable...)}, for code without results. */
  public static Future<List<@Nullable Object>> gatherReturnExceptions(Action... actions) {
    return GatherFuture.of(coroutines(actions), true);
  }

  /** As {@link #gatherReturnExceptions(Awaitable...)}. */
  public static Future<List<@Nullable Object>> gatherReturnExceptions(
      Collection<? extends Awaitable<?>> awaitables) {
    return GatherFuture.of(awaitables, true);
  }

  private static List<Coroutine<@Nullable Void>> coroutines(Action... actions) {
    return Arrays.stream(actions).<Coroutine<@Nullable Void>>map(ActionCoroutine::new).toList();
  }

  /** Waits until all {@code futures} are done; see {@link #wait(Iterable, WaitOptions)}. */
  @Suspends
  public static <F extends Future<?>> WaitResult<F> wait(Iterable<? extends F> futures) {
    return WaitForMembers.wait(futures, WaitOptions.DEFAULT);
  }

  /** Waits for what {@code returnWhen} says; see {@link #wait(Iterable, WaitOptions)}. */
  @Suspends
  public static <F extends Future<?>> WaitResult<F> wait(
      Iterable<? extends F> futures, ReturnWhen returnWhen) {
    return WaitForMembers.wait(futures, WaitOptions.until(returnWhen));
  }

  /**
   * Waits until all {@code futures} are done, or the time is up; see {@link #wait(Iterable,
   * WaitOptions)}.
   */
  @Suspends
  public static <F extends Future<?>> WaitResult<F> wait(
      Iterable<? extends F> futures, @Nullable Duration timeout) {
    return WaitForMembers.wait(futures, WaitOptions.atMost(timeout));
  }

  /**
   * Waits for futures without touching them: neither a time limit nor a cancellation of the caller
   * cancels any, and none of their exceptions is thrown. Called qualified, {@code Asyncio.wait(…)},
   * since every object has a {@code wait}.
   *
   * @return which were done, and which not, when the caller was resumed
   * @throws IllegalArgumentException if there are no futures, or one belongs to another loop
   */
  @Suspends
  public static <F extends Future<?>> WaitResult<F> wait(
      Iterable<? extends F> futures, WaitOptions options) {
    return WaitForMembers.wait(futures, options);
  }

  /**
   * Waits until every other task of the loop has ended, also those that are made meanwhile; for a
   * main coroutine that has nothing left to do itself, since {@code run} cancels what is left when
   * it returns. Tasks in this call do not wait for one another.
   *
   * <p>The outcomes of the tasks are not looked at.
   */
  @Suspends
  public static void joinAll() {
    TaskStepper stepper = TaskStepper.currentOrThrow("joinAll()");
    stepper.loop.joinAll.join(stepper.loop, stepper.task);
  }

  /** As {@link #asCompleted(Collection, Duration)}, without a limit. */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return new AsCompleted<>(awaitables, null);
  }

  /**
   * Runs coroutines concurrently and delivers them in the order in which they complete.
   *
   * @param timeout the time for all of them; null without limit. When it is up nothing is
   *     cancelled, but taking further items throws {@link TimeoutException}
   * @throws IllegalStateException if there is no running or current loop
   */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Awaitable<? extends T>> awaitables, @Nullable Duration timeout) {
    return new AsCompleted<>(awaitables, timeout);
  }

  /**
   * A future for the outcome of {@code awaitable} whose cancellation does not reach it.
   *
   * <p>If the awaitable fails after that, the failure is reported to the loop's exception handler.
   *
   * @return {@code awaitable} itself if it is a future that is done
   * @throws IllegalStateException if it is a coroutine and there is no running or current loop
   */
  public static <T extends @Nullable Object> Future<T> shield(Awaitable<? extends T> awaitable) {
    return Shield.of(awaitable);
  }

  /** As {@link #shield(Awaitable)}, for code without a result. */
  public static Future<@Nullable Void> shield(Action action) {
    return Shield.of(new ActionCoroutine(action));
  }

  // ---- time limits

  /**
   * Waits for {@code awaitable} for at most so long; then cancels it, and waits for its end.
   *
   * <p>A coroutine runs inside the calling task. A time that is not positive gives a future that is
   * done a chance, and runs no code of a coroutine.
   *
   * @param timeout null without limit
   * @throws TimeoutException if the time was up first
   * @throws RuntimeException what it failed with, as {@link #await(Awaitable)} throws it
   */
  @Suspends
  public static <T extends @Nullable Object> T waitFor(
      Awaitable<? extends T> awaitable, @Nullable Duration timeout) {
    return WaitFor.waitFor(awaitable, timeout);
  }

  /** As {@link #waitFor(Awaitable, Duration)}, for code without a result. */
  @Suspends
  public static void waitFor(Action action, @Nullable Duration timeout) {
    WaitFor.<@Nullable Void>waitFor(new ActionCoroutine(action), timeout);
  }

  /**
   * Runs {@code body} in the calling task for at most so long; see {@link Timeout}.
   *
   * @param delay null without limit
   * @throws TimeoutException if the time was up first
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T timeout(
      @Nullable Duration delay, Scope.Body<T, X> body) throws X {
    return new Timeout(delay).run(body);
  }

  /**
   * As {@link #timeout(Duration, Scope.Body)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <X extends Throwable> void timeout(@Nullable Duration delay, Scope.VoidBody<X> body)
      throws X {
    new Timeout(delay).run(body);
  }

  /**
   * As {@link #timeout(Duration, Scope.Body)}, for code that looks at the scope or reschedules it.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T timeout(
      @Nullable Duration delay, Scope.With<Timeout, T, X> body) throws X {
    Timeout scope = new Timeout(delay);
    return scope.run(() -> body.call(scope));
  }

  /**
   * As {@link #timeout(Duration, Scope.With)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  @SuppressWarnings("overloads") // braces tell `t -> { … }` from `t -> value`
  public static <X extends Throwable> void timeout(
      @Nullable Duration delay, Scope.VoidWith<Timeout, X> body) throws X {
    Timeout scope = new Timeout(delay);
    scope.run(() -> body.run(scope));
  }

  /**
   * Runs {@code body} in the calling task until the loop time {@code when}; see {@link Timeout}.
   *
   * @param when as {@link EventLoop#time} counts; {@link EventLoop#NEVER} without limit
   * @throws TimeoutException if the time was up first
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T timeoutAt(
      long when, Scope.Body<T, X> body) throws X {
    return Timeout.at(when).run(body);
  }

  /**
   * As {@link #timeoutAt(long, Scope.Body)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <X extends Throwable> void timeoutAt(long when, Scope.VoidBody<X> body) throws X {
    Timeout.at(when).run(body);
  }

  /**
   * As {@link #timeoutAt(long, Scope.Body)}, for code that looks at the scope or reschedules it.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T timeoutAt(
      long when, Scope.With<Timeout, T, X> body) throws X {
    Timeout scope = Timeout.at(when);
    return scope.run(() -> body.call(scope));
  }

  /**
   * As {@link #timeoutAt(long, Scope.With)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  @Suspends
  @SuppressWarnings("overloads") // braces tell `t -> { … }` from `t -> value`
  public static <X extends Throwable> void timeoutAt(long when, Scope.VoidWith<Timeout, X> body)
      throws X {
    Timeout scope = Timeout.at(when);
    scope.run(() -> body.run(scope));
  }

  /**
   * The time at which the caller's work has to be done, to be passed on in outgoing calls: the
   * earliest deadline of the {@link Timeout} scopes that the calling task is in; for a child of a
   * task group at first its parent's, as it was when the child was made.
   *
   * @return in loop time, as {@link EventLoop#time} counts; {@link EventLoop#NEVER} if there is
   *     none, or outside a task
   */
  public static long currentDeadline() {
    TaskStepper stepper = TaskStepper.currentOrNull();
    return stepper == null ? EventLoop.NEVER : Deadlines.earliest(stepper.deadlines);
  }

  // ---- groups

  /**
   * Runs {@code body} with a new {@link TaskGroup} and waits for the tasks that were created in it.
   *
   * @return what {@code body} returns; null if the group was cancelled before it did
   * @throws ExceptionGroup if a task or the body failed
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Throwable> T taskGroup(
      Scope.With<TaskGroup, T, X> body) {
    return new TaskGroup().run(body);
  }

  /** As {@link #taskGroup(Scope.With)}, for code without a value. */
  @Suspends
  @SuppressWarnings("overloads") // braces tell `t -> { … }` from `t -> value`
  public static <X extends Throwable> void taskGroup(Scope.VoidWith<TaskGroup, X> body) {
    new TaskGroup().run(body);
  }

  /**
   * Runs all concurrently; the outcome of the first to finish, in whatever way, is the outcome. The
   * others are cancelled, and have ended when this returns or throws.
   *
   * <p>What a loser throws while it is being cancelled is added to the outcome as a suppressed
   * exception if that is one, and else reported to the loop's exception handler.
   *
   * @throws RuntimeException what the first one failed with, as {@link Future#result} throws it
   * @throws CancelledError if the first one, or the calling task, was cancelled
   * @throws IllegalArgumentException if there are none
   */
  @Suspends
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <T extends @Nullable Object> T race(Awaitable<? extends T>... awaitables) {
    return Contest.race(Arrays.asList(awaitables));
  }

  /** As {@link #race(Awaitable...)}, for code without a result. */
  @Suspends
  public static void race(Action... actions) {
    Contest.<@Nullable Void>race(coroutines(actions));
  }

  /** As {@link #race(Awaitable...)}. */
  @Suspends
  public static <T extends @Nullable Object> T race(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return Contest.race(awaitables);
  }

  /**
   * Runs all concurrently and gives the result of the first to succeed. The others are cancelled,
   * and have ended when this returns or throws; what they throw meanwhile is reported to the loop's
   * exception handler.
   *
   * @throws ExceptionGroup with all failures, in the order in which they came, if none succeeds
   * @throws CancelledError if all, or the calling task, were cancelled
   * @throws IllegalArgumentException if there are none
   */
  @Suspends
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <T extends @Nullable Object> T any(Awaitable<? extends T>... awaitables) {
    return any(Arrays.asList(awaitables));
  }

  /** As {@link #any(Awaitable...)}, for code without a result. */
  @Suspends
  public static void any(Action... actions) {
    Contest.<@Nullable Void>firstN("any", 1, coroutines(actions));
  }

  /** As {@link #any(Awaitable...)}. */
  @Suspends
  public static <T extends @Nullable Object> T any(
      Collection<? extends Awaitable<? extends T>> awaitables) {
    return Contest.<T>firstN("any", 1, awaitables).getFirst();
  }

  /**
   * Runs all concurrently and gives the results of the first {@code n} to succeed, in the order in
   * which they did. The others are cancelled, and have ended when this returns or throws.
   *
   * @throws ExceptionGroup with the failures, as soon as so many have failed that {@code n} can no
   *     longer succeed
   * @throws IllegalArgumentException if {@code n} is not between 1 and the number of awaitables
   */
  @Suspends
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <T extends @Nullable Object> List<T> firstN(
      int n, Awaitable<? extends T>... awaitables) {
    return Contest.firstN("firstN", n, Arrays.asList(awaitables));
  }

  /** As {@link #firstN(int, Awaitable...)}. */
  @Suspends
  public static <T extends @Nullable Object> List<T> firstN(
      int n, Collection<? extends Awaitable<? extends T>> awaitables) {
    return Contest.firstN("firstN", n, awaitables);
  }

  /**
   * Calls {@code function} for each item, in a task of its own, at most {@code limit} at a time.
   *
   * <p>Tasks start in the order of the items. Items are taken when there is room for them, so
   * {@code items} may be long, and its iterator may suspend. The first failure cancels the tasks
   * that run, and no more are started.
   *
   * @return the results in the order of the items
   * @throws ExceptionGroup if a call, or the iterator, failed
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  @Suspends
  public static <A extends @Nullable Object, R extends @Nullable Object, X extends Throwable>
      List<R> map(
          Iterable<? extends A> items, int limit, Scope.With<? super A, ? extends R, X> function) {
    return LimitedMap.<A, R>map(items, limit, function);
  }

  // ---- task factories and task implementations

  /**
   * A factory for {@link EventLoop#setTaskFactory} that starts each task eagerly, unless its
   * options say otherwise.
   */
  public static TaskFactory eagerTaskFactory() {
    return EagerTasks.FACTORY;
  }

  /** As {@link #eagerTaskFactory}, for tasks made by {@code constructor}. */
  public static TaskFactory createEagerTaskFactory(TaskConstructor constructor) {
    return EagerTasks.factory(constructor);
  }

  /**
   * Adds a task of another implementation to {@link #allTasks(EventLoop)} of its loop (INTRO-6).
   * Thread-safe.
   *
   * @see Task#Task(EventLoop, TaskOptions)
   */
  public static void registerTask(Task<?> task) {
    ForeignTasks.register(task);
  }

  /** Takes a task out of {@link #allTasks(EventLoop)}; harmless if it is not there. */
  public static void unregisterTask(Task<?> task) {
    ForeignTasks.unregister(task);
  }

  /**
   * Says that a step of a task of another implementation begins; until {@link #leaveTask} it is the
   * current task.
   *
   * @throws IllegalStateException if the loop has a current task
   */
  public static void enterTask(EventLoop loop, Task<?> task) {
    ForeignTasks.enter((AbstractEventLoop) loop, task);
  }

  /**
   * Says that the step has ended.
   *
   * @throws IllegalStateException if {@code task} is not the current one
   */
  public static void leaveTask(EventLoop loop, Task<?> task) {
    ForeignTasks.leave((AbstractEventLoop) loop, task);
  }

  // ---- call graph

  /**
   * Who waits for the current task, and where it is; null in a callback (GRAPH-2).
   *
   * @throws IllegalStateException if no loop runs in this thread
   */
  public static @Nullable CallGraph captureCallGraph() {
    return CallGraphs.capture(null, 1, CallGraph.ALL);
  }

  /**
   * Who waits for {@code future}, and where its task is. Called on the loop's thread, or while no
   * thread runs the loop.
   */
  public static CallGraph captureCallGraph(Future<?> future) {
    return java.util.Objects.requireNonNull(
        CallGraphs.capture(java.util.Objects.requireNonNull(future, "future"), 1, CallGraph.ALL));
  }

  /**
   * As {@link #captureCallGraph(Future)}, with less of the stacks.
   *
   * @param future the future; null for the current task
   * @param depth how many of the innermost frames to leave out if {@code future} is the current
   *     task; 1 leaves out this method
   * @param limit at most so many entries of every stack: the outermost, or the innermost if it is
   *     negative; {@link CallGraph#ALL} for all
   * @return null if {@code future} is null and the caller is a callback
   */
  public static @Nullable CallGraph captureCallGraph(
      @Nullable Future<?> future, int depth, int limit) {
    return CallGraphs.capture(future, depth, limit);
  }

  /** The text of {@link #captureCallGraph()}; empty in a callback. */
  public static String formatCallGraph() {
    return CallGraphs.format(CallGraphs.capture(null, 1, CallGraph.ALL));
  }

  /** The text of {@link #captureCallGraph(Future)}. */
  public static String formatCallGraph(Future<?> future) {
    return captureCallGraph(future).toString();
  }

  /** The text of {@link #captureCallGraph(Future, int, int)}; empty where that is null. */
  public static String formatCallGraph(@Nullable Future<?> future, int depth, int limit) {
    return CallGraphs.format(CallGraphs.capture(future, depth, limit));
  }

  /** Writes {@link #formatCallGraph()} and a line end to standard output. */
  public static void printCallGraph() {
    System.out.println(CallGraphs.format(CallGraphs.capture(null, 1, CallGraph.ALL)));
  }

  /** Writes {@link #formatCallGraph(Future)} and a line end to standard output. */
  public static void printCallGraph(Future<?> future) {
    System.out.println(captureCallGraph(future));
  }

  /** Writes {@link #formatCallGraph(Future, int, int)} and a line end to {@code out}. */
  public static void printCallGraph(
      @Nullable Future<?> future, int depth, int limit, PrintStream out) {
    out.println(CallGraphs.format(CallGraphs.capture(future, depth, limit)));
  }

  /**
   * Records that {@code waiter} waits for {@code future}, though with something between them. For
   * combinators, which have to {@linkplain #futureDiscardFromAwaitedBy take it back}. Does nothing
   * for futures of other libraries.
   */
  public static void futureAddToAwaitedBy(
      java.util.concurrent.Future<?> future, java.util.concurrent.Future<?> waiter) {
    CallGraphs.addToAwaitedBy(future, waiter);
  }

  /** Takes back a {@link #futureAddToAwaitedBy}; harmless if there was none. */
  public static void futureDiscardFromAwaitedBy(
      java.util.concurrent.Future<?> future, java.util.concurrent.Future<?> waiter) {
    CallGraphs.discardFromAwaitedBy(future, waiter);
  }

  // ---- threads

  /**
   * Makes a blocking call on a thread of the default executor while the calling task is suspended;
   * the call runs in a copy of the caller's context (spec EXEC-21 to EXEC-23).
   *
   * <p><b>Cancellation:</b> a call that has started goes on; its outcome is ignored.
   *
   * @return what {@code call} returns
   * @throws RuntimeException what {@code call} throws, as {@link Future#result} throws it
   */
  @Suspends
  public static <T extends @Nullable Object> T toThread(Callable<? extends T> call) {
    TaskStepper stepper = TaskStepper.currentOrThrow("toThread()");
    return stepper.loop.offload.<T>submit(stepper.loop, null, call, copyContext()).await();
  }

  /** As {@link #toThread(Callable)}, for code without a result. It blocks, it cannot suspend. */
  @Suspends
  public static void toThread(Action call) {
    java.util.Objects.requireNonNull(call, "call");
    Asyncio.<@Nullable Object>toThread(() -> {
      call.run();
      return null;
    });
  }

  /**
   * Has {@code loop} run a coroutine as a task; for callers on other threads. Thread-safe.
   *
   * <p>Cancelling the future cancels the task; giving up waiting does not (spec EXEC-24 to
   * EXEC-29). Waiting for it on the loop's own thread, which would never end, throws {@link
   * IllegalStateException}.
   *
   * @throws IllegalArgumentException if {@code coroutine} is a future
   * @throws IllegalStateException if the loop is closed
   */
  public static <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(
      Awaitable<? extends T> coroutine, EventLoop loop) {
    return ThreadBridges.submit(coroutine, loop);
  }

  /** As {@link #runCoroutineThreadsafe(Awaitable, EventLoop)}, for code without a result. */
  public static CompletableFuture<@Nullable Void> runCoroutineThreadsafe(
      Action coroutine, EventLoop loop) {
    return ThreadBridges.submit(new ActionCoroutine(coroutine), loop);
  }

  /**
   * A future of the running or current loop that takes over the outcome of {@code stage} (spec
   * EXEC-30 to EXEC-36).
   *
   * <p>Cancelling it cancels {@code stage}, one iteration later, with {@code cancel(true)}.
   *
   * @throws IllegalStateException if there is no running or current loop
   */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      CompletionStage<? extends T> stage) {
    return ThreadBridges.wrap(stage, null);
  }

  /** As {@link #wrapFuture(CompletionStage)}, on {@code loop}. */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      CompletionStage<? extends T> stage, EventLoop loop) {
    return ThreadBridges.wrap(stage, java.util.Objects.requireNonNull(loop, "loop"));
  }

  /** As {@link #wrapFuture(CompletionStage)}. */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      CompletableFuture<? extends T> future) {
    return ThreadBridges.wrap((CompletionStage<? extends T>) future, null);
  }

  /** As {@link #wrapFuture(CompletionStage)}, on {@code loop}. */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      CompletableFuture<? extends T> future, EventLoop loop) {
    return ThreadBridges.wrap(
        (CompletionStage<? extends T>) future, java.util.Objects.requireNonNull(loop, "loop"));
  }

  /**
   * As {@link #wrapFuture(CompletionStage)}, for a future that calls nobody back: a virtual thread
   * waits for it. A future of a loop is returned as it is.
   */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      java.util.concurrent.Future<? extends T> future) {
    return ThreadBridges.wrap(future, null);
  }

  /** As {@link #wrapFuture(java.util.concurrent.Future)}, on {@code loop}. */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      java.util.concurrent.Future<? extends T> future, EventLoop loop) {
    return ThreadBridges.wrap(future, java.util.Objects.requireNonNull(loop, "loop"));
  }

  /**
   * What other threads and libraries see of {@code future}: its outcome; cancelling it cancels
   * {@code future}.
   */
  public static <T extends @Nullable Object> CompletableFuture<T> toCompletableFuture(
      Future<? extends T> future) {
    return ThreadBridges.toCompletableFuture(future);
  }

  // ---- child processes

  /**
   * Starts a program whose three streams are those of this process.
   *
   * @param program a file, or a name to look up in the {@code PATH} of this process
   * @throws IOException as for {@link #createSubprocessExec(List, ProcessOptions)}
   */
  @Suspends
  public static Subprocess createSubprocessExec(String program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of(arguments));
    return createSubprocessExec(command, ProcessOptions.DEFAULT);
  }

  /**
   * Starts a program, without a shell (spec PROC-1 to PROC-9, PROC-27). Streams of which the
   * options say nothing are those of this process.
   *
   * @param command the program and its arguments
   * @throws java.nio.file.NoSuchFileException if there is no such program, or directory
   * @throws java.nio.file.AccessDeniedException if it may not be executed
   * @throws IOException if the system cannot start it
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public static Subprocess createSubprocessExec(List<String> command, ProcessOptions options)
      throws IOException {
    return Subprocess.exec(command, options);
  }

  /**
   * As {@link #createSubprocessShell(String, ProcessOptions)}, with the streams of this process.
   */
  @Suspends
  public static Subprocess createSubprocessShell(String command) throws IOException {
    return createSubprocessShell(command, ProcessOptions.DEFAULT);
  }

  /**
   * As {@link #createSubprocessExec(List, ProcessOptions)}, for a command line that the system's
   * shell reads. Whatever becomes part of it has to be quoted for the shell.
   */
  @Suspends
  public static Subprocess createSubprocessShell(String command, ProcessOptions options)
      throws IOException {
    return Subprocess.shell(command, options);
  }

  // ---- streams

  /** As {@link #openConnection(String, int, ConnectOptions)}, with plain TCP. */
  @Suspends
  public static Streams openConnection(@Nullable String host, int port) throws IOException {
    return openConnection(host, port, ConnectOptions.DEFAULT);
  }

  /**
   * Connects to a host, as {@link EventLoop#createConnection} does, and returns the connection as
   * two streams (spec STREAM-1).
   *
   * @throws IOException if no address of the host could be connected to
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public static Streams openConnection(@Nullable String host, int port, ConnectOptions options)
      throws IOException {
    return StreamCalls.open(
        options, (loop, factory) -> loop.createConnection(factory, host, port, options));
  }

  /** Makes two streams for the channel in the options, which is connected. */
  @Suspends
  public static Streams openConnection(ConnectOptions options) throws IOException {
    return StreamCalls.open(options, (loop, factory) -> loop.createConnection(factory, options));
  }

  /** As {@link #openUnixConnection(Path, ConnectOptions)}, without TLS. */
  @Suspends
  public static Streams openUnixConnection(Path path) throws IOException {
    return openUnixConnection(path, ConnectOptions.DEFAULT);
  }

  /**
   * Connects to a UNIX domain socket and returns the connection as two streams (spec STREAM-2).
   *
   * @param path null if the options have the socket
   */
  @Suspends
  public static Streams openUnixConnection(@Nullable Path path, ConnectOptions options)
      throws IOException {
    return StreamCalls.open(
        options, (loop, factory) -> loop.createUnixConnection(factory, path, options));
  }

  /** As {@link #startServer(ClientHandler, String, int, ServerOptions)}, with plain TCP. */
  @Suspends
  public static Server startServer(ClientHandler handler, @Nullable String host, int port)
      throws IOException {
    return startServer(handler, host, port, ServerOptions.DEFAULT);
  }

  /**
   * Listens, as {@link EventLoop#createServer} does, and has {@code handler} deal with each
   * connection, in a task of its own (spec STREAM-3).
   *
   * @param host a name or an address; null or empty for all interfaces
   * @param port 0 for any
   * @throws IOException if an address cannot be bound
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public static Server startServer(
      ClientHandler handler, @Nullable String host, int port, ServerOptions options)
      throws IOException {
    return StreamCalls.serve(
        handler, options, (loop, factory) -> loop.createServer(factory, host, port, options));
  }

  /**
   * As {@link #startServer(ClientHandler, String, int, ServerOptions)}, on several hosts.
   *
   * @param service a port, 0 for any, or the name of a service
   */
  @Suspends
  public static Server startServer(
      ClientHandler handler, List<String> hosts, String service, ServerOptions options)
      throws IOException {
    return StreamCalls.serve(
        handler, options, (loop, factory) -> loop.createServer(factory, hosts, service, options));
  }

  /** As {@link #startServer(ClientHandler, String, int)}, on the channel in the options. */
  @Suspends
  public static Server startServer(ClientHandler handler, ServerOptions options)
      throws IOException {
    return StreamCalls.serve(
        handler, options, (loop, factory) -> loop.createServer(factory, options));
  }

  /**
   * As {@link #startServer(ClientHandler, String, int, ServerOptions)}, on a port that is shared
   * with other loops, with its options.
   *
   * @throws IllegalStateException if the port is closed
   */
  @Suspends
  public static Server startServer(ClientHandler handler, SharedPort port) throws IOException {
    return StreamCalls.serve(
        handler, port.options(), (loop, factory) -> loop.createServer(factory, port));
  }

  /** As {@link #startUnixServer(ClientHandler, Path, ServerOptions)}, without TLS. */
  @Suspends
  public static Server startUnixServer(ClientHandler handler, Path path) throws IOException {
    return startUnixServer(handler, path, ServerOptions.DEFAULT);
  }

  /**
   * As {@link #startServer(ClientHandler, String, int, ServerOptions)}, on a UNIX domain socket.
   *
   * @param path null if the options have the socket
   */
  @Suspends
  public static Server startUnixServer(
      ClientHandler handler, @Nullable Path path, ServerOptions options) throws IOException {
    return StreamCalls.serve(
        handler, options, (loop, factory) -> loop.createUnixServer(factory, path, options));
  }

  // ---- switch points

  /**
   * Runs {@code body} and makes sure that no other task runs meanwhile: suspending calls of the
   * library in it throw {@link IllegalStateException} at once. In a callback it just runs {@code
   * body}.
   *
   * <p>A switch inside a blocking JDK call (direct engine) cannot be prevented: the section then
   * ends with {@link IllegalStateException}, whose stack is that of the switch; if {@code body}
   * throws too, as its suppressed exception.
   *
   * @throws X what {@code body} throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T noSuspend(Scope.Body<T, X> body)
      throws X {
    return NoSuspend.run(body);
  }

  /**
   * As {@link #noSuspend(Scope.Body)}, for code without a value.
   *
   * @throws X what {@code body} throws
   */
  public static <X extends Throwable> void noSuspend(Scope.VoidBody<X> body) throws X {
    NoSuspend.<@Nullable Object, X>run(() -> {
      body.run();
      return null;
    });
  }

  // ---- loops

  /**
   * The loop that runs in this thread, or whose task the caller is.
   *
   * @throws IllegalStateException if there is none
   */
  public static EventLoop getRunningLoop() {
    EventLoop loop = runningLoopOrNull();
    if (loop == null) {
      throw new IllegalStateException(
          "no running event loop in thread "
              + Thread.currentThread()
              + "; call this inside run(() -> …)");
    }
    return loop;
  }

  static @Nullable AbstractEventLoop runningLoopOrNull() {
    InLoop current = InLoop.current();
    return current != null ? current.loop() : AbstractEventLoop.RUNNING.get();
  }

  /**
   * The running loop; where none runs, the current one of this thread.
   *
   * @throws IllegalStateException if there is neither
   */
  public static EventLoop getEventLoop() {
    EventLoop running = runningLoopOrNull();
    return running != null ? running : Policies.get().getEventLoop();
  }

  /**
   * Makes {@code loop} what {@link #getEventLoop} returns in this thread while no loop runs in it;
   * null for none.
   */
  public static void setEventLoop(@Nullable EventLoop loop) {
    Policies.get().setEventLoop(loop);
  }

  /**
   * Makes a loop of the {@linkplain LoopKind#preferred preferred} kind, without setting it as the
   * current one.
   */
  public static EventLoop newEventLoop() {
    return Policies.get().newEventLoop();
  }

  /** The policy in force for the process. */
  public static EventLoopPolicy getEventLoopPolicy() {
    return Policies.get();
  }

  /** Puts {@code policy} in force for the process; null for the default one. */
  public static void setEventLoopPolicy(@Nullable EventLoopPolicy policy) {
    Policies.set(policy);
  }

  // ---- time

  /**
   * The time span of so many seconds.
   *
   * @throws IllegalArgumentException if it is not a number
   */
  public static Duration seconds(double seconds) {
    return Durations.ofSeconds(seconds);
  }

  /** The time span of so many milliseconds. */
  public static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  // ---- contexts

  /** A copy of the caller's context (CTX-1). */
  public static Context copyContext() {
    return new Context(Context.currentBindings());
  }
}
