package asyncio.conformance;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Writes down what happens, and lets a task wait for it. The base of protocols for tests. */
public abstract class Trail {
  public final List<String> trail = new ArrayList<>();
  private final EventLoop loop;
  private Future<Object> event;

  protected Trail(EventLoop loop) {
    this.loop = loop;
    this.event = loop.createFuture();
  }

  public void add(String what) {
    trail.add(what);
    Future<Object> told = event;
    event = loop.createFuture();
    told.setResult(null);
  }

  /** Waits until the trail has {@code what}. */
  @Suspends
  public void awaitEvent(String what) {
    awaitUntil(() -> trail.contains(what));
  }

  /** Waits until something has happened that makes the condition true. */
  @Suspends
  protected void awaitUntil(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      event.await();
    }
  }
}
