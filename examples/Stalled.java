import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.inspect.*;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Three ways to hold up a loop, each caught while it does. What is printed here is the short form;
 * the log, on standard error, has the whole reports.
 *
 * <p>Each of them goes on until it has been caught; a real program would not be so kind.
 */
class Stalled {
  final ReentrantLock lock = new ReentrantLock();

  volatile boolean caught = true;
  volatile Thread waiting;

  void main() {
    run(() -> {
      EventLoop loop = getRunningLoop();
      loop.stallFinder().setLimit(millis(200)); // one second if nobody says anything
      loop.stallFinder().addListener(this::show);

      await(createTask(this::importAll, TaskOptions.named("importer")));

      createTask(this::holdTheLock, TaskOptions.named("holder"));
      sleep(millis(10));
      loop.callSoon(this::waitForTheLock);
      sleep(millis(20));

      loop.callSoon(() -> caught = false);
      for (int i = 0; i < 50_000; i++) {
        loop.callSoon(this::smallWork);
      }
      sleep(millis(20));
    });
  }

  void importAll() {
    caught = false;
    long sum = 0;
    while (!caught) {
      sum = parse(sum);
    }
  }

  long parse(long sum) {
    for (int i = 0; i < 1_000_000; i++) {
      sum = 31 * sum + i;
    }
    return sum;
  }

  void holdTheLock() {
    lock.lock();
    try {
      sleep(seconds(0.5)); // others run meanwhile, with the lock in this task's hands
    } finally {
      lock.unlock();
    }
  }

  void waitForTheLock() {
    waiting = Thread.currentThread();
    caught = false;
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      waiting = null; // by show()
    }
  }

  void smallWork() {
    long end = System.nanoTime() + 20_000;
    while (!caught && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** On a thread of the stall finder. */
  void show(StallReport report) {
    if (caught || report.over()) {
      return;
    }
    System.out.println(report.kind() + ": " + report.summary());
    report.awaitedBy().forEach(task -> System.out.println("  awaited by " + task));
    if (report.lock() != null) {
      System.out.println("  the lock is held by task " + report.lock().owner());
    }
    caught = true;
    if (waiting != null) {
      waiting.interrupt();
    }
  }
}
