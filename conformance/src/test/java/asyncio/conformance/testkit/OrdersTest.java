package asyncio.conformance.testkit;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.testkit.Channels.bytes;
import static asyncio.conformance.testkit.Channels.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.net.AddressOptions;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import asyncio.sync.Queue;
import asyncio.testkit.LoopTest;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** A seed decides in which order a loop hears of what happens outside it, and nothing else. */
class OrdersTest {
  private static final int SEEDS = 100;

  /** A program that writes down what happens. */
  private interface Program {
    void run(VirtualTimeLoop loop, List<String> trail) throws Exception;
  }

  /** What a program does in the order of a seed; null for the natural one. */
  private static List<String> play(Engine engine, @Nullable Long seed, Program program) {
    List<String> trail = new ArrayList<>();
    VirtualTimeLoop loop = new VirtualTimeLoop(engine);
    try {
      if (seed != null) {
        loop.setOrderSeed(seed);
      }
      loop.runUntilComplete(() -> {
        program.run(loop, trail);
        return null;
      });
    } finally {
      loop.close();
    }
    return trail;
  }

  /** The different things that a program does in the orders of many seeds. */
  private static TreeSet<String> outcomes(Program program) {
    TreeSet<String> outcomes = new TreeSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      outcomes.add(String.join(" ", play(Engine.PORTABLE, seed, program)));
    }
    return outcomes;
  }

  /** Writes down when bytes come to one end of a new connection; gives the other end. */
  private static MemoryNetwork.Pair listenTo(VirtualTimeLoop loop, String name, List<String> trail)
      throws IOException {
    MemoryNetwork.Pair pair = loop.network().pair();
    loop.addReader(
        pair.second(),
        () -> {
          try {
            read(pair.second(), 10);
            trail.add(name);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    return pair;
  }

  // ---- what is free

  private static void threeChannels(VirtualTimeLoop loop, List<String> trail) throws IOException {
    var a = listenTo(loop, "a", trail);
    var b = listenTo(loop, "b", trail);
    var c = listenTo(loop, "c", trail);
    for (var pair : List.of(b, c, a)) {
      pair.first().write(bytes("x"));
    }
    sleep(seconds(1));
  }

  @Test
  void channelsThatAreReadyAtOnceComeInEachOrder() {
    assertThat(play(Engine.PORTABLE, null, OrdersTest::threeChannels))
        .containsExactly("b", "c", "a");
    assertThat(outcomes(OrdersTest::threeChannels))
        .containsExactly("a b c", "a c b", "b a c", "b c a", "c a b", "c b a");
  }

  @Test
  void readyChannelIsFoundInALaterPollSometimes() {
    Program program =
        (loop, trail) -> {
          var pair = listenTo(loop, "io", trail);
          pair.first().write(bytes("x"));
          for (int i = 1; i <= 5; i++) {
            sleep(Duration.ZERO);
            trail.add("turn " + i);
          }
        };
    assertThat(outcomes(program))
        .contains(
            "turn 1 io turn 2 turn 3 turn 4 turn 5",
            "turn 1 turn 2 io turn 3 turn 4 turn 5",
            "turn 1 turn 2 turn 3 io turn 4 turn 5")
        .hasSize(4); // it is held back in three polls at most
  }

  @Test
  void whatArrivesAtTheTimeOfATimerComesBeforeItOrAfterIt() {
    Program program =
        (loop, trail) -> {
          loop.network().everywhere().setLatency(seconds(1));
          var pair = listenTo(loop, "io", trail);
          pair.first().write(bytes("x"));
          loop.callLater(seconds(1), () -> trail.add("timer"));
          sleep(seconds(2));
        };
    assertThat(outcomes(program)).containsExactly("io timer", "timer io");
  }

  @Test
  void lookUpsEndInEachOrder() {
    Program program =
        (loop, trail) -> {
          List<Task<?>> tasks = new ArrayList<>();
          for (String name : List.of("a", "b")) {
            loop.network().addHost(name, "192.0.2.1");
            tasks.add(
                createTask(() -> {
                  loop.getaddrinfo(name, 80, AddressOptions.DEFAULT);
                  trail.add(name);
                }));
          }
          for (Task<?> task : tasks) {
            await(task);
          }
        };
    assertThat(outcomes(program)).containsExactly("a b", "b a");
  }

  @Test
  void callsOfTheExecutorEndInEachOrder() {
    Program program =
        (loop, trail) -> {
          List<Future<?>> futures = new ArrayList<>();
          for (String name : List.of("a", "b", "c")) {
            Future<String> call = loop.runInExecutor(null, () -> name);
            call.addDoneCallback(_ -> trail.add(name));
            futures.add(call);
          }
          for (Future<?> future : futures) {
            await(future);
          }
        };
    assertThat(outcomes(program))
        .containsExactly("a b c", "a c b", "b a c", "b c a", "c a b", "c b a");
  }

  @Test
  void callOfTheExecutorEndsBetweenOtherWorkOrAfterIt() {
    Program program =
        (loop, trail) -> {
          Future<String> call = loop.runInExecutor(null, () -> "x");
          call.addDoneCallback(_ -> trail.add("call"));
          for (int i = 1; i <= 3; i++) {
            sleep(Duration.ZERO);
            trail.add("turn " + i);
          }
          await(call);
        };
    assertThat(outcomes(program))
        .containsExactly("turn 1 turn 2 call turn 3", "turn 1 turn 2 turn 3 call");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void callsThatWaitForEachOtherOrForTheLoopAreMadeAllTheSame(Engine engine) {
    for (long seed = 0; seed < 5; seed++) {
      List<String> trail =
          play(
              engine,
              seed,
              (loop, names) -> {
                loop.setPatience(Duration.ofMillis(50));
                CountDownLatch latch = new CountDownLatch(1);
                Future<String> waits =
                    loop.runInExecutor(
                        null,
                        () -> {
                          latch.await();
                          return "waited";
                        });
                Future<String> opens =
                    loop.runInExecutor(
                        null,
                        () -> {
                          latch.countDown();
                          return "opened";
                        });
                Future<String> asks =
                    loop.runInExecutor(
                        null, () -> runCoroutineThreadsafe(() -> "answer", loop).get());
                names.add(await(waits));
                names.add(await(opens));
                names.add(await(asks));
                loop.shutdownDefaultExecutor();
              });
      assertThat(trail).containsExactly("waited", "opened", "answer");
    }
  }

  @Test
  void callsThatAreLeftAreMadeWhenTheLoopIsClosed() throws Exception {
    VirtualTimeLoop loop = new VirtualTimeLoop(Engine.PORTABLE);
    loop.setOrderSeed(1);
    CountDownLatch made = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      loop.runInExecutor(null, made::countDown);
    }
    loop.close();
    made.await();
  }

  // ---- what is promised

  @Test
  void callbacksTasksFuturesAndTimersKeepTheirOrder() {
    Program program =
        (loop, trail) -> {
          Future<String> future = loop.createFuture();
          for (int i = 0; i < 3; i++) {
            int number = i;
            loop.callSoon(() -> trail.add("soon " + number));
            createTask(() -> trail.add("task " + number));
            future.addDoneCallback(_ -> trail.add("done " + number));
            loop.callLater(seconds(1), () -> trail.add("timer " + number));
            loop.callLater(seconds(2 - 0.1 * number), () -> trail.add("later " + number));
          }
          loop.callSoon(() -> future.setResult("x"));
          sleep(seconds(3));
        };
    assertThat(outcomes(program))
        .containsExactly(
            "soon 0 task 0 soon 1 task 1 soon 2 task 2 done 0 done 1 done 2 "
                + "timer 0 timer 1 timer 2 later 2 later 1 later 0");
  }

  @Test
  void queueGivesItsItemsToThoseWhoWaitedFirst() {
    Program program =
        (loop, trail) -> {
          Queue<Integer> queue = new Queue<>();
          List<Task<?>> getters = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            int number = i;
            getters.add(createTask(() -> trail.add(number + ":" + queue.get())));
          }
          sleep(Duration.ZERO);
          for (int i = 0; i < 3; i++) {
            queue.putNowait(i);
          }
          for (Task<?> getter : getters) {
            await(getter);
          }
        };
    assertThat(outcomes(program)).containsExactly("0:0 1:1 2:2");
  }

  @Test
  void operationsOnOneChannelKeepTheirOrder() {
    Program program =
        (loop, trail) -> {
          var pair = listenTo(loop, "read", trail);
          loop.addWriter(
              pair.second(),
              () -> {
                loop.removeWriter(pair.second());
                trail.add("write");
              });
          pair.first().write(bytes("x"));
          sleep(seconds(1));
        };
    assertThat(outcomes(program)).containsExactly("read write");
  }

  @Test
  void callbackThatWasQueuedFirstRunsBeforeTheChannelThatBecameReadyLater() {
    Program program =
        (loop, trail) -> {
          var pair = listenTo(loop, "io", trail);
          loop.callSoon(() -> trail.add("before"));
          pair.first().write(bytes("x"));
          sleep(seconds(1));
        };
    assertThat(outcomes(program)).containsExactly("before io");
  }

  @Test
  void bytesOfAConnectionKeepTheirOrder() {
    Program program =
        (loop, trail) -> {
          StringBuilder got = new StringBuilder();
          Future<String> end = loop.createFuture();
          try (var _ =
              loop.createServer(
                      () ->
                          new Protocol() {
                            @Override
                            public void dataReceived(ByteBuffer data) {
                              got.append(StandardCharsets.UTF_8.decode(data));
                            }

                            @Override
                            public void connectionLost(@Nullable Throwable cause) {
                              end.setResult(got.toString());
                            }
                          },
                      "127.0.0.1",
                      80)
                  .scope()) {
            Transport client =
                loop.createConnection(() -> new Protocol() {}, "127.0.0.1", 80).transport();
            for (int i = 0; i < 10; i++) {
              client.write(String.valueOf(i).getBytes(StandardCharsets.UTF_8));
              sleep(Duration.ZERO);
            }
            client.close();
            trail.add(await(end));
          }
        };
    assertThat(outcomes(program)).containsExactly("0123456789");
  }

  // ---- replay

  private static void everything(VirtualTimeLoop loop, List<String> trail) throws IOException {
    loop.network().everywhere().setLatency(seconds(1));
    List<MemoryNetwork.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pairs.add(listenTo(loop, "io " + i, trail));
    }
    for (int round = 0; round < 5; round++) {
      for (MemoryNetwork.Pair pair : pairs) {
        pair.first().write(bytes("x"));
      }
      String name = "timer " + round;
      loop.callLater(seconds(1), () -> trail.add(name));
      for (int i = 0; i < 3; i++) {
        String call = "call " + i;
        loop.runInExecutor(null, () -> call).addDoneCallback(_ -> trail.add(call));
      }
      sleep(seconds(1));
      trail.add("woken");
    }
    sleep(seconds(2));
  }

  @Test
  void sameSeedGivesTheSameOrderOnEachEngine() {
    TreeSet<String> different = new TreeSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      List<String> first = play(Engine.PORTABLE, seed, OrdersTest::everything);
      assertThat(play(Engine.PORTABLE, seed, OrdersTest::everything)).isEqualTo(first);
      if (Engine.DIRECT.isAvailable()) {
        assertThat(play(Engine.DIRECT, seed, OrdersTest::everything)).isEqualTo(first);
      }
      different.add(first.toString());
    }
    assertThat(different).hasSizeGreaterThan(SEEDS / 2);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void timePassesAsInTheNaturalOrder(Engine engine) {
    for (long seed = 0; seed < 20; seed++) {
      play(
          engine,
          seed,
          (loop, _) -> {
            everything(loop, new ArrayList<>());
            assertThat(loop.time()).isEqualTo(seconds(7).toNanos());
          });
    }
  }

  @LoopTest
  void orderCannotChangeWhileTheLoopRuns(VirtualTimeLoop loop) {
    assertThatIllegalStateException().isThrownBy(() -> loop.setOrderSeed(1));
  }

  // ---- tests with seeds

  private static List<String> failed(Events events) {
    return events.failed().map(OrdersTest::name).toList();
  }

  private static String name(Event event) {
    return event.getTestDescriptor().getDisplayName();
  }

  @Test
  void raceIsFoundAndItsSeedFindsItAgain() {
    Events events = Programs.run("hasARace");
    long engines = Programs.run("anHourOfTimeouts").started().count();
    assertThat(events.started().count()).isEqualTo(engines * 21); // the natural order, and 20 seeds
    List<String> failed = failed(events);
    assertThat(failed).isNotEmpty().hasSizeLessThan(20 * (int) engines);
    assertThat(failed).allMatch(name -> name.matches("(portable|direct), seed \\d+"));
    assertThat(failed(Programs.run("hasARace"))).isEqualTo(failed);

    String seed = failed.getFirst().replaceAll(".*seed ", "");
    System.setProperty("asyncio.testkit.seed", seed);
    try {
      Events again = Programs.run("hasARace");
      assertThat(again.started().count()).isEqualTo(engines);
      assertThat(failed(again)).hasSize((int) engines);
      for (Throwable failure : Programs.failures("hasARace")) {
        assertThat(failure).hasMessageContaining("the second one first");
        assertThat(failure.getSuppressed())
            .extracting(Throwable::getMessage)
            .containsExactly(
                "this was the order of seed "
                    + seed
                    + "; run it again with -Dasyncio.testkit.seed="
                    + seed);
      }
      assertThat(Programs.run("anHourOfTimeouts").started().count())
          .as("tests without seeds run in the natural order")
          .isEqualTo(engines);
    } finally {
      System.clearProperty("asyncio.testkit.seed");
    }
  }

  @Test
  void leakOfASeedNamesItsSeed() {
    for (Throwable failure : Programs.failures("leaksWithEachSeed").subList(1, 2)) {
      assertThat(failure).hasMessageStartingWith("the test left something behind");
      assertThat(failure.getSuppressed())
          .extracting(Throwable::getMessage)
          .containsExactly(
              "this was the order of seed 1; run it again with -Dasyncio.testkit.seed=1");
    }
  }
}
