package asyncio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of the context variables for one strand of execution.
 *
 * <p>Every task and every callback runs in a context, by default in a copy of the one that created
 * it, so what it sets is invisible to its creator (PEP 567; spec CTX-1 to CTX-14). Copying is
 * cheap.
 *
 * <p><b>Threading:</b> a context is used by one strand at a time; it is not thread-safe.
 */
public final class Context {
  private static final ThreadLocal<@Nullable Context> OF_THREAD = new ThreadLocal<>();

  Bindings bindings;
  private boolean entered;

  /** Makes an empty context. */
  public Context() {
    this(Bindings.EMPTY);
  }

  Context(Bindings bindings) {
    this.bindings = bindings;
  }

  /** A new context with the same values. */
  public Context copy() {
    return new Context(bindings);
  }

  /** The value of {@code variable} here, or null if it has none; defaults do not count. */
  @SuppressWarnings("unchecked")
  public <T> @Nullable T get(ContextVar<T> variable) {
    Object value = bindings.get(variable);
    return value == Bindings.ABSENT ? null : (T) value;
  }

  /** Whether {@code variable} has a value here. */
  public boolean contains(ContextVar<?> variable) {
    return bindings.get(variable) != Bindings.ABSENT;
  }

  /**
   * A snapshot of the variables that have a value here, in the order in which they first got one.
   */
  public Map<ContextVar<?>, @Nullable Object> asMap() {
    Bindings now = bindings;
    Map<ContextVar<?>, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < now.size(); i++) {
      map.put(now.variable(i), now.get(now.variable(i)));
    }
    return map;
  }

  /**
   * Calls {@code body} with this context as the current one.
   *
   * @return what {@code body} returns
   * @throws X what {@code body} throws
   * @throws IllegalStateException if this context is entered already (CTX-2)
   */
  public <T extends @Nullable Object, X extends Throwable> T run(Scope.Body<T, X> body) throws X {
    Handle holder = Handle.current();
    Object outer = holder != null ? holder.context : OF_THREAD.get();
    if (entered || outer == this) {
      throw new IllegalStateException(
          "cannot enter " + this + ": it is already entered; run in a copy() of it");
    }
    Context outermost = outer instanceof Context context && !context.entered ? context : null;
    if (outermost != null) {
      outermost.entered =
          true; // for the duration it is no longer the current one, but entered still
    }
    entered = true;
    enter(holder, this);
    try {
      return body.call();
    } finally {
      enter(holder, outer);
      entered = false;
      if (outermost != null) {
        outermost.entered = false;
      }
    }
  }

  /**
   * As {@link #run(Scope.Body)}, for a body without a value.
   *
   * @throws X what {@code body} throws
   */
  public <X extends Throwable> void run(Scope.VoidBody<X> body) throws X {
    this.<@Nullable Object, X>run(() -> {
      body.run();
      return null;
    });
  }

  @Override
  public String toString() {
    return "Context" + asMap();
  }

  private static void enter(@Nullable Handle holder, @Nullable Object context) {
    if (holder != null) {
      holder.context = context;
    } else if (context == null) {
      OF_THREAD.remove();
    } else {
      OF_THREAD.set((Context) context);
    }
  }

  // What runs: a handle (a callback or a task's step) holds either a Context or, until somebody
  // needs that, the bindings
  // to make one from. Outside a loop the thread holds one.

  /** The values that are current for the caller. */
  static Bindings currentBindings() {
    Handle holder = Handle.current();
    if (holder != null) {
      return bindingsOf(holder.context);
    }
    Context context = OF_THREAD.get();
    return context == null ? Bindings.EMPTY : context.bindings;
  }

  /** The caller's context itself, made now if nobody needed it before. */
  static Context current() {
    Handle holder = Handle.current();
    if (holder != null) {
      return holder.context();
    }
    Context context = OF_THREAD.get();
    if (context == null) {
      context = new Context();
      OF_THREAD.set(context);
    }
    return context;
  }

  /** Makes {@code context}, which may be another thread's, that of the calling thread. */
  static void adopt(Context context) {
    OF_THREAD.set(context);
  }

  static Bindings bindingsOf(@Nullable Object context) {
    return context instanceof Context c
        ? c.bindings
        : context == null ? Bindings.EMPTY : (Bindings) context;
  }
}
