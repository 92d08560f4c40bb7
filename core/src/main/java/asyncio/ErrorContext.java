package asyncio;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an exception handler is told: a message, and what belongs to it by key (spec EXC-4).
 * Handlers have to tolerate keys that they do not know.
 *
 * <p>Immutable: {@link #with} returns a bigger copy.
 */
public final class ErrorContext {
  public static final String MESSAGE = "message";
  public static final String EXCEPTION = "exception";
  public static final String FUTURE = "future";
  public static final String TASK = "task";
  public static final String HANDLE = "handle";
  public static final String PROTOCOL = "protocol";
  public static final String TRANSPORT = "transport";
  public static final String SOCKET = "socket";
  public static final String ASYNCGEN = "asyncgen";
  public static final String SOURCE_TRACEBACK = "source_traceback";
  public static final String HANDLE_TRACEBACK = "handle_traceback";
  public static final String TASK_GROUP = "task_group";
  public static final String CONTEXT = "context";

  private final Map<String, Object> entries;

  /** Makes a context without a message; the default handler then uses a general text. */
  public ErrorContext() {
    this(Collections.emptyMap());
  }

  public ErrorContext(String message) {
    this(Map.of(MESSAGE, message));
  }

  private ErrorContext(Map<String, Object> entries) {
    this.entries = entries;
  }

  /** A copy with one more entry; a null value adds nothing. */
  public ErrorContext with(String key, @Nullable Object value) {
    if (value == null) {
      return this;
    }
    Map<String, Object> bigger = new LinkedHashMap<>(entries);
    bigger.put(key, value);
    return new ErrorContext(Collections.unmodifiableMap(bigger));
  }

  public @Nullable String message() {
    return (String) entries.get(MESSAGE);
  }

  public @Nullable Throwable exception() {
    return (Throwable) entries.get(EXCEPTION);
  }

  public @Nullable Object get(String key) {
    return entries.get(key);
  }

  /** All entries, in the order in which they were added. */
  public Map<String, Object> asMap() {
    return entries;
  }

  @Override
  public String toString() {
    return "ErrorContext" + entries;
  }
}
