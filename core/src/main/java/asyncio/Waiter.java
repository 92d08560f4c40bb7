package asyncio;

import org.jspecify.annotations.Nullable;

/** A future on which one task waits for something that is no future itself. */
final class Waiter extends Future<@Nullable Void> {
  private final String kind;

  /** Makes one that is described as a wait for {@code kind}, a word or two. */
  Waiter(AbstractEventLoop loop, String kind) {
    super(loop);
    this.kind = kind;
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
  String typeName() {
    return "Future";
  }
}
