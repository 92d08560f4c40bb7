package asyncio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A callback that waits for its turn, as {@link EventLoop#callSoon} returns it.
 *
 * <p><b>Threading:</b> loop-confined, except for the handles of {@link
 * EventLoop#callSoonThreadsafe}, which any thread may cancel and ask.
 */
public class Handle {
  private static final Runnable CANCELLED = () -> {};

  final AbstractEventLoop loop;

  /**
   * What the callback runs in: a {@link Context}, or the {@link Bindings} to make one from if it is
   * ever asked for.
   */
  @Nullable Object context;

  /**
   * What is called; null in subclasses that call something else; {@link #CANCELLED} once the call
   * was prevented, which spares each handle a field of its own for that.
   */
  @Nullable Runnable callback;

  /**
   * The next one in whichever list holds this handle: the callbacks of a future, or the arrivals
   * from other threads.
   */
  @Nullable Handle next;

  /** In debug mode the place of creation, and the text form kept from the first cancellation. */
  @Nullable DebugInfo debugInfo;

  /** What debug mode remembers of a handle. */
  static final class DebugInfo {
    final List<StackTraceElement> origin;
    @Nullable String frozenText;

    /** Of a task's handle: the cancellation that was thrown into it last; see {@link Swallowed}. */
    @Nullable Swallowed delivered;

    DebugInfo(List<StackTraceElement> origin) {
      this.origin = origin;
    }
  }

  Handle(AbstractEventLoop loop, @Nullable Object context, @Nullable Runnable callback) {
    this.loop = loop;
    this.context = context;
    this.callback = callback;
    if (loop.debug) {
      debugInfo = new DebugInfo(Origins.capture());
    }
  }

  /** The handle that the caller runs in: its task's step, or its callback; null outside a loop. */
  static @Nullable Handle current() {
    InLoop current = InLoop.current();
    if (current != null) {
      return current.handle();
    }
    AbstractEventLoop loop = AbstractEventLoop.RUNNING.get();
    return loop == null ? null : loop.runningHandle;
  }

  /**
   * Prevents the call if it has not started. The callback is let go of at once. Idempotent.
   *
   * <p>On a handle of {@code callSoonThreadsafe} whose callback is running, a foreign thread waits
   * until it has ended.
   */
  public void cancel() {
    if (!wasCancelled()) {
      if (debugInfo != null) {
        debugInfo.frozenText = text(true); // while the callback can still be named
      }
      callback = CANCELLED;
    }
  }

  /** Whether {@link #cancel} was called, before, during or after the call. */
  public boolean isCancelled() {
    return wasCancelled();
  }

  /** As {@link #isCancelled}, for the loop's thread: never waits. */
  final boolean wasCancelled() {
    return callback == CANCELLED;
  }

  /** The context the callback runs in (spec CB-27). */
  public Context context() {
    if (context instanceof Context made) {
      return made;
    }
    Context made = new Context(Context.bindingsOf(context));
    context = made;
    return made;
  }

  /**
   * Calls the callback; on the loop's thread. Whoever calls this has looked at {@link
   * #wasCancelled}.
   */
  void run() {
    call();
  }

  /** Calls the callback, if there is one. */
  final void call() {
    Runnable call = callback;
    if (call != null) {
      call.run();
    }
  }

  /** The loop was closed while this waited: the call is dropped, unless a coroutine hangs on it. */
  void orphan() {}

  /** The code that this calls, for statistics by its class; null if it has none of its own. */
  @Nullable Object code() {
    return wasCancelled() ? null : callback;
  }

  /** What reports and slow-callback records show for this handle. */
  Object subject() {
    return this;
  }

  /** Further words of the text form, for subclasses. */
  void describeTo(StringBuilder text) {
    Runnable call = callback;
    if (call != null && call != CANCELLED) {
      text.append(' ').append(Origins.describeCallable(call)).append("()");
    }
  }

  @Override
  public String toString() {
    DebugInfo info = debugInfo;
    if (info != null && info.frozenText != null) {
      return info.frozenText;
    }
    return text(wasCancelled());
  }

  private String text(boolean cancelled) {
    StringBuilder text =
        new StringBuilder("<").append(this instanceof TimerHandle ? "TimerHandle" : "Handle");
    if (cancelled) {
      text.append(" cancelled");
    }
    describeTo(text);
    DebugInfo info = debugInfo;
    if (info != null && !info.origin.isEmpty()) {
      text.append(" created at ").append(Origins.describe(info.origin.getFirst()));
    }
    return text.append('>').toString();
  }
}
