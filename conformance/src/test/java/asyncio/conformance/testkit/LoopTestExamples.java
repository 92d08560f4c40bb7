package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;

import asyncio.AbstractEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.sync.Event;
import asyncio.sync.Queue;
import asyncio.testkit.DirectOnly;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/** Tests for {@link LoopTestFailureTest} to run, most of which must fail. Not run by themselves. */
class LoopTestExamples {
  private Task<?> left;

  /** What the threads that are left behind wait for. */
  static volatile CountDownLatch enough = new CountDownLatch(1);

  @AfterEach
  void tearDown(EventLoop loop) {
    if (left != null) {
      left.cancel();
      ((VirtualTimeLoop) loop).runUntilIdle();
    }
  }

  // ---- good ones

  @LoopTest(timeout = 5)
  void anHourOfTimeouts() {
    for (int i = 0; i < 3_600; i++) {
      try {
        timeout(seconds(1), () -> sleep(Duration.ofDays(1)));
      } catch (asyncio.TimeoutException e) {
        continue;
      }
      throw new AssertionError("no timeout");
    }
    if (getRunningLoop().time() != Duration.ofHours(1).toNanos()) {
      throw new AssertionError("not an hour but " + getRunningLoop().time());
    }
  }

  @LoopTest
  void cancelsAtTheVeryEnd() {
    var task = createTask(() -> sleep(seconds(1)));
    sleep(seconds(0));
    task.cancel();
  }

  @LoopTest
  void cleansUpInTearDown() {
    left = createTask(() -> sleep(seconds(1)));
    sleep(seconds(0));
  }

  @LoopTest
  void hasAHandlerOfItsOwn(EventLoop loop) {
    loop.setExceptionHandler((_, _) -> {});
    loop.callSoon(() -> {
      throw new IllegalStateException("boom");
    });
    sleep(seconds(0));
  }

  @LoopTest
  void isAborted() {
    throw new TestAbortedException("not today");
  }

  // ---- bad ones

  @LoopTest
  void leaksTasks() {
    var queue = new Queue<String>();
    createTask(queue::get, TaskOptions.named("consumer"));
    createTask(() -> sleep(seconds(7)), TaskOptions.named("sleeper"));
    sleep(seconds(0));
  }

  @LoopTest
  void nobodyRetrieves() {
    createTask(
        () -> {
          throw new IOException("disk full");
        },
        TaskOptions.named("writer"));
    Future<String> future = getRunningLoop().createFuture();
    future.setException(new IllegalStateException("no answer"));
    sleep(seconds(0));
  }

  @LoopTest
  void reportsToTheHandler(EventLoop loop) {
    loop.callSoon(() -> {
      throw new IllegalStateException("boom");
    });
    sleep(seconds(0));
  }

  @LoopTest
  void leavesATimer(EventLoop loop) {
    loop.callLater(seconds(30), () -> {});
  }

  @LoopTest
  void leavesChannels(MemoryNetwork network, EventLoop loop) throws IOException {
    MemoryNetwork.Pair pair = network.pair();
    loop.addReader(pair.first(), () -> {});
    network.openServerSocketChannel();
  }

  /** Takes it for granted that who was asked first answers first. */
  @LoopTest(seeds = 20)
  void hasARace(VirtualTimeLoop loop, MemoryNetwork network) throws IOException {
    List<String> answers = new ArrayList<>();
    List<MemoryNetwork.Pair> pairs = List.of(network.pair(), network.pair());
    for (MemoryNetwork.Pair pair : pairs) {
      String name = "number " + pairs.indexOf(pair);
      loop.addReader(
          pair.first(),
          () -> {
            loop.removeReader(pair.first());
            answers.add(name);
          });
      pair.second().write(ByteBuffer.wrap(new byte[1]));
    }
    sleep(seconds(1));
    for (MemoryNetwork.Pair pair : pairs) {
      pair.first().close();
      pair.second().close();
    }
    if (!answers.getFirst().equals("number 0")) {
      throw new AssertionError("the second one first");
    }
  }

  @LoopTest(seeds = 1)
  void leaksWithEachSeed(EventLoop loop) {
    loop.callLater(seconds(30), () -> {});
  }

  @LoopTest
  void leavesAResource(EventLoop loop) {
    ((AbstractEventLoop) loop).resourceOpened("connection 1");
    ((AbstractEventLoop) loop).resourceOpened("connection 2");
    ((AbstractEventLoop) loop).resourceClosed("connection 1");
  }

  @LoopTest(realTime = true)
  void leavesAChannel(EventLoop loop) throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    loop.addReader(pipe.source(), () -> {});
  }

  @LoopTest
  void leavesAThread() {
    Thread.ofPlatform().daemon(false).name("left behind").start(LoopTestExamples::waitForEnough);
  }

  @LoopTest
  void leavesACallInTheExecutor(EventLoop loop) throws InterruptedException {
    var started = new CountDownLatch(1);
    var call =
        loop.runInExecutor(
            null,
            () -> {
              started.countDown();
              waitForEnough();
            });
    started.await();
    call.cancel();
  }

  private static void waitForEnough() {
    try {
      enough.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @LoopTest
  void everythingGoesWrong(EventLoop loop) {
    createTask(() -> new Event().await(), TaskOptions.named("waiter"));
    createTask(
        () -> {
          throw new IOException("disk full");
        },
        TaskOptions.named("writer"));
    loop.callSoon(() -> {
      throw new IllegalStateException("boom");
    });
    loop.callLater(seconds(30), () -> {});
    sleep(seconds(0));
    throw new AssertionError("the test's own");
  }

  @LoopTest
  void deadlocks(VirtualTimeLoop loop) {
    loop.setPatience(Duration.ofMillis(20));
    var queue = new Queue<String>();
    var consumer = createTask(queue::get, TaskOptions.named("consumer"));
    await(consumer);
  }

  @LoopTest(realTime = true, timeout = 0.1)
  void isTooSlow() {
    var sleeper = createTask(() -> sleep(seconds(100)), TaskOptions.named("sleeper"));
    await(sleeper);
  }

  @LoopTest(timeout = 0.1)
  void blocksTheLoop(EventLoop loop) {
    loop.callSoon(() -> {
      while (!Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(1_000_000);
      }
    });
    sleep(seconds(1));
  }

  @LoopTest
  void endsTheProcess() {
    createTask(() -> {
      throw new SystemExit(3);
    });
    sleep(seconds(1));
  }

  @LoopTest
  @Timeout(value = 100, unit = TimeUnit.MILLISECONDS)
  void isInterruptedByJunit(EventLoop loop) {
    await(loop.runInExecutor(null, LoopTestExamples::waitForEnough));
  }

  @LoopTest
  void throwsAnError(LoopProbe probe) {
    sleep(seconds(0));
    throw new StackOverflowError("mine");
  }

  @LoopTest(realTime = true)
  void wantsTheWrongLoop(VirtualTimeLoop loop) {}

  @LoopTest
  @DirectOnly
  void needsTheDirectEngine(Engine engine) {}
}
