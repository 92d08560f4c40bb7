package asyncio.conformance;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherReturnExceptions;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitFor;
import static asyncio.conformance.Transcript.truth;
import static asyncio.conformance.Transcript.why;

import asyncio.Asyncio;
import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.TimeoutException;
import asyncio.WaitResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs of combinators, compared line by line with what CPython 3.13 printed for the same
 * programs.
 */
class TranscriptCombinatorsTest {

  private static void waitUntilDone(Task<?> task) {
    Asyncio.wait(List.of(task));
  }

  private static String quoted(Collection<?> texts) {
    return texts.stream().map(text -> "'" + text + "'").collect(Collectors.joining(", ", "[", "]"));
  }

  private static String plain(Collection<?> words) {
    return words.stream()
        .map(word -> word instanceof Boolean truth ? truth(truth) : "" + word)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  // ---- gather

  private static Coroutine<String> yields(String name, int turns, String how, Transcript out) {
    return () -> {
      try {
        for (int turn = 0; turn < turns; turn++) {
          out.print(name, "turn", turn);
          sleep(seconds(0));
        }
        if (how.equals("fails")) {
          throw new IllegalArgumentException(name);
        }
        out.print(name, "ends");
        return "result of " + name;
      } catch (CancelledError e) {
        out.print(name, "cancelled", why(e));
        if (how.equals("swallows")) {
          return name + " swallowed";
        }
        throw e;
      }
    };
  }

  private static Coroutine<String> yields(String name, int turns, Transcript out) {
    return yields(name, turns, "ends", out);
  }

  private static String shown(Collection<?> results) {
    List<String> texts = new ArrayList<>();
    for (Object result : results) {
      texts.add(
          switch (result) {
            case CancelledError _ -> "cancelled";
            case Exception e -> "failure " + e.getMessage();
            default -> result.toString();
          });
    }
    return quoted(texts);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void gathering(Engine engine) {
    Transcript.compare(
        engine,
        "gathering",
        (loop, out) -> {
          gatherOutcomes(out);
          cancelGathers(out);

          out.print("-- the same twice, and done ones");
          Future<String> future = loop.createFuture();
          future.setResult("done");
          Task<String> task = createTask(yields("t", 1, out));
          out.print(shown(await(gather(future, task, future, task))));
          Future<List<String>> gathered = gather(future);
          out.print(gathered.isDone());
          out.print(quoted(await(gathered)));
          out.print(await(gather()));
        });
  }

  private static void gatherOutcomes(Transcript out) {
    out.print("-- results in the order of arguments");
    out.print(shown(await(gather(yields("a", 3, out), yields("b", 1, out), yields("c", 2, out)))));

    out.print("-- first failure, the others go on");
    Task<String> slow = createTask(yields("slow", 4, out));
    try {
      await(gather(slow, yields("bad", 1, "fails", out), yields("worse", 2, "fails", out)));
    } catch (IllegalArgumentException e) {
      out.print("main got failure", e.getMessage() + ", slow done:", slow.isDone());
    }
    out.print(await(slow));

    out.print("-- failures as results");
    out.print(
        shown(await(gatherReturnExceptions(yields("a", 1, "fails", out), yields("b", 2, out)))));
  }

  private static void cancelGathers(Transcript out) {
    out.print("-- the gather is cancelled");
    List<Task<String>> children =
        List.of(createTask(yields("a", 9, out)), createTask(yields("b", 9, "swallows", out)));
    Future<List<String>> gathered = gather(children);
    gathered.addDoneCallback(f -> out.print("gather done, cancelled:", f.isCancelled()));
    sleep(seconds(0));
    sleep(seconds(0));
    out.print(gathered.cancel("enough"), gathered.isDone());
    try {
      await(gathered);
    } catch (CancelledError e) {
      out.print("main sees the cancellation");
    }
    out.print(plain(children.stream().map(Task::isCancelled).toList()), children.get(1).result());
    out.print(gathered.cancel());

    out.print("-- the caller is cancelled");
    Task<?> caller =
        createTask(() -> {
          try {
            await(gatherReturnExceptions(yields("a", 9, out), yields("b", 9, out)));
          } catch (CancelledError e) {
            out.print("caller cancelled");
            throw e;
          }
        });
    sleep(seconds(0));
    sleep(seconds(0));
    caller.cancel("caller");
    try {
      await(caller);
    } catch (CancelledError e) {
      out.print("main sees it, caller cancelled:", caller.isCancelled());
    }

    out.print("-- a child is cancelled");
    Task<String> child = createTask(yields("child", 9, out));
    Future<List<String>> two = gather(child, yields("other", 2, out));
    sleep(seconds(0));
    child.cancel("child");
    try {
      await(two);
    } catch (CancelledError e) {
      out.print("main sees it, gather cancelled:", two.isCancelled());
    }
    sleep(seconds(0));
    Task<String> told = createTask(yields("child", 9, out));
    Future<List<Object>> both = gatherReturnExceptions(told, yields("other", 2, out));
    sleep(seconds(0));
    told.cancel("told");
    out.print(shown(await(both)));
  }

  // ---- wait, wait_for, shield, as_completed

  private static Coroutine<String> sleeps(String name, double delay, String how, Transcript out) {
    return () -> {
      try {
        sleep(seconds(delay));
        if (how.equals("fails")) {
          throw new IllegalArgumentException(name);
        }
        out.print(name, "ends");
        return name;
      } catch (CancelledError e) {
        out.print(name, "cancelled", why(e));
        if (how.equals("swallows")) {
          return name + " swallowed";
        }
        if (how.equals("is slow to end")) {
          sleep(seconds(0.2));
          out.print(name, "cleaned up");
        }
        throw e;
      }
    };
  }

  private static Task<String> spawn(String name, double delay, String how, Transcript out) {
    return createTask(sleeps(name, delay, how, out), TaskOptions.named(name));
  }

  private static Task<String> spawn(String name, double delay, Transcript out) {
    return spawn(name, delay, "ends", out);
  }

  private static String names(Collection<Task<String>> tasks) {
    return quoted(tasks.stream().map(Task::name).sorted().toList());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void waiting(Engine engine) {
    Transcript.compare(
        engine,
        "waiting",
        (_, out) -> {
          waitForSome(out);
          waitForOne(out);
          shielded(out);
          completed(out);
        });
  }

  private static void waitForSome(Transcript out) {
    out.print("-- wait");
    List<Task<String>> tasks =
        List.of(
            spawn("a", 0.3, out),
            spawn("b", 0.1, out),
            spawn("c", 0.2, "fails", out),
            spawn("d", 0.5, out));
    WaitResult<Task<String>> result = Asyncio.wait(tasks, ReturnWhen.FIRST_COMPLETED);
    out.print(names(result.done()), names(result.pending()));
    result = Asyncio.wait(result.pending(), ReturnWhen.FIRST_EXCEPTION);
    out.print(
        names(result.done()),
        names(result.pending()),
        quoted(result.done().stream().map(task -> task.exception().getMessage()).toList()));
    result = Asyncio.wait(result.pending(), seconds(0.2));
    out.print(names(result.done()), names(result.pending()));
    Collection<Task<String>> left = result.pending();
    Task<?> waiter = createTask(() -> Asyncio.wait(left));
    sleep(seconds(0));
    waiter.cancel();
    try {
      await(waiter);
    } catch (CancelledError e) {
      out.print(
          "waiter cancelled, members pending:",
          plain(left.stream().map(task -> !task.isDone()).toList()));
    }
    result = Asyncio.wait(left);
    out.print(names(result.done()), names(result.pending()));
  }

  private static void waitForOne(Transcript out) {
    out.print("-- wait_for");
    out.print(waitFor(sleeps("quick", 0.1, "ends", out), seconds(0.2)));
    for (String how : List.of("ends", "swallows", "is slow to end", "fails")) {
      try {
        out.print(waitFor(sleeps(how + " late", 0.3, how, out), seconds(0.1)));
      } catch (TimeoutException e) {
        out.print("timed out");
      }
    }
    Task<String> outer = createTask(() -> waitFor(sleeps("inner", 0.5, "ends", out), seconds(0.3)));
    sleep(seconds(0.1));
    outer.cancel("outside");
    try {
      await(outer);
    } catch (CancelledError e) {
      out.print("cancelled", why(e));
    }
  }

  private static Task<String> shielding(Task<String> inner, Transcript out) {
    return createTask(() -> {
      try {
        return await(shield(inner));
      } catch (CancelledError e) {
        out.print("caller cancelled", why(e));
        throw e;
      }
    });
  }

  private static void shielded(Transcript out) {
    out.print("-- shield");
    Task<String> inner = spawn("shielded", 0.2, out);
    Task<String> caller = shielding(inner, out);
    sleep(seconds(0.1));
    caller.cancel("caller");
    waitUntilDone(caller);
    out.print(caller.isCancelled(), inner.isDone());
    out.print(await(inner));
    Task<String> inside = spawn("cancelled inside", 0.2, out);
    caller = shielding(inside, out);
    sleep(seconds(0.1));
    inside.cancel("inner");
    waitUntilDone(caller);
    out.print(caller.isCancelled(), caller.cancelling());
  }

  private static void completed(Transcript out) {
    out.print("-- as_completed");
    List<Task<String>> tasks =
        List.of(
            spawn("third", 0.3, out), spawn("first", 0.1, out), spawn("second", 0.2, "fails", out));
    for (Awaitable<String> item : asCompleted(tasks)) {
      try {
        out.print("got", await(item));
      } catch (IllegalArgumentException e) {
        out.print("failure", e.getMessage());
      }
    }
    tasks = List.of(spawn("in time", 0.1, out), spawn("too late", 0.3, out));
    for (Awaitable<String> item : asCompleted(tasks, seconds(0.2))) {
      try {
        out.print("got", await(item));
      } catch (TimeoutException e) {
        out.print("timed out");
      }
    }
    out.print(await(tasks.get(1)));
  }
}
