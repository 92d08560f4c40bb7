package asyncio.conformance;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Takes what is written to the library's logger for as long as it is open, in place of the console.
 * Reports of stalls, which come of their own accord on a busy machine, are dropped unless asked
 * for.
 */
public final class LogCapture implements AutoCloseable {
  private final Logger logger = Logger.getLogger("asyncio");
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final boolean withStalls;
  private final Level levelBefore = logger.getLevel();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord logRecord) {
          if (withStalls || !"asyncio.StallLog".equals(logRecord.getSourceClassName())) {
            records.add(logRecord);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  public LogCapture() {
    this(false);
  }

  private LogCapture(boolean withStalls) {
    this.withStalls = withStalls;
    handler.setLevel(Level.ALL);
    logger.setLevel(Level.ALL);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  /** One that takes the reports of stalls too. */
  public static LogCapture withStalls() {
    return new LogCapture(true);
  }

  public List<LogRecord> records() {
    return List.copyOf(records);
  }

  public List<LogRecord> records(Level level) {
    return records.stream().filter(each -> each.getLevel().equals(level)).toList();
  }

  /** The texts at one level, arguments put in. */
  public List<String> texts(Level level) {
    return records(level).stream()
        .map(each ->
            each.getParameters() == null
                ? each.getMessage()
                : java.text.MessageFormat.format(each.getMessage(), each.getParameters()))
        .toList();
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(levelBefore);
  }
}
