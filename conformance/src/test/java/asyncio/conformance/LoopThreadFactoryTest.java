package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.LoopKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** Threads that are tasks of a loop. */
@Timeout(30)
class LoopThreadFactoryTest {

  @EachEngine
  void aStartedThreadIsATaskThatTakesTurns(Engine engine) throws Exception {
    List<String> trail = new ArrayList<>();
    // On a real clock: the thread of the portable engine comes in from outside, when it comes.
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Future<Object> done = loop.createFuture();
              Thread thread =
                  loop.threadFactory()
                      .newThread(() -> {
                        trail.add(
                            "runs, task "
                                + (currentTask() != null)
                                + ", loop "
                                + (getRunningLoop() == loop));
                        sleep(seconds(0));
                        trail.add("goes on");
                        done.setResult(null);
                      });
              assertThat(allTasks()).hasSize(1);
              thread.start();
              trail.add("started");
              loop.callSoonThreadsafe(() -> trail.add("callback"));
              return done.await();
            }));
    assertThat(trail.getFirst()).isEqualTo("started");
    assertThat(trail).containsSubsequence("runs, task true, loop true", "goes on");
  }

  @EachEngine
  void aForeignThreadMayStartAndJoinOne(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          try (var _ = new Loops.Background(loop)) {
            Thread thread =
                loop.threadFactory().newThread(() -> trail.add("on " + (getRunningLoop() == loop)));
            thread.start();
            assertThat(thread.join(java.time.Duration.ofSeconds(20))).isTrue();
            trail.add("joined");
          }
          assertThat(trail).containsExactly("on true", "joined");
        });
  }

  @EachEngine
  void anInterruptCancelsItAndAFailureGoesToItsHandler(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          CountDownLatch waits = new CountDownLatch(1);
          CountDownLatch handled = new CountDownLatch(1);
          try (var _ = new Loops.Background(loop)) {
            Thread sleeper =
                loop.threadFactory()
                    .newThread(() -> {
                      try {
                        waits.countDown();
                        sleep(seconds(1000));
                      } catch (CancelledError e) {
                        trail.add("cancelled");
                        throw e;
                      }
                    });
            sleeper.start();
            assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
            CountDownLatch suspended = new CountDownLatch(1);
            loop.callSoonThreadsafe(suspended::countDown);
            assertThat(suspended.await(20, TimeUnit.SECONDS)).isTrue();
            sleeper.interrupt();
            assertThat(sleeper.join(java.time.Duration.ofSeconds(20))).isTrue();
            Thread failing =
                loop.threadFactory()
                    .newThread(() -> {
                      throw new IllegalStateException("failed");
                    });
            failing.setUncaughtExceptionHandler((_, t) -> {
              trail.add("handler got " + t.getMessage());
              handled.countDown();
            });
            failing.start();
            assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
          }
          assertThat(trail).containsExactly("cancelled", "handler got failed");
        });
  }

  @EachEngine
  void onAClosedLoopItStillEnds(Engine engine) throws Exception {
    var loop = LoopKind.preferred().newLoop(engine);
    Thread thread = loop.threadFactory().newThread(() -> {});
    loop.close();
    thread.start();
    assertThat(thread.join(java.time.Duration.ofSeconds(20))).isTrue();
  }
}
