package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.timeoutAt;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Task;
import asyncio.Timeout;
import asyncio.TimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One timeout scope. */
class TimeoutTest {
  private static final long SECOND = seconds(1).toNanos();

  @EachEngine
  @Spec("TO-1")
  void deadlineCountsFromTheCreation(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          var scope = new Timeout(seconds(5));
          assertThat(scope.when()).isEqualTo(start + 5 * SECOND);
          sleep(seconds(3));
          assertThatThrownBy(() -> scope.run(() -> sleep(seconds(100))))
              .isInstanceOf(TimeoutException.class);
          assertThat(loop.time()).as("two seconds were left").isEqualTo(start + 5 * SECOND);

          long absolute = loop.time() + SECOND;
          assertThatThrownBy(() -> timeoutAt(absolute, () -> sleep(seconds(100))))
              .isInstanceOf(TimeoutException.class);
          assertThat(loop.time()).isEqualTo(absolute);

          assertThat(timeout(null, () -> sleep(seconds(1e9), "no deadline")))
              .isEqualTo("no deadline");
          long when = timeoutAt(EventLoop.NEVER, t -> sleep(seconds(1), t.when()));
          assertThat(when).isEqualTo(EventLoop.NEVER);
          assertThat(new Timeout(null).when()).isEqualTo(EventLoop.NEVER);
        });
  }

  @EachEngine
  @Spec("TO-2")
  void creationNeedsALoopAndEntryATask(Engine engine) {
    assertThatThrownBy(() -> new Timeout(seconds(1))).isInstanceOf(IllegalStateException.class);
    Timeout outside = Timeout.at(EventLoop.NEVER);
    assertThatThrownBy(() -> outside.run(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a task");
    OnLoop.run(
        engine,
        loop -> {
          List<Throwable> refusals = new ArrayList<>();
          var scope = new Timeout(seconds(1));
          loop.callSoon(() -> {
            try {
              scope.run(() -> {});
            } catch (IllegalStateException e) {
              refusals.add(e);
            }
          });
          turn();
          assertThat(refusals).hasSize(1);
          assertThat(scope.toString()).contains("created");
          assertThat(scope.run(() -> "entered after all")).isEqualTo("entered after all");
          assertThat(outside.run(() -> 2)).isEqualTo(2);
        });
  }

  @EachEngine
  @Spec({"TO-3", "TO-4", "TO-5"})
  void deadlineCancelsTheBodyOnceAndTimeoutExceptionComesOut(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          long start = loop.time();
          assertThatThrownBy(() ->
                  timeout(
                      seconds(1),
                      () -> {
                        try {
                          sleep(seconds(100));
                        } catch (CancelledError e) {
                          trail.add("cancelled, count " + currentTask().cancelling());
                          sleep(seconds(100)); // is not disturbed a second time
                          trail.add("cleaned up");
                          throw e;
                        }
                      }))
              .isInstanceOf(TimeoutException.class)
              .hasCauseInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("cancelled, count 1", "cleaned up");
          assertThat(loop.time() - start).isEqualTo(101 * SECOND);
          assertThat(currentTask().cancelling()).isZero();
          sleep(seconds(1));
          assertThat(currentTask().isCancelled()).isFalse();
        });
  }

  @EachEngine
  @Spec("TO-3")
  void bodyIsCancelledInTheIterationAfterTheTimer(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Integer> iterations = new ArrayList<>();
          loop.callLater(seconds(1), () -> iterations.add(loop.iterations));
          try {
            timeout(
                seconds(1),
                () -> {
                  try {
                    sleep(seconds(100));
                  } finally {
                    iterations.add(loop.iterations);
                  }
                });
          } catch (TimeoutException e) {
            iterations.add(loop.iterations);
          }
          int timer = iterations.getFirst();
          assertThat(iterations).containsExactly(timer, timer + 1, timer + 1);
        });
  }

  @EachEngine
  @Spec("TO-6")
  void expiredFromTheMomentTheDeadlineFires(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Boolean> trail = new ArrayList<>();
          var scope = new Timeout(seconds(1));
          trail.add(scope.expired());
          assertThatThrownBy(() ->
                  scope.run(() -> {
                    trail.add(scope.expired());
                    try {
                      sleep(seconds(2));
                    } finally {
                      trail.add(scope.expired());
                    }
                  }))
              .isInstanceOf(TimeoutException.class);
          trail.add(scope.expired());
          assertThat(trail).containsExactly(false, false, true, true);

          var unused = new Timeout(seconds(1));
          long deadline = loop.time() + SECOND;
          unused.run(() -> sleep(millis(1)));
          assertThat(unused.expired()).isFalse();
          assertThat(unused.when()).isEqualTo(deadline);
        });
  }

  @EachEngine
  @Spec("TO-7")
  void leavingBeforeTheDeadlineCancelsTheTimer(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          timeout(seconds(50), () -> sleep(seconds(1)));
          assertThatThrownBy(() ->
                  timeout(
                      seconds(50),
                      () -> {
                        throw new IOException("left");
                      }))
              .hasMessage("left");
          Turns.assertNoTimerIsLeft(loop);
        });
  }

  @EachEngine
  @Spec("TO-8")
  void deadlineThatHasPassedFiresInTheNextIteration(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          for (Duration past : List.of(Duration.ZERO, seconds(-5))) {
            int before = loop.iterations;
            assertThatThrownBy(() -> timeout(past, () -> Turns.turns(9)))
                .isInstanceOf(TimeoutException.class);
            assertThat(loop.iterations - before).isEqualTo(1);
            assertThatThrownBy(() -> timeout(past, () -> sleep(seconds(9))))
                .isInstanceOf(TimeoutException.class);
          }
          assertThatThrownBy(() -> timeoutAt(loop.time() - 1, Turns::turn))
              .isInstanceOf(TimeoutException.class);
        });
  }

  @EachEngine
  @Spec("TO-9")
  void bodyThatDoesNotSuspendNeverTimesOut(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var scope = new Timeout(seconds(-5));
          assertThat(scope.run(() -> "value")).isEqualTo("value");
          turn();
          assertThat(scope.expired()).isFalse();
          assertThat(currentTask().cancelling()).isZero();
        });
  }

  @EachEngine
  @Spec("TO-10")
  void otherExceptionsPassBeforeAndAfterTheExpiry(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var before = new IOException("before");
          assertThatThrownBy(() ->
                  timeout(
                      seconds(1),
                      () -> {
                        throw before;
                      }))
              .isSameAs(before);
          assertThat(before.getSuppressed()).isEmpty();
          var after = new IOException("after");
          var scope = new Timeout(seconds(1));
          assertThatThrownBy(() ->
                  scope.run(() -> {
                    try {
                      sleep(seconds(9));
                    } catch (CancelledError e) {
                      throw after;
                    }
                  }))
              .isSameAs(after);
          assertThat(scope.expired()).isTrue();
          assertThat(currentTask().cancelling()).isZero();
        });
  }

  @EachEngine
  @Spec("TO-11")
  void expiryIsNotedInTheExceptionThatItLedTo(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Throwable thrown = thrownBy(e -> new IOException("answer", e));
          assertThat(thrown).hasMessage("answer");
          assertThat(thrown.getSuppressed()).hasSize(1);
          assertThat(thrown.getSuppressed()[0])
              .isInstanceOf(TimeoutException.class)
              .hasCause(thrown.getCause());

          Throwable group =
              thrownBy(e ->
                  new ExceptionGroup(
                      "group", List.of(new IOException("led to", e), new IOException("not"))));
          assertThat(List.of(group.getSuppressed()))
              .hasSize(3)
              .last()
              .isInstanceOf(TimeoutException.class);
          List<Throwable> members = ((ExceptionGroup) group).exceptions();
          assertThat(members.get(0).getSuppressed())
              .hasSize(1)
              .allMatch(TimeoutException.class::isInstance);
          assertThat(members.get(1).getSuppressed()).isEmpty();
        });
  }

  private interface Answer {
    Exception to(CancelledError e);
  }

  private static Throwable thrownBy(Answer answer) {
    try {
      timeout(
          seconds(1),
          () -> {
            try {
              sleep(seconds(9));
            } catch (CancelledError e) {
              throw answer.to(e);
            }
          });
      throw new AssertionError("nothing was thrown");
    } catch (Exception e) {
      return e;
    }
  }

  @EachEngine
  @Spec("TO-12")
  void bodyThatSwallowsTheCancellationLeavesNormally(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var scope = new Timeout(seconds(1));
          String value =
              scope.run(() -> {
                try {
                  return sleep(seconds(9), "never");
                } catch (CancelledError e) {
                  return "swallowed";
                }
              });
          assertThat(value).isEqualTo("swallowed");
          assertThat(scope.expired()).isTrue();
          assertThat(currentTask().cancelling()).isZero();
          turn();
        });
  }

  @EachEngine
  @Spec("TO-19")
  void deadlineCanBeReplacedAlsoFromAnotherTask(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          long start = loop.time();
          var scope = new Timeout(seconds(10));
          Task<?> other =
              createTask(() -> {
                sleep(seconds(1));
                scope.reschedule(loop.time() + 2 * SECOND);
              });
          assertThatThrownBy(() -> scope.run(() -> sleep(seconds(100))))
              .isInstanceOf(TimeoutException.class);
          assertThat(loop.time() - start).isEqualTo(3 * SECOND);
          assertThat(scope.when()).isEqualTo(start + 3 * SECOND);
          await(other);

          timeout(
              seconds(1),
              t -> {
                t.reschedule(EventLoop.NEVER);
                assertThat(t.when()).isEqualTo(EventLoop.NEVER);
                sleep(seconds(50));
              });
          Turns.assertNoTimerIsLeft(loop);

          int before = loop.iterations;
          assertThatThrownBy(() ->
                  timeout(
                      seconds(9),
                      t -> {
                        t.reschedule(loop.time());
                        Turns.turns(9);
                      }))
              .isInstanceOf(TimeoutException.class);
          assertThat(loop.iterations - before).isEqualTo(1);
        });
  }

  @EachEngine
  @Spec({"TO-20", "TO-22"})
  void everyStateHasItsTextAndActiveAloneCanBeRescheduled(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var scope = new Timeout(seconds(1));
          trail.add(scope.toString());
          assertThatThrownBy(() -> scope.reschedule(5))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("has not been entered");
          assertThatThrownBy(() ->
                  scope.run(() -> {
                    trail.add(scope.toString());
                    try {
                      sleep(seconds(9));
                    } finally {
                      trail.add(scope.toString());
                      assertThatThrownBy(() -> scope.reschedule(5))
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("expiring");
                    }
                  }))
              .isInstanceOf(TimeoutException.class);
          trail.add(scope.toString());
          assertThatThrownBy(() -> scope.reschedule(5))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("expired");
          var finished = new Timeout(null);
          finished.run(() -> {
            trail.add(finished.toString());
          });
          trail.add(finished.toString());
          assertThatThrownBy(() -> finished.reschedule(5))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("finished");
          assertThat(trail)
              .containsExactly(
                  "<Timeout [created]>",
                  "<Timeout [active] when=" + scope.when() + ">",
                  "<Timeout [expiring]>",
                  "<Timeout [expired]>",
                  "<Timeout [active] when=never>",
                  "<Timeout [finished]>");
        });
  }

  @EachEngine
  @Spec("TO-21")
  void canBeEnteredOnce(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var scope = new Timeout(seconds(1));
          scope.run(() -> {
            assertThatThrownBy(() -> scope.run(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already been entered");
            assertThat(scope.toString()).contains("active");
          });
          assertThatThrownBy(() -> scope.run(() -> 1))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("already been entered");
        });
  }
}
