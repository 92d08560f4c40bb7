package asyncio.conformance;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.copyContext;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Transcript.truth;
import static asyncio.conformance.Transcript.why;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Task;
import asyncio.TimerHandle;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs of callbacks and tasks, compared line by line with what CPython 3.13 printed for the
 * same programs.
 */
class TranscriptTest {

  /** Counts iterations in a chain of callbacks, as the Python programs do. */
  private static final class Ticker {
    private final EventLoop loop;
    private final int last;
    int now;

    Ticker(EventLoop loop, int last) {
      this.loop = loop;
      this.last = last;
      loop.callSoon(this::tick);
    }

    private void tick() {
      now++;
      if (now < last) {
        loop.callSoon(this::tick);
      }
    }
  }

  // ---- callbacks

  private static String worker(String name, int turns, Ticker tick, Transcript out) {
    for (int turn = 0; turn < turns; turn++) {
      out.print(name, "turn", turn, "at tick", tick.now);
      sleep(seconds(0));
    }
    out.print(name, "ends at tick", tick.now);
    return name;
  }

  private static void chain(EventLoop loop, String name, int left, Ticker tick, Transcript out) {
    out.print(name, "link", left, "at tick", tick.now);
    if (left > 0) {
      loop.callSoon(() -> chain(loop, name, left - 1, tick, out));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void callbacks(Engine engine) {
    var variable = new ContextVar<String>("var", "none");
    Transcript.compare(
        engine,
        "callbacks",
        (loop, out) -> {
          var tick = new Ticker(loop, 12);
          Task<String> a = createTask(() -> worker("a", 3, tick, out));
          loop.callSoon(() -> chain(loop, "x", 3, tick, out));
          Task<String> b = createTask(() -> worker("b", 1, tick, out));
          loop.callSoon(() -> chain(loop, "y", 1, tick, out));
          Future<String> future = loop.createFuture();
          future.addDoneCallback(f -> out.print("first callback", f.result(), "at tick", tick.now));
          future.addDoneCallback(f -> {
            out.print("second callback at tick", tick.now);
            f.addDoneCallback(_ -> out.print("added late at tick", tick.now));
          });
          Consumer<Future<String>> removed = _ -> out.print("never");
          future.addDoneCallback(removed);
          future.addDoneCallback(removed);
          out.print("removed", future.removeDoneCallback(removed));
          out.print("main at tick", tick.now);
          out.print("got", await(b), "at tick", tick.now);
          future.setResult("value");
          out.print("set at tick", tick.now);
          out.print("got", await(future), "without waiting at tick", tick.now);
          out.print("got", await(a), "at tick", tick.now);
          Handle handle = loop.callSoon(() -> out.print("never"));
          handle.cancel();

          variable.set("main");
          Consumer<String> show =
              name -> {
                out.print(name, "sees", variable.get());
                variable.set(name);
              };
          loop.callSoon(() -> show.accept("callback 1"));
          Context context = copyContext();
          loop.callSoon(context, () -> show.accept("callback 2"));
          loop.callSoon(context, () -> show.accept("callback 3"));
          variable.set("main later");
          sleep(seconds(0));
          out.print("main sees " + variable.get() + ", context has " + context.get(variable));

          loop.callLater(seconds(0.2), () -> out.print("timer 0.2"));
          loop.callLater(seconds(0.1), () -> out.print("timer 0.1"));
          TimerHandle late = loop.callLater(seconds(0.3), () -> out.print("never"));
          loop.callLater(seconds(0.25), late::cancel);
          loop.callLater(seconds(-1), () -> out.print("timer due already"));
          loop.callSoon(() -> out.print("soon"));
          sleep(seconds(0.4));
          out.print("cancelled", late.isCancelled());
        });
  }

  // ---- cancelling

  private static String waits(
      String name, Future<String> future, Ticker tick, boolean swallow, Transcript out) {
    try {
      out.print(name, "waits at", tick.now);
      String result = await(future);
      out.print(name, "got", result, "at", tick.now);
      return result;
    } catch (CancelledError e) {
      out.print(name, "cancelled", why(e), "at", tick.now);
      if (swallow) {
        return name + " swallowed";
      }
      throw e;
    } finally {
      out.print(name, "leaves at", tick.now);
    }
  }

  private static void state(String name, Task<?> task, Transcript out) {
    String text;
    if (!task.isDone()) {
      text = "pending";
    } else if (task.isCancelled()) {
      text = "cancelled";
    } else if (task.exception() != null) {
      text = "failed " + task.exception().getMessage();
    } else {
      text = "result " + task.result();
    }
    out.print(name + ": " + text + ", requests " + task.cancelling());
  }

  private static void waitUntilDone(Task<?> task) {
    Asyncio.wait(List.of(task));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void cancelling(Engine engine) {
    Transcript.compare(
        engine,
        "cancelling",
        (loop, out) -> {
          var tick = new Ticker(loop, 60);
          cancelFromOutside(loop, tick, out);
          cancelWhatIsThere(loop, tick, out);
          cancelItself(loop, tick, out);
        });
  }

  private static void cancelFromOutside(EventLoop loop, Ticker tick, Transcript out) {
    out.print("-- before the first step");
    Task<?> early = createTask(() -> waits("early", loop.createFuture(), tick, false, out));
    out.print(early.cancel("one"), early.cancel("two"));
    waitUntilDone(early);
    state("early", early, out);

    out.print("-- waiting for a future");
    Future<String> future = loop.createFuture();
    Task<?> plain = createTask(() -> waits("plain", future, tick, false, out));
    sleep(seconds(0));
    out.print(plain.cancel("one"), plain.cancel("two"), future.isCancelled(), tick.now);
    waitUntilDone(plain);
    state("plain", plain, out);
    try {
      await(plain);
    } catch (CancelledError e) {
      out.print("main sees", why(e), "at", tick.now);
    }

    out.print("-- a chain of three");
    Task<String> inner = createTask(() -> waits("inner", loop.createFuture(), tick, false, out));
    Task<String> middle = createTask(() -> waits("middle", inner, tick, false, out));
    Task<String> outer = createTask(() -> waits("outer", middle, tick, false, out));
    sleep(seconds(0));
    out.print(outer.cancel("chain"), tick.now);
    waitUntilDone(outer);
    state("inner", inner, out);
    state("middle", middle, out);
    state("outer", outer, out);

    out.print("-- a chain whose end swallows");
    Task<String> swallows = createTask(() -> waits("inner", loop.createFuture(), tick, true, out));
    Task<String> gets = createTask(() -> waits("outer", swallows, tick, false, out));
    sleep(seconds(0));
    out.print(gets.cancel("chain"), tick.now);
    waitUntilDone(gets);
    state("inner", swallows, out);
    state("outer", gets, out);
  }

  private static void cancelWhatIsThere(EventLoop loop, Ticker tick, Transcript out) {
    out.print("-- result is there");
    Future<String> good = loop.createFuture();
    Task<?> late = createTask(() -> waits("late", good, tick, false, out));
    sleep(seconds(0));
    good.setResult("value");
    out.print(late.cancel("late one"), late.cancel("late two"), good.result());
    waitUntilDone(late);
    state("late", late, out);

    out.print("-- failure is there");
    Future<String> bad = loop.createFuture();
    Task<?> later = createTask(() -> waits("late", bad, tick, false, out));
    sleep(seconds(0));
    bad.setException(new IllegalArgumentException("broken"));
    out.print(later.cancel("late"), bad.exception().getMessage());
    waitUntilDone(later);
    state("late", later, out);

    out.print("-- future and task");
    Future<String> future = loop.createFuture();
    Task<?> both = createTask(() -> waits("both", future, tick, false, out));
    sleep(seconds(0));
    out.print(future.cancel("future"), both.cancel("task"));
    waitUntilDone(both);
    state("both", both, out);
  }

  private static void cancelItself(EventLoop loop, Ticker tick, Transcript out) {
    out.print("-- itself");
    Task<?> itself =
        createTask(() -> {
          out.print(currentTask().cancel("self"));
          out.print("still here");
          return waits("self", loop.createFuture(), tick, false, out);
        });
    waitUntilDone(itself);
    state("self", itself, out);
    Task<?> atTheEnd =
        createTask(() -> {
          currentTask().cancel("end");
          return "lost";
        });
    waitUntilDone(atTheEnd);
    state("end", atTheEnd, out);
    Task<?> fails =
        createTask(() -> {
          currentTask().cancel("end");
          throw new IllegalArgumentException("wins");
        });
    waitUntilDone(fails);
    state("fails", fails, out);

    out.print("-- taken back");
    Task<?> withdrawn = createTask(() -> withdraws(out));
    waitUntilDone(withdrawn);
    state("withdrawn", withdrawn, out);
    Task<?> twice = createTask(() -> withdraws(out));
    twice.cancel();
    out.print(twice.uncancel());
    waitUntilDone(twice);
    state("withdrawn", twice, out);
  }

  private static String withdraws(Transcript out) {
    currentTask().cancel();
    out.print(currentTask().uncancel());
    sleep(seconds(0));
    return "went on";
  }

  // ---- eager

  private static final ContextVar<String> VAR = new ContextVar<>("var", "none");

  private static String leaf(String name, int turns, Transcript out) {
    out.print(name, "begins, var", VAR.get());
    VAR.set(name);
    try {
      for (int turn = 0; turn < turns; turn++) {
        sleep(seconds(0));
        out.print(name, "turn", turn + ", var", VAR.get());
      }
      return name;
    } catch (CancelledError e) {
      out.print(name, "cancelled", why(e));
      throw e;
    } finally {
      out.print(name, "leaves");
    }
  }

  private static String tree(String name, int depth, int turns, Transcript out) {
    Task<?> me = currentTask();
    out.print(name, "at depth", depth);
    if (depth > 0) {
      Task<String> left = createTask(() -> tree(name + "l", depth - 1, turns, out));
      Task<String> right = createTask(() -> tree(name + "r", depth - 1, turns, out));
      out.print(
          name, "has", left.isDone(), truth(right.isDone()) + ", is current", currentTask() == me);
      return "(" + await(left) + " " + await(right) + ")";
    }
    for (int turn = 0; turn < turns; turn++) {
      sleep(seconds(0));
    }
    return name;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void eager(Engine engine) {
    Transcript.compare(
        engine,
        "eager",
        (loop, out) -> {
          Task<?> me = currentTask();
          loop.setTaskFactory(eagerTaskFactory());
          out.print("-- ends at once");
          Task<String> done = createTask(() -> leaf("done", 0, out));
          out.print(
              done.isDone(),
              done.result(),
              done.coroutine() == null,
              currentTask() == me,
              VAR.get(),
              done.cancel());
          out.print(allTasks().size());

          out.print("-- suspends");
          loop.callSoon(() -> out.print("callback before"));
          Task<String> waits = createTask(() -> leaf("waits", 2, out));
          loop.callSoon(() -> out.print("callback after"));
          out.print(waits.isDone(), allTasks().size());
          out.print(await(waits));

          out.print("-- trees");
          out.print(await(createTask(() -> tree("x", 2, 0, out))));
          out.print(await(createTask(() -> tree("y", 2, 1, out))));

          out.print("-- failures");
          Task<String> bad =
              createTask(() -> {
                throw new IllegalArgumentException("bad");
              });
          out.print(bad.isDone(), bad.exception().getMessage());
          try {
            await(bad);
          } catch (IllegalArgumentException e) {
            out.print("failure", e.getMessage());
          }

          out.print("-- cancelled");
          Task<String> cancelled = createTask(() -> leaf("cancelled", 5, out));
          out.print(cancelled.cancel("early"));
          waitUntilDone(cancelled);
          out.print(cancelled.isCancelled());
          Task<?> parent =
              createTask(() -> {
                Task<?> self = currentTask();
                createTask(() -> {
                  self.cancel("by a child");
                  out.print("child asked for it");
                });
                out.print("parent goes on");
                leaf("in the parent", 1, out);
              });
          waitUntilDone(parent);
          out.print(parent.isCancelled());

          out.print("-- gather");
          Future<List<String>> gathered =
              gather(() -> leaf("g1", 0, out), () -> leaf("g2", 0, out));
          out.print(gathered.isDone());
          out.print(String.join(", ", await(gathered)));

          out.print("-- from a callback");
          loop.callSoon(() -> {
            Task<?> task = createTask(() -> leaf("by a callback", 1, out));
            out.print(
                "callback has", truth(task.isDone()) + ", no current task:", currentTask() == null);
          });
          sleep(seconds(0));
          out.print("main again");
          sleep(seconds(0));
          loop.setTaskFactory(null);
          Task<String> lazy = createTask(() -> leaf("lazy", 0, out));
          out.print(lazy.isDone());
          out.print(await(lazy));
        });
  }
}
