package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Transcript.truth;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tasks that wait for, complete and cancel one another as a random generator tells them, which they
 * share: the smallest difference from CPython's order shows in every line that follows.
 */
class TranscriptChaosTest {
  private static final int FUTURES = 4;
  private static final int TASKS = 8;
  private static final int STEPS = 14;
  private static final int SEEDS = 8;

  /** The same program as chaos.py. */
  private static final class Program {
    private final EventLoop loop;
    private final Transcript out;
    private final List<Future<String>> futures = new ArrayList<>();
    private final List<Task<String>> tasks = new ArrayList<>();
    private final boolean eager;
    private int x;
    private int tick;

    Program(EventLoop loop, Transcript out, int seed) {
      this.loop = loop;
      this.out = out;
      this.eager = seed % 2 == 0;
      this.x = seed;
    }

    private int below(int n) {
      x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
      return (x >> 8) % n;
    }

    private void complete(int index, String value) {
      Future<String> future = futures.get(index);
      futures.set(index, loop.createFuture());
      if (!future.isDone()) {
        future.setResult(value);
      }
    }

    private String step(int me) {
      int op = below(10);
      if (op < 2) {
        sleep(seconds(0));
        return "yielded";
      }
      if (op < 4) {
        int index = below(FUTURES);
        return "future " + index + " gave " + await(futures.get(index));
      }
      if (op == 4) {
        int index = below(FUTURES);
        complete(index, "" + me);
        return "completed future " + index;
      }
      if (op == 5) {
        int other = below(TASKS);
        return "cancelled task " + other + ": " + truth(tasks.get(other).cancel("by " + me));
      }
      if (op == 6 && me + 1 < TASKS) {
        int other = me + 1 + below(TASKS - me - 1);
        return "task " + other + " gave " + await(tasks.get(other));
      }
      if (op == 7) {
        int index = below(FUTURES);
        loop.callSoon(() -> {
          out.print(tick + ": callback of " + me);
          complete(index, "callback of " + me);
        });
        return "callback for future " + index;
      }
      if (op == 8) {
        Future<String> future = futures.get(below(FUTURES));
        return "inner task gave " + await(createTask(() -> await(future)));
      }
      return "uncancel " + currentTask().uncancel();
    }

    private String worker(int me) {
      for (int step = 0; step < STEPS; step++) {
        try {
          String text = step(me);
          out.print(tick + ": " + me + " " + text);
        } catch (CancelledError e) {
          boolean givesIn = below(4) == 0;
          out.print(tick + ": " + me + " cancelled, gives in: " + truth(givesIn));
          if (givesIn) {
            throw e;
          }
        }
      }
      out.print(tick + ": " + me + " ends");
      return "result of " + me;
    }

    void run() {
      for (int i = 0; i < FUTURES; i++) {
        futures.add(loop.createFuture());
      }
      for (int i = 0; i < TASKS; i++) {
        int me = i;
        tasks.add(createTask(() -> worker(me)));
      }
      if (eager) {
        loop.setTaskFactory(eagerTaskFactory());
      }
      while (!tasks.stream().allMatch(Task::isDone)) {
        tick++;
        sleep(seconds(0));
        if (tick % 5 == 0) {
          complete(below(FUTURES), "main");
        }
      }
      for (int me = 0; me < TASKS; me++) {
        Task<String> task = tasks.get(me);
        out.print(
            me
                + ": "
                + (task.isCancelled() ? "cancelled" : task.result())
                + ", requests "
                + task.cancelling());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void chaos(Engine engine) {
    var out = new Transcript();
    for (int seed = 1; seed <= SEEDS; seed++) {
      int now = seed;
      out.print("-- seed " + seed);
      OnLoop.run(engine, loop -> new Program(loop, out, now).run());
    }
    out.compare("chaos");
  }
}
