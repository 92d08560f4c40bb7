package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentDeadline;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.timeoutAt;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.Timeout;
import asyncio.TimeoutException;
import java.util.ArrayList;
import java.util.List;

/** Timeout scopes inside one another, and together with cancellations from outside. */
class TimeoutNestingTest {

  @EachEngine
  @Spec("TO-13")
  void cancellationFromOutsidePasses(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var scope = new Timeout(seconds(9));
          Task<?> task = createTask(() -> scope.run(() -> sleep(seconds(100))));
          turn();
          task.cancel("outside");
          assertThatThrownBy(() -> await(task))
              .isInstanceOf(CancelledError.class)
              .hasMessage("outside");
          assertThat(scope.expired()).isFalse();
          assertThat(task.cancelling()).isEqualTo(1);
        });
  }

  @EachEngine
  @Spec("TO-14")
  void cancellationThatCoincidesWithTheExpiryPasses(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (boolean cancelFirst : new boolean[] {true, false}) {
            Task<?>[] task = new Task<?>[1];
            if (cancelFirst) {
              loop.callLater(seconds(1), () -> task[0].cancel());
            }
            var scope = new Timeout(seconds(1));
            task[0] = createTask(() -> scope.run(() -> sleep(seconds(100))));
            turn();
            if (!cancelFirst) {
              loop.callAt(scope.when(), () -> task[0].cancel());
            }
            assertThatThrownBy(() -> await(task[0])).isInstanceOf(CancelledError.class);
            assertThat(scope.expired()).isTrue();
            assertThat(task[0].cancelling()).isEqualTo(1);
          }
        });
  }

  @EachEngine
  @Spec("TO-15")
  void ofScopesThatExpireTogetherTheOutermostThrows(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          long deadline = loop.time() + seconds(1).toNanos();
          Timeout outer = Timeout.at(deadline);
          Timeout inner = Timeout.at(deadline);
          try {
            outer.run(() -> {
              try {
                inner.run(() -> sleep(seconds(9)));
              } catch (CancelledError e) {
                trail.add("inner: cancelled");
                throw e;
              }
            });
          } catch (TimeoutException e) {
            trail.add("outer: time is up");
          }
          assertThat(trail).containsExactly("inner: cancelled", "outer: time is up");
          assertThat(inner.expired()).isTrue();
          assertThat(outer.expired()).isTrue();
          assertThat(currentTask().cancelling()).isZero();
        });
  }

  @EachEngine
  @Spec("TO-16")
  void innerExpiryLeavesTheOuterScopeInForce(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          long start = loop.time();
          var outer = new Timeout(seconds(3));
          assertThatThrownBy(() ->
                  outer.run(() -> {
                    try {
                      timeout(seconds(1), () -> sleep(seconds(9)));
                    } catch (TimeoutException e) {
                      trail.add("inner, outer expired: " + outer.expired());
                    }
                    sleep(seconds(9));
                  }))
              .isInstanceOf(TimeoutException.class);
          assertThat(trail).containsExactly("inner, outer expired: false");
          assertThat(loop.time() - start).isEqualTo(seconds(3).toNanos());
        });
  }

  @EachEngine
  @Spec("TO-17")
  void worksWhileACancellationIsBeingHandled(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                try {
                  sleep(seconds(100));
                } finally {
                  trail.add("count " + currentTask().cancelling());
                  try {
                    timeout(seconds(1), () -> sleep(seconds(9)));
                  } catch (TimeoutException e) {
                    trail.add("time is up, count " + currentTask().cancelling());
                  }
                }
              });
          turn();
          task.cancel();
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("count 1", "time is up, count 1");
        });
  }

  @EachEngine
  @Spec("TO-18")
  void cancellationInSuchAScopePasses(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                try {
                  sleep(seconds(100));
                } catch (CancelledError first) {
                  try {
                    timeout(seconds(9), () -> sleep(seconds(100)));
                  } catch (CancelledError e) {
                    trail.add(e.getMessage() + ", count " + currentTask().cancelling());
                    throw e;
                  }
                }
              });
          turn();
          task.cancel("first");
          turn();
          task.cancel("second");
          assertThatThrownBy(() -> await(task))
              .isInstanceOf(CancelledError.class)
              .hasMessage("second");
          assertThat(trail).containsExactly("second, count 2");
        });
  }

  @EachEngine
  @Spec("TO-23")
  void timeSpentBlockingTheLoopCounts(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var outer = new Timeout(seconds(5));
          var inner = new Timeout(seconds(2));
          try {
            outer.run(() -> {
              try {
                inner.run(() -> {
                  loop.advance(seconds(3)); // as a body that computes for three seconds
                  trail.add("still here");
                  sleep(seconds(100));
                });
              } catch (TimeoutException e) {
                trail.add("inner: time is up");
              }
              loop.advance(seconds(3));
              turn();
              trail.add("the deadline is seen when the loop gets to its timers");
              turn();
              trail.add("not reached");
            });
          } catch (TimeoutException e) {
            trail.add("outer: time is up");
          }
          assertThat(trail)
              .containsExactly(
                  "still here",
                  "inner: time is up",
                  "the deadline is seen when the loop gets to its timers",
                  "outer: time is up");
        });
  }

  // ---- currentDeadline()

  @EachEngine
  void currentDeadlineIsTheEarliestOfTheOpenScopes(Engine engine) {
    assertThat(currentDeadline()).isEqualTo(EventLoop.NEVER);
    OnLoop.run(
        engine,
        loop -> {
          long now = loop.time();
          List<Long> trail = new ArrayList<>();
          trail.add(currentDeadline());
          timeoutAt(
              now + 20,
              outer -> {
                trail.add(currentDeadline());
                timeoutAt(
                    now + 30,
                    () -> {
                      trail.add(currentDeadline());
                    });
                timeoutAt(
                    now + 10,
                    inner -> {
                      trail.add(currentDeadline());
                      inner.reschedule(EventLoop.NEVER);
                      trail.add(currentDeadline());
                    });
                outer.reschedule(now + 15);
                trail.add(currentDeadline());
              });
          trail.add(currentDeadline());
          assertThat(trail)
              .containsExactly(
                  EventLoop.NEVER,
                  now + 20,
                  now + 20,
                  now + 10,
                  now + 20,
                  now + 15,
                  EventLoop.NEVER);
        });
  }

  @EachEngine
  void childOfAGroupInheritsTheDeadlineOfItsParent(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long deadline = loop.time() + seconds(9).toNanos();
          List<Long> trail = new ArrayList<>();
          timeoutAt(
              deadline,
              t -> {
                taskGroup(tg -> {
                  tg.createTask(
                      () -> {
                        trail.add(currentDeadline());
                      },
                      TaskOptions.DEFAULT.withEagerStart(true));
                  tg.createTask(() -> {
                    turn();
                    trail.add(currentDeadline());
                    timeoutAt(
                        deadline - 1,
                        () -> {
                          trail.add(currentDeadline());
                        });
                  });
                  t.reschedule(deadline + 5); // the child keeps what it was given
                });
                await(
                    createTask(() -> {
                      trail.add(currentDeadline());
                    }));
              });
          assertThat(trail).containsExactly(deadline, deadline, deadline - 1, EventLoop.NEVER);
        });
  }
}
