package asyncio;

import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that is reported, in debug mode, if it is collected and nobody has run it (HER-83).
 */
final class TrackedCoroutine<T extends @Nullable Object> implements Coroutine<T> {
  final Coroutine<T> code;
  private final Watch watch;
  private final Cleaner.Cleanable cleanable;

  private TrackedCoroutine(Coroutine<T> code) {
    this.code = code;
    this.watch = new Watch(Origins.describeCallable(code), Origins.capture());
    this.cleanable = Cleaners.SHARED.register(this, watch);
  }

  /** The coroutine itself outside debug mode. */
  static <T extends @Nullable Object> Coroutine<T> of(Coroutine<T> code) {
    AbstractEventLoop loop = Asyncio.runningLoopOrNull();
    boolean debug = loop != null ? loop.debug : DebugMode.isOnByDefault();
    return debug ? new TrackedCoroutine<>(code) : code;
  }

  @Override
  public T await() throws Exception {
    watch.run = true;
    cleanable.clean();
    return code.await();
  }

  /** What is left when the coroutine is gone. */
  private static final class Watch implements Runnable {
    private final String name;
    private final List<StackTraceElement> origin;
    private volatile boolean run;

    Watch(String name, List<StackTraceElement> origin) {
      this.name = name;
      this.origin = origin;
    }

    @Override
    public void run() {
      if (run) {
        return;
      }
      StringBuilder text =
          new StringBuilder("coroutine ")
              .append(name)
              .append(
                  " was never run; await it, or make a task of it. Created at (innermost call first):");
      origin.forEach(frame -> text.append("\n    ").append(frame));
      AbstractEventLoop.LOGGER.log(Level.WARNING, text.toString());
    }
  }
}
