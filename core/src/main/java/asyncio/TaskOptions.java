package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * How a task is made. Immutable: each {@code with…} method returns a changed copy.
 *
 * @param name its name; null for "Task-N"
 * @param context the very context it runs in; null for a copy of its creator's
 * @param eagerStart true to run its first step inside {@code createTask}, false to queue it, null
 *     for what the loop's task factory does
 */
public record TaskOptions(
    @Nullable String name, @Nullable Context context, @Nullable Boolean eagerStart) {

  /** No name, a copied context, the factory's way to start. */
  public static final TaskOptions DEFAULT = new TaskOptions(null, null, null);

  /** Options with a name; the text form of {@code name} is used. */
  public static TaskOptions named(Object name) {
    return DEFAULT.withName(name);
  }

  /** Options with the given name; its text form is used. */
  public TaskOptions withName(@Nullable Object name) {
    return new TaskOptions(name == null ? null : name.toString(), context, eagerStart);
  }

  /** Options with the very context to run in. */
  public TaskOptions withContext(@Nullable Context context) {
    return new TaskOptions(name, context, eagerStart);
  }

  /** Options that say when the first step runs. */
  public TaskOptions withEagerStart(@Nullable Boolean eagerStart) {
    return new TaskOptions(name, context, eagerStart);
  }
}
