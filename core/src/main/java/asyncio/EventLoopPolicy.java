package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Decides what {@link Asyncio#getEventLoop}, {@link Asyncio#setEventLoop} and {@link
 * Asyncio#newEventLoop} do, for the whole process (PEP 3156 'Event loop policy'; spec POL-1 to
 * POL-15).
 *
 * <p>A thin layer for code that is used to it; a {@linkplain RunOptions#withLoopFactory loop
 * factory} is the simpler way to another loop. The default policy keeps one current loop per
 * thread, which only {@code setEventLoop} sets, and makes loops of the {@linkplain
 * LoopKind#preferred preferred} kind.
 */
public interface EventLoopPolicy {

  /**
   * The current loop of this thread.
   *
   * @throws IllegalStateException if there is none
   */
  default EventLoop getEventLoop() {
    throw new UnsupportedOperationException(
        getClass().getName() + " does not implement getEventLoop()");
  }

  /** Makes {@code loop} the current loop of this thread; null for none. */
  default void setEventLoop(@Nullable EventLoop loop) {
    throw new UnsupportedOperationException(
        getClass().getName() + " does not implement setEventLoop()");
  }

  /** Makes a loop, without setting it as the current one. */
  default EventLoop newEventLoop() {
    throw new UnsupportedOperationException(
        getClass().getName() + " does not implement newEventLoop()");
  }
}
