package asyncio.inspect;

import asyncio.EventLoop;
import asyncio.internal.jmx.LoopBeans;
import java.util.Objects;

/**
 * Makes event loops visible in JMX: in JConsole, and for whatever collects MBeans.
 *
 * <p>Nothing is registered unless somebody asks: with {@link #register}, or for all loops with the
 * system property {@code asyncio.jmx} set to {@code true}, or empty.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Jmx {

  /** The system property that has every loop registered when it begins to run. */
  public static final String PROPERTY = "asyncio.jmx";

  private Jmx() {}

  /** A bean that is registered. */
  public interface Registration extends AutoCloseable {

    /** Its name: {@code asyncio:type=EventLoop,id=0x1}. */
    String name();

    /** Takes it out; a second time does nothing. Closing the loop does it too. */
    @Override
    void close();
  }

  /**
   * Registers a {@link LoopMXBean} for {@code loop} at the platform's MBean server, until the loop
   * is closed or collected. For a loop that is registered already, the same one is given again.
   *
   * @throws IllegalStateException if the loop is closed, or this runtime has no module {@code
   *     java.management}
   */
  public static Registration register(EventLoop loop) {
    Objects.requireNonNull(loop, "loop");
    if (loop.isClosed()) {
      throw new IllegalStateException(
          "Event loop is closed: " + loop + " cannot be registered for JMX; make a new loop");
    }
    try {
      return LoopBeans.register(loop);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "this runtime has no JMX; add the module java.management to it (--add-modules)", e);
    }
  }
}
