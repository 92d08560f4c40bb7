package asyncio;

import asyncio.internal.loop.IoPoller;
import asyncio.internal.nio.SelectorPoller;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;

/**
 * The default event loop: waits with an NIO selector. Works on every system, without any flag.
 *
 * <p><b>Threading:</b> as {@link EventLoop} says.
 */
public class SelectorEventLoop extends ChannelEventLoop {

  /** Makes a loop that runs its tasks with the preferred engine. */
  public SelectorEventLoop() {
    this(Engine.preferred());
  }

  public SelectorEventLoop(Engine engine) {
    super(engine, LoopKind.SELECTOR);
  }

  /**
   * Makes a loop whose channels come from another provider than the JDK's own: the loop opens its
   * selector and its channels there, and can wait for channels of that provider only.
   */
  public SelectorEventLoop(Engine engine, SelectorProvider provider) {
    super(engine, new SelectorPoller(Objects.requireNonNull(provider, "provider")), provider);
  }

  /** Makes a loop that waits with a poller of the caller's. */
  SelectorEventLoop(Engine engine, IoPoller poller) {
    super(engine, poller, SelectorProvider.provider());
  }
}
