package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * A deadline passed before the work was done.
 *
 * <p>Unchecked, so that catching it reads the same around a {@code timeout} scope and around {@code
 * await(task)}.
 */
public final class TimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TimeoutException() {}

  public TimeoutException(@Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
