package asyncio;

import asyncio.internal.vthread.CoroutineEngine;
import asyncio.internal.vthread.DirectEngine;
import asyncio.internal.vthread.PortableEngine;
import org.jspecify.annotations.Nullable;

/**
 * How a loop runs its tasks; a loop is made for one or the other.
 *
 * <p>The system property {@code asyncio.engine}, {@code direct} or {@code portable}, forces the
 * {@linkplain #preferred preferred} one.
 */
public enum Engine {
  /**
   * Tasks are virtual threads that the loop itself schedules, on its own thread: fast, and a
   * blocking JDK call suspends only its task. Needs {@code --add-opens java.base/java.lang=asyncio}
   * (on the class path {@code =ALL-UNNAMED}).
   */
  DIRECT,

  /**
   * Tasks are ordinary virtual threads that take turns: needs no flag, is slower, and a blocking
   * JDK call blocks the loop.
   */
  PORTABLE;

  /** The property that forces an engine. */
  public static final String PROPERTY = "asyncio.engine";

  /** Whether this engine works in this JVM. */
  public boolean isAvailable() {
    return unavailableBecause() == null;
  }

  /** Why {@link #isAvailable} is false, or null if it is true. */
  public @Nullable String unavailableBecause() {
    return this == DIRECT ? DirectEngine.unavailableBecause() : null;
  }

  /**
   * The engine of loops that are made without naming one: {@link #DIRECT} if it is available,
   * unless the property says otherwise.
   *
   * @throws IllegalArgumentException if the property has another value than {@code direct} and
   *     {@code portable}
   */
  public static Engine preferred() {
    String forced = System.getProperty(PROPERTY);
    return switch (forced) {
      case null -> DIRECT.isAvailable() ? DIRECT : PORTABLE;
      case "direct" -> DIRECT;
      case "portable" -> PORTABLE;
      default ->
          throw new IllegalArgumentException(
              "-D"
                  + PROPERTY
                  + "="
                  + forced
                  + ": say 'direct' or 'portable', or leave the property out");
    };
  }

  CoroutineEngine coroutines() {
    return this == DIRECT ? DirectEngine.instance() : PortableEngine.instance();
  }
}
