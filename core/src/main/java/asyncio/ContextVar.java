package asyncio;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A variable whose value belongs to the current task or callback (PEP 567; spec CTX-1).
 *
 * <p>Keep it in a static final field. A task starts with the values of its creator and changes its
 * own copy only.
 *
 * <p><b>Threading:</b> may be used from any thread; outside a loop the value belongs to the thread.
 *
 * @param <T> the type of the value
 */
public final class ContextVar<T extends @Nullable Object> {

  /**
   * Undoes one {@link ContextVar#set}.
   *
   * @param <T> the type of the variable's value
   */
  public static final class Token<T extends @Nullable Object> {
    private final ContextVar<T> variable;
    private final Context context;
    private final @Nullable Object old;
    private boolean used;

    private Token(ContextVar<T> variable, Context context, @Nullable Object old) {
      this.variable = variable;
      this.context = context;
      this.old = old;
    }

    /** The variable that was set. */
    public ContextVar<T> variable() {
      return variable;
    }

    /** The value before, or null if there was none. */
    @SuppressWarnings("unchecked")
    public @Nullable T oldValue() {
      return old == Bindings.ABSENT ? null : (T) old;
    }
  }

  private final String name;
  private final @Nullable Object defaultValue;

  /** Makes a variable without default. */
  public ContextVar(String name) {
    this.name = name;
    this.defaultValue = Bindings.ABSENT;
  }

  /** Makes a variable that has {@code defaultValue} wherever it is not set. */
  public ContextVar(String name, T defaultValue) {
    this.name = name;
    this.defaultValue = defaultValue;
  }

  public String name() {
    return name;
  }

  /**
   * The value here, else the default.
   *
   * @throws NoSuchElementException if there is neither
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // a null was set as a T
  public T get() {
    Object value = Context.currentBindings().get(this);
    if (value == Bindings.ABSENT) {
      value = defaultValue;
      if (value == Bindings.ABSENT) {
        throw new NoSuchElementException(this + " has no value here; set it, or give it a default");
      }
    }
    return (T) value;
  }

  /** The value here, else {@code fallback}. */
  @SuppressWarnings({"unchecked", "NullAway"}) // a null was set as a T
  public T get(T fallback) {
    Object value = Context.currentBindings().get(this);
    return value == Bindings.ABSENT ? fallback : (T) value;
  }

  /**
   * Sets the value for the current task, callback or thread.
   *
   * @return what {@link #reset} needs to undo it
   */
  public Token<T> set(T value) {
    Context context = Context.current();
    Object old = context.bindings.get(this);
    context.bindings = context.bindings.with(this, value);
    return new Token<>(this, context, old);
  }

  /**
   * Restores the value from before the {@link #set} that returned {@code token}.
   *
   * @throws IllegalArgumentException if the token is another variable's or another context's
   * @throws IllegalStateException if it was used before
   */
  public void reset(Token<T> token) {
    if (token.variable != this) {
      throw new IllegalArgumentException(
          "the token was made by " + token.variable + ", not by " + this);
    }
    if (token.context != Context.current()) {
      throw new IllegalArgumentException(
          "the token of " + this + " was made in another context; reset it there");
    }
    if (token.used) {
      throw new IllegalStateException("the token of " + this + " was used already");
    }
    token.used = true;
    Context context = token.context;
    context.bindings =
        token.old == Bindings.ABSENT
            ? context.bindings.without(this)
            : context.bindings.with(this, token.old);
  }

  @Override
  public String toString() {
    return "ContextVar '" + name + "'";
  }
}
