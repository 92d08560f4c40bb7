package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.Action;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.LoopGroup;
import asyncio.LoopKind;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Several loops, each on a thread of its own, that end together. */
class LoopGroupTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final ContextVar<String> WORD = new ContextVar<>("word", "unset");

  /** Every loop that was made, of the members and of the caller. */
  private final Queue<EventLoop> loops = new ConcurrentLinkedQueue<>();

  private RunOptions on(Engine engine) {
    return RunOptions.DEFAULT.withLoopFactory(() -> {
      var loop = LoopKind.preferred().newLoop(engine);
      loops.add(loop);
      return loop;
    });
  }

  private LoopGroup group(int size, Engine engine) {
    return new LoopGroup(size, on(engine));
  }

  /**
   * Runs {@code main} as a program does; afterwards no loop is open and none of its threads runs.
   */
  private void run(Engine engine, Action main) {
    try {
      Asyncio.run(main, on(engine));
    } finally {
      assertThat(loops).isNotEmpty().allMatch(EventLoop::isClosed);
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().startsWith("asyncio-loop-"));
    }
  }

  /** Lets the members wait until all of them have come as far; blocks their threads. */
  private static void meet(CyclicBarrier barrier) {
    try {
      Asyncio.toThread(() -> barrier.await());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @EachEngine
  void theMembersRunInParallelOnLoopsOfTheirOwn(Engine engine) {
    CyclicBarrier allAreThere = new CyclicBarrier(3);
    run(
        engine,
        () -> {
          List<EventLoop> used =
              group(3, engine)
                  .run(_ -> {
                    meet(allAreThere);
                    return getRunningLoop();
                  });
          assertThat(used).hasSize(3).doesNotHaveDuplicates().doesNotContain(getRunningLoop());
          assertThat(used).allMatch(EventLoop::isClosed);
        });
  }

  @EachEngine
  void theResultsComeInTheOrderOfTheMembers(Engine engine) {
    CyclicBarrier allAreThere = new CyclicBarrier(3);
    run(
        engine,
        () -> {
          List<String> results =
              group(3, engine)
                  .run(index -> {
                    meet(allAreThere);
                    sleep(millis(3 - index));
                    return "member " + index;
                  });
          assertThat(results).containsExactly("member 0", "member 1", "member 2");
        });
  }

  @EachEngine
  void theCallersLoopGoesOnMeanwhile(Engine engine) {
    run(
        engine,
        () -> {
          EventLoop callers = getRunningLoop();
          Future<String> arrived = callers.createFuture();
          Task<?> group =
              createTask(() ->
                  group(2, engine)
                      .run(index -> {
                        if (index == 1) {
                          callers.callSoonThreadsafe(() -> arrived.setResult("told by a member"));
                        }
                        sleep(LONG);
                      }));
          assertThat(await(arrived)).isEqualTo("told by a member");
          group.cancel();
          assertThatThrownBy(() -> await(group)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  void theFirstFailureCancelsTheOthersAndWaitsForThem(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    var error = new IOException("member 1 has had enough");
    CyclicBarrier allAreThere = new CyclicBarrier(2);
    run(
        engine,
        () -> {
          Throwable thrown =
              catchThrowable(() ->
                  group(2, engine)
                      .run(index -> {
                        meet(allAreThere);
                        if (index == 1) {
                          throw error;
                        }
                        try {
                          sleep(LONG);
                        } catch (CancelledError e) {
                          sleep(millis(2));
                          trail.add("cleaned up");
                          throw e;
                        }
                      }));
          trail.add("left");
          assertThat(thrown).isInstanceOf(ExceptionGroup.class);
          assertThat(((ExceptionGroup) thrown).exceptions()).containsExactly(error);
        });
    assertThat(trail).containsExactly("cleaned up", "left");
  }

  @EachEngine
  void aLoopThatCannotBeMadeIsAFailureToo(Engine engine) {
    RunOptions options =
        RunOptions.DEFAULT.withLoopFactory(() -> {
          synchronized (loops) {
            if (!loops.isEmpty()) {
              throw new UnsupportedOperationException("no second loop");
            }
            var loop = LoopKind.preferred().newLoop(engine);
            loops.add(loop);
            return loop;
          }
        });
    Asyncio.run(
        () ->
            assertThatThrownBy(() ->
                    new LoopGroup(2, options)
                        .run(_ -> {
                          sleep(LONG);
                        }))
                .isInstanceOfSatisfying(
                    ExceptionGroup.class,
                    group ->
                        assertThat(group.exceptions())
                            .singleElement()
                            .isInstanceOf(UnsupportedOperationException.class)),
        RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine)));
    assertThat(loops).singleElement().matches(EventLoop::isClosed);
  }

  @EachEngine
  void cancellingTheCallerCancelsEachMemberWithTheSameReason(Engine engine) {
    List<Object> reasons = Collections.synchronizedList(new ArrayList<>());
    Object reason = new Object();
    CyclicBarrier allAreThere = new CyclicBarrier(3);
    run(
        engine,
        () -> {
          Task<?> task =
              createTask(() ->
                  group(2, engine)
                      .run(_ -> {
                        try {
                          meet(allAreThere);
                          sleep(LONG);
                        } catch (CancelledError e) {
                          reasons.add(e.reason());
                          throw e;
                        }
                      }));
          meet(allAreThere);
          task.cancel(reason);
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
          assertThat(task.isCancelled()).isTrue();
        });
    assertThat(reasons).hasSize(2);
  }

  @EachEngine
  void aMemberCancelledBeforeItBeganRunsNothing(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch mayBegin = new CountDownLatch(1);
    RunOptions slow =
        RunOptions.DEFAULT.withLoopFactory(() -> {
          try {
            mayBegin.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return on(engine).loopFactory().get();
        });
    run(
        engine,
        () -> {
          Task<?> task =
              createTask(() -> new LoopGroup(2, slow).run(index -> trail.add("ran " + index)));
          sleepIterations(3); // until the group waits for its members
          task.cancel();
          sleepIterations(5); // until they have been told
          mayBegin.countDown();
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    assertThat(trail).isEmpty();
  }

  private static void sleepIterations(int count) {
    for (int i = 0; i < count; i++) {
      Loops.sleepOneIteration();
    }
  }

  @EachEngine
  void aTimeoutEndsAllMembers(Engine engine) {
    run(
        engine,
        () ->
            assertThatThrownBy(() ->
                    timeout(
                        millis(20),
                        () ->
                            group(2, engine)
                                .run(_ -> {
                                  sleep(LONG);
                                })))
                .isInstanceOf(TimeoutException.class));
  }

  @EachEngine
  void aMemberThatRefusesToEndIsWaitedFor(Engine engine) {
    run(
        engine,
        () -> {
          Task<List<String>> task =
              createTask(
                  (Coroutine<List<String>>)
                      () ->
                          group(2, engine)
                              .run(_ -> {
                                try {
                                  sleep(LONG);
                                  return "undisturbed";
                                } catch (CancelledError e) {
                                  sleep(millis(5));
                                  currentTask().uncancel();
                                  return "refused";
                                }
                              }));
          sleep(millis(5));
          task.cancel();
          assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
  }

  @EachEngine
  void aMemberThatCancelsItselfLeavesTheOthersAlone(Engine engine) {
    List<String> trail = Collections.synchronizedList(new ArrayList<>());
    run(
        engine,
        () ->
            assertThatThrownBy(() ->
                    group(2, engine)
                        .run(index -> {
                          if (index == 0) {
                            currentTask().cancel();
                          }
                          sleep(millis(20));
                          trail.add("ended " + index);
                        }))
                .isInstanceOf(CancelledError.class));
    assertThat(trail).containsExactly("ended 1");
  }

  @EachEngine
  void anInterruptOfTheThreadThatRunsTheProgramEndsAllMembers(Engine engine)
      throws InterruptedException {
    CyclicBarrier allRun = new CyclicBarrier(3);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread program =
        Thread.ofPlatform()
            .start(() ->
                thrown.set(
                    catchThrowable(() ->
                        run(
                            engine,
                            () ->
                                group(2, engine)
                                    .run(_ -> {
                                      meet(allRun);
                                      sleep(LONG);
                                    })))));
    Loops.onOtherThread(allRun::await);
    program.interrupt();
    program.join(20_000);
    assertThat(program.isAlive()).isFalse();
    assertThat(thrown.get()).isInstanceOf(CancelledError.class);
  }

  @EachEngine
  void anExitOfOneMemberComesOutAlone(Engine engine) {
    CyclicBarrier allAreThere = new CyclicBarrier(2);
    Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
    try {
      assertThatThrownBy(() ->
              run(
                  engine,
                  () ->
                      group(2, engine)
                          .run(index -> {
                            meet(allAreThere);
                            if (index == 0) {
                              throw new SystemExit(3);
                            }
                            sleep(LONG);
                          })))
          .isInstanceOfSatisfying(SystemExit.class, e -> assertThat(e.status()).isEqualTo(3));
    } finally {
      Thread.currentThread().setUncaughtExceptionHandler(before);
    }
  }

  @EachEngine
  void eachMemberHasACopyOfTheCallersContext(Engine engine) {
    run(
        engine,
        () -> {
          WORD.set("of the caller");
          List<String> seen =
              group(2, engine)
                  .run(index -> {
                    String word = WORD.get();
                    WORD.set("of member " + index);
                    return word;
                  });
          assertThat(seen).containsOnly("of the caller");
          assertThat(WORD.get()).isEqualTo("of the caller");
        });
  }

  @EachEngine
  void membersDebugAsTheCallersLoopDoes(Engine engine) {
    run(
        engine,
        () -> {
          getRunningLoop().setDebug(true);
          assertThat(group(2, engine).run(_ -> getRunningLoop().isDebug())).containsOnly(true);
          getRunningLoop().setDebug(false);
          assertThat(group(1, engine).run(_ -> getRunningLoop().isDebug())).containsOnly(false);
          assertThat(
                  new LoopGroup(1, on(engine).withDebug(true)).run(_ -> getRunningLoop().isDebug()))
              .containsOnly(true);
        });
  }

  @EachEngine
  void theThreadsOfTheLoopsBearTheirIndices(Engine engine) {
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    run(
        engine,
        () ->
            group(2, engine)
                .run(_ -> {
                  Future<String> name = getRunningLoop().createFuture();
                  getRunningLoop().callSoon(() -> name.setResult(Thread.currentThread().getName()));
                  names.add(await(name));
                }));
    assertThat(names).hasSize(2);
    if (engine == Engine.DIRECT) {
      assertThat(names).containsExactlyInAnyOrder("asyncio-loop-0", "asyncio-loop-1");
    }
  }

  @Test
  void aGroupWithoutLoopsIsRefused() {
    assertThatThrownBy(() -> new LoopGroup(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size must be positive: 0; a group has at least one loop");
    assertThatThrownBy(() -> new LoopGroup(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new LoopGroup(7).size()).isEqualTo(7);
  }

  @Test
  void onlyATaskRunsAGroup() {
    assertRefused("LoopGroup.run() suspends", () -> new LoopGroup(1).run(_ -> {}));
  }
}
