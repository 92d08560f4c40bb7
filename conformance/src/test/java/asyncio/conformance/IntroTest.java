package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.enterTask;
import static asyncio.Asyncio.leaveTask;
import static asyncio.Asyncio.registerTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.unregisterTask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The current task, and all tasks. */
class IntroTest {

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-1")
  void currentTaskIsTheOneThatAsks(Engine engine) {
    var other = new ClockLoop(engine);
    OnLoop.run(
        engine,
        loop -> {
          List<Task<?>> seen = new ArrayList<>();
          Task<?> task = createTask(() -> seen.addAll(List.of(currentTask(), currentTask(loop))));
          loop.callSoon(() -> {
            seen.add(currentTask());
            seen.add(currentTask(loop));
            seen.add(currentTask(other));
          });
          await(task);
          seen.add(currentTask(other));
          assertThat(seen).containsExactly(task, task, null, null, null, null);
        });
    other.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-2")
  void currentTaskNeedsARunningLoopOrALoop(Engine engine) {
    assertThatThrownBy(() -> currentTask())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop");
    var idle = new ClockLoop(engine);
    idle.createTask(() -> 1);
    assertThat(currentTask(idle)).isNull();
    idle.runUntilComplete(() -> sleep(seconds(0)));
    assertThat(currentTask(idle)).isNull();
    idle.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-3")
  void interleavedTasksEachSeeThemselves(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          List<Task<?>> tasks = new ArrayList<>();
          for (String name : List.of("a", "b", "c")) {
            tasks.add(
                createTask(
                    () -> {
                      for (int i = 0; i < 3; i++) {
                        trail.add(currentTask().name() + currentTask(loop).name());
                        sleep(seconds(0));
                      }
                    },
                    TaskOptions.named(name)));
          }
          for (Task<?> task : tasks) {
            await(task);
          }
          assertThat(trail).containsExactly("aa", "bb", "cc", "aa", "bb", "cc", "aa", "bb", "cc");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-4")
  void allTasksAreTheUnfinishedOnesOfTheLoop(Engine engine) {
    assertThatThrownBy(() -> allTasks())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop");
    var other = new ClockLoop(engine);
    Task<?> ofOther = other.createTask(() -> 1);
    OnLoop.run(
        engine,
        loop -> {
          Task<?> self = currentTask();
          Task<?> done = createTask(() -> 1);
          await(done);
          Task<?> pending = createTask(() -> sleep(seconds(1)));
          Set<Task<?>> all = allTasks();
          assertThat(all).containsExactlyInAnyOrder(self, pending);
          all.clear();
          assertThat(allTasks(loop))
              .as("the set is the caller's")
              .containsExactlyInAnyOrder(self, pending);
          assertThat(allTasks(other)).containsExactly(ofOther);
          await(pending);
        });
    other.runUntilComplete(ofOther);
    other.close();
    assertThat(allTasks(other)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-5")
  void allTasksMayBeAskedForFromAnotherThread(Engine engine) throws Exception {
    var loop = LoopKind.preferred().newLoop(engine);
    var started = new CountDownLatch(1);
    var enough = new CountDownLatch(1);
    AtomicReference<Set<Task<?>>> pending = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    var reader =
        new Thread(() -> {
          try {
            started.await();
            for (int i = 0; i < 3_000; i++) {
              Set<Task<?>> seen = allTasks(loop);
              if (!seen.containsAll(pending.get())) {
                throw new AssertionError("a pending task is missing in look " + i);
              }
            }
          } catch (Throwable t) {
            failure.set(t);
          } finally {
            enough.countDown();
          }
        });
    reader.start();
    loop.runUntilComplete(() -> {
      Future<String> end = loop.createFuture();
      List<Task<?>> waiting = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        waiting.add(createTask(() -> await(end)));
        createTask(() -> sleep(seconds(0)));
      }
      sleep(seconds(0));
      pending.set(Set.copyOf(waiting));
      started.countDown();
      while (enough.getCount() > 0) {
        for (int i = 0; i < 20; i++) {
          int turns = i % 3;
          createTask(() -> {
            for (int turn = 0; turn < turns; turn++) {
              sleep(seconds(0));
            }
          });
        }
        sleep(seconds(0));
      }
      end.setResult("");
      for (Task<?> task : waiting) {
        await(task);
      }
    });
    assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();
    reader.join();
    assertThat(failure.get()).isNull();
    loop.close();
  }

  /** A task of another make: a chain of callbacks. */
  private static final class CallbackTask extends Task<String> {
    private final List<String> trail;
    private int left;

    CallbackTask(EventLoop loop, String name, int steps, List<String> trail) {
      super(loop, TaskOptions.named(name));
      this.left = steps;
      this.trail = trail;
    }

    void start() {
      registerTask(this);
      loop().callSoon(this::step);
    }

    private void step() {
      enterTask(loop(), this);
      try {
        trail.add(name() + " is current: " + (currentTask() == this));
        if (isDone()) {
          return;
        }
        if (cancelling() > 0) {
          end(null, new CancelledError("asked to"));
          unregisterTask(this);
        } else if (--left == 0) {
          end("result", null);
          unregisterTask(this);
        } else {
          loop().callSoon(this::step);
        }
      } finally {
        leaveTask(loop(), this);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-6")
  void tasksOfAnotherMakeAreSeen(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var foreign = new CallbackTask(loop, "foreign", 2, trail);
          assertThat(foreign.coroutine()).isNull();
          assertThat(foreign.toString()).contains("pending", "name='foreign'");
          assertThat(allTasks()).doesNotContain(foreign);
          unregisterTask(foreign); // harmless
          foreign.start();
          assertThat(allTasks()).containsExactlyInAnyOrder(currentTask(), foreign);
          loop.callSoon(() -> trail.add("between: " + currentTask()));
          assertThat(await(foreign)).isEqualTo("result");
          assertThat(trail)
              .containsExactly(
                  "foreign is current: true", "between: null", "foreign is current: true");
          assertThat(allTasks()).containsExactly(currentTask());
          unregisterTask(foreign);

          var cancelled = new CallbackTask(loop, "cancelled", 100, trail);
          cancelled.start();
          sleep(seconds(0));
          assertThat(cancelled.cancel()).isTrue();
          assertThatThrownBy(() -> await(cancelled))
              .isInstanceOfSatisfying(
                  CancelledError.class, e -> assertThat(e.reason()).isEqualTo("asked to"));
          assertThat(cancelled.isCancelled()).isTrue();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-6")
  void unregisteredTaskIsNoLongerSeen(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          var foreign = new CallbackTask(loop, "foreign", 1, trail);
          registerTask(foreign);
          registerTask(foreign);
          assertThat(allTasks()).contains(foreign);
          unregisterTask(foreign);
          assertThat(allTasks()).doesNotContain(foreign);
          Task<?> ours = createTask(() -> trail.add("ran"));
          unregisterTask(ours);
          unregisterTask(ours);
          assertThat(allTasks()).doesNotContain(ours);
          await(ours);
          assertThat(trail).containsExactly("ran");
          assertThat(allTasks()).containsExactly(currentTask());
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("INTRO-7")
  void pendingTaskKeepsItsPlaceUntilItIsDone(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var task =
              new WeakReference<Task<?>>(
                  createTask(() -> sleep(seconds(1)), TaskOptions.named("forgotten")));
          sleep(seconds(0));
          for (int i = 0; i < 3; i++) {
            System.gc();
          }
          assertThat(allTasks()).extracting(Task::name).contains("forgotten");
          assertThat(task.get()).isNotNull();
          sleep(seconds(2));
          assertThat(allTasks()).extracting(Task::name).doesNotContain("forgotten");
        });
  }
}
