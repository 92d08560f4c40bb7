package asyncio;

import asyncio.inspect.Jmx;
import java.lang.System.Logger.Level;

/** What system properties ask of every loop, from its first run on. */
final class LoopDefaults {
  private static final String TIMINGS = "asyncio.timings";

  private LoopDefaults() {}

  static void apply(AbstractEventLoop loop) {
    if (isOn(TIMINGS)) {
      loop.recordTimings();
    }
    if (isOn(Jmx.PROPERTY)) {
      try {
        Jmx.register(loop);
      } catch (IllegalStateException e) {
        AbstractEventLoop.LOGGER.log(Level.WARNING, "no metrics in JMX: " + e.getMessage(), e);
      }
    }
  }

  private static boolean isOn(String property) {
    String value = System.getProperty(property);
    return value != null && (value.isEmpty() || Boolean.parseBoolean(value));
  }
}
