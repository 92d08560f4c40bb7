package asyncio.monitor;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.SelectorEventLoop;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.inspect.Loops;
import asyncio.inspect.Snapshot;
import asyncio.inspect.TaskState;
import asyncio.monitor.Look.LoopLook;
import asyncio.monitor.Look.StallLook;
import asyncio.monitor.Look.TaskLook;
import asyncio.monitor.Rows.Row;
import asyncio.net.Server;
import asyncio.sync.Lock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the monitor finds out about a program that really runs, on another thread. */
class LiveTest {
  private final EventLoop own = new SelectorEventLoop();
  private final LiveSource source = new LiveSource(own, false);
  private final EventLoop loop = new SelectorEventLoop();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private Thread program;
  private Future<Void> ending;

  /** Runs {@code code} and then waits; returns when it waits. */
  private void start(Action code) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    program =
        Thread.ofPlatform()
            .start(() -> {
              try (Runner runner = new Runner(RunOptions.DEFAULT.withLoopFactory(() -> loop))) {
                runner.run(() -> {
                  ending = loop.createFuture();
                  code.run();
                  loop.callLater(Duration.ZERO, begun::countDown);
                  await(ending);
                });
              } catch (Throwable t) {
                failure.set(t);
                begun.countDown();
              }
            });
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isNull();
  }

  @AfterEach
  void end() throws InterruptedException {
    if (program != null) {
      loop.callSoonThreadsafe(() -> ending.cancel());
      program.join();
    }
    source.close();
    own.close();
    loop.close();
  }

  private static Task<Void> startTask(String name, Action code) {
    return createTask(code, TaskOptions.named(name));
  }

  private LoopLook loopOf(Look look) {
    return look.loops().stream()
        .filter(one -> one.id().equals(Loops.idOf(loop)))
        .findFirst()
        .orElseThrow();
  }

  /** Looks again and again, as the monitor does; there is no other way to learn of a change. */
  private Look lookUntil(Predicate<Look> condition) {
    Look look = source.look(null, true);
    while (!condition.test(look)) {
      LockSupport.parkNanos(10_000_000);
      look = source.look(look, true);
    }
    return look;
  }

  private List<Row> rows(Map<String, Integer> open) {
    return Rows.of(source.look(null, true).tree(), new Rows.Query(open, false, "")).rows();
  }

  private Row row(String label) {
    return rows(Map.of()).stream()
        .filter(row -> row.label().contains(label))
        .findFirst()
        .orElseThrow();
  }

  private static void work() {
    sleep(seconds(1000));
  }

  @Test
  void treeShowsTasksWithWhatTheyWaitFor() throws Exception {
    Lock lock = new Lock();
    start(() -> {
      startTask("parent", () -> await(gather(LiveTest::work, LiveTest::work)));
      startTask(
          "holder",
          () -> {
            try (var _ = lock.acquire()) {
              work();
            }
          });
      startTask("waiter", lock::acquire);
    });
    Row parent = row("parent");
    assertThat(parent.state()).isEqualTo("waiting");
    assertThat(row("waiter").waits().getFirst().text())
        .startsWith("Lock@")
        .contains("held by 'holder'");
    // Before its first step a task has no frame to be named by.
    lookUntil(
        _ -> Snapshot.of(loop).tasks().stream().noneMatch(task -> task.state() == TaskState.NEW));
    List<Row> opened = rows(Map.of(parent.key(), 0));
    Row children = opened.stream().filter(row -> row.level() == 2).findFirst().orElseThrow();
    assertThat(children.label()).isEqualTo("LiveTest.work");
    assertThat(children.count()).isEqualTo(2);
    assertThat(children.waits()).containsExactly(new Rows.Count("timer", 2));
  }

  @Test
  void panelShowsTheStackOfATask() throws Exception {
    start(() -> startTask("worker", LiveTest::work));
    String id = row("worker").task();
    TaskLook task = source.task(id);
    assertThat(task.name()).isEqualTo("worker");
    assertThat(task.stack())
        .anySatisfy(line -> assertThat(line).contains("LiveTest.work(LiveTest.java:"));
    assertThat(source.task("0x0")).isNull();
  }

  @Test
  void cancelledTaskEnds() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    start(() ->
        startTask(
            "worker",
            () -> {
              try {
                work();
              } catch (CancelledError e) {
                cancelled.countDown();
                throw e;
              }
            }));
    String id = row("worker").task();
    assertThat(source.cancel(id)).isEqualTo("'worker' was asked to end");
    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    lookUntil(look -> source.task(id) == null); // its last step is on its way
    assertThatThrownBy(() -> source.cancel(id))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(id);
  }

  @Test
  void deadlockIsShown() throws Exception {
    Task<?>[] tasks = new Task<?>[2];
    start(() -> {
      tasks[0] = startTask("a", () -> await(tasks[1]));
      tasks[1] = startTask("b", () -> await(tasks[0]));
    });
    Look look = source.look(null, true);
    assertThat(look.cycles()).hasSize(1);
    assertThat(look.cycles().getFirst().deadlock()).isTrue();
    assertThat(look.cycles().getFirst().steps())
        .extracting(Look.StepLook::name)
        .containsExactlyInAnyOrder("a", "b");
    assertThat(look.tree().find(look.cycles().getFirst().steps().getFirst().id()).isInCycle)
        .isTrue();
  }

  @Test
  void loopThatStandsStillIsLateAndItsStackIsShown() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    start(() -> {});
    loop.stallFinder().setLimit(Duration.ofMillis(50));
    loop.callSoonThreadsafe(() -> blockUntil(goOn));
    Look look = lookUntil(one -> loopOf(one).stuck() != null && loopOf(one).lag() >= 50);
    StallLook stall = look.stalls().getFirst();
    assertThat(stall.over()).isFalse();
    assertThat(stall.stack())
        .anySatisfy(line -> assertThat(line).contains("LiveTest.blockUntil(LiveTest.java:"));
    assertThat(loopOf(look).stuck().stack()).isNotEmpty();
    goOn.countDown();
    look = lookUntil(one -> loopOf(one).stuck() == null);
    assertThat(look.stalls().getFirst().over()).isTrue();
  }

  private static void blockUntil(CountDownLatch latch) {
    for (; ; ) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void connectionsAreShownWithTheirBuffers() throws Exception {
    int[] port = new int[1];
    start(() -> {
      Server server = startServer((in, out) -> in.readAll(), "127.0.0.1", 0);
      port[0] = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
      var streams = openConnection("127.0.0.1", port[0]);
      streams.writer().writeUtf8("hello");
      startTask("server", server::serveForever);
    });
    Look look = source.look(null, true);
    assertThat(look.connectionCount()).isEqualTo(2);
    assertThat(look.connections())
        .allSatisfy(one -> assertThat(one.name()).contains("127.0.0.1:" + port[0]))
        .anySatisfy(one -> assertThat(one.sent()).isEqualTo(5));
  }

  @Test
  void timingsAreRecordedOnlyForViewers() throws Exception {
    start(() -> startTask("worker", LiveTest::work));
    assertThat(source.look(null, false).codes()).isEmpty();
    assertThat(loop.metrics().timings()).isNull();
    source.look(null, true);
    assertThat(loop.metrics().timings()).isNotNull();
    source.look(null, false);
    assertThat(loop.metrics().timings()).isNull();
  }

  @Test
  void monitorsOwnLoopIsNotShown() throws Exception {
    start(() -> {});
    assertThat(source.look(null, true).loops())
        .extracting(LoopLook::id)
        .contains(Loops.idOf(loop))
        .doesNotContain(Loops.idOf(own));
  }

  @Test
  @Timeout(180)
  void hundredThousandTasksAreAFewRows() throws Exception {
    int many = 100_000;
    start(() -> {
      for (int i = 0; i < many; i++) {
        createTask(LiveTest::work);
      }
    });
    Look look = source.look(null, true);
    assertThat(loopOf(look).tasks()).isGreaterThanOrEqualTo(many);
    List<Row> rows = Rows.of(look.tree(), new Rows.Query(Map.of(), false, "")).rows();
    assertThat(rows).hasSizeLessThan(10);
    Row group = rows.getFirst();
    assertThat(group.label()).isEqualTo("LiveTest.work");
    assertThat(group.count()).isEqualTo(many);
    List<Row> opened =
        Rows.of(look.tree(), new Rows.Query(Map.of(group.key(), 99_950), false, "")).rows();
    assertThat(opened).hasSizeLessThan(10 + Rows.PAGE + 1);
  }
}
