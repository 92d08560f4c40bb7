package asyncio.net;

import org.jspecify.annotations.Nullable;

/**
 * The operating system cannot send this file on this connection by itself, and the options do not
 * allow for the fallback; nothing was sent.
 */
public final class SendfileNotAvailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public SendfileNotAvailableException(String message) {
    super(message);
  }

  public SendfileNotAvailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
