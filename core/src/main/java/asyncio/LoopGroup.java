package asyncio;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs the same coroutine on several loops, each on a thread of its own, and ends when all have
 * ended: a task group whose members run in parallel.
 *
 * <pre>{@code
 * var shared = ServerOptions.DEFAULT.withReusePort(true); // Linux spreads the connections
 * run(() ->
 *     new LoopGroup(4).run(index -> {
 *       var server = startServer(this::handle, "0.0.0.0", 8080, shared);
 *       server.serveForever();
 *     }));
 * }</pre>
 *
 * <p>Each member is a {@link Runner#run(Awaitable, Context) run} of its own, which cleans up behind
 * its loop. Loops share nothing by themselves: objects that members have in common must be
 * thread-safe, and what belongs to one loop is used by that one alone. {@link
 * EventLoop#callSoonThreadsafe} and {@link Asyncio#runCoroutineThreadsafe} lead from one to
 * another; so does {@link asyncio.sync.ThreadsafeQueue}.
 *
 * <p><b>Order:</b> all members start at once, and none waits for another.
 *
 * <p><b>Threading:</b> the group is entered by a task of a loop that is none of the members', and
 * goes on running meanwhile: there Ctrl-C arrives, and there signal handlers belong. A group holds
 * no state and may be run by several tasks.
 *
 * <p><b>Cancellation:</b> a request to cancel the caller, by Ctrl-C or by a timeout for example,
 * cancels the main task of each member, and passes when all have ended.
 *
 * <p><b>Errors:</b> the first member that fails cancels the others. The failures come out as one
 * {@link ExceptionGroup}, as they do from a {@link TaskGroup}; a {@link KeyboardInterrupt} or
 * {@link SystemExit} comes out alone. A member that cancels itself leaves the others alone, but as
 * there is no result of it the run ends with {@link CancelledError}.
 */
public final class LoopGroup {
  private final int size;
  private final RunOptions options;

  /**
   * A group of loops of the default kind.
   *
   * @param size how many; {@code Runtime.getRuntime().availableProcessors()} uses the machine up
   * @throws IllegalArgumentException if it is not positive
   */
  public LoopGroup(int size) {
    this(size, RunOptions.DEFAULT);
  }

  /**
   * A group of loops that are made as {@code options} say.
   *
   * @param options a loop factory is called once for each member, on different threads; where they
   *     say nothing of debug mode, the members do as the caller's loop does
   */
  public LoopGroup(int size, RunOptions options) {
    if (size < 1) {
      throw new IllegalArgumentException(
          "size must be positive: " + size + "; a group has at least one loop");
    }
    this.size = size;
    this.options = Objects.requireNonNull(options, "options");
  }

  /** How many loops there are. */
  public int size() {
    return size;
  }

  /**
   * Runs {@code main} as the main task of each loop, in a copy of the caller's context, and waits
   * until all loops are closed.
   *
   * @param main gets the member's index, from 0
   * @return what the members return, in the order of their indices
   * @throws ExceptionGroup if a member failed
   * @throws CancelledError if the calling task was cancelled
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  public <T extends @Nullable Object, X extends Throwable> List<T> run(
      Scope.With<Integer, T, X> main) {
    Objects.requireNonNull(main, "main");
    AbstractEventLoop loop = TaskStepper.currentOrThrow("LoopGroup.run()").loop;
    List<Task<T>> tasks = new ArrayList<>(size);
    Asyncio.taskGroup(group -> {
      for (int i = 0; i < size; i++) {
        LoopGroupMember<T> member = new LoopGroupMember<>(loop, main, i, optionsFor(loop));
        tasks.add(group.createTask(member, TaskOptions.DEFAULT.withName("loop " + i)));
      }
    });
    List<T> results = new ArrayList<>(size);
    for (Task<T> task : tasks) {
      results.add(task.result());
    }
    return results;
  }

  /** As {@link #run(Scope.With)}, for code without a value. */
  @Suspends
  @SuppressWarnings("overloads") // braces tell `i -> { … }` from `i -> value`
  public <X extends Throwable> void run(Scope.VoidWith<Integer, X> main) {
    Objects.requireNonNull(main, "main");
    Scope.With<Integer, Boolean, X> withValue =
        index -> {
          main.run(index);
          return true;
        };
    run(withValue);
  }

  private RunOptions optionsFor(AbstractEventLoop loop) {
    return options.debug() != null ? options : options.withDebug(loop.isDebug());
  }

  @Override
  public String toString() {
    return "<LoopGroup size=" + size + ">";
  }
}
