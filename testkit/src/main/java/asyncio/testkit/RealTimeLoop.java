package asyncio.testkit;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.SelectorEventLoop;

/** The loop of a test in real time. */
final class RealTimeLoop extends SelectorEventLoop {
  final LoopHooks hooks = new LoopHooks(this, this::nextDeadline, null);

  RealTimeLoop(Engine engine) {
    super(engine);
  }

  @Override
  protected void poll(long timeoutNanos) {
    super.poll(timeoutNanos > 0 && hooks.wakeIdleWaiters() ? 0 : timeoutNanos);
  }

  @Override
  public void defaultExceptionHandler(ErrorContext context) {
    if (!hooks.collect(context)) {
      super.defaultExceptionHandler(context);
    }
  }
}
