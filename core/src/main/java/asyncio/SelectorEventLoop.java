package asyncio;

import asyncio.internal.nio.SelectorPoller;

/**
 * The default event loop: waits with an NIO selector, by the real clock.
 *
 * <p><b>Threading:</b> as {@link EventLoop} says.
 */
public class SelectorEventLoop extends AbstractEventLoop {
  private final SelectorPoller poller = new SelectorPoller();

  /** Makes a loop that runs its tasks with the preferred engine. */
  public SelectorEventLoop() {
    this(Engine.preferred());
  }

  public SelectorEventLoop(Engine engine) {
    super(engine);
  }

  @Override
  protected void poll(long timeoutNanos) {
    poller.poll(timeoutNanos);
  }

  @Override
  protected void wakeUp() {
    poller.wakeUp();
  }

  @Override
  protected void closeIo() {
    poller.close();
  }

  @Override
  public long time() {
    return Durations.realTime();
  }
}
