package asyncio.testkit;

import asyncio.AbstractEventLoop;
import asyncio.ErrorContext;
import asyncio.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What the loops of this package do for the tests that run on them. */
final class LoopHooks {
  final AbstractEventLoop loop;
  final TaskWatch watch;

  // loop thread only
  private final List<Future<@Nullable Void>> idleWaiters = new ArrayList<>();

  // shared; written before the loop runs
  /** What was reported to the default exception handler; null if it is to be logged. */
  private volatile @Nullable List<ErrorContext> reports;

  LoopHooks(AbstractEventLoop loop) {
    this.loop = loop;
    this.watch = new TaskWatch(loop);
    loop.addInstrument(watch);
  }

  // ---- those who wait until the loop has nothing to do

  /** A future that is done once nothing is ready. */
  Future<@Nullable Void> whenIdle() {
    Future<@Nullable Void> idle = loop.createFuture();
    idleWaiters.add(idle);
    return idle;
  }

  /**
   * Completes those futures; the loop calls this where it would wait. Returns whether there were
   * any, so that it must not.
   */
  boolean wakeIdleWaiters() {
    boolean any = false;
    for (Future<@Nullable Void> waiter : idleWaiters) {
      if (!waiter.isDone()) {
        waiter.setResult(null);
        any = true;
      }
    }
    idleWaiters.clear();
    return any;
  }

  // ---- reports

  /**
   * Collects reports to the default exception handler from now on, in a list that is returned,
   * instead of logging them.
   */
  List<ErrorContext> collectReports() {
    List<ErrorContext> collected = new CopyOnWriteArrayList<>();
    reports = collected;
    return collected;
  }

  /** Whether the report was collected; else it is to be logged. */
  boolean collect(ErrorContext report) {
    List<ErrorContext> collected = reports;
    return collected != null && collected.add(report);
  }
}
