package asyncio;

import org.jspecify.annotations.Nullable;

/**
 * Thrown at the suspension point of a task that was cancelled, and by taking the result of a
 * cancelled future.
 *
 * <p>An {@link Error}, so that {@code catch (Exception e)} does not swallow a cancellation by
 * accident. To clean up, catch it, clean up and throw it again; {@code finally} and
 * try-with-resources need nothing special.
 *
 * @see Task#cancel(Object)
 */
public final class CancelledError extends Error {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Object reason;

  public CancelledError() {
    this(null);
  }

  /**
   * Makes an error that carries the message given to {@code cancel}, which need not be a string.
   */
  public CancelledError(@Nullable Object reason) {
    super(reason == null ? null : reason.toString());
    this.reason = reason;
  }

  /**
   * Makes an error that stands for {@code cause}, for example for an interrupt that delivered the
   * cancellation.
   */
  public CancelledError(@Nullable Object reason, @Nullable Throwable cause) {
    super(reason == null ? null : reason.toString(), cause);
    this.reason = reason;
  }

  /** The very object given to {@code cancel}, or null if none was given. */
  public @Nullable Object reason() {
    return reason;
  }
}
