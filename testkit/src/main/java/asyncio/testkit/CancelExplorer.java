package asyncio.testkit;

import asyncio.AbstractEventLoop;
import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Suspends;
import asyncio.Task;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Cancels a task at each of its suspensions in turn, each time in a fresh run of the same scenario,
 * and looks at what is left: code that cleans up after a cancellation wherever it comes passes.
 *
 * <p>Each suspension is played twice: the cancellation comes at the moment of the suspension, and
 * when everything that was ready at that moment has run, which may have been what the task waits
 * for. The exploration is over when the task ends before it has suspended so often.
 *
 * <p>After each run, beyond what the scenario checks itself, it is an error if the task has not
 * ended, or if tasks, channels, resources or timers are left that were not there before. What is
 * under way in the network may arrive first: the other end of a connection hears of its end.
 *
 * <p>To be used in a {@link LoopTest}, whose loop it runs on.
 */
public final class CancelExplorer {
  /**
   * How many iterations, or arrivals from the network, what was cancelled gets to clean up: enough
   * for a peer that is sent its bytes in small pieces.
   */
  private static final int ROUNDS_TO_END_IN = 1000;

  /** Something to be played with a cancellation in it, once. */
  @FunctionalInterface
  public interface Scenario {

    /**
     * Starts the tasks, none of which runs before this returns.
     *
     * @return the task to cancel
     */
    Task<?> start() throws Exception;

    /**
     * Checks what the victim and the others have done, after the victim has ended and everything
     * else that could happen without time passing has happened; and ends what is still running.
     */
    @Suspends
    default void check(Task<?> victim) throws Exception {}
  }

  /** Makes the scenario of each run. */
  @FunctionalInterface
  public interface Scenarios {

    /** Makes a fresh one. */
    Scenario next() throws Exception;
  }

  private final LoopHooks hooks;
  private final AbstractEventLoop loop;

  private CancelExplorer(LoopHooks hooks) {
    this.hooks = hooks;
    this.loop = hooks.loop;
  }

  /**
   * Explores the scenarios, which are all alike.
   *
   * @return how many suspensions the victim has when nobody cancels it
   * @throws AssertionError if something is wrong after a run; its message says which suspension it
   *     was, and its cause is what the scenario threw
   * @throws IllegalStateException if the running loop is none of a {@link LoopTest}
   */
  @Suspends
  public static int explore(Scenarios scenarios) throws Exception {
    EventLoop running = Asyncio.getRunningLoop();
    LoopHooks hooks = LoopHooks.of(running);
    if (hooks == null) {
      throw new IllegalStateException(
          "explore() needs the loop of a @LoopTest, or a VirtualTimeLoop, not " + running);
    }
    CancelExplorer explorer = new CancelExplorer(hooks);
    for (int n = 1; ; n++) {
      boolean atOnce = explorer.play(scenarios.next(), n, true);
      boolean later = explorer.play(scenarios.next(), n, false);
      if (!atOnce && !later) {
        return n - 1;
      }
    }
  }

  /**
   * Explores a coroutine that makes everything it needs by itself: nothing of it may be left,
   * wherever it is cancelled.
   *
   * @return how many suspensions it has when nobody cancels it
   * @throws AssertionError if something is wrong after a run, as above, or if it fails
   */
  @Suspends
  public static int exploreCoroutine(Awaitable<?> coroutine) throws Exception {
    return explore(() ->
        new Scenario() {
          @Override
          public Task<?> start() {
            return Asyncio.createTask(coroutine::await);
          }

          @Override
          public void check(Task<?> victim) {
            if (!victim.isCancelled()) {
              victim.result();
            }
          }
        });
  }

  /** Whether the victim came to its {@code n}th suspension. */
  private boolean play(Scenario scenario, int n, boolean atOnce) throws Exception {
    String what = "cancelled at suspension " + n + (atOnce ? ", at once" : ", later");
    Inventory before = new Inventory(hooks);
    Task<?> victim = scenario.start();
    Canceller canceller = new Canceller(victim, n, atOnce);
    String outer = hooks.describeRun(what);
    loop.addInstrument(canceller);
    try {
      awaitEnd(victim);
      Asyncio.await(hooks.whenIdle());
      scenario.check(victim);
      settle(before);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(what + ": " + e, e);
    } finally {
      loop.removeInstrument(canceller);
      hooks.describeRun(outer);
    }
    return canceller.reached();
  }

  /** Waits without taking the outcome, which is for the scenario to look at. */
  private void awaitEnd(Task<?> victim) {
    Future<@Nullable Void> ended = loop.createFuture();
    victim.addDoneCallback(_ -> ended.setResult(null));
    Asyncio.await(ended);
  }

  /**
   * Lets what is under way in the network arrive, and gives what is ending a moment to end; then
   * nothing may be left.
   */
  private void settle(Inventory before) {
    MemoryNetwork network = hooks.network;
    for (int i = 0; i < ROUNDS_TO_END_IN && !before.whatIsNew().isEmpty(); i++) {
      long next = network == null ? EventLoop.NEVER : network.nextEventTime();
      boolean nothingUnderWay = next == EventLoop.NEVER;
      Asyncio.sleep(nothingUnderWay ? Duration.ZERO : Duration.ofNanos(next - loop.time()));
    }
    String left = before.whatIsNew();
    if (!left.isEmpty()) {
      throw new AssertionError("something was left behind" + left);
    }
  }

  /** Counts the suspensions of the victim, and cancels it at one of them. */
  private static final class Canceller implements Instrument {
    private final Task<?> victim;
    private final int target;
    private final boolean atOnce;
    private int suspensions;

    Canceller(Task<?> victim, int target, boolean atOnce) {
      this.victim = victim;
      this.target = target;
      this.atOnce = atOnce;
    }

    @Override
    public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
      if (task == victim && ++suspensions == target) {
        if (atOnce) {
          victim.cancel();
        } else {
          task.loop().callSoon(() -> victim.cancel());
        }
      }
    }

    boolean reached() {
      return suspensions >= target;
    }
  }
}
