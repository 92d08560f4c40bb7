package asyncio;

import java.lang.ref.Cleaner;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Watches for an exception that a future was completed with and that nobody retrieves (DBG-13).
 *
 * <p>Reported some time after the future became unreachable, on the loop's thread if the loop still
 * runs. Until then the loop lists it, so that tests can ask without waiting for a collection.
 *
 * <p><b>Threading:</b> thread-safe; the cleaner's thread and the loop's meet in {@link #retrieved}.
 */
final class Unretrieved {
  private static final AtomicLong NUMBERS = new AtomicLong();

  /** Counts in the order of completion. */
  private final long number = NUMBERS.incrementAndGet();

  // What the cleaner's action holds: never the future itself.
  private final AbstractEventLoop loop;
  private final String typeName;
  private final @Nullable String taskName;
  private final @Nullable Object taskContext;
  private final Throwable exception;
  private final @Nullable List<StackTraceElement> origin;
  private Cleaner.@Nullable Cleanable cleanable;
  private volatile boolean settled;

  private Unretrieved(Future<?> future, Throwable exception) {
    Task<?> task = future instanceof Task<?> t ? t : null;
    this.loop = future.loop;
    this.typeName = future.typeName();
    this.taskName = task == null ? null : task.name();
    this.taskContext = task == null ? null : task.contextOrBindings();
    this.exception = exception;
    this.origin = future.origin();
  }

  static Unretrieved watch(Future<?> future, Throwable exception) {
    Unretrieved watch = new Unretrieved(future, exception);
    watch.cleanable = Cleaners.SHARED.register(future, watch::unreachable);
    watch.loop.unretrieved.add(watch);
    return watch;
  }

  /**
   * The reports that are to come if nothing is retrieved any more, in the order in which the
   * futures were completed.
   */
  static List<ErrorContext> reports(Collection<Unretrieved> all) {
    return all.stream()
        .sorted(Comparator.comparingLong(each -> each.number))
        .map(Unretrieved::report)
        .toList();
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
    loop.reportFromAnyThread(report());
  }

  private ErrorContext report() {
    return new ErrorContext(typeName + " exception was never retrieved")
        .with(ErrorContext.EXCEPTION, exception)
        .with(ErrorContext.FUTURE, new Remains(this))
        .with(ErrorContext.SOURCE_TRACEBACK, origin);
  }

  /**
   * Stands in a report for the future that is gone: its outcome, its text, and the context of its
   * task.
   */
  static final class Remains extends Future<@Nullable Object> {
    private final Unretrieved of;

    Remains(Unretrieved of) {
      super(of.loop, of.origin, of.exception);
      this.of = of;
    }

    /** The context of the task this was, or null. */
    @Nullable Context taskContext() {
      return of.taskContext == null
          ? null
          : of.taskContext instanceof Context made
              ? made
              : new Context(Context.bindingsOf(of.taskContext));
    }

    @Override
    String typeName() {
      return of.typeName;
    }

    @Override
    String describeState() {
      return super.describeState() + (of.taskName == null ? "" : " name='" + of.taskName + "'");
    }
  }
}
