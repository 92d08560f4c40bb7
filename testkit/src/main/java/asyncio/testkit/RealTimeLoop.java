package asyncio.testkit;

import asyncio.ChannelEventLoop;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.LoopKind;

/** The loop of a test in real time. */
final class RealTimeLoop extends ChannelEventLoop {
  final LoopHooks hooks = new LoopHooks(this, this::nextDeadline, null);

  RealTimeLoop(Engine engine) {
    super(engine, LoopKind.preferred());
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
