package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.ExceptionGroup;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.TaskOptions;
import asyncio.TimeoutException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Failures of children and of the body. */
class TaskGroupFailureTest {

  private static ExceptionGroup groupFrom(ThrowingCallable code) {
    ExceptionGroup group = catchThrowableOfType(ExceptionGroup.class, code);
    assertThat(group).as("an exception group was thrown").isNotNull();
    return group;
  }

  private static List<String> messages(ExceptionGroup group) {
    return group.exceptions().stream().map(Throwable::getMessage).toList();
  }

  private static void failAfter(int seconds, String message) {
    sleep(seconds(seconds));
    throw new IllegalStateException(message);
  }

  /** Sleeps long; answers a cancellation with a failure, after so many seconds. */
  private static void failWhenCancelled(int seconds, String message) {
    try {
      sleep(seconds(1000));
    } catch (CancelledError e) {
      failAfter(seconds, message);
    }
  }

  @EachEngine
  @Spec({"TG-3", "TG-4", "TG-6"})
  void firstFailureCancelsTheOthersAndInterruptsTheBody(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          long start = loop.time();
          List<Task<?>> tasks = new ArrayList<>();
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tasks.add(tg.createTask(() -> failAfter(1, "failure")));
                    tasks.add(
                        tg.createTask(() -> {
                          try {
                            sleep(seconds(100));
                          } finally {
                            trail.add("sibling cancelled");
                            sleep(seconds(5));
                            trail.add("sibling ended");
                          }
                        }));
                    try {
                      sleep(seconds(100));
                    } finally {
                      trail.add("body cancelled");
                    }
                  }));
          trail.add("group thrown");
          assertThat(trail)
              .containsExactly(
                  "sibling cancelled", "body cancelled", "sibling ended", "group thrown");
          assertThat(group).hasMessageContaining("unhandled errors in a TaskGroup");
          assertThat(messages(group)).containsExactly("failure");
          assertThat(tasks.get(1).isCancelled()).isTrue();
          assertThat(loop.time() - start)
              .as("thrown when the last child has ended")
              .isEqualTo(seconds(6).toNanos());
        });
  }

  @EachEngine
  @Spec({"TG-4", "TG-5", "TG-8"})
  void membersAreInTheOrderInWhichTheChildrenEndedTheBodyLast(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failWhenCancelled(3, "third"));
                    tg.createTask(() -> failWhenCancelled(2, "second"));
                    tg.createTask(() -> failAfter(1, "first"));
                    try {
                      sleep(seconds(100));
                    } catch (CancelledError e) {
                      throw new IOException("body");
                    }
                  }));
          assertThat(messages(group)).containsExactly("first", "second", "third", "body");
          assertThat(group.getSuppressed()).containsExactlyElementsOf(group.exceptions());
        });
  }

  @EachEngine
  @Spec({"TG-7", "TG-8"})
  void failingBodyCancelsTheChildrenAndIsAMember(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var own = new IOException("own");
          List<Task<?>> tasks = new ArrayList<>();
          ExceptionGroup alone =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tasks.add(tg.createTask(() -> sleep(seconds(100))));
                    turn();
                    throw own;
                  }));
          assertThat(alone.exceptions()).singleElement().isSameAs(own);
          assertThat(tasks.getFirst().isCancelled()).isTrue();
          ExceptionGroup both =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failWhenCancelled(1, "child"));
                    turn();
                    throw own;
                  }));
          assertThat(messages(both)).containsExactly("child", "own");
        });
  }

  @EachEngine
  @Spec("TG-13")
  void exceptionInAnswerToACancellationIsInTheGroup(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          Task<?> parent =
              createTask(() ->
                  taskGroup(tg -> {
                    try {
                      sleep(seconds(100));
                    } catch (CancelledError e) {
                      throw new IOException("answer");
                    }
                  }));
          turn();
          parent.cancel();
          ExceptionGroup group = groupFrom(() -> await(parent));
          assertThat(messages(group)).containsExactly("answer");
        });
  }

  @EachEngine
  @Spec("TG-16")
  void bodyThatSwallowsTheInterruptionGoesOn(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failAfter(1, "child"));
                    try {
                      sleep(seconds(100));
                    } catch (CancelledError e) {
                      trail.add("swallowed");
                    }
                    sleep(seconds(1));
                    trail.add("went on");
                    assertThatThrownBy(() -> tg.createTask(Turns::turn))
                        .hasMessageContaining("is shutting down");
                  }));
          assertThat(trail).containsExactly("swallowed", "went on");
          assertThat(messages(group)).containsExactly("child");
        });
  }

  @EachEngine
  @Spec({"TG-17", "TG-18"})
  void exitThrowableOfTheBodyLeavesAlone(Engine engine) {
    var loop = new ClockLoop(engine);
    List<String> trail = new ArrayList<>();
    var exit = new SystemExit(3);
    TaskGroup[] group = new TaskGroup[1];
    assertThatThrownBy(() ->
            loop.runUntilComplete(() ->
                taskGroup(tg -> {
                  group[0] = tg;
                  tg.createTask(() -> {
                    try {
                      failWhenCancelled(1, "discarded");
                    } finally {
                      trail.add("child ended");
                    }
                  });
                  turn();
                  throw exit;
                })))
        .isSameAs(exit);
    assertThat(trail).containsExactly("child ended");
    assertThat(loop.reports).hasSize(1);
    ErrorContext report = loop.reports.getFirst();
    assertThat(report.exception()).hasMessage("discarded");
    assertThat(report.get(ErrorContext.TASK_GROUP)).isSameAs(group[0]);
    loop.close();
  }

  @EachEngine
  @Spec("TG-17")
  void exitThrowableOfAChildLeavesTheRunAndThenTheGroup(Engine engine) {
    var loop = new ClockLoop(engine);
    var exit = new KeyboardInterrupt();
    List<String> trail = new ArrayList<>();
    Task<?> parent =
        loop.createTask(() ->
            taskGroup(tg -> {
              tg.createTask(() -> {
                throw exit;
              });
              tg.createTask(() -> failWhenCancelled(1, "other failure"));
              try {
                sleep(seconds(100));
              } finally {
                trail.add("body cancelled");
              }
            }));
    assertThatThrownBy(loop::runForever).isSameAs(exit);
    assertThat(parent.isDone()).as("the run was left at once").isFalse();
    assertThatThrownBy(() -> loop.runUntilComplete(parent)).isSameAs(exit);
    assertThat(parent.exception()).isSameAs(exit);
    assertThat(trail).containsExactly("body cancelled");
    loop.close();
  }

  @EachEngine
  @Spec("TG-19")
  void errorsOfOtherKindsAreMembers(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var error = new AssertionError("an error, but no exit");
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failWhenCancelled(1, "ordinary"));
                    tg.createTask(() -> {
                      throw error;
                    });
                  }));
          assertThat(group.exceptions()).hasSize(2).first().isSameAs(error);
          assertThat(group.containsError()).isTrue();
          ExceptionGroup ordinary =
              groupFrom(() ->
                  taskGroup(tg -> {
                    throw new IOException("ordinary");
                  }));
          assertThat(ordinary.containsError()).isFalse();
        });
  }

  @EachEngine
  @Spec("TG-20")
  void nestedGroupsNestTheirExceptions(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          ExceptionGroup outer =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failWhenCancelled(1, "outer child"));
                    turn();
                    taskGroup(inner -> {
                      inner.createTask(() -> failAfter(1, "inner child"));
                    });
                  }));
          assertThat(outer.exceptions()).hasSize(2);
          assertThat(outer.exceptions().get(0)).hasMessage("outer child");
          assertThat(messages((ExceptionGroup) outer.exceptions().get(1)))
              .containsExactly("inner child");
        });
  }

  @EachEngine
  @Spec("TG-21")
  void failureInTheOuterGroupCancelsTheInnerOne(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<?>> tasks = new ArrayList<>();
          List<String> trail = new ArrayList<>();
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    tg.createTask(() -> failAfter(1, "outer child"));
                    try {
                      taskGroup(inner -> {
                        tasks.add(inner.createTask(() -> sleep(seconds(100))));
                      });
                    } catch (Throwable t) {
                      trail.add("inner: " + t.getClass().getSimpleName());
                      throw t;
                    }
                  }));
          assertThat(messages(group)).containsExactly("outer child");
          assertThat(trail).containsExactly("inner: CancelledError");
          assertThat(tasks.getFirst().isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("TG-30")
  void childThatFailsEagerlyAbortsThroughItsQueuedCallback(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          List<Task<?>> tasks = new ArrayList<>();
          ExceptionGroup group =
              groupFrom(() ->
                  taskGroup(tg -> {
                    Task<?> failed =
                        tg.createTask(
                            () -> {
                              throw new IOException("eager");
                            },
                            TaskOptions.DEFAULT.withEagerStart(true));
                    trail.add("returned, done: " + failed.isDone());
                    assertThat(currentTask().cancelling()).isZero();
                    tasks.add(tg.createTask(() -> sleep(seconds(100))));
                    trail.add("created another");
                    turn();
                    trail.add("not reached");
                  }));
          assertThat(messages(group)).containsExactly("eager");
          assertThat(trail).containsExactly("returned, done: true", "created another");
          assertThat(tasks.getFirst().isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("TG-33")
  void timeoutAroundAGroup(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<Task<?>> tasks = new ArrayList<>();
          assertThatThrownBy(() ->
                  timeout(
                      seconds(1),
                      () ->
                          taskGroup(tg -> {
                            tasks.add(tg.createTask(() -> sleep(seconds(9))));
                          })))
              .isInstanceOf(TimeoutException.class);
          assertThat(tasks.getFirst().isCancelled()).isTrue();
          ExceptionGroup group =
              groupFrom(() ->
                  timeout(
                      seconds(1),
                      () ->
                          taskGroup(tg -> {
                            tg.createTask(() -> failWhenCancelled(2, "cleaning up"));
                          })));
          assertThat(messages(group)).containsExactly("cleaning up");
          assertThat(currentTask().cancelling()).isZero();
          sleep(seconds(1));
        });
  }
}
