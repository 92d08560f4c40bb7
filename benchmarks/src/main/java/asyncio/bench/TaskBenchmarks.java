package asyncio.bench;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;

/** What tasks cost: switching, spawning, talking to one another. */
final class TaskBenchmarks {
  private static final int SWITCHING_TASKS = 1_000;
  private static final int SWITCHES = 2_000;
  private static final int SPAWN_ROUNDS = 10;
  private static final int SPAWNED = 10_000;
  private static final int ROUND_TRIPS = 200_000;

  private TaskBenchmarks() {}

  static List<Benchmark> all(int scale) {
    int switches = SWITCHES / scale;
    return List.of(
        Benchmark.inLoop("switch", "ns", () -> switching(SWITCHING_TASKS, switches))
            .withLimit(Benchmark.of("limit_switch", "ns", _ -> LimitSwitch.measure(SWITCHING_TASKS, switches))),
        Benchmark.inLoop("switch1", "ns", () -> switching(1, SWITCHING_TASKS * switches / 2))
            .withLimit(
                Benchmark.of("limit_switch1", "ns", _ -> LimitSwitch.measure(1, SWITCHING_TASKS * switches / 2))),
        Benchmark.inLoop("spawn", "ns", () -> spawning(SPAWN_ROUNDS, SPAWNED)).withWarmUps(5),
        Benchmark.inLoop("pingpong", "ns", () -> pingPong(ROUND_TRIPS / scale)));
  }

  private static double switching(int tasks, int switches) {
    long start = System.nanoTime();
    List<Task<?>> running = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      running.add(
          createTask(
              () -> {
                for (int j = 0; j < switches; j++) {
                  Benchmark.yieldOnce();
                }
              }));
    }
    running.forEach(task -> await(task));
    return (System.nanoTime() - start) / ((double) tasks * switches);
  }

  private static double spawning(int rounds, int tasks) {
    List<Task<?>> running = new ArrayList<>(tasks);
    long start = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < tasks; i++) {
        running.add(createTask(() -> {}));
      }
      for (int i = 0; i < tasks; i++) {
        await(running.get(i));
      }
      running.clear();
    }
    return (System.nanoTime() - start) / ((double) rounds * tasks);
  }

  /** Two tasks hand a future to one another: each round trip is two completions and two wake-ups. */
  private static double pingPong(int rounds) {
    EventLoop loop = getRunningLoop();
    Future<?>[] toServer = {loop.createFuture()};
    Future<?>[] toClient = new Future<?>[1];
    Task<?> server =
        createTask(
            () -> {
              for (int i = 0; i < rounds; i++) {
                await(toServer[0]);
                toServer[0] = loop.createFuture();
                toClient[0].setResult(null);
              }
            });
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      toClient[0] = loop.createFuture();
      toServer[0].setResult(null);
      await(toClient[0]);
    }
    double nanos = (System.nanoTime() - start) / (double) rounds;
    await(server);
    return nanos;
  }
}
