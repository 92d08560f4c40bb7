package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The time between a wake-up and the woken task's run, exhaustively.
 *
 * <p>For one to four waiters, a cancel of each of them, and every order of every selection of {wake
 * up, cancel, wake up again, a rival's attempt that does not suspend}: once all in one callback,
 * and once for each place where the loop may run a turn in between. Afterwards the counts have to
 * fit.
 */
final class WokenWindow {

  private WokenWindow() {}

  /**
   * A primitive as the explorer sees it: something that can be offered, waited for, and taken by
   * others.
   */
  abstract static class Subject {
    /** What each waiter does; returns when it is served, and keeps what it got. */
    abstract void await() throws Exception;

    /** Offers one unit; whether that was possible. */
    abstract boolean wake() throws Exception;

    /** Takes one unit in a callback, where nothing can suspend; whether there was one to be had. */
    abstract boolean attempt() throws Exception;

    /** How many units the object keeps. */
    abstract int left();

    /** Whether one wake-up is for all who wait, and is not used up. */
    boolean isForAll() {
      return false;
    }

    /** The object, whose text tells how many are in line. */
    abstract Object object();

    int lineLength() {
      Matcher line =
          Pattern.compile("(?:waiters:|getters=|putters=)(\\d+)").matcher(object().toString());
      return line.find() ? Integer.parseInt(line.group(1)) : 0;
    }
  }

  enum Step {
    WAKE,
    CANCEL,
    WAKE_AGAIN,
    RIVAL
  }

  /** Whether {@code action} succeeds in a callback, that is, without suspending. */
  static boolean possible(Action action) throws Exception {
    try {
      action.run();
      return true;
    } catch (IllegalStateException wouldSuspend) {
      assertThat(wouldSuspend).hasMessageContaining("suspends");
      return false;
    }
  }

  /** Every order of every non-empty selection of steps. */
  static List<List<Step>> plans() {
    List<List<Step>> plans = new ArrayList<>();
    extend(List.of(), plans);
    return plans;
  }

  private static void extend(List<Step> plan, List<List<Step>> plans) {
    for (Step step : Step.values()) {
      if (!plan.contains(step)) {
        List<Step> longer = new ArrayList<>(plan);
        longer.add(step);
        plans.add(longer);
        extend(longer, plans);
      }
    }
  }

  static void explore(Supplier<Subject> subjects) throws Exception {
    int runs = 0;
    for (int waiters = 1; waiters <= 4; waiters++) {
      for (int victim = 0; victim < waiters; victim++) {
        for (List<Step> plan : plans()) {
          if (victim > 0 && !plan.contains(Step.CANCEL)) {
            continue;
          }
          for (int turnBefore = 0;
              turnBefore < plan.size();
              turnBefore++) { // 0: all in one callback
            Run run = new Run(subjects.get(), waiters, victim);
            try {
              run.play(plan, turnBefore);
              run.check();
            } catch (Exception | AssertionError e) {
              throw new AssertionError(
                  waiters
                      + " waiters, victim "
                      + victim
                      + ", "
                      + plan
                      + ", turn before step "
                      + turnBefore
                      + ": "
                      + e,
                  e);
            }
            runs++;
          }
        }
      }
    }
    assertThat(runs).isEqualTo(1762);
  }

  /** One scenario. */
  private static final class Run {
    private final Subject subject;
    private final int victim;
    private final List<Task<?>> tasks = new ArrayList<>();
    private final List<Integer> served = new ArrayList<>();
    private int offered;
    private int taken;
    private boolean cancelledInTime;

    Run(Subject subject, int waiters, int victim) {
      this.subject = subject;
      this.victim = victim;
      for (int i = 0; i < waiters; i++) {
        int number = i;
        tasks.add(
            createTask(() -> {
              subject.await();
              served.add(number);
            }));
      }
      turn();
      assertThat(subject.lineLength()).isEqualTo(waiters);
    }

    /**
     * Plays the steps in callbacks; the loop runs a turn before step {@code turnBefore}, unless
     * that is the first.
     */
    void play(List<Step> plan, int turnBefore) throws Exception {
      Future<String> played = getRunningLoop().createFuture();
      getRunningLoop().callSoon(() -> play(plan, 0, turnBefore, played));
      await(played);
      turns(tasks.size() + 6);
    }

    private void play(List<Step> plan, int from, int turnBefore, Future<String> played) {
      try {
        for (int i = from; i < plan.size(); i++) {
          if (i == turnBefore && i > from) {
            int rest = i;
            // The tasks that are ready now run before the rest.
            getRunningLoop().callSoon(() -> play(plan, rest, turnBefore, played));
            return;
          }
          step(plan.get(i));
        }
        played.setResult("played");
      } catch (Throwable t) {
        played.setException(t);
      }
    }

    private void step(Step step) throws Exception {
      int lineBefore = subject.lineLength();
      int servedBefore = served.size();
      switch (step) {
        case WAKE, WAKE_AGAIN -> offered += subject.wake() ? 1 : 0;
        case RIVAL -> taken += subject.attempt() ? 1 : 0;
        case CANCEL -> cancelledInTime = tasks.get(victim).cancel();
      }
      // SYNC-4: nothing has run inside the call.
      assertThat(subject.lineLength()).as("line after " + step).isEqualTo(lineBefore);
      assertThat(served).as("served inside " + step).hasSize(servedBefore);
    }

    void check() {
      List<Integer> waiting = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        Task<?> task = tasks.get(i);
        if (i == victim && cancelledInTime) {
          assertThat(task.isCancelled()).as("the victim is cancelled").isTrue();
          assertThat(served).as("served and cancelled").doesNotContain(i);
        } else if (task.isDone()) {
          task.result();
          assertThat(served).contains(i);
        } else {
          waiting.add(i);
        }
      }
      assertThat(subject.lineLength())
          .as("in line are only those who wait")
          .isEqualTo(waiting.size());
      assertThat(served).as("in the order of waiting").isSorted().doesNotHaveDuplicates();
      int left = subject.left();
      if (subject.isForAll()) {
        assertThat(waiting.isEmpty() || offered == 0).as("all are served, or nobody").isTrue();
        assertThat(offered > 0 || served.isEmpty()).isTrue();
      } else {
        assertThat(served.size() + taken + left)
            .as("served, taken and left are what was offered")
            .isEqualTo(offered);
        assertThat(left == 0 || waiting.isEmpty()).as("nobody waits beside what is left").isTrue();
        boolean got = true;
        try {
          timeout(seconds(1), () -> subject.await());
        } catch (TimeoutException e) {
          got = false;
        } catch (Exception e) {
          throw new AssertionError(e);
        }
        assertThat(got).as("a newcomer is served").isEqualTo(left > 0);
      }
      waiting.forEach(i -> tasks.get(i).cancel());
      turn();
    }
  }
}
