package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.conformance.Turns.turn;
import static asyncio.conformance.Turns.turns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;

/** Cancelling the task that a group belongs to, and what the group's own requests leave behind. */
class TaskGroupCancelTest {

  private static void endsAfter(int seconds, List<String> trail) {
    try {
      sleep(seconds(1000));
    } finally {
      sleep(seconds(seconds));
      trail.add("child ended");
    }
  }

  private static void failWhenCancelled() {
    try {
      sleep(seconds(1000));
    } catch (CancelledError e) {
      throw new IllegalStateException("clean-up failed");
    }
  }

  @EachEngine
  @Spec("TG-9")
  void duringTheBody(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> parent =
              createTask(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> endsAfter(2, trail));
                    try {
                      sleep(seconds(1000));
                    } finally {
                      trail.add("body cancelled");
                    }
                  }));
          turns(2);
          parent.cancel("why");
          assertThatThrownBy(() -> await(parent))
              .isInstanceOf(CancelledError.class)
              .hasMessage("why");
          assertThat(trail).containsExactly("body cancelled", "child ended");
          assertThat(parent.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("TG-10")
  void atTheEndOfTheScope(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> parent =
              createTask(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> endsAfter(2, trail));
                    trail.add("body ended");
                  }));
          turns(2);
          parent.cancel("why");
          assertThatThrownBy(() -> await(parent))
              .isInstanceOf(CancelledError.class)
              .hasMessage("why");
          assertThat(trail).containsExactly("body ended", "child ended");
        });
  }

  @EachEngine
  @Spec("TG-11")
  void failuresDuringTheCleanUpAreThrownInstead(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          for (boolean inBody : new boolean[] {true, false}) {
            Task<?> parent =
                createTask(() ->
                    taskGroup(tg -> {
                      tg.createTask(TaskGroupCancelTest::failWhenCancelled);
                      if (inBody) {
                        sleep(seconds(1000));
                      }
                    }));
            turns(2);
            parent.cancel();
            assertThatThrownBy(() -> await(parent))
                .isInstanceOfSatisfying(
                    ExceptionGroup.class,
                    group ->
                        assertThat(group.exceptions())
                            .singleElement()
                            .satisfies(e -> assertThat(e).hasMessage("clean-up failed")));
            assertThat(parent.isCancelled()).isFalse();
          }
        });
  }

  @EachEngine
  @Spec("TG-12")
  void requestFromOutsideIsNotForgottenWhenTheGroupIsHandled(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<?> parent =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    tg.createTask(TaskGroupCancelTest::failWhenCancelled);
                  });
                } catch (ExceptionGroup e) {
                  trail.add("handled, count " + currentTask().cancelling());
                }
                try {
                  sleep(seconds(1));
                } catch (CancelledError e) {
                  trail.add("cancelled, count " + currentTask().cancelling());
                  throw e;
                }
              });
          turns(2);
          parent.cancel();
          assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("handled, count 1", "cancelled, count 1");
        });
  }

  @EachEngine
  @Spec("TG-12")
  void requestFromOutsideTogetherWithAFailure(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Task<?> parent =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      sleep(seconds(1));
                      throw new IllegalStateException("child");
                    });
                    sleep(seconds(1000));
                  });
                } catch (ExceptionGroup e) {
                  trail.add("handled, count " + currentTask().cancelling());
                }
                turn();
                trail.add("not reached");
              });
          turns(2);
          loop.callLater(
              seconds(1),
              () -> {
                turnOfTheChild(loop, parent);
              });
          assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
          assertThat(trail).containsExactly("handled, count 1");
        });
  }

  /** Cancels {@code parent} in the very iteration in which the group cancels it too. */
  private static void turnOfTheChild(ClockLoop loop, Task<?> parent) {
    loop.callSoon(() -> loop.callSoon(parent::cancel));
  }

  @EachEngine
  @Spec("TG-14")
  void ownRequestDoesNotLeak(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Task<String> parent =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      throw new IllegalStateException("child");
                    });
                    try {
                      sleep(seconds(1000));
                    } finally {
                      trail.add("in the body " + currentTask().cancelling());
                    }
                  });
                } catch (ExceptionGroup e) {
                  trail.add("after the scope " + currentTask().cancelling());
                }
                sleep(seconds(1));
                return "not cancelled later";
              });
          assertThat(await(parent)).isEqualTo("not cancelled later");
          assertThat(trail).containsExactly("in the body 1", "after the scope 0");
          // The child fails when the body has ended without suspending again: nothing must be left
          // pending either.
          Task<String> quick =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    tg.createTask(() -> {
                      throw new IllegalStateException("child");
                    });
                  });
                } catch (ExceptionGroup e) {
                  turns(3);
                }
                return "count " + currentTask().cancelling();
              });
          assertThat(await(quick)).isEqualTo("count 0");
        });
  }

  @EachEngine
  @Spec("TG-15")
  void repeatedRequestsDoNotMakeItLeaveEarly(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Task<?> parent =
              createTask(() -> {
                try {
                  taskGroup(tg -> {
                    tg.createTask(() -> endsAfter(5, trail));
                  });
                } finally {
                  trail.add("scope left");
                }
              });
          turns(2);
          long start = loop.time();
          for (int i = 0; i < 3; i++) {
            parent.cancel();
            sleep(seconds(1));
            assertThat(parent.isDone()).isFalse();
          }
          assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
          assertThat(loop.time() - start).isEqualTo(seconds(5).toNanos());
          assertThat(trail).containsExactly("child ended", "scope left");
        });
  }

  @EachEngine
  @Spec("TG-22")
  void innerAndOuterGroupFailAtTheSameTime(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          try {
            taskGroup(outer -> {
              try {
                taskGroup(inner -> {
                  inner.createTask(() -> failWith("inner"));
                  outer.createTask(() -> failWith("outer"));
                });
              } catch (ExceptionGroup e) {
                trail.add(
                    e.exceptions().getFirst().getMessage()
                        + ", count "
                        + currentTask().cancelling());
              }
              try {
                sleep(seconds(1));
              } catch (CancelledError e) {
                trail.add("cancelled, count " + currentTask().cancelling());
                throw e;
              }
            });
          } catch (ExceptionGroup e) {
            trail.add(
                e.exceptions().getFirst().getMessage() + ", count " + currentTask().cancelling());
          }
          turn();
          assertThat(trail)
              .containsExactly("inner, count 1", "cancelled, count 1", "outer, count 0");
        });
  }

  private static void failWith(String message) {
    throw new IllegalStateException(message);
  }
}
