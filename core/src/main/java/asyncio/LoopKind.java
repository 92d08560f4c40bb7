package asyncio;

import asyncio.internal.epoll.Epoll;
import asyncio.internal.epoll.EpollPoller;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.nio.SelectorPoller;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/**
 * How a loop of this library waits for I/O.
 *
 * <p>The system property {@code asyncio.loop}, {@code selector} or {@code epoll}, forces the
 * {@linkplain #preferred preferred} one (HER-86).
 */
public enum LoopKind {
  /** With the JDK's selector: {@link SelectorEventLoop}. Works everywhere. */
  SELECTOR,

  /** With the system's {@code epoll}: {@link EpollEventLoop}. For Linux; needs two flags. */
  EPOLL;

  /** The property that forces a kind. */
  public static final String PROPERTY = "asyncio.loop";

  /** Whether loops of this kind work in this JVM. */
  public boolean isAvailable() {
    return unavailableBecause() == null;
  }

  /**
   * Why {@link #isAvailable} is false, with the remedy if there is one; null if it is true. Found
   * out once, with a loop's worth of descriptors that are closed again.
   */
  public @Nullable String unavailableBecause() {
    return this == EPOLL ? Epoll.unavailableBecause() : null;
  }

  /**
   * The kind of the loops that are made without naming one: {@link #SELECTOR} on every system so
   * far, unless the property says otherwise.
   *
   * @throws IllegalArgumentException if the property has another value than {@code selector} and
   *     {@code epoll}
   */
  public static LoopKind preferred() {
    String forced = System.getProperty(PROPERTY);
    return switch (forced) {
      case null -> SELECTOR;
      case "selector" -> SELECTOR;
      case "epoll" -> EPOLL;
      default ->
          throw new IllegalArgumentException(
              "-D"
                  + PROPERTY
                  + "="
                  + forced
                  + ": say 'selector' or 'epoll', or leave the property out");
    };
  }

  /**
   * Makes a loop of this kind.
   *
   * @throws UnsupportedOperationException if such loops do not work here, with the reason
   */
  public ChannelEventLoop newLoop(Engine engine) {
    return switch (this) {
      case SELECTOR -> new SelectorEventLoop(engine);
      case EPOLL -> new EpollEventLoop(engine);
    };
  }

  IoPoller openPoller() {
    return switch (this) {
      case SELECTOR -> new SelectorPoller(SelectorProvider.provider());
      case EPOLL -> new EpollPoller();
    };
  }
}
