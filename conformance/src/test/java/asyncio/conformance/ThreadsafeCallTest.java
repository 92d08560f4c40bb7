package asyncio.conformance;

import static asyncio.conformance.Loops.onOtherThread;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Future;
import asyncio.Handle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;

/** Calls that come into a loop from other threads. */
@Timeout(30)
class ThreadsafeCallTest {

  @EachEngine
  @Spec({"EXEC-1", "EXEC-4"})
  void aForeignThreadWakesTheLoopThatWaitsInItsPoll(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          int[] plain = new int[1];
          try (var background = new Loops.Background(loop)) {
            while (!background.isInNativePoll()) {
              Thread.onSpinWait();
            }
            CountDownLatch called = new CountDownLatch(1);
            plain[0] = 42; // not volatile: the call has to publish it
            loop.callSoonThreadsafe(() -> trail.add("first sees " + plain[0]));
            loop.callSoonThreadsafe(() -> {
              trail.add("second");
              called.countDown();
            });
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
          }
          assertThat(trail).containsExactly("first sees 42", "second");
        });
  }

  @EachEngine
  @Spec("EXEC-2")
  void fromTheLoopsOwnThreadItKeepsTheOrder(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.callSoon(() -> {
            loop.callSoon(() -> trail.add("soon 1"));
            loop.callSoonThreadsafe(() -> trail.add("threadsafe 2"));
            loop.callSoon(() -> trail.add("soon 3"));
            loop.callSoonThreadsafe(loop::stop);
          });
          loop.runForever();
          assertThat(trail).containsExactly("soon 1", "threadsafe 2", "soon 3");
        });
  }

  @EachEngine
  @Spec("EXEC-3")
  void beforeTheLoopRunsItCountsForTheFirstIteration(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.callSoonThreadsafe(() -> trail.add("here"));
          onOtherThread(() -> loop.callSoonThreadsafe(() -> trail.add("elsewhere")));
          Loops.runOnce(loop);
          assertThat(trail).containsExactlyInAnyOrder("here", "elsewhere");
        });
  }

  @EachEngine
  @Spec("EXEC-5")
  void aForeignCancelBeforeTheCallPreventsIt(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          loop.callSoon(() -> {
            Handle handle = loop.callSoonThreadsafe(() -> trail.add("cancelled one"));
            loop.callSoonThreadsafe(() -> trail.add("other"));
            try {
              onOtherThread(() -> {
                handle.cancel();
                assertThat(handle.isCancelled()).isTrue();
              });
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
          loop.callSoon(() -> loop.callSoon(loop::stop));
          loop.runForever();
          assertThat(trail).containsExactly("other");
        });
  }

  @EachEngine
  @Spec("EXEC-6")
  void aForeignCancelWaitsForTheCallThatRuns(Engine engine) throws Exception {
    waitsForTheCall(
        engine,
        (handle, trail) -> {
          handle.cancel();
          trail.add("cancel returned");
        },
        "cancel returned");
  }

  @EachEngine
  @Spec("EXEC-7")
  void aForeignIsCancelledWaitsForTheCallThatRuns(Engine engine) throws Exception {
    waitsForTheCall(
        engine,
        (handle, trail) -> trail.add("cancelled " + handle.isCancelled()),
        "cancelled false");
  }

  private interface Asking {
    void ask(Handle handle, List<String> trail);
  }

  private static void waitsForTheCall(Engine engine, Asking asking, String expected)
      throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          AtomicReference<Handle> handle = new AtomicReference<>();
          CountDownLatch running = new CountDownLatch(1);
          CountDownLatch goOn = new CountDownLatch(1);
          try (var _ = new Loops.Background(loop)) {
            CountDownLatch known = new CountDownLatch(1);
            handle.set(
                loop.callSoonThreadsafe(() -> {
                  awaitLatch(known);
                  running.countDown();
                  awaitLatch(goOn);
                  trail.add("call ends");
                }));
            known.countDown();
            awaitLatch(running);
            Thread asker = Thread.ofPlatform().start(() -> asking.ask(handle.get(), trail));
            while (asker.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
            assertThat(trail).isEmpty();
            goOn.countDown();
            asker.join(20_000);
          }
          assertThat(trail).containsExactly("call ends", expected);
        });
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @EachEngine
  @Spec("EXEC-8")
  void aCallMayCancelItself(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = new ArrayList<>();
          Handle[] handle = new Handle[1];
          handle[0] =
              loop.callSoonThreadsafe(() -> {
                handle[0].cancel();
                trail.add("to its end, cancelled " + handle[0].isCancelled());
              });
          Loops.runOnce(loop);
          trail.add("afterwards " + handle[0].isCancelled());
          assertThat(trail).containsExactly("to its end, cancelled true", "afterwards true");
        });
  }

  @EachEngine
  @Spec("EXEC-37")
  void futuresCompletedFromAForeignThreadLeaveTheLoopWhole(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          int count = 500;
          List<Future<Integer>> futures = new ArrayList<>();
          List<Integer> trail = Collections.synchronizedList(new ArrayList<>());
          CountDownLatch all = new CountDownLatch(count);
          for (int i = 0; i < count; i++) {
            Future<Integer> future = loop.createFuture();
            future.addDoneCallback(done -> {
              trail.add(done.result());
              all.countDown();
            });
            futures.add(future);
          }
          try (var _ = new Loops.Background(loop)) {
            for (int i = 0; i < count; i++) {
              futures.get(i).setResult(i); // against the rules
              loop.callSoonThreadsafe(() -> {});
            }
            assertThat(all.await(20, TimeUnit.SECONDS)).as("no callback was lost").isTrue();
          }
          assertThat(trail).doesNotHaveDuplicates().hasSize(count);
        });
  }
}
