package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherReturnExceptions;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitFor;
import static asyncio.conformance.Transcript.truth;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.WaitOptions;
import asyncio.WaitResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Scopes and combinators inside one another, as a random generator tells, that fail, end late and
 * cancel one another: the smallest difference from CPython's order or time shows in every line that
 * follows.
 */
class TranscriptStormTest {
  private static final int SEEDS = 12;

  /** The same program as storm.py. */
  private static final class Program {
    private final ClockLoop loop;
    private final Transcript out;
    private final List<Task<String>> tasks = new ArrayList<>();
    private final Set<Long> deadlines = new HashSet<>();
    private int x;

    Program(ClockLoop loop, Transcript out, int seed) {
      this.loop = loop;
      this.out = out;
      this.x = seed;
    }

    private int below(int n) {
      x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
      return (x >> 8) % n;
    }

    private Duration delay() {
      long now = loop.time() / 1_000_000;
      long deadline = now + 600L * below(8) + 1;
      while (!deadlines.add(deadline)) {
        deadline++;
      }
      return millis(deadline - now);
    }

    private void say(String name, String text) {
      out.print(loop.time() / 1_000_000 + ": " + name + " " + text);
    }

    private Task<String> spawn(String name, int depth) {
      Task<String> task = createTask(() -> body(name, depth));
      tasks.add(task);
      return task;
    }

    private List<Task<String>> spawnTwo(String name, int depth) {
      return List.of(spawn(name + 0, depth), spawn(name + 1, depth));
    }

    private String step(String name, int depth) throws Exception {
      int op = below(depth > 0 ? 12 : 4);
      return switch (op) {
        case 0, 1 -> {
          sleep(delay());
          yield "slept";
        }
        case 2 -> {
          sleep(seconds(0));
          yield "yielded";
        }
        case 3 -> {
          if (below(3) == 0) {
            throw new IllegalArgumentException(name);
          }
          int other = below(tasks.size());
          yield "cancelled task " + other + ": " + truth(tasks.get(other).cancel());
        }
        case 4, 5 -> timeout(delay(), () -> "in time: " + body(name + "t", depth - 1));
        case 6, 7 ->
            taskGroup(group -> {
              for (int i = 0; i < 3; i++) {
                int child = i;
                tasks.add(group.createTask(() -> body(name + child, depth - 1)));
              }
              return "group: " + body(name + "g", depth - 1);
            });
        case 8 -> {
          List<Task<String>> children = spawnTwo(name, depth - 1);
          List<?> results =
              below(2) == 0 ? await(gatherReturnExceptions(children)) : await(gather(children));
          yield results.stream()
              .filter(result -> !(result instanceof CancelledError))
              .map(result -> result instanceof Throwable e ? show(e) : (String) result)
              .collect(Collectors.joining(", ", "gathered ", ""));
        }
        case 9 -> "shielded: " + await(shield(spawn(name + "s", depth - 1)));
        case 10 -> "waited for: " + waitFor(() -> body(name + "w", depth - 1), delay());
        default -> {
          List<Task<String>> children = spawnTwo(name, depth - 1);
          WaitResult<Task<String>> result =
              Asyncio.wait(children, new WaitOptions(ReturnWhen.FIRST_COMPLETED, delay()));
          String states =
              children.stream()
                  .map(child -> result.done().contains(child) ? "done" : "pending")
                  .collect(Collectors.joining(", "));
          children.stream().filter(result.pending()::contains).forEach(Task::cancel);
          yield "waited: " + states;
        }
      };
    }

    private String body(String name, int depth) throws Exception {
      int steps = 1 + below(3);
      for (int i = 0; i < steps; i++) {
        try {
          String text = step(name, depth);
          say(name, text);
        } catch (CancelledError e) {
          boolean givesIn = below(6) != 0;
          say(
              name,
              "cancelled, gives in: "
                  + truth(givesIn)
                  + ", requests "
                  + currentTask().cancelling());
          if (givesIn) {
            throw e;
          }
        } catch (RuntimeException e) {
          boolean fails = below(3) == 0;
          say(name, "failure " + show(e) + ", passes it on: " + truth(fails));
          if (fails) {
            throw e;
          }
        }
      }
      say(name, "ends");
      return name;
    }

    void run() {
      for (String name : List.of("a", "b", "c", "d")) {
        spawn(name, 3);
      }
      while (!tasks.stream().allMatch(Task::isDone)) {
        for (int i = 0; i < tasks.size(); i++) {
          if (!tasks.get(i).isDone()) {
            Asyncio.wait(List.of(tasks.get(i)));
          }
        }
      }
      for (int number = 0; number < tasks.size(); number++) {
        Task<String> task = tasks.get(number);
        String text =
            task.isCancelled()
                ? "cancelled"
                : task.exception() != null ? "failure " + show(task.exception()) : task.result();
        out.print(number + ": " + text + ", requests " + task.cancelling());
      }
      loop.reports
          .clear(); // failures that nobody asked for; CPython reports them when it collects them
    }

    private static String show(Throwable e) {
      return switch (e) {
        case ExceptionGroup group ->
            group.exceptions().stream()
                .map(Program::show)
                .collect(Collectors.joining(", ", "[", "]"));
        case TimeoutException _ -> "timed out";
        default -> e.getMessage();
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void storm(Engine engine) {
    var out = new Transcript();
    for (int seed = 1; seed <= SEEDS; seed++) {
      int now = seed;
      out.print("-- seed " + seed);
      OnLoop.run(engine, loop -> new Program(loop, out, now).run());
    }
    out.compare("storm");
  }
}
