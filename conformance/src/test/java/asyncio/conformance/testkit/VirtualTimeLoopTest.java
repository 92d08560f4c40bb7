package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.race;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.wrapFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Instrument;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.TimeoutException;
import asyncio.conformance.Spec;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.testkit.DeadlockError;
import asyncio.testkit.DirectOnly;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop whose time is virtual. */
class VirtualTimeLoopTest {

  // ---- driven by hand

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TEST-1")
  void timeMovesOnlyWhenItIsAdvancedAndEveryDeadlineFollowsIt(Engine engine) {
    var loop = new VirtualTimeLoop(engine, 1_000);
    List<String> trail = new ArrayList<>();
    loop.callLater(seconds(2), () -> trail.add("timer " + loop.time()));
    Task<?> sleeper =
        loop.createTask(() -> {
          sleep(seconds(3));
          trail.add("slept " + loop.time());
        });
    Task<?> limited = loop.createTask(() -> timeout(seconds(4), () -> sleep(seconds(100))));

    loop.advance(seconds(1.5));
    assertThat(trail).isEmpty();
    assertThat(loop.time()).isEqualTo(1_500_001_000L);
    loop.advance(seconds(1.5));
    assertThat(trail).containsExactly("timer 2000001000", "slept 3000001000");
    assertThat(sleeper.isDone()).isTrue();
    assertThat(limited.isDone()).isFalse();
    loop.advance(seconds(10));

    assertThat(limited.exception()).isInstanceOf(TimeoutException.class);
    assertThat(loop.time()).isEqualTo(13_000_001_000L);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TEST-2")
  void runningBrieflyRunsEverythingQueuedBeforeOnce(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    List<String> trail = new ArrayList<>();
    loop.callSoon(new Chain(loop, trail, 1));
    loop.callSoon(() -> trail.add("second"));

    loop.runBriefly();

    // One iteration for what was queued before, the empty task included, and one for the end of
    // that task, as in CPython.
    assertThat(trail).containsExactly("link 1", "second", "link 2");
    loop.close();
  }

  /** A callback that queues its successor. */
  private record Chain(EventLoop loop, List<String> trail, int number) implements Runnable {
    @Override
    public void run() {
      trail.add("link " + number);
      loop.callSoon(new Chain(loop, trail, number + 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void runningUntilIdleLeavesTheTimeAlone(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    List<String> trail = new ArrayList<>();
    Task<?> task =
        loop.createTask(() -> {
          for (int i = 0; i < 3; i++) {
            trail.add("turn " + i);
            sleep(seconds(0));
          }
          sleep(seconds(1));
        });

    loop.runUntilIdle();

    assertThat(trail).containsExactly("turn 0", "turn 1", "turn 2");
    assertThat(task.isDone()).isFalse();
    assertThat(loop.time()).isZero();
    loop.advance(seconds(1));
    assertThat(task.isDone()).isTrue();
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void advancingForEverEnds(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    Task<?> task = loop.createTask(() -> sleep(Duration.ofDays(1_000)));

    loop.advance(Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(task.isDone()).isTrue();
    assertThat(loop.time()).isEqualTo(EventLoop.NEVER);
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void misuseIsRefused(Engine engine) {
    var loop = new VirtualTimeLoop(engine);

    assertThatThrownBy(() -> loop.advance(seconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new VirtualTimeLoop(engine, -1))
        .isInstanceOf(IllegalArgumentException.class);
    loop.runUntilComplete(() ->
        assertThatThrownBy(() -> loop.advance(seconds(1)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("use sleep"));
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void runnerTakesIt(Engine engine) {
    long time;
    try (var runner =
        new Runner(RunOptions.DEFAULT.withLoopFactory(() -> new VirtualTimeLoop(engine)))) {
      time =
          runner.run(() -> {
            sleep(Duration.ofDays(1));
            return getRunningLoop().time();
          });
    }

    assertThat(time).isEqualTo(Duration.ofDays(1).toNanos());
  }

  // ---- deadlocks

  @ParameterizedTest
  @EnumSource(Engine.class)
  void deadlockNamesTheCircle(Engine engine) {
    var loop = impatientLoop(engine);
    var one = new Lock();
    var two = new Lock();
    Task<?> pay = loop.createTask(() -> takeBoth(one, two), TaskOptions.named("pay"));
    Task<?> refund = loop.createTask(() -> takeBoth(two, one), TaskOptions.named("refund"));

    assertThatThrownBy(() -> loop.runUntilComplete(pay))
        .isInstanceOf(DeadlockError.class)
        .message()
        .containsPattern("in a circle: pay -\\[Lock@[0-9a-f]+]-> refund -\\[Lock@[0-9a-f]+]-> pay");
    refund.cancel();
    loop.runUntilComplete(pay);
    loop.close();
  }

  private static void takeBoth(Lock first, Lock second) {
    try (var _ = first.acquire()) {
      sleep(Duration.ZERO);
      try (var _ = second.acquire()) {
        sleep(Duration.ZERO);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void deadlockEndsTheRunWithAPicture(Engine engine) {
    var loop = impatientLoop(engine);
    Future<@Nullable Void> never = loop.createFuture();
    var queue = new Queue<String>();
    loop.createTask(queue::get, TaskOptions.named("consumer"));
    Task<?> main = loop.createTask(() -> await(never), TaskOptions.named("main"));

    assertThatThrownBy(() -> loop.runUntilComplete(main))
        .isInstanceOf(DeadlockError.class)
        .message()
        .containsSubsequence(
            "task 'consumer' waits for queue",
            "created at " + VirtualTimeLoopTest.class.getName(),
            "task 'main' waits for future",
            "created at " + VirtualTimeLoopTest.class.getName(),
            "at " + VirtualTimeLoopTest.class.getName());

    assertThat(loop.isRunning()).as("the loop can be used again").isFalse();
    never.setResult(null);
    loop.runUntilComplete(main);
    queue.putNowait("end");
    loop.runUntilIdle();
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void pictureTellsWhatIsReadyFromWhatWaits(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    Task<?> sleeper = loop.createTask(() -> sleep(seconds(1)), TaskOptions.named("sleeper"));
    loop.runUntilIdle();
    Task<?> starter = loop.createTask(() -> {}, TaskOptions.named("starter"));

    assertThat(loop.describeTasks())
        .containsSubsequence(
            "task 'sleeper' waits for timer", "task 'starter' is running or ready to run");
    loop.advance(seconds(1));
    assertThat(sleeper.isDone() && starter.isDone()).isTrue();
    assertThat(loop.describeTasks()).contains("no unfinished task");
    loop.close();
  }

  // ---- other threads

  @LoopTest
  void timeStandsStillDuringACallInTheExecutor(VirtualTimeLoop loop) {
    var limit = loop.callLater(seconds(1), () -> {});
    var result = await(gather(loop.runInExecutor(null, VirtualTimeLoopTest::takesSomeTime)));

    assertThat(result).containsExactly("done");
    assertThat(loop.time()).isZero();
    limit.cancel();
  }

  @LoopTest
  void timeStandsStillForAFutureOfAnotherLibrary(VirtualTimeLoop loop) {
    var result =
        timeout(
            seconds(1),
            () ->
                await(
                    gather(
                        wrapFuture(
                            CompletableFuture.supplyAsync(VirtualTimeLoopTest::takesSomeTime)))));

    assertThat(result).containsExactly("done");
    assertThat(loop.time()).isZero();
  }

  @LoopTest
  void timeStandsStillDuringAnnouncedWork(VirtualTimeLoop loop) {
    Future<String> answer = loop.createFuture();
    var work = loop.externalWork("a thread of the test's");
    Thread.ofPlatform()
        .start(() -> {
          String result = takesSomeTime();
          loop.callSoonThreadsafe(() -> answer.setResult(result));
          work.close();
        });

    assertThat(timeout(seconds(1), () -> await(answer))).isEqualTo("done");
    assertThat(loop.time()).isZero();
  }

  @LoopTest
  @DirectOnly
  void timeStandsStillWhileATaskIsBlockedInTheJdk(VirtualTimeLoop loop)
      throws InterruptedException {
    var latch = new CountDownLatch(1);
    Thread.ofPlatform()
        .start(() -> {
          takesSomeTime();
          latch.countDown();
        });
    var limit = loop.callLater(seconds(1), () -> {});
    latch.await();

    assertThat(loop.time()).isZero();
    limit.cancel();
  }

  @LoopTest
  void patienceWithOtherThreadsIsLimited(VirtualTimeLoop loop) {
    loop.setPatience(Duration.ofMillis(20));
    var enough = new CountDownLatch(1);
    var call = loop.runInExecutor(null, () -> enough.await());

    assertThatThrownBy(() -> timeout(seconds(1), () -> await(call)))
        .isInstanceOf(TimeoutException.class);
    assertThat(loop.time()).isEqualTo(seconds(1).toNanos());
    enough.countDown();
  }

  @LoopTest
  void unknownThreadMayWakeALoopThatHasNothingElse(VirtualTimeLoop loop) {
    Future<String> answer = loop.createFuture();
    Thread.ofPlatform()
        .start(() -> {
          String result = takesSomeTime();
          loop.callSoonThreadsafe(() -> answer.setResult(result));
        });

    assertThat(await(answer)).isEqualTo("done");
  }

  // ---- determinism

  @ParameterizedTest
  @EnumSource(Engine.class)
  void sameProgramGivesTheSameTrailEachTime(Engine engine) {
    List<String> first = trailOfABusyProgram(engine);

    assertThat(first).hasSizeGreaterThan(300);
    assertThat(trailOfABusyProgram(engine)).isEqualTo(first);
    assertThat(trailOfABusyProgram(Engine.PORTABLE)).as("the engines do the same").isEqualTo(first);
  }

  /**
   * Everything that a loop tells an instrument while tasks race, time out, fail and are cancelled.
   */
  private static List<String> trailOfABusyProgram(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    List<String> trail = new ArrayList<>();
    loop.addInstrument(new Recorder(loop, trail));
    loop.setTaskFactory(new NumberingFactory());
    Action program =
        () -> {
          var random = new Random(42);
          var queue = new Queue<Integer>(3);
          taskGroup(group -> {
            for (int i = 0; i < 8; i++) {
              int id = i;
              group.createTask(() -> {
                for (int k = 0; k < 5; k++) {
                  sleep(Duration.ofMillis(random.nextInt(20)));
                  queue.put(id * 10 + k);
                }
              });
            }
            group.createTask(() -> {
              for (int k = 0; k < 40; k++) {
                int item = queue.get();
                trail.add("got " + item);
                race(
                    () -> sleep(Duration.ofMillis(item)),
                    () -> sleep(Duration.ofMillis(random.nextInt(60))));
              }
            });
          });
        };
    loop.runUntilComplete(program);
    loop.close();
    return trail;
  }

  /** Gives tasks names that do not depend on what ran before. */
  private static final class NumberingFactory implements asyncio.TaskFactory {
    private int count;

    @Override
    public Task<?> newTask(EventLoop loop, asyncio.Awaitable<?> coroutine, TaskOptions options) {
      return new Task<Object>(coroutine, loop, options.withName("t" + count++));
    }
  }

  /** Writes down what it is told. */
  private record Recorder(EventLoop loop, List<String> trail) implements Instrument {

    private void add(String what, @Nullable Task<?> task) {
      trail.add(loop.time() + " " + what + (task == null ? "" : " " + task.name()));
    }

    @Override
    public void taskSpawned(Task<?> task) {
      add("spawned", task);
    }

    @Override
    public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
      add("suspended on " + (waitingFor == null ? "nothing" : waitingFor.waitKind()), task);
    }

    @Override
    public void taskResumed(Task<?> task) {
      add("resumed", task);
    }

    @Override
    public void taskDone(Task<?> task) {
      add("done", task);
    }

    @Override
    public void callbackBegun(Handle handle) {
      add("callback", null);
    }

    @Override
    public void iterationBegun(EventLoop loop) {
      add("iteration", null);
    }
  }

  private static VirtualTimeLoop impatientLoop(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    loop.setPatience(Duration.ofMillis(10));
    return loop;
  }

  /** On another thread: long enough for a loop that does not wait for it to get ahead. */
  private static String takesSomeTime() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return "done";
  }
}
