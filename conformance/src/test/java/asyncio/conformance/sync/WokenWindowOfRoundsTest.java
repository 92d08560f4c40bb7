package asyncio.conformance.sync;

import static asyncio.Asyncio.createTask;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.turns;
import static asyncio.conformance.sync.WokenWindow.plans;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.conformance.sync.WokenWindow.Step;
import asyncio.sync.Barrier;
import asyncio.sync.Condition;
import asyncio.testkit.LoopTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The woken window of conditions, which keep no signal, and of barriers: the same plans, other
 * counts.
 */
class WokenWindowOfRoundsTest {

  /**
   * What becomes of the waiters of a condition, which keeps nothing: each signal is somebody's, or
   * nobody's at once.
   */
  private static final class ConditionModel {
    private enum State {
      PENDING,
      SIGNALLED,
      CANCELLED,
      SIGNALLED_THEN_CANCELLED,
      RETURNED
    }

    private final State[] waiters;

    ConditionModel(int waiters) {
      this.waiters = new State[waiters];
      Arrays.fill(this.waiters, State.PENDING);
    }

    void signal() {
      int first = Arrays.asList(waiters).indexOf(State.PENDING);
      if (first >= 0) {
        waiters[first] = State.SIGNALLED;
      }
    }

    void cancel(int victim) {
      waiters[victim] =
          switch (waiters[victim]) {
            case PENDING -> State.CANCELLED;
            case SIGNALLED -> State.SIGNALLED_THEN_CANCELLED;
            default -> waiters[victim];
          };
    }

    void turn() {
      State[] before = waiters.clone();
      for (int i = 0; i < waiters.length; i++) {
        if (before[i] == State.SIGNALLED) {
          waiters[i] = State.RETURNED;
        } else if (before[i] == State.SIGNALLED_THEN_CANCELLED) {
          waiters[i] = State.CANCELLED;
          signal(); // passed on
        }
      }
    }

    List<Integer> in(State state) {
      return IntStream.range(0, waiters.length).filter(i -> waiters[i] == state).boxed().toList();
    }
  }

  @LoopTest
  @Spec({"SYNC-4", "SYNC-5", "SYNC-6", "SYNC-7", "SYNC-8", "SYNC-9", "COND-19", "COND-21", "REG-7"})
  void conditions() throws Exception {
    for (int waiters = 1; waiters <= 4; waiters++) {
      for (int victim = 0; victim < waiters; victim++) {
        for (List<Step> plan : plans()) {
          for (int turnBefore = 0; turnBefore < plan.size(); turnBefore++) {
            exploreCondition(waiters, victim, plan, turnBefore);
          }
        }
      }
    }
  }

  private static void exploreCondition(int waiters, int victim, List<Step> plan, int turnBefore) {
    var condition = new Condition();
    var model = new ConditionModel(waiters);
    List<Task<?>> tasks = new ArrayList<>();
    List<Integer> returned = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      int number = i;
      tasks.add(
          createTask(() -> {
            try (var _ = condition.acquire()) {
              condition.await();
              returned.add(number);
            }
          }));
    }
    turn();
    for (int i = 0; i < plan.size(); i++) {
      if (i > 0 && i == turnBefore) {
        turn();
        model.turn();
      }
      if (plan.get(i) == Step.CANCEL) {
        tasks.get(victim).cancel();
        model.cancel(victim);
      } else {
        condition.acquire(); // the lock is free between turns, so this does not suspend
        if (plan.get(i) == Step.RIVAL) {
          condition.signal(0);
        } else {
          condition.signal();
          model.signal();
        }
        condition.release();
      }
    }
    turns(waiters + 6);
    for (int i = 0; i < waiters + 6; i++) {
      model.turn();
    }
    String scenario =
        waiters + " waiters, victim " + victim + ", " + plan + ", turn before step " + turnBefore;
    List<Integer> pending = model.in(ConditionModel.State.PENDING);
    assertThat(returned)
        .as(scenario)
        .containsExactlyInAnyOrderElementsOf(model.in(ConditionModel.State.RETURNED));
    for (int i : model.in(ConditionModel.State.CANCELLED)) {
      assertThat(tasks.get(i).isCancelled()).as(scenario).isTrue();
    }
    assertThat(condition.toString())
        .as(scenario)
        .endsWith(pending.isEmpty() ? "[unlocked]" : "[unlocked, waiters:" + pending.size() + "]");
    pending.forEach(i -> tasks.get(i).cancel());
    turn();
  }

  /**
   * Here the wake-up is the arrival of the last party, so there are as many waiters as it takes to
   * wait for that one.
   */
  @LoopTest
  @Spec({"SYNC-4", "SYNC-5", "SYNC-6", "SYNC-8", "BAR-12", "BAR-13"})
  void barriers() throws Exception {
    for (int waiters = 1; waiters <= 4; waiters++) {
      for (int victim = 0; victim < waiters; victim++) {
        for (List<Step> plan : plans()) {
          for (int turnBefore = 0; turnBefore < plan.size(); turnBefore++) {
            exploreBarrier(waiters, victim, plan, turnBefore);
          }
        }
      }
    }
  }

  private static void exploreBarrier(int waiters, int victim, List<Step> plan, int turnBefore)
      throws Exception {
    var barrier = new Barrier(waiters + 1);
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      tasks.add(createTask(barrier::await));
    }
    turn();
    List<Integer> arrivals = new ArrayList<>();
    boolean cancelled = false;
    for (int i = 0; i < plan.size(); i++) {
      if (i > 0 && i == turnBefore) {
        turn();
      }
      if (plan.get(i) == Step.CANCEL) {
        cancelled = tasks.get(victim).cancel();
      } else if (arrivals.isEmpty() && barrier.nWaiting() == waiters) {
        arrivals.add(barrier.await()); // the last one does not suspend
      }
    }
    turns(waiters + 6);
    String scenario =
        waiters + " waiters, victim " + victim + ", " + plan + ", turn before step " + turnBefore;
    List<Integer> indexes = new ArrayList<>(arrivals);
    int waiting = 0;
    for (int i = 0; i < waiters; i++) {
      if (i == victim && cancelled) {
        assertThat(tasks.get(i).isCancelled()).as(scenario).isTrue();
      } else if (tasks.get(i).isDone()) {
        indexes.add(tasks.get(i).result());
      } else {
        waiting++;
      }
    }
    assertThat(waiting)
        .as(scenario)
        .isEqualTo(arrivals.isEmpty() ? waiters - (cancelled ? 1 : 0) : 0);
    assertThat(indexes).as(scenario).doesNotHaveDuplicates();
    assertThat(barrier.toString())
        .as(scenario)
        .endsWith("[filling, waiters:" + waiting + "/" + (waiters + 1) + "]");
    tasks.forEach(Task::cancel);
    turn();
    assertThat(barrier.nWaiting()).as(scenario).isZero();
  }
}
