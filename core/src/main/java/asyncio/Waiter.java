package asyncio;

import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.Racy;
import asyncio.internal.inspect.Waited;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A future on which one task waits for other futures in a way of its own. */
final class Waiter extends Future<@Nullable Void> implements Waited, Runnable {
  private final String kind;
  private final Need need;
  private final Collection<? extends Future<?>> awaited;

  /**
   * @param kind what it waits for, in a word or two
   * @param need how many of them it takes
   * @param awaited what it waits for; the collection may change
   */
  Waiter(AbstractEventLoop loop, String kind, Need need, Collection<? extends Future<?>> awaited) {
    super(loop);
    this.kind = kind;
    this.need = need;
    this.awaited = awaited;
  }

  /** As the callback of a timer: lets the task go on. */
  @Override
  public void run() {
    release();
  }

  /** Lets the task go on. */
  void release() {
    completeUnlessDone(null);
  }

  /**
   * Suspends the calling task until {@link #release}.
   *
   * @throws CancelledError if the task is cancelled
   */
  void await(TaskStepper stepper) {
    stepper.await(this);
    result();
  }

  @Override
  public String waitKind() {
    return kind;
  }

  @Override
  public WaitKind kindOfWait() {
    return WaitKind.TASKS;
  }

  @Override
  public String describeWait() {
    return kind + " of " + awaited.size();
  }

  @Override
  public Need need() {
    return need;
  }

  @Override
  public boolean hasHolders() {
    return true;
  }

  @Override
  public void holders(Consumer<Object> to) {
    List<Future<?>> now = Racy.copy(awaited);
    for (Future<?> future : now) {
      if (!future.isDone()) {
        to.accept(future);
      }
    }
  }

  @Override
  String typeName() {
    return "Future";
  }
}
