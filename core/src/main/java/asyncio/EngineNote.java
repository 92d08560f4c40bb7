package asyncio;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells the log once which engine is on, and how to get the other. */
final class EngineNote {
  private static final AtomicBoolean LOGGED = new AtomicBoolean();

  private EngineNote() {}

  static void logOnce(Engine engine) {
    if (LOGGED.compareAndSet(false, true)) {
      AbstractEventLoop.LOGGER.log(Level.INFO, textFor(engine));
    }
  }

  static String textFor(Engine engine) {
    if (engine == Engine.DIRECT) {
      return "direct engine (the other one: -Dasyncio.engine=portable)";
    }
    return Engine.DIRECT.isAvailable()
        ? "portable engine (the other one: -Dasyncio.engine=direct)"
        : "portable engine (faster: java --add-opens java.base/java.lang="
            + (AbstractEventLoop.class.getModule().isNamed() ? "asyncio" : "ALL-UNNAMED")
            + ")";
  }
}
