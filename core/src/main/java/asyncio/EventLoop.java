package asyncio;

import asyncio.inspect.LoopMetrics;
import asyncio.inspect.Recording;
import asyncio.inspect.StallFinder;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import asyncio.net.NetworkLoop;
import asyncio.net.SocketLoop;
import asyncio.process.ProcessLoop;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs callbacks and tasks one at a time, on one thread (PEP 3156 'Event loop').
 *
 * <p>Programs seldom need it: {@code Asyncio.run} makes a loop, runs a coroutine on it and closes
 * it. It is for code that works with callbacks, and for libraries. Implementations extend {@link
 * AbstractEventLoop}.
 *
 * <p><b>Order:</b> one iteration polls for I/O, collects due timers, and runs exactly the callbacks
 * that were ready then, first in, first out. What a callback schedules runs in the next iteration
 * at the earliest.
 *
 * <p><b>Threading:</b> while the loop runs, its methods are for code that it runs. From other
 * threads only {@link #callSoonThreadsafe(Runnable)}, {@link #isRunning}, {@link #isClosed}, {@link
 * #time} and {@link #isDebug} may be called; the scheduling methods throw {@link
 * IllegalStateException} there.
 */
public sealed interface EventLoop extends NetworkLoop, SocketLoop, ProcessLoop
    permits AbstractEventLoop {

  /** The deadline that never comes. */
  long NEVER = Long.MAX_VALUE;

  // ---- running

  /**
   * Runs until {@link #stop} is called, on the calling thread.
   *
   * @throws IllegalStateException if this is closed or running, or another loop runs in this thread
   */
  void runForever();

  /**
   * Runs until {@code awaitable} is done and returns its result.
   *
   * @param awaitable a future of this loop, or a coroutine, which becomes a task
   * @throws IllegalStateException as for {@link #runForever}, or if the loop was stopped before
   * @throws RuntimeException what the awaitable failed with, as {@link Future#result} throws it
   */
  <T extends @Nullable Object> T runUntilComplete(Awaitable<? extends T> awaitable);

  /** As {@link #runUntilComplete(Awaitable)}, for code without a result. */
  default void runUntilComplete(Action action) {
    this.<@Nullable Object>runUntilComplete(new ActionCoroutine(action));
  }

  /**
   * Ends the run after the current iteration; if the loop is not running, the next run ends after
   * one iteration.
   */
  void stop();

  /** Whether the loop runs, in whichever thread. Thread-safe. */
  boolean isRunning();

  /** Whether the caller is code that this loop runs: a callback, or a task. Thread-safe. */
  boolean isCurrent();

  /** Whether {@link #close} was called. Thread-safe. */
  boolean isClosed();

  /**
   * Discards what is scheduled and lets go of all resources. Idempotent.
   *
   * @throws IllegalStateException if the loop is running
   */
  void close();

  // ---- callbacks

  /**
   * Queues {@code callback} behind everything that is ready; it runs in a copy of the caller's
   * context.
   */
  Handle callSoon(Runnable callback);

  /** Queues {@code callback}; it runs in {@code context} itself. */
  Handle callSoon(Context context, Runnable callback);

  /**
   * As {@link #callSoon(Runnable)}, from any thread, and from code that does not know which thread
   * it is on.
   */
  Handle callSoonThreadsafe(Runnable callback);

  /** As {@link #callSoon(Context, Runnable)}, from any thread. */
  Handle callSoonThreadsafe(Context context, Runnable callback);

  /** Has {@code callback} called after {@code delay}; a negative one counts as due since then. */
  TimerHandle callLater(Duration delay, Runnable callback);

  TimerHandle callLater(Duration delay, Context context, Runnable callback);

  /** Has {@code callback} called at {@code when}, in nanoseconds of {@link #time}. */
  TimerHandle callAt(long when, Runnable callback);

  TimerHandle callAt(long when, Context context, Runnable callback);

  /**
   * The clock of the loop: nanoseconds since the library was loaded, never negative, compared
   * directly. Thread-safe.
   */
  long time();

  // ---- readiness of channels

  /**
   * Has {@code callback} called in each iteration in which {@code channel} can be read, or has a
   * connection to accept, until {@link #removeReader}. It replaces the reader that is there. If the
   * channel is closed meanwhile, the callback is called once more, since an operation on it would
   * not wait but fail.
   *
   * @param channel in non-blocking mode; it is to be closed on the loop's thread only
   * @throws IllegalArgumentException if it is in blocking mode, or closed
   * @throws IllegalStateException if this loop is closed, a transport uses the channel, or a task
   *     waits to read from it
   * @throws UnsupportedOperationException if this loop has no such I/O
   */
  void addReader(SelectableChannel channel, Runnable callback);

  /**
   * Removes the reader of {@code channel}. One that is due already in this iteration is not called.
   *
   * @return whether there was one
   */
  boolean removeReader(SelectableChannel channel);

  /**
   * As {@link #addReader}, for a channel that can be written, or whose connect has ended. The two
   * are independent.
   */
  void addWriter(SelectableChannel channel, Runnable callback);

  /** As {@link #removeReader}, for the writer. */
  boolean removeWriter(SelectableChannel channel);

  // ---- signals

  /**
   * Has {@code callback} called when the process gets {@code signal}, in place of what the signal
   * does otherwise, until {@link #removeSignalHandler} or {@link #close}. It replaces the callback
   * that is there.
   *
   * <p>It is an ordinary callback, which may use the loop, and wakes it. The system merges signals
   * that come close together, so it says that there was one, not how many. Of several loops that
   * handle a signal the last one gets it; a handler that the program sets through {@code
   * sun.misc.Signal} afterwards takes it from all of them.
   *
   * <p>To end in order, take {@link Signal#TERM} over and let the main task return: a process that
   * has begun to exit because of a signal cannot change its exit code any more.
   *
   * @throws IllegalStateException if the signal cannot be caught, because the system never tells
   *     the process (KILL, STOP) or the JVM has it for itself (QUIT, ILL, TRAP, BUS, FPE, SEGV,
   *     USR2, PIPE, CHLD, PROF, IO, XFSZ; with the option {@code -Xrs} also HUP, INT, TERM); or if
   *     the module {@code jdk.unsupported} is not there
   * @throws IllegalArgumentException if this system has no such signal
   */
  void addSignalHandler(Signal signal, Runnable callback);

  /**
   * Removes the callback of {@code signal}, which then does again what it did before {@link
   * #addSignalHandler}.
   *
   * @return whether there was one
   */
  boolean removeSignalHandler(Signal signal);

  // ---- futures and tasks

  /** Makes a pending future of this loop. */
  <T extends @Nullable Object> Future<T> createFuture();

  /** Makes a task that runs {@code coroutine}; its first step is queued. */
  default <T extends @Nullable Object> Task<T> createTask(Awaitable<? extends T> coroutine) {
    return createTask(coroutine, TaskOptions.DEFAULT);
  }

  default Task<@Nullable Void> createTask(Action action) {
    return createTask(action, TaskOptions.DEFAULT);
  }

  /**
   * Makes a task that runs {@code coroutine}, through the task factory if one is set.
   *
   * @throws IllegalArgumentException if {@code coroutine} is a future
   * @throws IllegalStateException if the loop is closed
   */
  <T extends @Nullable Object> Task<T> createTask(
      Awaitable<? extends T> coroutine, TaskOptions options);

  default Task<@Nullable Void> createTask(Action action, TaskOptions options) {
    return createTask(new ActionCoroutine(action), options);
  }

  /** Has {@code factory} make the tasks from now on; null for the loop itself. */
  void setTaskFactory(@Nullable TaskFactory factory);

  /** The task factory, or null if none is set. */
  @Nullable TaskFactory taskFactory();

  // ---- threads

  /**
   * Has {@code executor} make a blocking call, from now on and whether or not the future is
   * awaited; one that has not started when the future is cancelled never does (spec EXEC-9 to
   * EXEC-14).
   *
   * <p>The call runs on a thread of the executor, without the caller's context; {@link
   * Asyncio#toThread} passes that on.
   *
   * <p>A distributed executor, which makes calls in other processes, can be given too: an {@link
   * ExecutorService} that is no thread pool of the JDK's gets a {@link java.io.Serializable} call
   * itself, by {@link ExecutorService#submit(Callable)}. Cancelling the future then cancels the one
   * that the executor has returned, which may interrupt a call that runs.
   *
   * @param executor null for the default executor: a pool of daemon threads named {@code
   *     asyncio-N}, made at first use
   * @return a future of this loop
   * @throws java.util.concurrent.RejectedExecutionException if the executor refuses the call
   * @throws IllegalStateException if {@code executor} is null and the default one was shut down
   */
  <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> call);

  /**
   * As {@link #runInExecutor(Executor, Callable)}, for code without a result. It blocks, it cannot
   * suspend.
   */
  default Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Action call) {
    java.util.Objects.requireNonNull(call, "call");
    return this.<@Nullable Void>runInExecutor(
        executor,
        () -> {
          call.run();
          return null;
        });
  }

  /**
   * Makes {@code executor} the default one; the one before goes on with its calls.
   *
   * @throws IllegalArgumentException if it is no thread pool of the JDK's or a subclass of one, or
   *     is shut down
   */
  void setDefaultExecutor(ExecutorService executor);

  /**
   * How many calls of {@link #runInExecutor} the default executor is making, and how many wait for
   * a thread of it. In debug mode one that has waited longer than {@link #slowCallbackDuration} is
   * reported. Thread-safe.
   */
  ExecutorLoad defaultExecutorLoad();

  /**
   * Waits until the default executor has finished its calls and its threads have ended; from this
   * call on it takes no more.
   *
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  void shutdownDefaultExecutor();

  /**
   * As {@link #shutdownDefaultExecutor()}; if {@code limit} is over first, logs a warning and lets
   * go of the executor.
   */
  @Suspends
  void shutdownDefaultExecutor(Duration limit);

  /**
   * Makes threads that are tasks of this loop: each runs its code on the loop's thread, among the
   * other tasks, once {@link Thread#start} is called, by whomever. Code that wants to start threads
   * of its own can be given it. Thread-safe.
   *
   * <p>What such a thread throws goes to its uncaught-exception handler; interrupting it while it
   * is suspended cancels its task. With the portable engine, blocking JDK calls in it block the
   * loop, as in every task.
   */
  ThreadFactory threadFactory();

  /**
   * This loop as an executor, for code that wants one: its jobs are callbacks, which run on the
   * loop's thread in the order in which they were given, from any thread. Its delays are those of
   * the loop's clock. Shutting it down ends it and leaves the loop running; a loop that is closed
   * drops what waits. Each call makes a new one. Thread-safe.
   *
   * <p>Jobs must not block. A failed job goes to the exception handler, or into the future that
   * {@code submit} or {@code schedule} has returned for it.
   */
  ScheduledExecutorService asExecutor();

  // ---- names

  /**
   * Looks up the addresses that a host and a service stand for, as the function of that name in the
   * C library does.
   *
   * <p>A loop of one's own may override it: connections, servers and endpoints ask it for whatever
   * is not a literal address with a number for a port.
   *
   * <p><b>Order:</b> that of {@link java.net.InetAddress#getAllByName}: IPv4 addresses first, as
   * long as {@code -Djava.net.preferIPv6Addresses} says nothing else ({@code system}: as the system
   * sorts them). Each address comes once for each type of socket that the service is known for. The
   * JVM keeps results for 30 seconds and failures for 10.
   *
   * <p><b>Threading:</b> look-ups run on threads of their own, at most 32 for a loop; literals and
   * absent hosts are answered on the loop's thread.
   *
   * <p><b>Cancellation:</b> returns at once; the thread goes on until the look-up has ended.
   *
   * @param host a name, a literal address, or {@code <broadcast>}; null for the loopback addresses,
   *     with {@link asyncio.net.AddressFlag#PASSIVE} for all addresses of this machine
   * @param service a port's number, or the name of a service; null, if there is a host, for port 0
   * @return at least one
   * @throws UnknownHostException if the host or the service is not known
   * @throws IllegalArgumentException if {@code service} is a number that is no port's
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  List<AddressInfo> getaddrinfo(
      @Nullable String host, @Nullable String service, AddressOptions options)
      throws UnknownHostException;

  /** As {@link #getaddrinfo(String, String, AddressOptions)}, with the number of a port. */
  @Suspends
  default List<AddressInfo> getaddrinfo(@Nullable String host, int port, AddressOptions options)
      throws UnknownHostException {
    return getaddrinfo(host, String.valueOf(port), options);
  }

  /**
   * Looks up what an address is called. A host without a name is given as a literal, a port without
   * one as a number.
   *
   * <p>A name counts only if it has the address in turn. <b>Threading</b> and <b>Cancellation</b>
   * are those of {@link #getaddrinfo(String, String, AddressOptions)}.
   *
   * @throws UnknownHostException if {@link NameFlag#NAMEREQD} is given and there is no name
   * @throws IllegalArgumentException if {@code address} is unresolved
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  NameInfo getnameinfo(InetSocketAddress address, NameFlag... flags) throws UnknownHostException;

  // ---- asynchronous iterators

  /**
   * Closes all asynchronous iterators that were begun on this loop and are still open,
   * concurrently, and waits for that. What one throws is reported and keeps no other from being
   * closed. {@code Asyncio.run} does it at its end.
   *
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  void shutdownAsyncgens();

  /**
   * Says that {@code iterator} has been begun: unless it is taken out again, {@link
   * #shutdownAsyncgens} closes it. It is held weakly. After {@code shutdownAsyncgens} it is a
   * warning in the log.
   */
  void trackAsyncIterator(AsyncIterator<?> iterator);

  /** Takes {@code iterator} out, which is closed or at its end; harmless if it is not in. */
  void untrackAsyncIterator(AsyncIterator<?> iterator);

  // ---- errors and debugging

  /**
   * Has {@code handler} take the reports from now on; null for the {@linkplain
   * #defaultExceptionHandler default}.
   */
  void setExceptionHandler(@Nullable ExceptionHandler handler);

  /** The handler that was set, or null if the default one is in force. */
  @Nullable ExceptionHandler exceptionHandler();

  /**
   * Reports to the exception handler in force. May be called by anybody on the loop, also outside a
   * run.
   */
  void callExceptionHandler(ErrorContext context);

  /** Logs the report, at level ERROR of the logger {@code asyncio}. */
  void defaultExceptionHandler(ErrorContext context);

  /** Whether debug mode is on. Thread-safe. */
  boolean isDebug();

  /**
   * Switches debug mode: creation sites are remembered, slow callbacks logged, misuse checked.
   *
   * <p>At first it is on if the system property {@code asyncio.debug} is {@code true} or empty, or
   * else if one of the environment variables {@code ASYNCIO_DEBUG} and {@code PYTHONASYNCIODEBUG}
   * is not empty. A switch takes effect at once, on what is created from then on.
   */
  void setDebug(boolean debug);

  /** In debug mode a callback that takes so long, or longer, is logged; 100 ms at first. */
  Duration slowCallbackDuration();

  void setSlowCallbackDuration(Duration duration);

  /** Has {@code instrument} told what the loop does. */
  void addInstrument(Instrument instrument);

  void removeInstrument(Instrument instrument);

  /**
   * What this loop has done so far and has before it; it always counts that. Thread-safe; the loop
   * does not notice.
   */
  LoopMetrics metrics();

  /**
   * Has this loop record how late and how long callbacks run, until the recording is closed; {@link
   * #metrics} has the timings meanwhile. With the system property {@code asyncio.timings} set to
   * {@code true}, or empty, every loop records from its beginning to its end. Thread-safe.
   */
  Recording recordTimings();

  /** How this loop runs its tasks. */
  Engine engine();

  /** Tells what holds this loop for too long; thread-safe. */
  StallFinder stallFinder();
}
