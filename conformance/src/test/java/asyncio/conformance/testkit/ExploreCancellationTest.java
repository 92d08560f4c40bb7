package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.net.Protocol;
import asyncio.sync.Lock;
import asyncio.testkit.CancelExplorer;
import asyncio.testkit.CancelExplorer.Scenario;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An explorer of cancellations finds what is left behind, wherever that happens. */
class ExploreCancellationTest {

  @LoopTest
  void eachSuspensionIsCancelledTwice(LoopProbe probe) throws Exception {
    int suspensions =
        CancelExplorer.explore(() ->
            () ->
                createTask(() -> {
                  String trail = "";
                  try {
                    for (int i = 1; i <= 3; i++) {
                      trail += i;
                      sleep(Duration.ZERO);
                    }
                    trail += " end";
                  } catch (CancelledError e) {
                    trail += " cancelled";
                    throw e;
                  } finally {
                    probe.trail().add(trail);
                  }
                }));
    assertThat(suspensions).isEqualTo(3);
    assertThat(probe.trail())
        .containsExactly(
            "1 cancelled",
            "12 cancelled", // later: the task had gone on, to its next suspension
            "12 cancelled",
            "123 cancelled",
            "123 cancelled",
            "123 end",
            "123 end",
            "123 end");
  }

  @LoopTest
  void scenarioSeesItsVictimAfterTheEndOfEverything(LoopProbe probe) throws Exception {
    CancelExplorer.explore(() ->
        new Scenario() {
          private final Lock lock = new Lock();
          private final List<Task<?>> tasks = new ArrayList<>();

          @Override
          public Task<?> start() {
            for (int i = 0; i < 3; i++) {
              tasks.add(
                  createTask(() -> {
                    try (var _ = lock.acquire()) {
                      sleep(seconds(1));
                    }
                  }));
            }
            return tasks.get(1);
          }

          @Override
          public void check(Task<?> victim) {
            assertThat(victim).isSameAs(tasks.get(1));
            assertThat(victim.isDone()).isTrue();
            probe.trail().add(victim.isCancelled() ? "cancelled" : "done");
            await(tasks.get(0));
            await(tasks.get(2));
            assertThat(lock.isLocked()).isFalse();
          }
        });
    assertThat(probe.trail())
        .containsExactly("cancelled", "cancelled", "cancelled", "cancelled", "done", "done");
  }

  @LoopTest
  void goodCoroutinePasses(VirtualTimeLoop loop, MemoryNetwork network) throws Exception {
    network.addHost("server.test", "192.0.2.1");
    network.everywhere().setLatency(seconds(1));
    try (var _ = loop.createServer(() -> new Protocol() {}, "192.0.2.1", 80).scope()) {
      int suspensions =
          CancelExplorer.exploreCoroutine(() -> {
            var connection = loop.createConnection(() -> new Protocol() {}, "server.test", 80);
            try {
              sleep(seconds(1));
            } finally {
              connection.transport().close();
            }
            return null;
          });
      assertThat(suspensions).isGreaterThan(3);
    }
  }

  private static void assertFinds(Scenario scenario, String... found) {
    assertThatThrownBy(() -> CancelExplorer.explore(() -> scenario))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(found)
        .hasMessageStartingWith("cancelled at suspension ");
  }

  @LoopTest
  void channelThatIsLeftOpenIsFound(MemoryNetwork network) throws Exception {
    List<SocketChannel> leaked = new ArrayList<>();
    assertFinds(
        () ->
            createTask(() -> {
              SocketChannel channel = network.openSocketChannel();
              leaked.add(channel);
              sleep(Duration.ZERO);
              sleep(Duration.ZERO);
              channel.close();
            }),
        "suspension 1, at once",
        "MemorySocketChannel[unconnected]");
    leaked.getFirst().close();
  }

  @LoopTest
  void taskThatIsLeftRunningIsFound(LoopProbe probe) {
    assertFinds(
        () ->
            createTask(() -> {
              Task<?> child = createTask(() -> sleep(seconds(100)), TaskOptions.named("the child"));
              sleep(Duration.ZERO);
              child.cancel();
            }),
        "suspension 1, at once",
        "'the child'");
    sleep(seconds(100));
  }

  @LoopTest
  void timerThatIsLeftIsFound(VirtualTimeLoop loop) {
    assertFinds(
        () ->
            createTask(() -> {
              var timer = loop.callLater(seconds(100), () -> {});
              sleep(Duration.ZERO);
              timer.cancel();
            }),
        "suspension 1, at once",
        "a timer, 100.0 s from now");
    sleep(seconds(100));
  }

  @LoopTest
  void failureOfAnotherTaskIsFoundByTheCheck() {
    assertFinds(
        new Scenario() {
          private int got;

          @Override
          public Task<?> start() {
            got = 0;
            return createTask(() -> {
              sleep(Duration.ZERO);
              got++;
              sleep(Duration.ZERO);
              got++;
            });
          }

          @Override
          public void check(Task<?> victim) {
            assertThat(got).as("got").isNotEqualTo(1);
          }
        },
        "suspension 1, later",
        "[got]");
  }

  @LoopTest
  void coroutineThatFailsIsReported() {
    assertThatThrownBy(() ->
            CancelExplorer.exploreCoroutine(() -> {
              try {
                sleep(Duration.ZERO);
              } catch (CancelledError e) {
                throw new IllegalStateException("half done", e);
              }
              return null;
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "cancelled at suspension 1, at once: java.lang.IllegalStateException: half done");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void victimThatHangsIsADeadlockThatNamesTheRun(Engine engine) {
    var loop = new VirtualTimeLoop(engine);
    loop.setPatience(Duration.ofMillis(1));
    assertThatThrownBy(() ->
            loop.runUntilComplete(() ->
                CancelExplorer.explore(() ->
                    () ->
                        createTask(() -> {
                          try {
                            sleep(Duration.ZERO);
                          } finally {
                            getRunningLoop().createFuture().await();
                          }
                        }))))
        .hasMessageContaining("(cancelled at suspension 1, at once)");
    loop.setExceptionHandler((_, _) -> {});
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void otherLoopsAreRefused(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    assertThatThrownBy(
            () -> loop.runUntilComplete(() -> CancelExplorer.exploreCoroutine(() -> null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("@LoopTest");
    loop.close();
  }
}
