import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.List;

/** A coroutine that needs others calls them. */
class AsyncioCoroutineChain {

  void main() {
    EventLoop loop = newEventLoop();
    try {
      List<String> results = loop.runUntilComplete(this::outer);
      System.out.println("return value : ('" + String.join("', '", results) + "')");
    } finally {
      loop.close();
    }
  }

  List<String> outer() {
    System.out.println("in outer");
    System.out.println("waiting for result1");
    String result1 = phase1();
    System.out.println("waiting for result2");
    String result2 = phase2(result1);
    return List.of(result1, result2);
  }

  String phase1() {
    System.out.println(" - in phase1");
    return "result1";
  }

  String phase2(String argument) {
    System.out.println(" - in phase2");
    return "result2 derived from " + argument;
  }
}
