package asyncio.conformance.sync;

import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Task;
import org.jspecify.annotations.Nullable;

/**
 * Plays a scenario again and again and cancels one of its tasks: at its first suspension, at its
 * second, and so on, until the task ends before it has suspended so often.
 *
 * <p>Each time twice: once at the moment of the suspension, once when everything that was ready
 * then has run.
 */
final class CancelExplorer {

  /** A scenario: starts its tasks and gives the victim to the explorer. */
  interface Scenario {
    /** Starts the tasks; none of them has run yet. */
    Task<?> start() throws Exception;

    /** Waits for the end, and checks everything. */
    void check(boolean cancelled) throws Exception;
  }

  /** Makes a fresh scenario. */
  interface Scenarios {
    Scenario next() throws Exception;
  }

  private CancelExplorer() {}

  /** Returns how many suspensions the victim has when nobody cancels it. */
  static int explore(Scenarios scenarios) throws Exception {
    for (int n = 1; ; n++) {
      boolean atOnce = play(scenarios.next(), n, true);
      boolean later = play(scenarios.next(), n, false);
      if (!atOnce && !later) {
        assertThat(n).as("suspensions of the victim").isGreaterThan(1);
        return n - 1;
      }
    }
  }

  /** Whether the victim came to its {@code n}th suspension. */
  private static boolean play(Scenario scenario, int n, boolean atOnce) throws Exception {
    Task<?> victim = scenario.start();
    int[] suspensions = {0};
    Instrument canceller =
        new Instrument() {
          @Override
          public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
            if (task == victim && ++suspensions[0] == n) {
              if (atOnce) {
                victim.cancel();
              } else {
                task.loop().callSoon(() -> victim.cancel());
              }
            }
          }
        };
    EventLoop loop = getRunningLoop();
    loop.addInstrument(canceller);
    try {
      Turns.turns(200);
      assertThat(victim.isDone()).as("the victim has ended, suspension " + n).isTrue();
      scenario.check(victim.isCancelled());
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "cancelled at suspension " + n + (atOnce ? ", at once: " : ", later: ") + e, e);
    } finally {
      loop.removeInstrument(canceller);
    }
    return suspensions[0] >= n;
  }
}
