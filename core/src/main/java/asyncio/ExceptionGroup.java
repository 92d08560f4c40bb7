package asyncio;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several unrelated failures as one exception, for example those of the tasks of a {@link
 * TaskGroup}.
 *
 * <p>The members are suppressed exceptions too, so printing a stack trace prints theirs, nested. A
 * member may be a group itself; {@link #split} and {@link #find} look into it.
 *
 * <pre>{@code
 * catch (ExceptionGroup failures) {
 *   var split = failures.split(IOException.class);
 *   if (split.matched() != null) retryLater(split.matched());
 *   if (split.rest() != null) throw split.rest();
 * }
 * }</pre>
 */
public final class ExceptionGroup extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final Throwable[] members;

  /**
   * The two parts of a group.
   *
   * @param matched the members that match, or null if none does
   * @param rest the others, or null if there are none
   */
  public record Split(@Nullable ExceptionGroup matched, @Nullable ExceptionGroup rest) {}

  /**
   * Makes a group.
   *
   * @param exceptions the members, in order
   * @throws IllegalArgumentException if there are none
   */
  public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
    super(
        Objects.requireNonNull(message, "message")
            + " ("
            + exceptions.size()
            + (exceptions.size() == 1 ? " sub-exception)" : " sub-exceptions)"));
    if (exceptions.isEmpty()) {
      throw new IllegalArgumentException(
          "exceptions: an exception group needs at least one member, got none");
    }
    this.text = message;
    this.members = exceptions.toArray(Throwable[]::new);
    for (Throwable member : members) {
      addSuppressed(member);
    }
  }

  /** The message without the count of members that {@link #getMessage} adds. */
  public String message() {
    return text;
  }

  /** The members, in order. */
  public List<Throwable> exceptions() {
    return List.of(members);
  }

  /** Whether a member, at any depth, is an {@link Error} rather than an exception. */
  public boolean containsError() {
    for (Throwable member : members) {
      if (member instanceof Error
          || (member instanceof ExceptionGroup group && group.containsError())) {
        return true;
      }
    }
    return false;
  }

  // ---- selecting members

  /** The members of a type, at any depth, in order; groups are looked into but not listed. */
  public <E extends Throwable> List<E> find(Class<E> type) {
    List<E> found = new ArrayList<>();
    collect(type, found);
    return found;
  }

  private <E extends Throwable> void collect(Class<E> type, List<E> found) {
    for (Throwable member : members) {
      if (member instanceof ExceptionGroup group) {
        group.collect(type, found);
      } else if (type.isInstance(member)) {
        found.add(type.cast(member));
      }
    }
  }

  /** The group of the members of a type, nested as here; null if there are none. */
  public @Nullable ExceptionGroup subgroup(Class<? extends Throwable> type) {
    return split(type).matched();
  }

  /** The group of the members that match, nested as here; null if there are none. */
  public @Nullable ExceptionGroup subgroup(Predicate<? super Throwable> condition) {
    return split(condition).matched();
  }

  /** Divides the members into those of a type and the rest. */
  public Split split(Class<? extends Throwable> type) {
    return split((Predicate<Throwable>) type::isInstance);
  }

  /**
   * Divides the members into those that match and the rest; both parts are nested as here. A group
   * that matches as a whole is not divided.
   */
  public Split split(Predicate<? super Throwable> condition) {
    if (condition.test(this)) {
      return new Split(this, null);
    }
    List<Throwable> matched = new ArrayList<>();
    List<Throwable> rest = new ArrayList<>();
    for (Throwable member : members) {
      if (member instanceof ExceptionGroup group) {
        Split parts = group.split(condition);
        if (parts.matched() != null) {
          matched.add(parts.matched());
        }
        if (parts.rest() != null) {
          rest.add(parts.rest());
        }
      } else {
        (condition.test(member) ? matched : rest).add(member);
      }
    }
    return new Split(derive(matched), derive(rest));
  }

  /** A group like this one with other members. */
  private @Nullable ExceptionGroup derive(List<Throwable> others) {
    if (others.isEmpty()) {
      return null;
    }
    if (others.equals(exceptions())) {
      return this;
    }
    ExceptionGroup derived = new ExceptionGroup(text, others);
    derived.setStackTrace(getStackTrace());
    if (getCause() != null) {
      derived.initCause(getCause());
    }
    return derived;
  }
}
