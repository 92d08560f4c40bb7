package asyncio;

import java.lang.ref.Cleaner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches for an exception that a future was completed with and that nobody retrieves (DBG-13).
 *
 * <p>Reported some time after the future became unreachable, on the loop's thread if the loop still runs. Until then the
 * loop lists it, so that tests can ask without waiting for a collection.
 *
 * <p><b>Threading:</b> thread-safe; the cleaner's thread and the loop's meet in {@link #retrieved}.
 */
final class Unretrieved {
  private static final Cleaner CLEANER = Cleaner.create();

  /** What the cleaner's action holds: not the future. */
  private final AbstractEventLoop loop;
  private final String typeName;
  private final Throwable exception;
  private final @Nullable List<StackTraceElement> origin;
  private String futureText = "";
  private Cleaner.@Nullable Cleanable cleanable;
  private volatile boolean settled;

  private Unretrieved(Future<?> future, Throwable exception) {
    this.loop = future.loop;
    this.typeName = future.typeName();
    this.exception = exception;
    this.origin = future.origin();
  }

  static Unretrieved watch(Future<?> future, Throwable exception) {
    Unretrieved watch = new Unretrieved(future, exception);
    watch.futureText =
        "<" + watch.typeName + (future instanceof Task<?> task ? " name='" + task.name() + "'" : "") + ">";
    watch.cleanable = CLEANER.register(future, watch::unreachable);
    watch.loop.unretrieved.add(watch);
    return watch;
  }

  Throwable exception() {
    return exception;
  }

  /** What the future was, in text. */
  String describeFuture() {
    return futureText;
  }

  @Nullable List<StackTraceElement> origin() {
    return origin;
  }

  /** Somebody has taken the exception: nothing will be reported. */
  void retrieved() {
    settled = true;
    loop.unretrieved.remove(this);
    Cleaner.Cleanable watching = cleanable;
    if (watching != null) {
      watching.clean();
    }
  }

  private void unreachable() {
    if (settled) {
      return;
    }
    loop.unretrieved.remove(this);
    ErrorContext context =
        new ErrorContext(typeName + " exception was never retrieved")
            .with(ErrorContext.EXCEPTION, exception)
            .with(ErrorContext.FUTURE, futureText)
            .with(ErrorContext.SOURCE_TRACEBACK, origin);
    loop.reportFromAnyThread(context);
  }
}
