package asyncio;

/**
 * An event loop for Linux that calls the system's {@code epoll} itself, through the foreign
 * function API of the JDK.
 *
 * <p>It does what {@link SelectorEventLoop} does, with two differences: a channel that is closed is
 * closed at once, and timers are exact to the nanoseconds that the system gives, not to a
 * millisecond. One line chooses it for a program:
 *
 * <pre>{@code
 * run(main, RunOptions.DEFAULT.withLoopFactory(EpollEventLoop::new));
 * }</pre>
 *
 * <p>Needs {@code --enable-native-access=asyncio} and {@code --add-opens
 * java.base/java.lang=asyncio} (on the class path {@code ALL-UNNAMED} for both names), which {@code
 * ./asyncio run} gives; {@link LoopKind#unavailableBecause} says what is missing.
 *
 * <p><b>Threading:</b> as {@link EventLoop} says.
 */
public class EpollEventLoop extends ChannelEventLoop {

  /**
   * Makes a loop that runs its tasks with the preferred engine.
   *
   * @throws UnsupportedOperationException if such loops do not work here, with the reason
   */
  public EpollEventLoop() {
    this(Engine.preferred());
  }

  /**
   * Makes a loop.
   *
   * @throws UnsupportedOperationException if such loops do not work here, with the reason
   */
  public EpollEventLoop(Engine engine) {
    super(engine, LoopKind.EPOLL);
  }
}
