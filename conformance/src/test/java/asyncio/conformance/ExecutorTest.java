package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ChannelEventLoop;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.Future;
import asyncio.LoopKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Timeout;

/** Blocking calls on other threads. */
@Timeout(30)
class ExecutorTest {

  @EachEngine
  @Spec("EXEC-9")
  void theWorkStartsWithoutBeingAwaited(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          CountDownLatch started = new CountDownLatch(1);
          Future<String> future =
              loop.runInExecutor(
                  null,
                  () -> {
                    started.countDown();
                    return "result";
                  });
          assertThat(started.await(20, TimeUnit.SECONDS))
              .as("started while the loop does not even run")
              .isTrue();
          assertThat(future.loop()).isSameAs(loop);
          assertThat(future.isDone()).isFalse();
          assertThat(loop.<String>runUntilComplete(future)).isEqualTo("result");
        });
  }

  @EachEngine
  @Spec("EXEC-10")
  void theDefaultPoolIsMadeOnceAndItsThreadsAreNamed(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              Thread first = loop.<Thread>runInExecutor(null, Thread::currentThread).await();
              assertThat(first.getName()).startsWith("asyncio");
              assertThat(first.isDaemon()).isTrue();
              Set<Thread> threads = new HashSet<>();
              for (int i = 0; i < 200; i++) {
                Thread each = loop.<Thread>runInExecutor(null, Thread::currentThread).await();
                assertThat(each.getName()).startsWith("asyncio");
                threads.add(each);
              }
              assertThat(threads)
                  .as("threads of one pool for all calls")
                  .hasSizeLessThanOrEqualTo(32);
              var barrier = new CyclicBarrier(2);
              var meet =
                  List.of(
                      loop.runInExecutor(null, () -> barrier.await()),
                      loop.runInExecutor(null, () -> barrier.await()));
              assertThat(meet.get(0).await() + meet.get(1).await())
                  .as("two calls at the same time")
                  .isEqualTo(1);
            }));
  }

  @EachEngine
  @Spec("EXEC-11")
  void theOutcomeComesBackOnTheLoopsThread(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<Object> seen = new ArrayList<>();
          loop.runUntilComplete(() -> {
            var error = new IllegalArgumentException("from the call");
            Future<Object> failing =
                loop.runInExecutor(
                    null,
                    () -> {
                      throw error;
                    });
            Thread[] threads = new Thread[2];
            loop.callSoon(() -> threads[0] = Thread.currentThread());
            failing.addDoneCallback(_ -> threads[1] = Thread.currentThread());
            try {
              failing.await();
            } catch (IllegalArgumentException e) {
              seen.add(e == error);
            }
            seen.add(threads[0] == threads[1]);
            seen.add(await(loop.<String>runInExecutor(null, () -> "value")));
          });
          assertThat(seen).containsExactly(true, true, "value");
        });
  }

  @EachEngine
  @Spec("EXEC-12")
  void aRefusalOfTheExecutorIsThrownAtOnce(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          ExecutorService closed = Executors.newSingleThreadExecutor();
          closed.close();
          assertThatThrownBy(() -> loop.runInExecutor(closed, () -> 1))
              .isInstanceOf(RejectedExecutionException.class);
          assertThatThrownBy(() ->
                  loop.runInExecutor(
                      _ -> {
                        throw new RejectedExecutionException("full");
                      },
                      () -> 1))
              .hasMessage("full");
        });
  }

  @EachEngine
  @Spec("EXEC-13")
  void cancellingStopsACallThatHasNotStartedOnly(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            loop.runUntilComplete(() -> {
              Future<Object> running =
                  loop.runInExecutor(
                      one,
                      () -> {
                        started.countDown();
                        goOn.await();
                        trail.add("running one ends");
                        return "ignored";
                      });
              Future<Boolean> waiting =
                  loop.runInExecutor(one, () -> trail.add("waiting one starts"));
              Future<Boolean> last = loop.runInExecutor(one, () -> trail.add("last"));
              assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
              running.cancel();
              waiting.cancel();
              goOn.countDown();
              last.await();
              assertThat(running.isCancelled()).isTrue();
              assertThat(waiting.isCancelled()).isTrue();
            });
          }
          assertThat(trail).containsExactly("running one ends", "last");
        });
  }

  @EachEngine
  @Spec("EXEC-14")
  void aCallThatEndsAfterTheLoopWasClosedDoesNotTouchIt(Engine engine) throws Exception {
    List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());
    List<String> touched = Collections.synchronizedList(new ArrayList<>());
    var loop =
        new ChannelEventLoop(engine, LoopKind.preferred()) {
          @Override
          protected void wakeUp() {
            if (isClosed()) {
              touched.add("wakeUp");
            }
            super.wakeUp();
          }
        };
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (ExecutorService one =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().uncaughtExceptionHandler((_, t) -> uncaught.add(t)).factory())) {
      Future<Object> cancelled =
          loop.runInExecutor(
              one,
              () -> {
                started.countDown();
                goOn.await();
                return 1;
              });
      Future<Object> pending = loop.runInExecutor(one, () -> 2);
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue(); // else the cancel would drop it
      cancelled.cancel();
      Loops.runOnce(loop);
      loop.close();
      goOn.countDown();
      one.shutdown();
      assertThat(one.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
      assertThat(pending.isDone()).isFalse();
    }
    assertThat(uncaught).isEmpty();
    assertThat(touched).isEmpty();
  }

  /** Not a pool of threads. */
  private static final class OnTheCaller extends AbstractExecutorService {
    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }

  @EachEngine
  @Spec("EXEC-15")
  void onlyThreadPoolsBecomeTheDefaultExecutor(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          ExecutorService named =
              Executors.newSingleThreadExecutor(Thread.ofPlatform().name("mine").factory());
          loop.setDefaultExecutor(named);
          assertThatThrownBy(() -> loop.setDefaultExecutor(new OnTheCaller()))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("thread-pool executor");
          ExecutorService closed = Executors.newCachedThreadPool();
          closed.close();
          assertThatThrownBy(() -> loop.setDefaultExecutor(closed))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> loop.setDefaultExecutor(null))
              .isInstanceOf(NullPointerException.class);
          String name =
              loop.runUntilComplete(
                  loop.<String>runInExecutor(null, () -> Thread.currentThread().getName()));
          assertThat(name).as("the old setting stays").isEqualTo("mine");
          for (ExecutorService good :
              List.of(
                  Executors.newFixedThreadPool(1),
                  new ForkJoinPool(1),
                  Executors.newVirtualThreadPerTaskExecutor())) {
            loop.setDefaultExecutor(good);
            assertThat(loop.<String>runUntilComplete(loop.runInExecutor(null, () -> "good")))
                .isEqualTo("good");
            good.shutdown();
          }
          named.close();
        });
    Snippet.rejects(
        "newEventLoop().setDefaultExecutor((java.util.concurrent.Executor) Runnable::run);");
  }

  @EachEngine
  @Spec("EXEC-16")
  void aReplacedExecutorGoesOn(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          ExecutorService first = Executors.newFixedThreadPool(1);
          ExecutorService second = Executors.newFixedThreadPool(1);
          loop.setDefaultExecutor(first);
          loop.setDefaultExecutor(second);
          assertThat(first.isShutdown()).isFalse();
          assertThat(first.submit(() -> "still works").get()).isEqualTo("still works");
          first.close();
          second.close();
        });
  }

  @EachEngine
  @Spec("EXEC-17")
  void shutdownWaitsForCallsAndThreadsWithoutBlockingTheLoop(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop -> {
          List<String> trail = Collections.synchronizedList(new ArrayList<>());
          List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
          CountDownLatch goOn = new CountDownLatch(1);
          loop.runUntilComplete(() -> {
            for (int i = 0; i < 100; i++) { // more than the pool has threads: some calls wait
              loop.runInExecutor(
                  null,
                  () -> {
                    goOn.await();
                    threads.add(Thread.currentThread());
                  });
            }
            createTask(() -> {
              trail.add("the loop goes on");
              goOn.countDown();
            });
            loop.shutdownDefaultExecutor();
            trail.add(
                "calls "
                    + threads.size()
                    + ", alive "
                    + threads.stream().filter(Thread::isAlive).count());
          });
          assertThat(trail).containsExactly("the loop goes on", "calls 100, alive 0");
        });
  }

  @EachEngine
  @Spec({"EXEC-18", "EXEC-19"})
  void afterTheShutdownOnlyExplicitExecutorsWork(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              List<String> trail = new ArrayList<>();
              loop.callSoon(() -> trail.add("next iteration"));
              loop.shutdownDefaultExecutor();
              trail.add("completes at once");
              assertThat(trail).containsExactly("completes at once");
              assertRefused("shutdown", () -> loop.runInExecutor(null, () -> 1));
              assertRefused("shutdown", () -> toThread(() -> 1));
              try (ExecutorService mine = Executors.newSingleThreadExecutor()) {
                assertThat(loop.<Integer>runInExecutor(mine, () -> 1).await()).isEqualTo(1);
              }
            }));
  }

  @EachEngine
  @Spec("EXEC-20")
  void aShutdownThatTakesTooLongWarnsAndReturns(Engine engine) throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (var log = new LogCapture()) {
      Loops.with(
          engine,
          loop ->
              loop.runUntilComplete(() -> {
                loop.runInExecutor(null, () -> goOn.await());
                loop.shutdownDefaultExecutor(millis(20));
              }));
      assertThat(log.texts(Level.WARNING))
          .singleElement()
          .asString()
          .contains("did not finish", "0.02 seconds");
    } finally {
      goOn.countDown();
    }
  }

  @EachEngine
  @Spec({"EXEC-21", "EXEC-22"})
  void toThreadGivesTheOutcomeOfOneCall(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              List<String> calls = Collections.synchronizedList(new ArrayList<>());
              String argument = "captured";
              String name =
                  toThread(() -> {
                    calls.add(argument);
                    return Thread.currentThread().getName();
                  });
              assertThat(name).startsWith("asyncio");
              assertThat(calls).containsExactly("captured");
              var error = new IllegalStateException("mine");
              assertThatThrownBy(() ->
                      toThread(() -> {
                        throw error;
                      }))
                  .isSameAs(error);
              assertThatThrownBy(() ->
                      toThread(() -> {
                        throw new IOException("checked");
                      }))
                  .isInstanceOf(UncheckedIOException.class)
                  .hasRootCauseMessage("checked");
            }));
  }

  @EachEngine
  @Spec("EXEC-23")
  void toThreadStartsWhenItIsAwaitedAndSeveralRunAtOnce(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              List<String> trail = Collections.synchronizedList(new ArrayList<>());
              Coroutine<Object> later = () -> toThread(() -> trail.add("starts"));
              sleep(millis(2));
              trail.add("before");
              await(later);
              assertThat(trail).containsExactly("before", "starts");
              var barrier = new CyclicBarrier(3);
              Coroutine<Integer> meets = () -> toThread(() -> barrier.await(20, TimeUnit.SECONDS));
              assertThat(await(gather(meets, meets, meets))).containsExactlyInAnyOrder(0, 1, 2);
              assertThat(seconds(0)).isZero();
            }));
  }
}
