import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.List;

/** As AsyncioCoroutineChain, with coroutines made from generators; see Trampoline. */
class AsyncioGenerator {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      List<String> results = loop.runUntilComplete(() -> await(Trampoline.drive(outer())));
      System.out.println("return value : ('" + String.join("', '", results) + "')");
    } finally {
      loop.close();
    }
  }

  Generator<Object, Object, List<String>> outer() {
    return Generator.of(y -> {
      System.out.println("in outer");
      System.out.println("waiting for result1");
      String result1 = y.yieldFrom(phase1());
      System.out.println("waiting for result2");
      String result2 = (String) y.yield(phase2(result1)); // the driver runs it
      return List.of(result1, result2);
    });
  }

  Generator<Object, Object, String> phase1() {
    return Generator.of(y -> {
      System.out.println(" - in phase1");
      y.yield(createTask(() -> sleep(millis(1)))); // a future, which the driver waits for
      return "result1";
    });
  }

  Generator<Object, Object, String> phase2(String argument) {
    return Generator.of(y -> {
      System.out.println(" - in phase2");
      return "result2 derived from " + argument;
    });
  }
}
