package asyncio.conformance;

import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.Task;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A loop that is run, stopped and run again, compared line by line with what CPython 3.13 printed.
 */
class TranscriptRunsTest {

  private static String turns(String name, int turns, Transcript out) {
    for (int turn = 0; turn < turns; turn++) {
      out.print(name, "turn", turn);
      sleep(seconds(0));
    }
    return name;
  }

  private static void fail(String text) {
    throw new IllegalArgumentException(text);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void runs(Engine engine) {
    var out = new Transcript();
    var loop = new ClockLoop(engine);
    loop.setExceptionHandler((_, context) -> {
      String message = context.message();
      String kind = message.startsWith("Exception in callback") ? "callback" : message;
      out.print("reported:", kind + ":", context.exception().getMessage());
    });
    out.print("-- run until complete, twice");
    Task<String> longer = loop.createTask(() -> turns("long", 5, out));
    out.print(loop.<String>runUntilComplete(() -> turns("short", 2, out)));
    out.print(longer.isDone());
    out.print(loop.<String>runUntilComplete(longer));

    out.print("-- stop before the run");
    loop.callSoon(() -> out.print("one iteration"));
    loop.callSoon(() -> loop.callSoon(() -> out.print("not in this run")));
    loop.stop();
    loop.runForever();
    out.print("stopped");

    out.print("-- stop in the middle");
    loop.callSoon(() -> out.print("before stop"));
    loop.callSoon(loop::stop);
    loop.callSoon(() -> out.print("after stop"));
    loop.callSoon(() -> loop.callSoon(() -> out.print("queued by the last iteration")));
    loop.runForever();
    out.print("stopped");

    out.print("-- failing callbacks");
    loop.callSoon(() -> fail("first"));
    loop.callSoon(() -> out.print("next callback"));
    Future<String> future = loop.createFuture();
    future.addDoneCallback(_ -> fail("done callback"));
    future.addDoneCallback(_ -> out.print("next done callback"));
    future.setResult("value");
    loop.callLater(seconds(0.1), () -> fail("timer"));
    loop.runUntilComplete(() -> sleep(seconds(0.2)));
    out.print(future.result());

    out.print("-- a run that is stopped too early");
    Task<String> main = loop.createTask(() -> turns("main", 3, out));
    loop.callSoon(loop::stop);
    try {
      loop.runUntilComplete(main);
    } catch (IllegalStateException e) {
      out.print("stopped before the end");
    }
    out.print(loop.<String>runUntilComplete(main));

    out.print("-- failing mains");
    try {
      loop.runUntilComplete(() -> {
        sleep(seconds(0));
        fail("main failed");
      });
    } catch (IllegalArgumentException e) {
      out.print(e.getMessage());
    }
    try {
      loop.runUntilComplete(() -> {
        currentTask().cancel();
        sleep(seconds(0));
      });
    } catch (CancelledError e) {
      out.print("main cancelled");
    }
    try {
      loop.runUntilComplete(() -> {
        loop.callSoon(() -> out.print("left in the queue"));
        throw new KeyboardInterrupt();
      });
    } catch (KeyboardInterrupt e) {
      out.print("exit leaves the run");
    }
    loop.runUntilComplete(() -> turns("after the exit", 1, out));
    loop.close();
    try {
      loop.callSoon(() -> {});
    } catch (IllegalStateException e) {
      out.print(e.getMessage().substring(0, "Event loop is closed".length()));
    }
    out.compare("runs");
  }
}
