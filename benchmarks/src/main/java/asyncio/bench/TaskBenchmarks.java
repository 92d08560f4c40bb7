package asyncio.bench;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;

import asyncio.Coroutine;
import asyncio.Task;
import asyncio.sync.Queue;
import java.util.ArrayList;
import java.util.List;

/** What tasks cost: switching, spawning, talking to one another. */
final class TaskBenchmarks {
  private static final int SWITCHING_TASKS = 1_000;
  private static final int SWITCHES = 2_000;
  private static final int SPAWN_ROUNDS = 10;
  private static final int SPAWNED = 10_000;
  private static final int ROUND_TRIPS = 200_000;
  private static final int GATHERED = 100_000;

  private TaskBenchmarks() {}

  static List<Benchmark> all(int scale) {
    int switches = SWITCHES / scale;
    int alone = SWITCHING_TASKS * switches / 2;
    int trips = ROUND_TRIPS / scale;
    int gathered = GATHERED / scale;
    return List.of(
        Benchmark.inLoop("switch", "ns", () -> switching(SWITCHING_TASKS, switches))
            .withLimit(
                bare("switch", loop -> TaskLimits.switching(loop, SWITCHING_TASKS, switches))),
        Benchmark.inLoop("switch1", "ns", () -> switching(1, alone))
            .withLimit(bare("switch1", loop -> TaskLimits.switching(loop, 1, alone))),
        Benchmark.inLoop("spawn", "ns", () -> spawning(SPAWN_ROUNDS, SPAWNED))
            .withWarmUps(5)
            .withLimit(bare("spawn", loop -> TaskLimits.spawning(loop, SPAWN_ROUNDS, SPAWNED))),
        Benchmark.inLoop("pingpong", "ns", () -> pingPong(trips))
            .withLimit(bare("pingpong", loop -> TaskLimits.pingPong(loop, trips))),
        Benchmark.inLoop("gather", "ns", () -> gathering(gathered))
            .withLimit(bare("gather", loop -> TaskLimits.gathering(loop, gathered))));
  }

  private static Benchmark bare(String name, BareLoop.Body body) {
    return Benchmark.of("limit_" + name, "ns", _ -> BareLoop.measure(body));
  }

  private static double switching(int tasks, int switches) {
    long start = System.nanoTime();
    List<Task<?>> running = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      running.add(
          createTask(() -> {
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

  /** Two tasks pass an item to and fro, over two queues for one item each. */
  private static double pingPong(int rounds) {
    Queue<Integer> toServer = new Queue<>(1);
    Queue<Integer> toClient = new Queue<>(1);
    Task<?> server =
        createTask(() -> {
          for (int i = 0; i < rounds; i++) {
            toClient.put(toServer.get());
          }
        });
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      toServer.put(i);
      toClient.get();
    }
    double nanos = (System.nanoTime() - start) / (double) rounds;
    await(server);
    return nanos;
  }

  /** Children that yield once. */
  private static double gathering(int children) {
    List<Coroutine<Boolean>> coroutines = new ArrayList<>(children);
    for (int i = 0; i < children; i++) {
      coroutines.add(() -> {
        Benchmark.yieldOnce();
        return true;
      });
    }
    long start = System.nanoTime();
    await(gather(coroutines));
    return (System.nanoTime() - start) / (double) children;
  }
}
