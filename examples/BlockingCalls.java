import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.HashSet;
import java.util.Set;

/**
 * Twenty blocking calls at the same time, on one thread: inside a task, a JDK call that blocks
 * suspends that task only.
 *
 * <p>Needs the direct engine, which {@code ./asyncio run} switches on. On the portable one the
 * calls follow one another.
 */
class BlockingCalls {
  static final int CALLS = 20;

  int inside;
  int mostInside;
  final Set<String> carriers = new HashSet<>();

  void main() {
    run(() -> {
      taskGroup(group -> {
        for (int i = 0; i < CALLS; i++) {
          group.createTask(this::block);
        }
      });
      System.out.println(
          CALLS
              + " blocking calls, "
              + mostInside
              + " of them at the same time, on "
              + carriers.size()
              + " loop thread");
    });
  }

  void block() throws InterruptedException {
    String thread = Thread.currentThread().toString(); // VirtualThread[#42]/runnable@asyncio-loop
    carriers.add(thread.substring(thread.indexOf('@') + 1));
    inside++; // no lock needed: tasks of one loop never run at the same time
    mostInside = Math.max(mostInside, inside);
    Thread.sleep(200); // the ordinary JDK call, not asyncio's
    inside--;
  }
}
