package asyncio;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How {@code run} and {@link Runner} make their loop. Immutable: each {@code with…} method returns
 * a changed copy.
 *
 * @param debug whether the loop is in debug mode; null for the default, see {@link
 *     EventLoop#setDebug}
 * @param loopFactory makes the loop, called once; null for {@link Asyncio#newEventLoop}. With a
 *     factory the thread's current loop is left alone
 */
public record RunOptions(
    @Nullable Boolean debug, @Nullable Supplier<? extends EventLoop> loopFactory) {

  /** The default debug mode, the default loop. */
  public static final RunOptions DEFAULT = new RunOptions(null, null);

  /** Options that switch debug mode on or off; null leaves it at its default. */
  public RunOptions withDebug(@Nullable Boolean debug) {
    return new RunOptions(debug, loopFactory);
  }

  /**
   * Options with another loop, for example {@code EpollEventLoop::new}, or {@code () -> new
   * SelectorEventLoop(Engine.PORTABLE)}.
   */
  public RunOptions withLoopFactory(@Nullable Supplier<? extends EventLoop> loopFactory) {
    return new RunOptions(debug, loopFactory);
  }
}
